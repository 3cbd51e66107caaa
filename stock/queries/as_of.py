"""Every question about what was there at a moment: as it happened, as it was known, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Key:
    item: int
    lot: int | None
    place: int | None
    warehouse: int


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
        found = [(_key(fine, row), row[-2]) for row in rows]
        found = _sorted(found)
        shares: dict[_Key, tuple[int, Decimal | None]] = {}
        if sight.shows_cost:
            shares = _values(sight, found, where, moment)
        return _grouped(sight, found, shares, by)


def _key(fine: Sequence[str], row: tuple[Any, ...]) -> _Key:
    named = dict(zip(fine, row, strict=False))
    return _Key(named["item"], named.get("lot"), named.get("place"), row[len(fine)])


def _sorted(rows: list[tuple[_Key, int]]) -> list[tuple[_Key, int]]:
    return sorted(
        rows, key=lambda row: (row[0].item, row[0].warehouse, row[0].lot or 0, row[0].place or 0)
    )


def _values(
    sight: Sight, rows: list[tuple[_Key, int]], where: StockFilter, moment: Moment
) -> dict[_Key, tuple[int, Decimal | None]]:
    """Each row's share of what its item was worth in its valuation area."""
    ids = {key.item for key, _quantity in rows}
    items = tuple(sorted(ids)) if len(ids) <= 2_000 or where.items is not None else None
    areas = sight.areas & sight.cost_areas
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
    worth = {
        (item, area): (quantity, value)
        for item, area, quantity, value in totals(
            whole, Where(items=items, categories=where.categories), moment, by=("item", "area")
        )
    }
    mine = [row for row in rows if sight.shows_cost_of(row[0].warehouse)]
    keyed = [((key.item, sight.warehouses[key.warehouse].area), quantity) for key, quantity in mine]
    shared = share_out(keyed, worth, step=sight.step)
    return {
        key: (share, unit_cost(*worth.get(pool, (0, 0))))
        for (key, _quantity), (pool, _part), share in zip(mine, keyed, shared, strict=True)
    }


def _grouped(
    sight: Sight,
    rows: list[tuple[_Key, int]],
    shares: dict[_Key, tuple[int, Decimal | None]],
    by: Sequence[str],
) -> list[OnHand]:
    groups: dict[tuple[int | None, ...], Figures] = {}
    for key, scaled in rows:
        group = (
            key.item if "item" in by else None,
            key.lot if "lot" in by else None,
            key.place if "place" in by else None,
            key.warehouse if "warehouse" in by or "place" in by else None,
        )
        quantity = from_scaled(scaled, QUANTITY_PLACES)
        share, rate = shares.get(key, (None, None))
        value = from_scaled(share, VALUE_PLACES) if share is not None else None
        groups.setdefault(group, Figures()).add(
            Figures(on_hand=quantity, own=quantity, value=value, rate=rate)
        )
    items = facts.items(key[0] for key in groups if key[0] is not None)
    lots = facts.lots(key[1] for key in groups if key[1])
    places = facts.places(key[2] for key in groups if key[2] is not None)
    found = [
        OnHand(
            items.get(item) if item is not None else None,
            lots.get(lot) if lot else None,
            places.get(place) if place is not None else None,
            warehouse,
            sight.warehouses[warehouse].code if warehouse is not None else "",
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
