"""What reading costs: pages on short and long histories, and whole-stock questions against raw SQL."""

import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards.search import asking
from people.access import SYSTEM
from people.models import User
from scripts.bench.stations import Station
from scripts.bench.world import World
from stock.queries.as_of import as_of
from stock.queries.card import card
from stock.queries.sight import local_midnight
from stock.queries.summary import summary

PAGES = {
    "item page": "",
    "stock card, 100 rows": "?view=table",
    "stock card, the next 100 rows": "?view=table&after={following}",
    "item page as of 45 days ago": "?at={past}",
}
_client: dict[str, Client] = {}
_addresses: dict[str, str] = {}


def page_sql(world: World, page: str) -> tuple[float, float]:
    """Seconds that the database took for a page of the busy item, and that the whole page took."""
    if "reader" not in _client:
        _client["reader"] = Client(headers={"host": "localhost"})
        _client["reader"].force_login(
            User.objects.get(pk=world.reader), backend="django.contrib.auth.backends.ModelBackend"
        )
    if page not in _addresses:
        _addresses[page] = _address(world, page)
    spent = 0.0

    def measure(
        execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any
    ) -> Any:
        nonlocal spent
        started = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            if "stock_" in sql:
                spent += time.perf_counter() - started

    started = time.perf_counter()
    with connection.execute_wrapper(measure):
        answer = _client["reader"].get(_addresses[page])
    if answer.status_code != 200:
        raise RuntimeError(f"{page}: status {answer.status_code}")
    return spent, time.perf_counter() - started


def _address(world: World, page: str) -> str:
    past = (timezone.now() - timedelta(days=45)).astimezone(ZoneInfo(world.zone))
    following = card(SYSTEM, world.busy).following
    query = PAGES[page].format(
        past=past.strftime("%Y-%m-%dT%H:%M:%S"), following=str(following).replace("+", "%2B")
    )
    return reverse("stock:item", args=[world.busy]) + query


def pages(
    short: Station, long: Station, world: World, times: int
) -> dict[str, tuple[float, float, float, float]]:
    """Per page: ms in the database on the short and long history, their ratio, ms of the whole long page."""
    result = {}
    for page in PAGES:
        took: dict[Station, list[tuple[float, float]]] = {short: [], long: []}
        for number in range(times + 2):
            for station in (short, long) if number % 2 else (long, short):
                answer = station.do(page_sql, world, page)
                if number >= 2:
                    took[station].append(answer)
        before, after = ([spent for spent, _all in took[key]] for key in took)
        result[page] = (
            statistics.median(before) * 1000,
            statistics.median(after) * 1000,
            statistics.median(b / a for a, b in zip(before, after, strict=True)),
            statistics.median(whole for _spent, whole in took[long]) * 1000,
        )
    return result


# -- whole-stock questions -------------------------------------------------------------------------

_RAW_AS_OF = """
SELECT i.id, i.code, i.name, i.specification, u.code, u.decimals, c.name,
  SUM(l.q) / 1000000.0, SUM(l.v) / 10000.0, round(SUM(l.v) * 100.0 / NULLIF(SUM(l.q), 0), 6) FROM (
  SELECT b.item_id, b.quantity AS q, b.value AS v FROM stock_monthbalance b
  JOIN stock_place p ON p.id = b.place_id AND p.warehouse_id IS NOT NULL WHERE b.month = %(base)s
  UNION ALL
  SELECT m.item_id, m.quantity, m.value FROM stock_movement m
  JOIN stock_place p ON p.id = m.target_id AND p.warehouse_id IS NOT NULL
  WHERE m.effective_at >= %(begin)s AND m.effective_at <= %(at)s
  UNION ALL
  SELECT m.item_id, -m.quantity, -m.value FROM stock_movement m
  JOIN stock_place p ON p.id = m.source_id AND p.warehouse_id IS NOT NULL
  WHERE m.effective_at >= %(begin)s AND m.effective_at <= %(at)s
) l JOIN stock_item i ON i.id = l.item_id JOIN stock_category c ON c.id = i.category_id
JOIN stock_unit u ON u.id = i.base_unit_id
GROUP BY i.id, c.id, u.id HAVING SUM(l.q) <> 0 OR SUM(l.v) <> 0 ORDER BY i.code
"""
_RAW_SUMMARY = """
SELECT i.id, i.code, i.name, i.specification, u.code, u.decimals, c.name,
  o.q, o.v, f.q_in, f.q_out, f.v_in, f.v_out, e.q, e.v,
  o.q + f.q_in - f.q_out = e.q AND o.v + f.v_in - f.v_out = e.v
FROM stock_item i JOIN stock_category c ON c.id = i.category_id
JOIN stock_unit u ON u.id = i.base_unit_id
LEFT JOIN (SELECT b.item_id, SUM(b.quantity) AS q, SUM(b.value) AS v FROM stock_monthbalance b
  JOIN stock_place p ON p.id = b.place_id AND p.warehouse_id IS NOT NULL
  WHERE b.month = %(base)s GROUP BY b.item_id) o ON o.item_id = i.id
LEFT JOIN (SELECT m.item_id,
    SUM(CASE WHEN t.id IS NOT NULL AND s.id IS NULL THEN m.quantity ELSE 0 END) AS q_in,
    SUM(CASE WHEN s.id IS NOT NULL AND t.id IS NULL THEN m.quantity ELSE 0 END) AS q_out,
    SUM(CASE WHEN t.id IS NOT NULL AND s.id IS NULL THEN m.value ELSE 0 END) AS v_in,
    SUM(CASE WHEN s.id IS NOT NULL AND t.id IS NULL THEN m.value ELSE 0 END) AS v_out
  FROM stock_movement m
  LEFT JOIN stock_place t ON t.id = m.target_id AND t.warehouse_id IS NOT NULL
  LEFT JOIN stock_place s ON s.id = m.source_id AND s.warehouse_id IS NOT NULL
  WHERE m.effective_at >= %(begin)s AND m.effective_at < %(end)s GROUP BY m.item_id) f ON f.item_id = i.id
LEFT JOIN ({closing}) e ON e.item_id = i.id
WHERE o.item_id IS NOT NULL OR f.item_id IS NOT NULL ORDER BY c.name, i.code
"""
CLOSED_STOCK = """
SELECT b.item_id, SUM(b.quantity) AS q, SUM(b.value) AS v FROM stock_monthbalance b
JOIN stock_place p ON p.id = b.place_id AND p.warehouse_id IS NOT NULL
WHERE b.month = %(month)s GROUP BY b.item_id
"""
OPEN_STOCK = """
SELECT b.item_id, b.q, k.v FROM (SELECT item_id, SUM(on_hand) AS q FROM stock_balance GROUP BY item_id) b
JOIN (SELECT item_id, SUM(value) AS v FROM stock_costpool GROUP BY item_id) k ON k.item_id = b.item_id
"""


