"""Proves the book: recomputes everything that is derived from it and names the first wrong row.

Each law is one query (FIFO layers are replayed) that compares what the movements say with what is kept;
figures are scaled integers, so equal means equal. Nothing is repaired here.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from core.fields import plain
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from stock import bootstrap, place_kinds
from stock.models import Movement
from stock.replay import replay_layers

_LEGS = """
  SELECT m.id, m.posting_id, m.type, m.item_id, m.lot_id, m.owner_id, m.target_id AS place_id,
    m.quantity, m.value, m.cost_object, m.effective_at FROM stock_movement m
  UNION ALL
  SELECT m.id, m.posting_id, m.type, m.item_id, m.lot_id, m.owner_id, m.source_id,
    -m.quantity, -m.value, m.cost_object, m.effective_at FROM stock_movement m
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one law found: how many rows it looked at, how many are wrong, and the first of those."""

    law: str
    wrong: int
    first: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"law": self.law, "wrong": self.wrong, "first": self.first}


@dataclass(slots=True)
class Report:
    """The outcome of all laws."""

    findings: list[Finding] = field(default_factory=list)
    movements: int = 0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every law holds."""
        return not any(finding.wrong for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For JSON and for the record of the run."""
        return {
            "ok": self.ok,
            "movements": self.movements,
            "seconds": round(self.seconds, 2),
            "checks": [finding.as_dict() for finding in self.findings],
        }


def verify() -> Report:
    """Check every law; reads only."""
    started = time.perf_counter()
    report = Report(movements=Movement.objects.count())
    for law, check in LAWS:
        report.findings.append(check(law))
    report.seconds = time.perf_counter() - started
    return report


def _rows(sql: str, parameters: list[Any] | None = None) -> tuple[int, dict[str, Any] | None]:
    """How many rows a query of wrong rows has, and the first as a dict."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) wrong", parameters or [])
        count = cursor.fetchone()[0]
        if not count:
            return 0, None
        cursor.execute(sql + " LIMIT 1", parameters or [])
        names = [column[0] for column in cursor.description]
        return count, dict(zip(names, cursor.fetchone(), strict=True))


_SHOWN: dict[str, int] = {"quantity": QUANTITY_PLACES, "value": VALUE_PLACES}


def _query(sql: str, **units: str) -> Callable[[str], Finding]:
    """A law that holds when ``sql`` has no rows; ``units`` tells which columns are scaled how."""

    def check(law: str) -> Finding:
        count, first = _rows(sql)
        if first:
            first = {
                name: plain(from_scaled(int(value), _SHOWN[units[name]]))
                if name in units and value is not None
                else value
                for name, value in first.items()
            }
            first = {name: str(value) for name, value in first.items() if value is not None}
        return Finding(law, count, first)

    return check


_PHYSICAL = ", ".join(f"'{kind}'" for kind in sorted(place_kinds.PHYSICAL))

_BALANCES = f"""
SELECT 'stock_balance' AS "table", i.code AS item, l.number AS lot, p.code AS place,
  SUM(k.book) AS expected, SUM(k.kept) AS found
FROM (
  SELECT leg.item_id, leg.lot_id, leg.owner_id, leg.place_id, leg.quantity AS book, 0 AS kept
  FROM ({_LEGS}) leg JOIN stock_place s ON s.id = leg.place_id AND s.kind IN ({_PHYSICAL})
  UNION ALL SELECT item_id, lot_id, owner_id, place_id, 0, on_hand FROM stock_balance
) k
LEFT JOIN stock_item i ON i.id = k.item_id LEFT JOIN stock_lot l ON l.id = k.lot_id
LEFT JOIN stock_place p ON p.id = k.place_id
GROUP BY k.item_id, k.lot_id, k.owner_id, k.place_id, i.code, l.number, p.code
HAVING SUM(k.book) <> SUM(k.kept) ORDER BY k.item_id, k.place_id
"""

