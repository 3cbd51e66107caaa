"""Replays the movements of FIFO pools with the arithmetic of cost, to compare their layers."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection

from core.fields import plain
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from stock import costing, movement_types
from stock.costing import Layer, Pool
from stock.models import Category, CostMethodChange
from stock.movement_types import Cost

_Key = tuple[int, int, str]
"""Item, valuation area, shipment."""
_Kept = tuple[int | None, int, int]
"""A layer's receipt, quantity and value."""


class _Row(NamedTuple):
    id: int
    posting: int
    line: int
    type: str
    item: int
    source_kind: str
    target_kind: str
    source_area: int | None
    target_area: int | None
    shipment: str
    quantity: int
    value: int
    original: int | None
    original_posting: int | None
    reversal: bool
    step: int


_MOVEMENTS = """
SELECT m.id, m.posting_id, m.line, m.type, m.item_id, s.kind, t.kind, sw.area_id, tw.area_id,
  m.cost_object, m.quantity, m.value, m.original_id, x.posting_id, m.reversal, c.currency_places
FROM stock_movement m
JOIN stock_item i ON i.id = m.item_id AND i.category_id = %s
JOIN stock_place s ON s.id = m.source_id LEFT JOIN stock_warehouse sw ON sw.id = s.warehouse_id
JOIN stock_place t ON t.id = m.target_id LEFT JOIN stock_warehouse tw ON tw.id = t.warehouse_id
JOIN stock_posting p ON p.id = m.posting_id JOIN people_company c ON c.id = p.company_id
LEFT JOIN stock_movement x ON x.id = m.original_id
WHERE m.owner_id = 0
ORDER BY MIN(m.id) OVER (PARTITION BY m.posting_id), m.posting_id, m.line
"""
"""In the order in which postings held the locks of their pools: ids of movements are given under them."""

_LAYERS = """
SELECT p.id, p.item_id, i.code, p.area_id, p.shipment, y.movement_id, y.quantity, y.value
FROM stock_costpool p JOIN stock_item i ON i.id = p.item_id AND i.category_id = %s
LEFT JOIN stock_costlayer y ON y.pool_id = p.id AND y.quantity > 0
ORDER BY p.id, y.id
"""


def replay_layers() -> Iterator[dict[str, Any]]:
    """The first layer that differs from what the movements leave, of each pool where one does."""
    for category in Category.objects.filter(cost_method=Category.CostMethod.FIFO).order_by("pk"):
        change = CostMethodChange.objects.filter(category=category).order_by("-pk").first()
        pools = _replay(category.pk, change.after_movement if change else 0)
        for _pool, rows in groupby(_fetch(_LAYERS, category.pk), key=lambda row: row[0]):
            kept = list(rows)
            pool, item, code, area, shipment = kept[0][:5]
            found = [tuple(row[5:]) for row in kept if row[6]]
            replayed = pools.get((item, area, shipment))
            expected = [
                (layer.movement, layer.quantity, layer.value)
                for layer in (replayed.layers if replayed else [])
                if layer.quantity
            ]
            if expected != found:
                yield _difference(pool, code, expected, found)


def _difference(pool: int, code: str, expected: list[_Kept], found: list[_Kept]) -> dict[str, Any]:
    width = max(len(expected), len(found))
    pairs = zip(
        [*expected, *[None] * (width - len(expected))],
        [*found, *[None] * (width - len(found))],
        strict=True,
    )
    wanted, there = next((a, b) for a, b in pairs if a != b)
    return {
        "table": "stock_costlayer",
        "pool": str(pool),
        "item": code,
        "expected": _shown(wanted),
        "found": _shown(there),
    }


def _shown(layer: _Kept | None) -> str:
    if layer is None:
        return "-"
    movement, quantity, value = layer
    return (
        f"movement {movement or '-'}: {plain(from_scaled(quantity, QUANTITY_PLACES))} "
        f"= {plain(from_scaled(value, VALUE_PLACES))}"
    )


def _fetch(sql: str, category: int) -> Iterator[tuple[Any, ...]]:
    """Rows one by one, without having all of them in memory."""
    cursor = connection.chunked_cursor() if connection.in_atomic_block else connection.cursor()
    with cursor:
        cursor.execute(sql, [category])
        while rows := cursor.fetchmany(2_000):
            yield from rows


def _replay(category: int, after: int) -> dict[_Key, Pool]:
    """The pools of a category; what came before a change of method is one layer."""
    pools: dict[_Key, Pool] = {}
    begun = not after
    rows = (
        _Row._make((*row[:-1], 10 ** (VALUE_PLACES - row[-1])))
        for row in _fetch(_MOVEMENTS, category)
    )
    for _posting, lines in groupby(rows, key=attrgetter("posting")):
        for row in sorted(lines, key=_order):
            if row.id <= after:
                _sum_up(pools, row)
                continue
            if not begun:
                _begin_layers(pools)
                begun = True
            _step(pools, row)
    if not begun:
        _begin_layers(pools)
    return pools


def _begin_layers(pools: dict[_Key, Pool]) -> None:
    for pool in pools.values():
        pool.layers = [Layer(None, None, pool.quantity, pool.value)] if pool.quantity else []


def _order(row: _Row) -> tuple[bool, int]:
    """As the plan goes through the lines: outputs of conversions after everything else."""
    shared = movement_types.BY_CODE[row.type].cost is Cost.SHARED
    return shared and row.source_kind == "conversion" and not row.reversal, row.line


def _ends(pools: dict[_Key, Pool], row: _Row) -> tuple[Pool | None, Pool | None]:
    ends: list[Pool | None] = []
    for area, kind in ((row.source_area, row.source_kind), (row.target_area, row.target_kind)):
        if area is None:
            ends.append(None)
            continue
        key = (row.item, area, row.shipment if kind == "transit" else "")
        if key not in pools:
            pools[key] = Pool(None, "fifo")
        ends.append(pools[key])
    return ends[0], ends[1]


def _sum_up(pools: dict[_Key, Pool], row: _Row) -> None:
    out, into = _ends(pools, row)
    for pool, sign in ((out, -1), (into, 1)):
        if pool is not None:
            pool.quantity += sign * row.quantity
            pool.value += sign * row.value
    if into is not None and into is not out and row.quantity:
        into.last_quantity, into.last_value = row.quantity, row.value


def _step(pools: dict[_Key, Pool], row: _Row) -> None:
    """Do to the pools what posting this movement did."""
    kind = movement_types.BY_CODE[row.type]
    out, into = _ends(pools, row)
    if row.type == "settlement" and row.original_posting == row.posting:
        return
    if kind.value_only:
        if out is not None:
            costing.revalue(out, -row.value, row.step, row.original)
        if into is not None:
            costing.revalue(into, row.value, row.step, row.original)
        return
    if out is into:
        return
    if out is not None:
        if row.reversal or (kind.cost is Cost.ORIGINAL and row.original is not None):
            costing.take_at(out, row.quantity, row.value, row.step, row.original)
        else:
            costing.take(out, row.quantity, row.step)
        _drop_used(out)
    if into is not None:
        costing.put(into, row.quantity, row.value, row.step, movement=row.id)


def _drop_used(pool: Pool) -> None:
    """Forget layers that are used up once they outnumber the open ones, so that a replay stays fast."""
    open_layers = [layer for layer in pool.layers if layer.quantity]
    if len(pool.layers) > 2 * len(open_layers) + 16:
        pool.layers = open_layers
