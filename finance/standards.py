"""Standard costs: what is in force, what new ones would do to the value of stock, and the only writer of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from core import codes
from core.errors import DomainError, LineError
from core.numbers import VALUE_PLACES
from finance.models import StandardCost
from people.access import Access
from people.models import Company, User
from stock.models import Category, CostPool, Item, Period, ValuationArea

RIGHT = "finance.review"
COSTS = "cost.view"
PLACES = 6
"""Decimals of a cost per piece; with more than values have it is kept for a hundred pieces."""
_MANY = 100


class StandardRefused(DomainError):
    """Standard costs cannot be set; ``lines`` names every bad one."""

    code = "standard_cost"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a piece of an item should cost in an area from a month on."""

    item: int
    area: int
    month: date
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Effect:
    """What a new cost would do to the stock of today, if the item is valued at standard cost."""

    wanted: Wanted
    on_hand: Decimal
    value: Decimal
    after: Decimal
    applies: bool

    @property
    def difference(self) -> Decimal:
        """What the value of stock changes by; nothing where the item is valued otherwise."""
        return self.after - self.value if self.applies else Decimal(0)


def in_force(areas: Iterable[int], month: date) -> dict[tuple[int, int], StandardCost]:
    """The cost in force in a month, by item and area."""
    rows = StandardCost.objects.filter(area__in=list(areas), month__lte=month).order_by("month")
    return {(row.item_id, row.area_id): row for row in rows}


def cost_of(row: StandardCost) -> Decimal:
    """The cost of one piece."""
    return row.value / row.quantity


def areas(company: Company) -> list[ValuationArea]:
    """Those that standard costs are set for, the first that was made first."""
    return list(ValuationArea.objects.filter(company=company).order_by("pk"))


def effects(company: Company, wanted: Sequence[Wanted]) -> list[Effect]:
    """What each new cost would do to today's stock; the settlement of the month does it to that of then."""
    items = {one.item for one in wanted}
    methods = dict(Item.objects.filter(pk__in=items).values_list("pk", "category__cost_method"))
    rows = (
        CostPool.objects.filter(item__in=items, area__company=company)
        .values("item", "area")
        .annotate(pieces=Sum("quantity"), worth=Sum("value"))
    )
    pools = {(row["item"], row["area"]): (row["pieces"], row["worth"]) for row in rows}
    unit = Decimal(1).scaleb(-company.currency_places)
    found = []
    for one in wanted:
        pieces, worth = pools.get((one.item, one.area), (Decimal(0), Decimal(0)))
        after = (pieces * one.cost).quantize(unit, ROUND_HALF_UP)
        applies = methods.get(one.item) == Category.CostMethod.STANDARD
        found.append(Effect(one, pieces, worth, after, applies))
    return found


@transaction.atomic
def save(company: Company, wanted: Sequence[Wanted], *, actor: User, access: Access) -> int:
    """Set these costs; says how many changed. Raises NotAllowed, or StandardRefused naming every bad line."""
    access.require(RIGHT)
    access.require(COSTS)
    check(company, wanted)
    known = {
        (row.item_id, row.area_id, row.month): row
        for row in StandardCost.objects.select_for_update().filter(
            item__in={one.item for one in wanted}, area__company=company
        )
    }
    changed = 0
    for one in wanted:
        row = known.get((one.item, one.area, one.month))
        value, quantity = _kept(one.cost)
        if row is not None and row.value * quantity == value * row.quantity:
            continue
        row = row or StandardCost(item_id=one.item, area_id=one.area, month=one.month)
        row.value, row.quantity = value, quantity
        row._history_user = actor  # type: ignore[attr-defined]  # simple-history reads it
        row.save()
        changed += 1
    return changed


def _kept(cost: Decimal) -> tuple[Decimal, Decimal]:
    """Value and quantity whose ratio is exactly the cost."""
    fits = cost == cost.quantize(Decimal(1).scaleb(-VALUE_PLACES))
    return (cost, Decimal(1)) if fits else (cost * _MANY, Decimal(_MANY))


def check(company: Company, wanted: Sequence[Wanted]) -> None:
    """Raise StandardRefused that names every line below zero, twice, of another's area, or of a settled month."""
    mine = {one.pk for one in areas(company)}
    there = set(
        Item.objects.filter(pk__in={one.item for one in wanted}).values_list("pk", flat=True)
    )
    closed = Period.objects.filter(company=company, state=Period.State.CLOSED)
    last = closed.order_by("-month").values_list("month", flat=True).first()
    seen: set[tuple[int, int, date]] = set()
    errors = []
    for number, one in enumerate(wanted, 1):
        key = (one.item, one.area, one.month)
        error = _problem(one, last, known=one.area in mine and one.item in there, twice=key in seen)
        seen.add(key)
        if error:
            errors.append(LineError(number, "standard", error))
    if errors:
        raise StandardRefused(errors[0].message, lines=errors)


def _problem(one: Wanted, last: date | None, *, known: bool, twice: bool) -> str:
    if not known:
        return _("There is no such item or valuation area.")
    if one.cost < 0:
        return _("A cost is not below zero.")
    if twice:
        return _("The item stands there twice for the same month.")
    if one.month.day != 1:
        return _("A standard cost holds from the first day of a month.")
    if last is not None and one.month <= last:
        return _("%(month)s is closed; a standard cost holds from a later month on.") % {
            "month": f"{one.month:%Y-%m}"
        }
    return ""


def by_code(texts: Iterable[str]) -> Mapping[str, Item]:
    """Items by their codes as ``codes.same`` writes them, whatever the spelling of a sheet."""
    wanted = {form for text in texts for form in (codes.plain(text), codes.same(text))}
    found = Item.objects.filter(code__in=wanted, archived_at=None)
    return {codes.same(item.code): item for item in found}
