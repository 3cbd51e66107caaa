"""Proposes which receipts the lines of a sheet settle: of the same supplier and item, the same quantity first, then the oldest.

Only an item that is known for sure (code, name, what was chosen for this supplier before) is matched; what is only
alike is offered to a person. What other drafts are for is not proposed again. Nothing is written here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from finance import invoicing, receipts
from finance.models import InvoiceLine, LandedCost
from finance.receipts import Receipt
from intake.invoices.lines import Fault, Share, Sheet, SheetInvoice, SheetLine
from intake.models import Alias
from intake.resolving.catalogue import Catalogue, to_base
from intake.resolving.names import Likeness, canonical
from intake.resolving.records import ItemRef, PartnerRef
from people.models import Company

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person chose: text of a supplier → code, row → receipt (``r12``) or landed cost (``l3``)."""

    suppliers: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[int, str] = field(default_factory=dict)


def match(sheet: Sheet, company: Company, said: Said) -> None:
    """Find suppliers, items and receipts of every invoice; what is not found is said at its line."""
    matcher = _Matcher(company, said)
    for one in sheet.invoices:
        matcher.invoice(one)


class _Matcher:
    """One look: what is left of each receipt shrinks as lines take of it."""

    def __init__(self, company: Company, said: Said) -> None:
        self.company = company
        self.said = said
        self.known = Catalogue(company)
        self.open: dict[int, list[Receipt]] = {}
        self.left: dict[int, Decimal] = {}
        drafted = (
            InvoiceLine.objects.filter(invoice__company=company, invoice__state="draft")
            .exclude(movement=None)
            .values_list("movement_id")
            .annotate(Sum("quantity"))
        )
        self.drafted = {pk: quantity for pk, quantity in drafted if pk}
        for one in receipts.open_receipts(company.pk):
            self.open.setdefault(one.partner or 0, []).append(one)
            quantity = one.number("open_quantity")
            taken = self.drafted.get(one.movement, Decimal(0))
            # A draft of a return is below zero, as the return is.
            self.left[one.movement] = quantity - taken if abs(taken) < abs(quantity) else Decimal(0)
        self.landed = list(invoicing.landed_open(company))
        words = Alias.objects.filter(company=company, kind=Alias.Kind.ITEM)
        self.words = {
            (sender, text): code
            for sender, text, code in words.values_list("sender", "text", "code")
        }

    def invoice(self, one: SheetInvoice) -> None:
        """Its supplier, whether it is entered already, and its lines."""
        one.partner = self.known.find_partner(self.said.suppliers.get(one.supplier) or one.supplier)
        if one.partner is None or one.partner.pk is None:
            message = _("There is no supplier or customer “%(text)s”.") % {
                "text": one.supplier[:60]
            }
            one.faults.append(Fault(0, "supplier", message, one.supplier))
            return
        one.known = invoicing.entered(self.company, one.partner.pk, one.number).first()
        if one.known is not None:
            return
        if one.day is not None and invoicing.is_future(self.company, one.day):
            words = _("The invoice is dated after today.")
            row = one.lines[0].row if one.lines else 0
            one.faults.append(Fault(row, "date", words, one.day.isoformat()))
        mine = self.open.get(one.partner.pk, [])
        for line in one.lines:
            self._line(one.partner, mine, line)

    def _line(self, partner: PartnerRef, mine: list[Receipt], line: SheetLine) -> None:
        line.item = self._item(partner, line)
        line.chosen = self.said.lines.get(line.row, "")
        line.choices = self._choices(partner, mine, line)
        if line.chosen not in {value for value, _words in line.choices}:
            line.chosen = ""
        cost = self._cost(partner, line)
        if cost is not None:
            line.shares = [Share(line.amount, landed=cost.pk)]
            line.chosen = f"l{cost.pk}"
            return
        first = next((r for r in mine if f"r{r.movement}" == line.chosen), None)
        if first is not None:
            line.item = self.known.item_ids.get(first.item)
        if line.item is None:
            line.said = _("Which goods are meant is not known; choose the receipt.")
        elif line.quantity is None:
            line.said = _("The line says no quantity; choose what it is for.")
        elif line.amount and (line.amount > 0) != (line.quantity > 0):
            line.said = _("Quantity and amount of a line have the same sign.")
        else:
            self._settle(line, mine, first)

    def _item(self, partner: PartnerRef, line: SheetLine) -> ItemRef | None:
        """The item, where that is sure."""
        learned = self.words.get((partner.code, canonical(line.title)[:200]))
        if learned:
            found = self.known.find_item(learned, "", "", "")
            return found.record if found else None
        for code, name, spec in (
            (line.code, "", ""),
            ("", line.name, line.spec),
            ("", f"{line.name} {line.spec}".strip(), ""),
        ):
            found = self.known.find_item(code, code, name, spec) if code or name else None
            if found is not None:
                item: ItemRef = found.record
                return item
        return None

    def _cost(self, partner: PartnerRef, line: SheetLine) -> LandedCost | None:
        """The landed cost that a line is for: the chosen one, or a charge of exactly this amount of this partner."""
        if line.chosen.startswith("l"):
            return next(one for one in self.landed if f"l{one.pk}" == line.chosen)
        if line.chosen or line.item is not None:
            return None
        same = [c for c in self.landed if c.partner_id == partner.pk and c.amount == line.amount]
        return same[0] if len(same) == 1 else None

    def _settle(self, line: SheetLine, mine: list[Receipt], first: Receipt | None) -> None:
        """Take the quantity of a line from receipts; its amount follows without losing a cent."""
        item, quantity = line.item, line.quantity
        if item is None or quantity is None:
            return
        unit = self.known.find_unit(line.unit) if line.unit else item.unit
        ratio = self.known.ratio(item, unit) if unit is not None else None
        base = to_base(quantity, ratio) if ratio is not None else None
        if base is None:
            message = _(
                "%(item)s is not kept in %(unit)s. Add the unit to the item, or say which is meant."
            )
            line.said = message % {"item": item.code, "unit": line.unit}
            return
        line.base = base
        sign = 1 if base > 0 else -1
        there = [r for r in mine if r.item == item.pk and self.left[r.movement] * sign > 0]
        there.sort(key=lambda r: (r is not first, self.left[r.movement] != base, r.day, r.movement))
        line.shares = self._shares(there, base, line.amount)
        taken = sum((share.quantity for share in line.shares), Decimal(0))
        if taken != base:
            line.said = _(
                "Only %(open)s of it are received and not invoiced; the invoice says %(wanted)s."
            ) % {
                "open": _plain(taken),
                "wanted": _plain(base),
            }
            for share in line.shares:
                if share.receipt is not None:
                    self.left[share.receipt.movement] += share.quantity
            line.shares = []

    def _shares(self, there: list[Receipt], base: Decimal, amount: Decimal) -> list[Share]:
        found: list[Share] = []
        open_still, given = base, Decimal(0)
        for one in there:
            if not open_still:
                break
            part = min(abs(open_still), abs(self.left[one.movement])) * (1 if base > 0 else -1)
            self.left[one.movement] -= part
            open_still -= part
            until = (amount * (base - open_still) / base).quantize(_CENT, ROUND_HALF_UP)
            money = amount - given if not open_still else until - given
            found.append(Share(money, part, one))
            given += money
        return found

    def _choices(
        self, partner: PartnerRef, mine: list[Receipt], line: SheetLine
    ) -> list[tuple[str, str]]:
        """What is open of the supplier, goods that are most alike first."""
        there = [one for one in mine if self.left[one.movement]]
        items = {
            pk: self.known.item_ids[pk]
            for pk in {r.item for r in there}
            if pk in self.known.item_ids
        }
        names = Likeness({item.code: f"{item.name} {item.spec}".strip() for item in items.values()})
        near = {one.code: at for at, one in enumerate(names.near([line.title, line.name]))}

        def order(one: Receipt) -> tuple[int, int, int]:
            item = items.get(one.item)
            rank = near.get(item.code, len(near)) if item else len(near)
            return rank, int(one.number("open_quantity") != line.quantity), one.movement

        found = []
        for one in sorted(there, key=order):
            item = items.get(one.item)
            if item is None:
                continue
            words = f"{one.document} · {date_format(one.day, 'Y-m-d')} · {item.code} {item.name}"
            found.append(
                (
                    f"r{one.movement}",
                    f"{words} · {_plain(self.left[one.movement])} {item.unit.code}",
                )
            )
        charge = _("Landed cost")
        return found + [
            (f"l{cost.pk}", f"{charge} {cost.number} · {_plain(cost.amount)}")
            for cost in self.landed
            if cost.partner_id in {None, partner.pk}
        ]


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
