"""Replays the movements of FIFO pools with the arithmetic of cost, to compare their layers."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import F

from core.fields import plain
from core.numbers import (
    QUANTITY_PLACES,
    QUANTITY_SCALE,
    VALUE_PLACES,
    VALUE_SCALE,
    from_scaled,
    to_scaled,
)
from stock import costing, movement_types
from stock.costing import Layer, Pool
from stock.models import Category, CostLayer, CostMethodChange, CostPool, Movement
from stock.movement_types import Cost

Key = tuple[int, int, str]
"""Item, valuation area, shipment."""


class _Row(NamedTuple):
    id: int
    posting: int
    line: int
    type: str
    item: int
    source_area: int | None
    target_area: int | None
    source_kind: str
    target_kind: str
    shipment: str
    quantity: int
    value: int
    original: int | None
    original_posting: int | None
    reversal: bool
    places: int


def replay_layers() -> Iterator[dict[str, Any]]:
    """The layers that differ from what the movements leave, pool by pool."""
    for category in Category.objects.filter(cost_method="fifo"):
        change = CostMethodChange.objects.filter(category=category).order_by("-pk").first()
        pools = _replay(category, change.after_movement if change else 0)
        for pool in CostPool.objects.filter(item__category=category).select_related("item"):
            expected = pools.get((pool.item_id, pool.area_id, pool.shipment))
            layers = [la for la in expected.layers if la.quantity] if expected else []
            kept = CostLayer.objects.filter(pool=pool, quantity__gt=0).order_by("pk")
            wanted = [(la.movement, la.quantity, la.value) for la in layers]
            found = [
                (m, to_scaled(q, QUANTITY_SCALE), to_scaled(v, VALUE_SCALE))
                for m, q, v in kept.values_list("movement", "quantity", "value")
            ]
            if wanted != found:
                yield _difference(pool, wanted, found)


def _difference(pool: CostPool, wanted: list[Any], found: list[Any]) -> dict[str, Any]:
    width = max(len(wanted), len(found))
    pairs = zip(
        [*wanted, *[None] * (width - len(wanted))],
        [*found, *[None] * (width - len(found))],
        strict=True,
    )
    expected, there = next((a, b) for a, b in pairs if a != b)
    return {
        "table": "stock_costlayer",
        "item": pool.item.code,
        "pool": str(pool.pk),
        "expected": _shown(expected),
        "found": _shown(there),
    }


def _shown(layer: tuple[int | None, int, int] | None) -> str:
    if layer is None:
        return "-"
    movement, quantity, value = layer
    return (
        f"movement {movement}: {plain(from_scaled(quantity, QUANTITY_PLACES))} "
        f"= {plain(from_scaled(value, VALUE_PLACES))}"
    )


def _replay(category: Category, after: int) -> dict[Key, Pool]:
    pools: dict[Key, Pool] = {}
    rows = _rows(category)
    if after:
        old = [row for row in rows if row.id <= after]
        for row in old:
            _sum_up(pools, row)
        for pool in pools.values():
            pool.layers = [Layer(None, None, pool.quantity, pool.value)] if pool.quantity else []
        rows = [row for row in rows if row.id > after]
    for _posting, lines in groupby(rows, key=lambda row: row.posting):
        for row in sorted(lines, key=_order):
            _step(pools, row)
    return pools


def _rows(category: Category) -> list[_Row]:
    fields = (
        "id",
        "posting",
        "line",
        "type",
        "item",
        "source__warehouse__area",
        "target__warehouse__area",
        "source__kind",
        "target__kind",
        "cost_object",
        "quantity",
        "value",
        "original",
        "original__posting",
        "reversal",
    )
    rows = Movement.objects.filter(item__category=category, owner=0).order_by("posting", "line")
    return [
        _Row(
            *row[:10],
            to_scaled(row[10], QUANTITY_SCALE),
            to_scaled(row[11], VALUE_SCALE),
            *row[12:],
        )
        for row in rows.values_list(*fields, F("posting__company__currency_places"))
    ]


def _order(row: _Row) -> tuple[bool, int]:
    """As the plan goes through the lines: outputs of conversions after everything else."""
    shared = movement_types.BY_CODE[row.type].cost is Cost.SHARED
    return shared and row.source_kind == "conversion" and not row.reversal, row.line


def _ends(pools: dict[Key, Pool], row: _Row) -> tuple[Pool | None, Pool | None]:
    ends = []
    for area, kind in ((row.source_area, row.source_kind), (row.target_area, row.target_kind)):
        if area is None:
            ends.append(None)
            continue
        key = (row.item, area, row.shipment if kind == "transit" else "")
        ends.append(pools.setdefault(key, Pool(None, "fifo")))
    return ends[0], ends[1]


def _sum_up(pools: dict[Key, Pool], row: _Row) -> None:
    out, into = _ends(pools, row)
    for pool, sign in ((out, -1), (into, 1)):
        if pool is not None:
            pool.quantity += sign * row.quantity
            pool.value += sign * row.value
    if into is not None and into is not out and row.quantity:
        into.last_quantity, into.last_value = row.quantity, row.value


def _step(pools: dict[Key, Pool], row: _Row) -> None:
    """Do to the pools what posting this movement did."""
    kind = movement_types.BY_CODE[row.type]
    step = 10 ** (VALUE_PLACES - row.places)
    out, into = _ends(pools, row)
    if row.type == "settlement" and row.original_posting == row.posting:
        return
    if kind.value_only:
        if out is not None:
            costing.revalue(out, -row.value, step, row.original)
        if into is not None:
            costing.revalue(into, row.value, step, row.original)
        return
    if out is into:
        return
    if out is not None:
        fixed = row.reversal or (kind.cost is Cost.ORIGINAL and row.original is not None)
        if fixed:
            costing.take_at(out, row.quantity, row.value, step, row.original)
        else:
            costing.take(out, row.quantity, step)
    if into is not None:
        costing.put(into, row.quantity, row.value, step, movement=row.id)
