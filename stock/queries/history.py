"""The only SQL over the length of the book: what was where at a moment, from month balances and the rest.

A total at a moment is the last month balance before it, plus the movements since, plus movements that
are not sealed yet and lie before. Asked as known at a seal, what was sealed later is taken off again. So
the cost grows with one month, never with the history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from core.dialect import Dialect
from stock.models import MonthBalance
from stock.queries.sight import Sight, local_midnight

FRESH = (
    "fresh AS MATERIALIZED (SELECT p.id FROM stock_posting p WHERE p.id > "
    "(SELECT COALESCE(MAX(posting_id), 0) FROM stock_sealedposting) UNION "
    "SELECT o.subject FROM (SELECT subject FROM core_outboxrow WHERE topic = 'stock.posted' "
    "AND state = 'waiting' UNION SELECT subject FROM core_outboxrow WHERE topic = 'stock.posted' "
    "AND state = 'dead') o "
    "WHERE NOT EXISTS (SELECT 1 FROM stock_sealedposting s WHERE s.posting_id = o.subject))"
)
"""Postings that no seal has counted yet: those of the last seconds, and those the outbox still holds.

Written as a union, because an OR of both would be answered by reading every posting there ever was.
"""

KEYS = {
    "item": "l.item_id",
    "lot": "l.lot_id",
    "place": "l.place_id",
    "warehouse": "p.warehouse_id",
    "area": "w.area_id",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in the book: up to ``at`` (effective; None is now) and as known at ``seal`` (None is now).

    ``before`` excludes ``at`` itself. ``movement`` cuts inside one moment: only movements up to this id.
    """

    at: datetime | None = None
    before: bool = False
    movement: int | None = None
    seal: int | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """Which balances a question is about; None is no limit."""

    items: Sequence[int] | None = None
    lots: Sequence[int] | None = None
    places: Sequence[int] | None = None
    categories: Sequence[int] | None = None


