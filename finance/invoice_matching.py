"""What an invoice says beside what was received: how much is settled of each receipt, and what is different.

Nothing is written here; ``finance.invoicing`` posts what was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import DomainError, LineError
from core.numbers import (
    QUANTITY_SCALE,
    VALUE_PLACES,
    VALUE_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)
from finance import receipts, remaining
from finance.models import InvoiceLine, PurchaseInvoice
from finance.receipts import Receipt
from finance.remaining import Change
from people.models import Company


class InvoiceRefused(DomainError):
    """The invoice cannot be written or posted; ``lines`` names every bad line."""

    code = "invoice"


@dataclass(slots=True)
class Matched:
    """A line beside what is open of its receipt: what was estimated for it, and the difference (scaled)."""

    line: InvoiceLine
    receipt: Receipt | None
    estimated: int
    difference: int
    change: Change | None = None


def match(invoice: PurchaseInvoice) -> list[Matched]:
    """What posting would settle and what it would change; raises InvoiceRefused naming every bad line."""
    lines = list(invoice.lines.select_related("landed"))
    company = invoice.company
    known = receipts.these(company.pk, [one.movement_id for one in lines if one.movement_id])
    left = {key: [one.open_quantity, one.open_value] for key, one in known.items()}
    errors: list[LineError] = []
    found = []
    for line in lines:
        receipt = known.get(line.movement_id or 0)
        error = _problem(invoice, line, receipt, left)
        if error:
            errors.append(LineError(line.position, "match", error))
            continue
        found.append(_matched(company, line, receipt, left))
    if errors:
        raise InvoiceRefused(errors[0].message, lines=errors)
    changes = [one.change for one in found if one.change is not None and one.change.quantity > 0]
    remaining.split(changes, company)
    return found


def _problem(
    invoice: PurchaseInvoice,
    line: InvoiceLine,
    receipt: Receipt | None,
    left: Mapping[int, list[int]],
) -> str:
    """Why a line cannot be matched; empty if it can."""
    if line.landed is not None:
        taken = InvoiceLine.objects.filter(
            landed=line.landed, invoice__state=PurchaseInvoice.State.POSTED
        )
        return _("This landed cost has its invoice already.") if taken.exists() else ""
    if receipt is None:
        return _("There is no such receipt.")
    if receipt.partner not in {None, invoice.partner_id}:
        return _("This receipt is of another supplier.")
    wanted = to_scaled(line.quantity, QUANTITY_SCALE)
    there = left[receipt.movement][0]
    if not wanted or (wanted > 0) != (there > 0) or abs(wanted) > abs(there):
        return _("Only %(open)s of this receipt are open; the invoice says %(wanted)s.") % {
            "open": from_scaled(there, 6).normalize(),
            "wanted": line.quantity.normalize(),
        }
    if line.amount and (line.amount > 0) != (wanted > 0):
        return _("Quantity and amount of a line have the same sign.")
    return ""


def _matched(
    company: Company, line: InvoiceLine, receipt: Receipt | None, left: dict[int, list[int]]
) -> Matched:
    amount = to_scaled(line.amount, VALUE_SCALE)
    if receipt is None or line.landed is not None:
        cost = line.landed
        estimated = to_scaled(cost.amount, VALUE_SCALE) if cost else 0
        return Matched(line, None, estimated, amount - estimated)
    step = 10 ** (VALUE_PLACES - company.currency_places)
    wanted = to_scaled(line.quantity, QUANTITY_SCALE)
    open_quantity, open_value = left[receipt.movement]
    estimated = (
        open_value
        if wanted == open_quantity
        else divide_half_up(open_value * wanted, open_quantity * step) * step
    )
    left[receipt.movement] = [open_quantity - wanted, open_value - estimated]
    change = None
    if amount != estimated:
        change = Change(
            receipt.movement,
            receipt.item,
            receipt.lot,
            receipt.place,
            receipt.partner,
            max(wanted, 0),
            amount - estimated,
        )
    return Matched(line, receipt, estimated, amount - estimated, change)
