"""Every question about what was there at a moment: as it happened, as it was known, or both."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from people.access import Access
from stock.models import Seal
from stock.queries import facts
from stock.queries.history import Moment, Where, totals
from stock.queries.on_hand import Figures, OnHand, StockFilter, order_key, unit_cost
from stock.queries.shares import share_out
from stock.queries.sight import Sight, see, snapshot

_Row = tuple[int, int, int, int, int]
"""Item, warehouse, lot and place (0 where the question does not tell them apart), quantity × 10⁶."""
_Pool = tuple[int, int]
"""Item and valuation area."""


_MANY = 2_000
"""Beyond so many items all of them are asked for instead of naming them."""


def seal_at(moment: datetime) -> int:
    """The last seal given up to a moment; 0 if nothing was sealed by then."""
    found = Seal.objects.filter(sealed_at__lte=moment).order_by("-number").first()
    return found.number if found else 0


def as_of(
    access: Access,
    where: StockFilter | None = None,
    *,
    at: datetime | None,
    seal: int | None = None,
    by: Sequence[str] = ("item", "lot", "place", "warehouse"),
) -> list[OnHand]:
    """What was there at ``at`` (None: now), as known at a seal (None: now); rows of nothing left out.

    Reservations have no history, so only on hand and value are given. Values come from the average of item
    and valuation area at the moment; shown rows that make up an area sum to exactly its value.
    """
    where = where or StockFilter()
    moment = Moment(at, seal=seal)
    with snapshot():
        sight = see(access, where.warehouses)
        narrow = Where(where.items, where.lots, where.places, where.categories)
        fine = [level for level in ("item", "lot", "place") if level in by or level == "item"]
        rows = totals(sight, narrow, moment, by=(*fine, "warehouse"))
        found = sorted(_fine_rows(fine, rows))
        worth = _worth(sight, rows, where, moment) if sight.shows_cost else {}
        return _grouped(sight, found, worth, by)


def _fine_rows(fine: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[_Row]:
    lot, place = (fine.index(level) if level in fine else None for level in ("lot", "place"))
    for row in rows:
        yield row[0], row[-3], row[lot] if lot else 0, row[place] if place else 0, row[-2]


def _worth(
    sight: Sight, rows: Sequence[tuple[Any, ...]], where: StockFilter, moment: Moment
) -> dict[_Pool, tuple[int, int]]:
    """Quantity and value of each item in each valuation area whose values may be seen.

    The rows themselves say it where they cover whole areas; otherwise it is asked for.
    """
    areas = sight.areas & sight.cost_areas
    members = {member for area in areas for member in sight.members[area]}
    if where.lots is None and where.places is None and members <= sight.warehouses.keys():
        worth: dict[_Pool, tuple[int, int]] = {}
        area_of = {facts.id: facts.area for facts in sight.warehouses.values()}
        for row in rows:
            pool = (row[0], area_of[row[-3]])
            known = worth.get(pool)
            worth[pool] = (known[0] + row[-2], known[1] + row[-1]) if known else row[-2:]
        return worth
    ids = {row[0] for row in rows}
    items = tuple(sorted(ids)) if len(ids) <= _MANY or where.items is not None else None
    whole = Sight(
        {
            member: next(f for f in sight.warehouses.values() if f.area == area)
            for area in areas
            for member in sight.members[area]
        },
        everything=sight.everything,
        cost_areas=areas,
        members=sight.members,
    )
    limits = Where(items=items, categories=where.categories)
    return {
        (item, area): (quantity, value)
        for item, area, quantity, value in totals(whole, limits, moment, by=("item", "area"))
    }


def _valued(
    sight: Sight, rows: Sequence[_Row], worth: Mapping[_Pool, tuple[int, int]]
) -> Iterator[tuple[_Row, Decimal | None, Decimal | None]]:
    """Each row with its share of what its item was worth in its area, and the unit cost there."""
    area_of = {facts.id: facts.area for facts in sight.warehouses.values()}
    shown = {warehouse for warehouse in area_of if sight.shows_cost_of(warehouse)}
    keyed = [((row[0], area_of[row[1]]), row[4]) for row in rows if row[1] in shown]
    rates = {pool: unit_cost(*amounts) for pool, amounts in worth.items()}
    shares = zip(keyed, share_out(keyed, worth, step=sight.step), strict=True)
    for row in rows:
        if row[1] in shown:
            (pool, _quantity), share = next(shares)
            yield row, from_scaled(share, VALUE_PLACES), rates.get(pool)
        else:
            yield row, None, None


def _grouped(
    sight: Sight,
    rows: Sequence[_Row],
    worth: Mapping[_Pool, tuple[int, int]],
    by: Sequence[str],
) -> list[OnHand]:
    by_item, by_lot, by_place = (level in by for level in ("item", "lot", "place"))
    by_warehouse = by_place or "warehouse" in by
    groups: dict[tuple[int, int, int, int], Figures] = {}
    for (item, warehouse, lot, place, scaled), value, rate in _valued(sight, rows, worth):
        group = (
            item if by_item else 0,
            lot if by_lot else 0,
            place if by_place else 0,
            warehouse if by_warehouse else 0,
        )
        quantity = from_scaled(scaled, QUANTITY_PLACES)
        figures = Figures(on_hand=quantity, own=quantity, value=value)
        if scaled:
            figures.rate, figures.rows = rate, 1
        known = groups.get(group)
        if known is None:
            groups[group] = figures
        else:
            known.add(figures)
    items = facts.items(key[0] for key in groups if key[0])
    lots = facts.lots(key[1] for key in groups if key[1])
    places = facts.places(key[2] for key in groups if key[2])
    found = [
        OnHand(
            items.get(item),
            lots.get(lot),
            places.get(place),
            warehouse or None,
            sight.warehouses[warehouse].code if warehouse else "",
            figures,
        )
        for (item, lot, place, warehouse), figures in groups.items()
        if figures.on_hand or figures.value
    ]
    return sorted(found, key=order_key)


def quantity_and_value(sight: Sight, where: Where, moment: Moment) -> tuple[Decimal, Decimal]:
    """One total at a moment, over all that the sight covers."""
    row = totals(sight, where, moment, by=())[0] if sight.warehouses else (0, 0)
    return from_scaled(row[0], QUANTITY_PLACES), from_scaled(row[1], VALUE_PLACES)
