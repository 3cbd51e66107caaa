"""The only writer of landed costs: freight and duty spread over receipts, without losing a cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.numbers import QUANTITY_SCALE, VALUE_PLACES, VALUE_SCALE, from_scaled, to_scaled
from finance import posting, receipts, remaining, words
from finance.models import LandedCost, LandedShare
from finance.receipts import Receipt
from finance.remaining import Change
from people.access import Access
from people.models import Company, User
from stock import catalog, costing
from stock.models import Movement, Partner

RIGHT = "finance.review"
Basis = LandedCost.Basis
_LONGEST = 60


class LandingRefused(DomainError):
    """A cost cannot be spread like that; nothing was changed."""

    code = "landed_cost"


@dataclass(frozen=True, slots=True)
class Share:
    """What one receipt gets, and how much of it stays in stock (scaled)."""

    receipt: Receipt
    weight: int
    change: Change


def spread(
    company: Company,
    amount: Decimal,
    basis: str,
    movements: Sequence[int],
    weights: Mapping[int, Decimal] | None = None,
) -> list[Share]:
    """The shares of a cost, before anything is written; their sum is the amount to the cent.

    ``weights`` are those of the whole receipts, where the basis asks for them. Raises LandingRefused.
    """
    if amount <= 0:
        raise LandingRefused(_("Enter a value above zero."), code="value")
    step = 10 ** (VALUE_PLACES - company.currency_places)
    if to_scaled(amount, VALUE_SCALE) % step:
        raise LandingRefused(_("The value has more decimals than the currency."), code="value")
    known = receipts.these(company.pk, movements)
    wanted = [known[key] for key in dict.fromkeys(movements) if key in known]
    if not wanted or any(one.sign < 0 for one in wanted):
        raise LandingRefused(_("Choose the receipts that the cost is for."), code="receipts")
    given = _weights(basis, wanted, weights or {})
    parts = costing.allot(to_scaled(amount, VALUE_SCALE), given, step)
    shares = [
        Share(
            one,
            weight,
            Change(one.movement, one.item, one.lot, one.place, one.partner, one.received, part),
        )
        for one, weight, part in zip(wanted, given, parts, strict=True)
    ]
    remaining.split([share.change for share in shares], company)
    return shares


def purchases(company: Company, document: str = "") -> QuerySet[Movement]:
    """The receipts that a cost may be for, newest first; ``document`` is part of a number."""
    found = Movement.objects.filter(
        posting__company=company, type="purchase_in", reversal=False, owner=0
    )
    if document:
        found = found.filter(posting__document__icontains=document)
    return found.select_related("item__base_unit", "posting", "partner").order_by("-pk")


def _weights(basis: str, wanted: Sequence[Receipt], weights: Mapping[int, Decimal]) -> list[int]:
    if basis == Basis.VALUE:
        return [one.value for one in wanted]
    if basis == Basis.QUANTITY:
        return [one.received for one in wanted]
    if basis != Basis.WEIGHT:
        raise LandingRefused(_("Choose what the cost is spread by."), code="basis")
    found = [to_scaled(weights.get(one.movement, Decimal(0)), QUANTITY_SCALE) for one in wanted]
    if any(weight <= 0 for weight in found):
        raise LandingRefused(_("Enter the weight of every receipt."), code="weight")
    return found


@transaction.atomic
def post(  # noqa: PLR0913 - one argument per fact of a cost
    company: Company,
    *,
    number: str,
    amount: Decimal,
    basis: str,
    movements: Sequence[int],
    key: str,
    actor: User | None,
    access: Access,
    partner: Partner | None = None,
    weights: Mapping[int, Decimal] | None = None,
    at: datetime | None = None,
) -> LandedCost:
    """Spread a cost over receipts and post it; once for the same key (a uuid). ``at``: from when on, without it now.

    Raises NotAllowed, LandingRefused, or what the ledger raises.
    """
    access.require(RIGHT)
    known = LandedCost.objects.filter(key=key).first()
    if known is not None:
        of = set(known.shares.values_list("movement", flat=True))
        if (known.number, known.amount, known.basis, of) != (
            number.strip(),
            amount,
            basis,
            set(movements),
        ):
            message = _("This form was posted before as %(number)s. Open a new one.")
            raise LandingRefused(message % {"number": known}, code="posted", status=409)
        return known
    if not number.strip():
        raise LandingRefused(_("Enter a reference."), code="number")
    if len(number.strip()) > _LONGEST:
        raise LandingRefused(_("The reference is too long."), code="number")
    shares = spread(company, amount, basis, movements, weights)
    changes = [share.change for share in shares]
    supplier = catalog.virtual_place(company, "supplier").pk
    revaluation = catalog.virtual_place(company, "revaluation").pk
    with words.of_books(company.pk):
        why = _("Landed cost %(number)s") % {"number": number.strip()}
    posted = remaining.posted(
        changes,
        company,
        lambda: posting.post(
            remaining.lines("landed_cost", changes, supplier=supplier, revaluation=revaluation),
            company=company,
            key=f"landed:{key}",
            actor=actor,
            access=access,
            document=number.strip(),
            why=why,
            effective_at=at,
        ),
    )
    cost = LandedCost.objects.create(
        key=key,
        company=company,
        partner=partner,
        number=number.strip(),
        basis=basis,
        amount=amount,
        posting_id=posted.posting_id,
        posted_at=timezone.now(),
        posted_by=actor,
    )
    LandedShare.objects.bulk_create(
        LandedShare(
            cost=cost,
            movement_id=share.receipt.movement,
            weight=from_scaled(share.weight, 6) if basis == Basis.WEIGHT else Decimal(0),
            amount=from_scaled(share.change.amount, VALUE_PLACES),
            variance=from_scaled(share.change.amount - share.change.stays, VALUE_PLACES),
        )
        for share in shares
    )
    return cost
