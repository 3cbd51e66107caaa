"""Cost of sales and what was earned by item and customer, and differences of cost by where they come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from core.numbers import divide_half_up
from finance.models import Account, JournalLine
from finance.reports import prices
from people.models import Company
from stock.models import Movement
from stock.models.partners import US
from stock.place_kinds import PHYSICAL

SALES = ("sales_out", "sales_return")
LOST = ("scrap", "stocktake_loss", "stocktake_gain")
"""What was lost costs what sales have to earn as well."""
_BACK = PHYSICAL | {"revaluation"}
"""Where goods, or their value, come back to."""


@dataclass(slots=True)
class Flow:
    """One item, customer or cause: quantity in base units (None where mixed) and amount of company currency."""

    key: int | str | None
    code: str
    name: str
    unit: str = ""
    quantity: Decimal | None = Decimal(0)
    amount: Decimal = Decimal(0)
    lines: int = 0
    revenue: Decimal = Decimal(0)
    """What customers pay for it, without tax."""
    priced: bool = True
    """Whether all that was sold of it has a price."""

    @property
    def profit(self) -> Decimal | None:
        """Revenue less cost; None where a price is missing."""
        return self.revenue - self.amount if self.priced else None

    @property
    def margin(self) -> Decimal | None:
        """Per cent of the revenue that is profit."""
        if self.profit is None or not self.revenue:
            return None
        return (self.profit * 100 / self.revenue).quantize(Decimal("0.01"))


def _lines(company: int, start: date, end: date) -> QuerySet[JournalLine]:
    return JournalLine.objects.filter(
        entry__company=company, entry__date__gte=start, entry__date__lte=end
    )


def cost_of_sales(
    company: Company, start: date, end: date, *, by: str = "item", lost: bool = False
) -> list[Flow]:
    """What left to customers less what came back, by ``item`` or ``customer``, the most first.

    What the close of a month adds to a sale's cost or takes from it (monthly average, standard cost) counts with it.
    What comes back is paid back at the price of its sale. With ``lost``, what was scrapped or missing at a count
    counts as well; nobody pays for that.
    """
    kinds = SALES + (LOST if lost else ())
    rows = [*_booked(company, start, end, kinds), *_free(company, start, end, kinds)]
    known = prices.of({row[11] or row[10] for row in rows if row[12] in SALES})
    step = Decimal(1).scaleb(-company.currency_places)
    found: dict[Any, Flow] = {}
    for row in rows:
        # In red or not, value went where its movement went.
        sign = -1 if row[9] in _BACK else 1
        quantity, amount = sign * abs(row[7]), sign * abs(row[8])
        if by == "item":
            flow = found.setdefault(row[0], Flow(row[0], row[1] or "", row[2] or "", row[3] or ""))
            flow.quantity = (flow.quantity or Decimal(0)) + quantity
        else:
            flow = found.setdefault(row[4], Flow(row[4], row[5] or "", row[6] or ""))
            flow.quantity = None
        flow.amount += amount
        flow.lines += row[12] in kinds
        if row[12] in SALES:
            price = known.get(row[11] or row[10])
            flow.priced = flow.priced and price is not None
            flow.revenue += _paid(quantity, price, step)
    return _sorted(found.values())


def _booked(
    company: Company, start: date, end: date, kinds: Sequence[str]
) -> Iterable[tuple[Any, ...]]:
    """What the journal says: item, partner, quantity, amount, where value went, and the movement."""
    counted = Q(movement__type__in=kinds) | Q(
        movement__type="price_difference", movement__original__type__in=kinds
    )
    return (
        _lines(company.pk, start, end)
        .filter(counted, adjusts__isnull=True)
        .values_list(
            "item_id", "item__code", "item__name", "item__base_unit__code",
            *(
                Coalesce(f"movement__partner{part}", f"movement__original__partner{part}")
                for part in ("_id", "__code", "__name")
            ),
            "quantity", "amount", "movement__target__kind",
            "movement_id", "movement__original_id", "movement__type",
        )
    )  # fmt: skip


def _free(
    company: Company, start: date, end: date, kinds: Sequence[str]
) -> Iterable[tuple[Any, ...]]:
    """The same of our goods that cost nothing: nothing is booked of them, and yet they are sold."""
    return Movement.objects.filter(
        posting__company=company,
        posting__business_date__gte=start,
        posting__business_date__lte=end,
        type__in=kinds,
        owner=US,
        value=0,
    ).values_list(
        "item_id", "item__code", "item__name", "item__base_unit__code",
        "partner_id", "partner__code", "partner__name",
        "quantity", "value", "target__kind", "id", "original_id", "type",
    )  # fmt: skip


def _paid(quantity: Decimal, price: Fraction | None, step: Decimal) -> Decimal:
    """What is paid for a quantity, rounded to the currency; nothing without a price."""
    if price is None:
        return Decimal(0)
    paid = Fraction(quantity) * price / Fraction(step)
    return divide_half_up(paid.numerator, paid.denominator) * step


def variances(company: int, start: date, end: date) -> list[Flow]:
    """Differences of cost (debits less credits of their account) by movement type and item, the largest first."""
    accounts = set(
        Account.objects.filter(company=company, role=Account.Role.VARIANCE).values_list(
            "pk", flat=True
        )
    )
    rows = (
        _lines(company, start, end)
        .filter(Q(debit_account__in=accounts) | Q(credit_account__in=accounts))
        .values_list(
            "debit_account_id", "amount", "movement__type", "item_id", "item__code", "item__name",
            "entry__kind",
        )
    )  # fmt: skip
    found: dict[Any, Flow] = {}
    for debit, amount, kind, item, code, name, entry in rows.iterator(chunk_size=2_000):
        cause = kind or entry
        flow = found.setdefault((cause, item), Flow(cause, code or "", name or "", quantity=None))
        flow.amount += amount if debit in accounts else -amount
        flow.lines += 1
    return _sorted(found.values())


def _sorted(flows: Iterable[Flow]) -> list[Flow]:
    return sorted(flows, key=lambda one: (-abs(one.amount), one.code))
