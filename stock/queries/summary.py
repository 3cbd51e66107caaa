"""收发存汇总: opening, in, out and closing of a stretch of days, by item or category.

Days are local days of the company: the opening excludes the first day, the closing includes the last.
What moves inside the warehouses asked for is neither in nor out.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from core.collector import paused
from core.numbers import (
    QUANTITY_PLACES,
    VALUE_PLACES,
    from_scaled,
)
from people.access import Access
from stock.models import Balance, CostPool
from stock.queries import facts
from stock.queries.history import Moment, Where, flows, only, totals
from stock.queries.sight import Sight, local_midnight, see, snapshot


@dataclass(slots=True)
class Amounts:
    """Opening, in, out and closing as stored (scaled) integers."""

    opening: int = 0
    into: int = 0
    out: int = 0
    closing: int = 0

    @property
    def balanced(self) -> bool:
        """Opening + in − out = closing."""
        return self.opening + self.into - self.out == self.closing

    def __bool__(self) -> bool:
        return bool(self.opening or self.into or self.out or self.closing)


class Flow(NamedTuple):
    """What came and went by one movement type: quantities × 10⁶ and values × 10⁴."""

    quantity_in: int = 0
    quantity_out: int = 0
    value_in: int = 0
    value_out: int = 0


@dataclass(slots=True)
class SummaryRow:
    """One item, category or warehouse. ``quantity`` is None where units are mixed, ``value`` where it is not shown."""

    item: facts.ItemFacts | None
    category: str
    quantity: Amounts | None
    value: Amounts | None
    balanced: bool
    by_type: dict[str, Flow] = field(default_factory=dict)
    """Per movement type what came and went (only if asked for)."""
    count: int = 1

    def flow(self, code: str, kind: str, side: str) -> Decimal | None:
        """What came (``in``) or went (``out``) by one movement type; None where it may not be shown."""
        if getattr(self, kind) is None or code not in self.by_type:
            return None
        places = QUANTITY_PLACES if kind == "quantity" else VALUE_PLACES
        return from_scaled(getattr(self.by_type[code], f"{kind}_{side}"), places)

    def number(self, kind: str, name: str) -> Decimal | None:
        """For example ``number("quantity", "opening")``."""
        amounts: Amounts | None = getattr(self, kind)
        if amounts is None:
            return None
        places = QUANTITY_PLACES if kind == "quantity" else VALUE_PLACES
        return from_scaled(getattr(amounts, name), places)


@dataclass(slots=True)
class Summary:
    """The rows, their total and why values may be missing."""

    rows: list[SummaryRow]
    total: SummaryRow
    start: date
    end: date
    shows_value: bool
    partial_areas: bool
    """Values left out because the warehouses are only a part of a valuation area."""
    types: list[str]
    warehouses: list[int] = field(default_factory=list)
    """The warehouse of each row, where rows are warehouses."""

    @property
    def balanced(self) -> bool:
        """Whether every row keeps the identity."""
        return all(row.balanced for row in self.rows)


@paused()
def summary(  # noqa: PLR0913 - one argument per filter of the summary
    access: Access,
    *,
    start: date,
    end: date,
    warehouses: Sequence[int] | None = None,
    items: Sequence[int] | None = None,
    categories: Sequence[int] | None = None,
    lots: Sequence[int] | None = None,
    places: Sequence[int] | None = None,
    seal: int | None = None,
    by: str = "item",
    types: bool = False,
) -> Summary:
    """The summary from ``start`` to ``end``, both included; at most nine statements whatever its length.

    With ``seal`` as it was known then. Lots and places have no values of their own, so none is shown for
    them. The closing is read on its own (from the month balance or the balances of now) where the end allows,
    so that the identity of each row is a check and not a definition.
    """
    with snapshot():
        sight = see(access, warehouses)
        where = Where(items=items, categories=categories, lots=only(lots), places=only(places))
        zone = sight.zone()
        first, after = local_midnight(start, zone), local_midnight(end + timedelta(days=1), zone)
        book: _Book = defaultdict(_new)
        for item, quantity, value in totals(
            sight, where, Moment(first, before=True, seal=seal), by=("item",)
        ):
            book[item] = (Amounts(quantity), Amounts(value))
        by_type = _flows(sight, where, first, after, book, types=types, seal=seal)
        _closing(sight, where, end, after, book, seal=seal)
        shows = sight.shows_value and lots is None and places is None
        named = facts.items(item for item, (quantity, value) in book.items() if quantity or value)
    rows = []
    for item in sorted(named.values(), key=attrgetter("category_name", "code")):
        quantity, value = book[item.id]
        if quantity or (shows and value):
            rows.append(
                SummaryRow(
                    item,
                    item.category_name,
                    quantity,
                    value if shows else None,
                    quantity.balanced and (not shows or value.balanced),
                    by_type.get(item.id, {}),
                )
            )
    if by == "category":
        rows = [_sum(group, category=category) for category, group in _by_category(rows).items()]
    seen = sorted({code for row in rows for code in row.by_type})
    partial = sight.areas <= sight.cost_areas and not sight.whole_areas
    return Summary(rows, _sum(rows), start, end, shows, partial, seen)


def by_warehouse(
    access: Access,
    *,
    start: date,
    end: date,
    warehouses: Sequence[int] | None = None,
    items: Sequence[int] | None = None,
    categories: Sequence[int] | None = None,
    types: bool = False,
) -> Summary:
    """One row per warehouse, each with what entered and left it; moves between them are on both rows.

    The total is that of all of them together, where such moves are neither in nor out.
    """
    given: dict[str, Any] = {"start": start, "end": end, "items": items, "categories": categories}
    with snapshot():
        sight = see(access, warehouses)
        whole = summary(access, warehouses=warehouses, types=types, **given)
        rows, ids = [], []
        for facts_ in sight.warehouses.values():
            one = summary(access, warehouses=[facts_.id], types=types, **given)
            if one.rows:
                rows.append(replace(one.total, category=f"{facts_.code} {facts_.name}"))
                ids.append(facts_.id)
    seen = sorted({code for row in rows for code in row.by_type})
    return replace(
        whole,
        rows=rows,
        types=seen,
        warehouses=ids,
        shows_value=any(row.value is not None for row in rows),
    )


_Book = defaultdict[int, tuple[Amounts, Amounts]]
"""Per item its quantities and its values."""


def _new() -> tuple[Amounts, Amounts]:
    return Amounts(), Amounts()


def _flows(
    sight: Sight,
    where: Where,
    first: datetime,
    after: datetime,
    book: _Book,
    *,
    types: bool,
    seal: int | None,
) -> dict[int, dict[str, Flow]]:
    by_type: dict[int, dict[str, Flow]] = {}
    for item, *code, quantity_in, quantity_out, value_in, value_out in flows(
        sight, where, start=first, end=after, types=types, seal=seal
    ):
        quantity, value = book[item]
        if quantity_in or value_in:
            quantity.into += quantity_in
            value.into += value_in
        if quantity_out or value_out:
            quantity.out += quantity_out
            value.out += value_out
        elif not (quantity_in or value_in):
            continue
        if code:
            flow = Flow(quantity_in, quantity_out, value_in, value_out)
            if item in by_type:
                by_type[item][code[0]] = flow
            else:
                by_type[item] = {code[0]: flow}
    return by_type


def _closing(
    sight: Sight, where: Where, end: date, after: datetime, book: _Book, *, seal: int | None
) -> None:
    found: Iterable[tuple[Any, ...]]
    if after > timezone.now() and seal is None:
        found = _now(sight, where)
    elif seal is not None or (end + timedelta(days=1)).day == 1:
        found = totals(sight, where, Moment(after, before=True, seal=seal), by=("item",))
    else:
        for pair in book.values():
            for amounts in pair:
                amounts.closing = amounts.opening + amounts.into - amounts.out
        return
    for item, closing_quantity, closing_value in found:
        quantity, value = book[item]
        quantity.closing, value.closing = closing_quantity, closing_value


def _now(sight: Sight, where: Where) -> list[tuple[int, int, int]]:
    """What the balances and pools say now: item, quantity and value."""
    balances = Balance.objects.exclude(on_hand=0)
    if not sight.everything:
        balances = balances.filter(place__warehouse__in=sight.warehouses)
    if where.lots is not None:
        balances = balances.filter(lot__in=where.lots)
    if where.places is not None:
        balances = balances.filter(place__in=where.places)
    pools = CostPool.objects.exclude(quantity=0, value=0).filter(area__in=sight.areas)
    quantities = _added(_limited(balances, where), "on_hand")
    values = _added(_limited(pools, where), "value") if sight.shows_value else {}
    return [
        (item, quantities.get(item, 0), values.get(item, 0))
        for item in quantities.keys() | values.keys()
    ]


def _added(queryset: QuerySet[Any], column: str) -> dict[int, int]:
    """The sum of an exact column per item, as it is stored."""
    total = Cast(Sum(column, output_field=BigIntegerField()), BigIntegerField())
    return dict(queryset.values_list("item").annotate(n=total))


def _limited(queryset, where: Where):  # type: ignore[no-untyped-def]
    """The item filters on a table with an item."""
    if where.items is not None:
        queryset = queryset.filter(item__in=where.items)
    if where.categories is not None:
        queryset = queryset.filter(item__category__in=where.categories)
    return queryset.order_by()


def _by_category(rows: Iterable[SummaryRow]) -> dict[str, list[SummaryRow]]:
    groups: dict[str, list[SummaryRow]] = {}
    for row in rows:
        groups.setdefault(row.category, []).append(row)
    return groups


def _sum(rows: Sequence[SummaryRow], *, category: str = "") -> SummaryRow:
    """Rows added up; quantities only where all have one unit."""
    units = {row.item.unit for row in rows if row.item}
    quantities = [row.quantity for row in rows if row.quantity is not None]
    values = [row.value for row in rows if row.value is not None]
    by_type: dict[str, list[int]] = {}
    for row in rows:
        for code, flow in row.by_type.items():
            sums = by_type.get(code)
            if sums is None:
                by_type[code] = [*flow]
                continue
            sums[0] += flow[0]
            sums[1] += flow[1]
            sums[2] += flow[2]
            sums[3] += flow[3]
    known = len(quantities) == len(rows) and len(units) == 1
    return SummaryRow(
        None,
        category,
        _added_up(quantities) if known else None,
        _added_up(values) if rows and len(values) == len(rows) else None,
        all(row.balanced for row in rows),
        {code: Flow._make(sums) for code, sums in by_type.items()},
        sum(row.count for row in rows),
    )


def _added_up(amounts: Sequence[Amounts]) -> Amounts:
    """All of them together."""
    return Amounts(
        *(sum(map(attrgetter(name), amounts)) for name in ("opening", "into", "out", "closing"))
    )


def group_rows(rows: Sequence[SummaryRow]) -> list[tuple[SummaryRow, list[SummaryRow]]]:
    """The rows of each category below their subtotal."""
    return [(_sum(group, category=name), group) for name, group in _by_category(rows).items()]