_LATEST = f"""
SELECT 'stock_balance' AS "table", b.id, MAX(leg.effective_at) AS expected, b.latest_at AS found
FROM stock_balance b JOIN ({_LEGS}) leg ON leg.item_id = b.item_id AND leg.lot_id = b.lot_id
  AND leg.owner_id = b.owner_id AND leg.place_id = b.place_id AND leg.quantity <> 0
GROUP BY b.id, b.latest_at HAVING MAX(leg.effective_at) > b.latest_at ORDER BY b.id
"""

_POOLS = f"""
SELECT 'stock_costpool' AS "table", i.code AS item, a.code AS area, l.number AS lot, k.shipment,
  SUM(k.book_q) AS expected_quantity, SUM(k.kept_q) AS found_quantity,
  SUM(k.book_v) AS expected_value, SUM(k.kept_v) AS found_value
FROM (
  SELECT leg.item_id, w.area_id, CASE WHEN c.cost_method = 'specific' THEN leg.lot_id ELSE 0 END AS lot_id,
    CASE WHEN s.kind = 'transit' THEN leg.cost_object ELSE '' END AS shipment,
    leg.quantity AS book_q, leg.value AS book_v, 0 AS kept_q, 0 AS kept_v
  FROM ({_LEGS}) leg JOIN stock_place s ON s.id = leg.place_id
    JOIN stock_warehouse w ON w.id = s.warehouse_id
    JOIN stock_item n ON n.id = leg.item_id JOIN stock_category c ON c.id = n.category_id
  WHERE leg.owner_id = 0
  UNION ALL SELECT item_id, area_id, lot_id, shipment, 0, 0, quantity, value FROM stock_costpool
) k
LEFT JOIN stock_item i ON i.id = k.item_id LEFT JOIN stock_valuationarea a ON a.id = k.area_id
LEFT JOIN stock_lot l ON l.id = k.lot_id
GROUP BY k.item_id, k.area_id, k.lot_id, k.shipment, i.code, a.code, l.number
HAVING SUM(k.book_q) <> SUM(k.kept_q) OR SUM(k.book_v) <> SUM(k.kept_v)
ORDER BY k.item_id, k.area_id
"""

_LAYERS = """
SELECT 'stock_costlayer' AS "table", i.code AS item, a.code AS area,
  p.quantity AS expected_quantity, COALESCE(SUM(y.quantity), 0) AS found_quantity,
  p.value AS expected_value, COALESCE(SUM(y.value), 0) AS found_value
FROM stock_costpool p LEFT JOIN stock_costlayer y ON y.pool_id = p.id
JOIN stock_item i ON i.id = p.item_id JOIN stock_valuationarea a ON a.id = p.area_id
WHERE p.method = 'fifo' AND p.quantity >= 0
GROUP BY p.id, p.quantity, p.value, i.code, a.code
HAVING COALESCE(SUM(y.quantity), 0) <> p.quantity OR COALESCE(SUM(y.value), 0) <> p.value
ORDER BY p.id
"""

_EMPTY = """
SELECT 'stock_costpool' AS "table", p.id, i.code AS item, p.quantity AS found_quantity,
  p.value AS found_value FROM stock_costpool p JOIN stock_item i ON i.id = p.item_id
WHERE (p.quantity = 0 AND p.value <> 0) OR (p.quantity > 0 AND p.value < 0) ORDER BY p.id
"""

_METHODS = """
SELECT 'stock_costpool' AS "table", p.id, i.code AS item, c.cost_method AS expected,
  p.method AS found FROM stock_costpool p JOIN stock_item i ON i.id = p.item_id
JOIN stock_category c ON c.id = i.category_id WHERE p.method <> c.cost_method ORDER BY p.id
"""