def totals(
    sight: Sight, where: Where, moment: Moment, *, by: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Rows of keys (as in ``by``), quantity × 10⁶ and value × 10⁴ at the moment; rows of nothing left out."""
    if not sight.warehouses:
        return []
    dialect = Dialect(connection.vendor)
    parts: list[str] = []
    parameters: list[Any] = []
    for company, zone in sight.companies().items():
        base = _base(moment.at, zone)
        _add_company(parts, parameters, dialect, where, moment, base, zone)
        if len(sight.companies()) > 1:
            parts[-1] = (
                f"SELECT c.* FROM ({parts[-1]}) c JOIN stock_place cp ON cp.id = c.place_id "
                "AND cp.company_id = %s"
            )
            parameters.append(company)
    keys = ", ".join(KEYS[key] for key in by)
    places, more = _place_condition(dialect, sight, where)
    area = "JOIN stock_warehouse w ON w.id = p.warehouse_id " if "area" in by else ""
    # The totals of an item fit the columns they came from; those of everything need not.
    sums = ", ".join(
        f"CAST(SUM(l.{sum_}) AS bigint)" if keys else f"SUM(l.{sum_})" for sum_ in "qv"
    )
    sql = (
        f"WITH {FRESH} SELECT {keys}{', ' if keys else ''}{sums} "
        f"FROM ({' UNION ALL '.join(parts)}) l JOIN stock_place p ON p.id = l.place_id "
        f"{area}WHERE {places}"
        + (f" GROUP BY {keys} HAVING SUM(l.q) <> 0 OR SUM(l.v) <> 0" if keys else "")
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *more])
        rows = cursor.fetchall()
    return rows if keys else [(int(rows[0][0] or 0), int(rows[0][1] or 0))]


def _base(at: datetime | None, zone: ZoneInfo) -> date | None:
    """The last month with balances that ended before the moment."""
    months = MonthBalance.objects.all()
    if at is not None:
        months = months.filter(month__lt=at.astimezone(zone).date().replace(day=1))
    found: date | None = months.aggregate(last=Max("month"))["last"]
    return found


def month_end(month: date, zone: ZoneInfo) -> datetime:
    """The moment at which the month after ``month`` begins."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return local_midnight(following, zone)


def _add_company(
    parts: list[str],
    parameters: list[Any],
    dialect: Dialect,
    where: Where,
    moment: Moment,
    base: date | None,
    zone: ZoneInfo,
) -> None:
    """Append one FROM item: the month balance, what came after, what was not sealed or sealed later."""
    selects: list[str] = []
    of_month, month_values = limits(dialect, where, "b")
    of_leg, leg_values = limits(dialect, where, "m")
    upto, upto_values = _until(dialect, moment)
    known, known_values = _known(moment.seal)
    since, since_values = "", []
    if base is not None:
        start = dialect.moment(month_end(base, zone))
        selects.append(
            "SELECT b.item_id, b.lot_id, b.place_id, b.quantity AS q, b.value AS v "
            f"FROM stock_monthbalance b WHERE b.month = {dialect.value('date')}{of_month}"
        )
        parameters += [base.isoformat(), *month_values]
        since, since_values = " AND m.effective_at >= %s", [start]
        if moment.seal is None:
            selects.append(
                _legs(f" AND m.effective_at < %s AND m.posting_id {_among_fresh(dialect)}{of_leg}")
            )
            parameters += [start, *leg_values]
        else:
            selects.append(
                _legs(
                    " AND m.effective_at < %s AND m.posting_id IN "
                    f"(SELECT posting_id FROM stock_sealedposting WHERE seal_id > %s){of_leg}",
                    sign="-",
                )
            )
            parameters += [start, moment.seal, *leg_values]
    selects.append(_legs(f"{since}{upto}{known}{of_leg}"))
    parameters += [*since_values, *upto_values, *known_values, *leg_values]
    parts.append(" UNION ALL ".join(selects))


def _among_fresh(dialect: Dialect) -> str:
    """One of the fresh postings; as an array PostgreSQL expects few, and does not read all movements."""
    if dialect.postgresql:
        return "= ANY(ARRAY(SELECT id FROM fresh))"
    return "IN (SELECT id FROM fresh)"


def _legs(condition: str, *, sign: str = "") -> str:
    """Both ends of the movements: in where they went (1), out where they came from (-1)."""
    return (
        "SELECT m.item_id, m.lot_id, "
        f"CASE d.s WHEN 1 THEN m.target_id ELSE m.source_id END AS place_id, {sign}d.s * m.quantity AS q, "
        f"{sign}d.s * m.value AS v FROM stock_movement m "
        f"CROSS JOIN (SELECT 1 AS s UNION ALL SELECT -1) d WHERE true{condition}"
    )


def _known(seal: int | None) -> tuple[str, list[Any]]:
    """The condition that a movement was known at a seal; None is no limit."""
    if seal is None:
        return "", []
    return (
        " AND EXISTS (SELECT 1 FROM stock_sealedposting s WHERE s.posting_id = m.posting_id "
        "AND s.seal_id <= %s)"
    ), [seal]


def _until(dialect: Dialect, moment: Moment) -> tuple[str, list[Any]]:
    """The condition that a movement lies before the moment."""
    if moment.at is None:
        return "", []
    at = dialect.moment(moment.at)
    if moment.movement is not None:
        return " AND (m.effective_at < %s OR (m.effective_at = %s AND m.id <= %s))", [
            at,
            at,
            moment.movement,
        ]
    return f" AND m.effective_at {'<' if moment.before else '<='} %s", [at]


def limits(dialect: Dialect, where: Where, alias: str) -> tuple[str, list[Any]]:
    """The conditions on item, lot and category for a table with those columns."""
    sql, values = "", []
    for column, ids in (("item_id", where.items), ("lot_id", where.lots)):
        if ids is not None:
            condition, value = dialect.ids(f"{alias}.{column}", ids)
            sql += f" AND {condition}"
            values.append(value)
    if where.categories is not None:
        condition, value = dialect.ids("category_id", where.categories)
        sql += f" AND {alias}.item_id IN (SELECT id FROM stock_item WHERE {condition})"
        values.append(value)
    return sql, values


def _place_condition(dialect: Dialect, sight: Sight, where: Where) -> tuple[str, list[Any]]:
    """The condition that a place is a physical one that may be seen."""
    if sight.everything:
        sql, values = "p.warehouse_id IS NOT NULL", []
    else:
        sql, value = dialect.ids("p.warehouse_id", sight.warehouses)
        values = [value]
    if where.places is not None:
        condition, value = dialect.ids("p.id", where.places)
        sql += f" AND {condition}"
        values.append(value)
    return sql, values


def flows(
    sight: Sight,
    where: Where,
    *,
    start: datetime,
    end: datetime,
    types: bool = False,
    seal: int | None = None,
) -> list[tuple[Any, ...]]:
    """What entered and left the warehouses as a whole from ``start`` until before ``end``.

    Rows of item, type (only with ``types``), quantity in and out × 10⁶, value in and out × 10⁴. What moved
    inside the set of warehouses (or of the places asked for) is neither. With ``seal`` only what was known
    at it counts.
    """
    if not sight.warehouses:
        return []
    dialect = Dialect(connection.vendor)
    places, inner = _place_condition(dialect, sight, where)
    inside = f"SELECT p.id FROM stock_place p WHERE {places}"
    of_leg, values = limits(dialect, where, "m")
    known, known_values = _known(seal)
    keys = "m.item_id, m.type" if types else "m.item_id"
    sums = ", ".join(
        f"CAST(SUM(CASE WHEN {here}.id IS NOT NULL AND {there}.id IS NULL THEN m.{column} ELSE 0 END) "
        "AS bigint)"
        for column in ("quantity", "value")
        for here, there in (("t", "s"), ("s", "t"))
    )
    sql = (
        f"WITH inside AS MATERIALIZED ({inside}) SELECT {keys}, {sums} FROM stock_movement m "
        "LEFT JOIN inside t ON t.id = m.target_id LEFT JOIN inside s ON s.id = m.source_id "
        f"WHERE m.effective_at >= %s AND m.effective_at < %s{known}{of_leg} GROUP BY {keys}"
    )
    with connection.cursor() as cursor:
        moments = [dialect.moment(start), dialect.moment(end)]
        cursor.execute(sql, [*inner, *moments, *known_values, *values])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def parse_moment(value: Any) -> datetime:
    """A moment that raw SQL returned, whatever the engine."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else timezone.make_aware(value, timezone.get_fixed_timezone(0))


def only(ids: Iterable[int] | None) -> tuple[int, ...] | None:
    """Ids as a tuple without doubles, in order; None stays None."""
    return None if ids is None else tuple(sorted(set(ids)))
