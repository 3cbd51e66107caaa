"""The period summary (收发存汇总) with a column for each movement type (收发类别) against hand-written SQL.

The statement by hand knows beforehand which types there are and which months are kept; ours finds out.
"""

import statistics
import time
from datetime import timedelta
from typing import Any

from django.db import connection

from people.access import SYSTEM
from scripts.bench import reads
from scripts.bench.stations import Station
from scripts.bench.world import World
from stock.queries.sight import local_midnight
from stock.queries.summary import summary

LAST, THIS = "收发存汇总 by type, last month", "收发存汇总 by type, this month"
_TYPES = """
SELECT DISTINCT type FROM stock_movement WHERE effective_at >= %(begin)s AND effective_at < %(end)s
"""
_IN, _OUT = "t.id IS NOT NULL AND s.id IS NULL", "s.id IS NOT NULL AND t.id IS NULL"
_RAW = """
SELECT i.id, i.code, i.name, i.specification, u.code, u.decimals, c.name,
  o.q, o.v, e.q, e.v, o.q + f.q_in - f.q_out = e.q AND o.v + f.v_in - f.v_out = e.v, f.*
FROM stock_item i JOIN stock_category c ON c.id = i.category_id
JOIN stock_unit u ON u.id = i.base_unit_id
LEFT JOIN (SELECT b.item_id, SUM(b.quantity) AS q, SUM(b.value) AS v FROM stock_monthbalance b
  JOIN stock_place p ON p.id = b.place_id AND p.warehouse_id IS NOT NULL
  WHERE b.month = %(base)s GROUP BY b.item_id) o ON o.item_id = i.id
LEFT JOIN (SELECT m.item_id, {columns}
  FROM stock_movement m
  LEFT JOIN stock_place t ON t.id = m.target_id AND t.warehouse_id IS NOT NULL
  LEFT JOIN stock_place s ON s.id = m.source_id AND s.warehouse_id IS NOT NULL
  WHERE m.effective_at >= %(begin)s AND m.effective_at < %(end)s GROUP BY m.item_id) f ON f.item_id = i.id
LEFT JOIN ({closing}) e ON e.item_id = i.id
WHERE o.item_id IS NOT NULL OR f.item_id IS NOT NULL ORDER BY c.name, i.code
"""


def _span(world: World, question: str) -> dict[str, Any]:
    this, last, zone = reads.months(world)
    start = last if question == LAST else this
    following = (start + timedelta(days=32)).replace(day=1)
    return {
        "month": start,
        "base": (start - timedelta(days=1)).replace(day=1),
        "begin": local_midnight(start, zone),
        "end": local_midnight(following, zone),
        "until": following - timedelta(days=1),
    }


def _columns(types: list[str]) -> str:
    """Sums of what came and went, of all and of each type."""
    sums = [
        f"SUM(m.{what}) FILTER (WHERE {side}{{only}}) AS {{name}}{what[0]}_{name}"
        for side, name in ((_IN, "in"), (_OUT, "out"))
        for what in ("quantity", "value")
    ]
    found = [f"COALESCE({one.format(only='', name='').replace(' AS ', ', 0) AS ')}" for one in sums]
    for number, kind in enumerate(types):
        only = f" AND m.type = '{kind}'"
        found += [one.format(only=only, name=f"t{number}_") for one in sums]
    return ", ".join(found)


def raw(world: World, question: str) -> float:
    """Seconds of the statement by hand, its rows fetched."""
    span = _span(world, question)
    with connection.cursor() as cursor:
        cursor.execute(_TYPES, span)
        types = sorted(kind for (kind,) in cursor.fetchall())
    closing = reads.CLOSED_STOCK if question == LAST else reads.OPEN_STOCK
    sql = _RAW.format(columns=_columns(types), closing=closing)
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, span)
        cursor.fetchall()
    return time.perf_counter() - started


def ours(world: World, question: str) -> float:
    """Seconds until the rows of the report are there."""
    span = _span(world, question)
    started = time.perf_counter()
    summary(SYSTEM, start=span["month"], end=span["until"], types=True)
    return time.perf_counter() - started


def compare(station: Station, world: World, times: int) -> dict[str, tuple[float, float, float]]:
    """Per month: the fastest milliseconds by hand and ours, in turns, and the median ratio of neighbours."""
    found = {}
    for question in (LAST, THIS):
        pairs = [
            (station.do(raw, world, question), station.do(ours, world, question))
            for _number in range(times + 1)
        ][1:]
        found[question] = (
            min(sql for sql, _own in pairs) * 1000,
            min(own for _sql, own in pairs) * 1000,
            statistics.median(own / sql for sql, own in pairs),
        )
    return found