_LINES = """
SELECT 'stock_movement' AS "table", p.id AS posting, p.document,
  COALESCE(MAX(m.line), 1) AS expected, COUNT(m.id) AS found
FROM stock_posting p LEFT JOIN stock_movement m ON m.posting_id = p.id
GROUP BY p.id, p.document
HAVING COUNT(m.id) = 0 OR COUNT(m.id) <> MAX(m.line) OR MIN(m.line) <> 1
  OR COUNT(DISTINCT m.line) <> COUNT(m.id) ORDER BY p.id
"""

_ORPHANS = """
SELECT 'stock_movement' AS "table", m.id, m.posting_id AS posting FROM stock_movement m
LEFT JOIN stock_item i ON i.id = m.item_id LEFT JOIN stock_lot l ON l.id = m.lot_id
LEFT JOIN stock_partner o ON o.id = m.owner_id LEFT JOIN stock_place s ON s.id = m.source_id
LEFT JOIN stock_place t ON t.id = m.target_id LEFT JOIN stock_partner p ON p.id = m.partner_id
LEFT JOIN people_department d ON d.id = m.department_id
WHERE i.id IS NULL OR l.id IS NULL OR o.id IS NULL OR s.id IS NULL OR t.id IS NULL
  OR (m.partner_id IS NOT NULL AND p.id IS NULL) OR (m.department_id IS NOT NULL AND d.id IS NULL)
  OR (m.lot_id <> 0 AND l.item_id <> m.item_id) ORDER BY m.id
"""

_SHAPE = """
SELECT 'stock_movement' AS "table", m.id, m.posting_id AS posting, p.effective_at AS expected,
  m.effective_at AS found FROM stock_movement m JOIN stock_posting p ON p.id = m.posting_id
WHERE m.effective_at <> p.effective_at OR m.source_id = m.target_id OR m.quantity < 0 OR m.value < 0
ORDER BY m.id
"""

_REVERSALS = """
SELECT 'stock_movement' AS "table", r.id, r.posting_id AS posting, m.quantity AS expected_quantity,
  r.quantity AS found_quantity, m.value AS expected_value, r.value AS found_value
FROM stock_movement r LEFT JOIN stock_movement m ON m.id = r.original_id
WHERE r.reversal AND (m.id IS NULL OR m.item_id <> r.item_id OR m.lot_id <> r.lot_id
  OR m.quantity <> r.quantity OR m.value <> r.value
  OR m.source_id <> r.target_id OR m.target_id <> r.source_id) ORDER BY r.id
"""

_PROMISES = """
SELECT 'stock_availability' AS "table", i.code AS item, w.code AS warehouse,
  SUM(k.book) AS expected, SUM(k.kept) AS found
FROM (SELECT item_id, warehouse_id, remaining AS book, 0 AS kept FROM stock_reservation
  WHERE state = 'active'
  UNION ALL SELECT item_id, warehouse_id, 0, reserved FROM stock_availability) k
JOIN stock_item i ON i.id = k.item_id JOIN stock_warehouse w ON w.id = k.warehouse_id
GROUP BY k.item_id, k.warehouse_id, i.code, w.code HAVING SUM(k.book) <> SUM(k.kept)
ORDER BY k.item_id
"""

_SEALS = """
SELECT 'stock_seal' AS "table", s.number, s.postings AS expected, COUNT(p.posting_id) AS found
FROM stock_seal s LEFT JOIN stock_sealedposting p ON p.seal_id = s.number
GROUP BY s.number, s.postings HAVING COUNT(p.posting_id) <> s.postings ORDER BY s.number
"""


_UNSEALED = """
SELECT 'stock_posting' AS "table", p.id, p.document FROM stock_posting p
WHERE NOT EXISTS (SELECT 1 FROM stock_sealedposting s WHERE s.posting_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM core_outboxrow o WHERE o.consumer = 'stock.seal' AND o.subject = p.id)
ORDER BY p.id
"""


