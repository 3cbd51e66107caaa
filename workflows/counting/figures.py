"""What a stocktake found: differences with their value, the tolerance of each line, and the movements to post.

A difference is counted − book, both of the moment of the count. Values are at the cost of the pools now.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from core.questions import Question
from people.models import Company
from stock.models import Category, CostPool
from stock.models.partners import US
from workflows.models import CountLine, CountTolerance, Document, Stocktake

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a count may be off without a recount; None sets no limit."""

    quantity: Decimal | None = None
    percent: Decimal | None = None
    value: Decimal | None = None

    @property
    def given(self) -> bool:
        """Whether any limit is set."""
        return not (self.quantity is None and self.percent is None and self.value is None)

    def beyond(self, difference: Decimal, book: Decimal, value: Decimal) -> bool:
        """Whether a difference (base units, and its value) goes beyond one of the limits."""
        if not difference:
            return False
        if not self.given:
            return True
        far = abs(difference)
        return (
            (self.quantity is not None and far > self.quantity)
            or (self.percent is not None and far * 100 > self.percent * abs(book))
            or (self.value is not None and abs(value) > self.value)
        )


class Rates:
    """What a base unit of our own goods costs in the document's valuation area, each asked for once."""

    def __init__(self, document: Document, items: Collection[int]) -> None:
        self._step = Decimal(1).scaleb(-document.company.currency_places)
        house = document.warehouse
        self._known: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
        if not items or house is None:
            return
        pools = CostPool.objects.filter(area_id=house.area_id, item_id__in=items, shipment="")
        for item, lot, quantity, value, last_quantity, last_value in pools.values_list(
            "item_id", "lot_id", "quantity", "value", "last_quantity", "last_value"
        ):
            if quantity > 0:
                self._known[item, lot] = (value, quantity)
            elif last_quantity > 0:
                self._known[item, lot] = (last_value, last_quantity)

    def value(self, line: CountLine, quantity: Decimal) -> Decimal:
        """What ``quantity`` of the line's goods is worth, rounded to the currency; others' goods nothing."""
        return self.of(line.item_id, line.lot_id or 0, line.owner_id or 0, quantity)

    def of(self, item: int, lot: int, owner: int, quantity: Decimal) -> Decimal:
        """The same for goods by their ids."""
        known = self._known.get((item, lot)) or self._known.get((item, 0))
        if owner != US or known is None:
            return ZERO
        value, whole = known
        return _EXACT.divide(_EXACT.multiply(quantity, value), whole).quantize(
            self._step, ROUND_HALF_UP
        )


_EXACT = Context(prec=60)
"""Enough digits for a quotient that is exactly half of the smallest amount to show it."""


def differing(document: Document) -> QuerySet[CountLine]:
    """The lines whose count is not the book of its moment."""
    return CountLine.objects.filter(DIFFERS, document=document)


def again(document: Document) -> QuerySet[CountLine]:
    """The lines that wait for another count."""
    return CountLine.objects.filter(document=document).filter(AGAIN)


AGAIN = Q(stale=True) | (Q(wanted__gt=1) & Q(wanted__gt=F("round")))
"""Lines that wait for another count."""
DIFFERS = Q(round__gt=0) & ~Q(counted=F("book"))
"""Lines whose count is not the book of its moment."""


def waits(stale: bool, wanted: int, done: int) -> bool:
    """The same as AGAIN, of a line that was read: its flag, the round that is wanted and the last that was done."""
    return stale or (wanted > 1 and wanted > done)


def blank(document: Document) -> QuerySet[CountLine]:
    """The lines that nobody has counted."""
    return CountLine.objects.filter(document=document, round=0)


class Tolerances:
    """The tolerance of every category: the plan's own, else the nearest category's, else the company's."""

    def __init__(self, plan: Stocktake, company: Company) -> None:
        self._own = _of(plan)
        self._parents: dict[int, int | None] = {}
        self._by_category: dict[int | None, Tolerance] = {}
        if self._own.given:
            return
        for row in CountTolerance.objects.filter(company=company):
            self._by_category[row.category_id] = _of(row)
        if len(self._by_category) > (None in self._by_category):
            self._parents = dict(Category.objects.values_list("pk", "parent_id"))

    def of(self, category: int) -> Tolerance:
        """The tolerance that counts of this category's goods have."""
        if self._own.given:
            return self._own
        at: int | None = category
        while at is not None:
            if at in self._by_category:
                return self._by_category[at]
            at = self._parents.get(at)
        return self._by_category.get(None, Tolerance())


def _of(row: Stocktake | CountTolerance) -> Tolerance:
    return Tolerance(row.tolerance_quantity, row.tolerance_percent, row.tolerance_value)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the steps of a stocktake ask of its lines, read at once.

    ``differences`` are (key, counted, book) and ``asks`` (key, times sent back), in order of keys; ``waiting``
    lines are to be counted again, ``blank`` ones nobody has counted.
    """

    differences: Sequence[tuple[str, Decimal, Decimal]]
    asks: Sequence[tuple[str, int]]
    waiting: int
    blank: int

    def digest(self) -> str:
        """What approvals of differences are bound to: every difference, and what was left blank."""
        body = [(key, f"{counted:f}", f"{book:f}") for key, counted, book in self.differences]
        return sha256(repr((body, self.blank)).encode()).hexdigest()

    def asked(self) -> str:
        """Which lines were sent back how often: what a recount is about."""
        return sha256(repr(self.asks).encode()).hexdigest()


_FINDINGS: Question[tuple[Any, ...]] = Question(
    lambda document: (
        CountLine.objects.filter(DIFFERS | AGAIN | Q(asks__gt=0), document=document)
        .order_by("key")
        .values_list("key", "counted", "book", "asks", "stale", "wanted", "round")
    ),
    int,
)
_BLANK: Question[tuple[int]] = Question(
    lambda document: (
        CountLine.objects.filter(document=document, round=0)
        .order_by()
        .values("document")
        .annotate(lines=Count("pk"))
        .values_list("lines")
    ),
    int,
)


def findings(document: Document) -> Findings:
    """What was found so far."""
    rows = _FINDINGS.all(document.pk)
    return Findings(
        [row[:3] for row in rows if row[6] > 0 and row[1] != row[2]],
        [(row[0], row[3]) for row in rows if row[3] > 0],
        sum(waits(*row[4:]) for row in rows),
        sum(count for (count,) in _BLANK.all(document.pk)),
    )


def worth(document: Document, lines: Sequence[CountLine]) -> Decimal:
    """The value of all differences, gains and losses added without their signs."""
    rates = Rates(document, {line.item_id for line in lines})
    return sum((abs(rates.value(line, line.difference)) for line in lines), ZERO)


def largest_percent(lines: Iterable[CountLine]) -> Decimal:
    """The largest difference in percent of the book; 100 where the book had nothing."""
    worst = Fraction(0)
    for line in lines:
        gap = abs(Fraction(line.difference))
        worst = max(worst, gap / abs(Fraction(line.book)) * 100 if line.book else Fraction(100))
    return Decimal(worst.numerator) / Decimal(worst.denominator)