def months(world: World) -> tuple[date, date, ZoneInfo]:
    """The first days of this month and the one before, and the zone they are meant in."""
    zone = ZoneInfo(world.zone)
    this = timezone.now().astimezone(zone).date().replace(day=1)
    return this, (this - timedelta(days=1)).replace(day=1), zone


def _moment(world: World) -> datetime:
    """The middle of last month."""
    _this, last, zone = months(world)
    return local_midnight(last, zone) + timedelta(days=15)


def _run(sql: str, **parameters: Any) -> float:
    connection.ensure_connection()
    started = time.perf_counter()
    with connection.connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        cursor.fetchall()
    return time.perf_counter() - started


def raw(world: World, question: str) -> float:
    """Seconds of the hand-written statement; its rows say what ours say, fetched and sorted."""
    this, last, zone = months(world)
    before = (last - timedelta(days=1)).replace(day=1)
    if question == AS_OF:
        return _run(_RAW_AS_OF, base=before, begin=local_midnight(last, zone), at=_moment(world))
    start, base, closing = (
        (last, before, CLOSED_STOCK) if question == CLOSED else (this, last, OPEN_STOCK)
    )
    following = (start + timedelta(days=32)).replace(day=1)
    return _run(
        _RAW_SUMMARY.format(closing=closing),
        base=base,
        month=start,
        begin=local_midnight(start, zone),
        end=local_midnight(following, zone),
    )


def ours(world: World, question: str) -> float:
    """Seconds of the product's own question, until its rows are there."""
    this, last, _zone = months(world)
    started = time.perf_counter()
    if question == AS_OF:
        as_of(SYSTEM, at=_moment(world), by=("item",))
    elif question == CLOSED:
        summary(SYSTEM, start=last, end=this - timedelta(days=1))
    else:
        end = (this + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        summary(SYSTEM, start=this, end=end)
    return time.perf_counter() - started


SEARCHES = {"initials": "dj1", "part of a code": "0042", "nothing": "nosuch"}


def searched(station: Station, world: World, times: int) -> dict[str, tuple[float, float, float]]:
    """Per kind of text: ms of one raw pass over the items, ms of the search over everything, their ratio."""
    result = {}
    for name, text in SEARCHES.items():
        pairs = [
            (station.do(_raw_search, world, text), station.do(_search, world, text))
            for _number in range(times + 1)
        ][1:]
        result[name] = (
            statistics.median(sql for sql, _own in pairs) * 1000,
            statistics.median(own for _sql, own in pairs) * 1000,
            statistics.median(own / sql for sql, own in pairs),
        )
    return result


def _raw_search(world: World, text: str) -> float:
    return _run(
        "SELECT COUNT(*) FROM stock_item WHERE search_key LIKE %(like)s AND archived_at IS NULL",
        like=f"%{text}%",
    )


def _search(world: World, text: str) -> float:
    reader = User.objects.get(pk=world.reader)
    started = time.perf_counter()
    asking.search(text, reader, SYSTEM)
    return time.perf_counter() - started


AS_OF = "as-of stock, all items"
CLOSED = "收发存汇总, last month"
OPEN = "收发存汇总, this month"
QUESTIONS = (AS_OF, CLOSED, OPEN)


def against_sql(
    station: Station, world: World, times: int
) -> dict[str, tuple[float, float, float]]:
    """Per question: milliseconds of raw SQL and ours, in turns, and the median ratio of neighbours."""
    result = {}
    for question in QUESTIONS:
        pairs = [
            (station.do(raw, world, question), station.do(ours, world, question))
            for _number in range(times + 1)
        ][1:]
        result[question] = (
            statistics.median(sql for sql, _own in pairs) * 1000,
            statistics.median(own for _sql, own in pairs) * 1000,
            statistics.median(own / sql for sql, own in pairs),
        )
    return result


def by_length(
    middle: Station, long: Station, world: World, times: int
) -> dict[str, tuple[float, float, float]]:
    """Per question: our milliseconds on two lengths of history with equally busy months, and the ratio."""
    result = {}
    for question in QUESTIONS:
        pairs = [
            (middle.do(ours, world, question), long.do(ours, world, question))
            for _number in range(times + 1)
        ][1:]
        result[question] = (
            statistics.median(first for first, _second in pairs) * 1000,
            statistics.median(second for _first, second in pairs) * 1000,
            statistics.median(second / first for first, second in pairs),
        )
    return result