def _months(law: str) -> Finding:
    """Each month balance is the one before plus what sealed postings of the month moved."""
    if connection.vendor == "postgresql":
        month, following = (
            "date_trunc('month', p.business_date)::date",
            "(b.month + interval '1 month')::date",
        )
    else:
        month, following = "date(p.business_date, 'start of month')", "date(b.month, '+1 month')"
    sql = f"""
SELECT 'stock_monthbalance' AS "table", k.month, i.code AS item, s.code AS place,
  SUM(k.book_q) AS expected_quantity, SUM(k.kept_q) AS found_quantity,
  SUM(k.book_v) AS expected_value, SUM(k.kept_v) AS found_value
FROM (
  SELECT {month} AS month, leg.item_id, leg.lot_id, leg.owner_id, leg.place_id,
    leg.quantity AS book_q, leg.value AS book_v, 0 AS kept_q, 0 AS kept_v
  FROM ({_LEGS}) leg JOIN stock_posting p ON p.id = leg.posting_id
    JOIN stock_sealedposting sp ON sp.posting_id = p.id
    JOIN stock_place t ON t.id = leg.place_id AND t.kind IN ({_PHYSICAL})
  UNION ALL SELECT month, item_id, lot_id, owner_id, place_id, 0, 0, quantity, value
  FROM stock_monthbalance
  UNION ALL SELECT {following}, item_id, lot_id, owner_id, place_id, 0, 0, -quantity, -value
  FROM stock_monthbalance b WHERE b.month < (SELECT MAX(month) FROM stock_monthbalance)
) k
JOIN stock_item i ON i.id = k.item_id JOIN stock_place s ON s.id = k.place_id
GROUP BY k.month, k.item_id, k.lot_id, k.owner_id, k.place_id, i.code, s.code
HAVING SUM(k.book_q) <> SUM(k.kept_q) OR SUM(k.book_v) <> SUM(k.kept_v)
ORDER BY k.month, k.item_id
"""
    return _query(sql, **_QUANTITY_AND_VALUE)(law)


def _triggers(law: str) -> Finding:
    """The triggers that keep the book append-only are there and switched on."""
    missing = bootstrap.missing_triggers(connection)
    return Finding(law, len(missing), {"trigger": missing[0]} if missing else None)


def _replay(law: str) -> Finding:
    """Every open FIFO layer is what a replay of the pool's movements leaves."""
    wrong: Iterator[dict[str, Any]] = replay_layers()
    first = next(wrong, None)
    return Finding(law, 0 if first is None else 1 + sum(1 for _ in wrong), first)


_QUANTITY = {"expected": "quantity", "found": "quantity"}
_QUANTITY_AND_VALUE = {
    "expected_quantity": "quantity",
    "found_quantity": "quantity",
    "expected_value": "value",
    "found_value": "value",
}

LAWS: tuple[tuple[str, Callable[[str], Finding]], ...] = (
    ("every posting has its lines", _query(_LINES)),
    ("movements name what exists", _query(_ORPHANS)),
    ("movements have the shape and moment of their posting", _query(_SHAPE)),
    ("reversals mirror what they reverse", _query(_REVERSALS, **_QUANTITY_AND_VALUE)),
    ("balances are the sums of movements", _query(_BALANCES, **_QUANTITY)),
    ("balances know their latest movement", _query(_LATEST)),
    ("cost pools are the sums of movements", _query(_POOLS, **_QUANTITY_AND_VALUE)),
    ("empty pools are worth nothing", _query(_EMPTY, **_QUANTITY_AND_VALUE)),
    ("pools use the method of their category", _query(_METHODS)),
    ("layers add up to their pool", _query(_LAYERS, **_QUANTITY_AND_VALUE)),
    ("layers are what a replay leaves", _replay),
    ("reserved is the sum of reservations", _query(_PROMISES, **_QUANTITY)),
    ("seals hold their postings", _query(_SEALS)),
    ("every posting is sealed or waits for its seal", _query(_UNSEALED)),
    ("month balances roll forward", _months),
    ("the book's triggers are in force", _triggers),
)
