"""What was received and is not invoiced yet (暂估): open quantity and value of each receipt, and its age.

A receipt is a purchase, or a purchase return that names none. What came back of a receipt and what was
invoiced is taken off; below zero the supplier owes a credit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from core.dialect import Dialect
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from stock.models.partners import US

_OPEN = """
WITH base AS (
  SELECT m.id, CASE WHEN s.kind = 'supplier' THEN 1 ELSE -1 END AS sign, m.quantity, m.value
  FROM stock_movement m JOIN stock_posting p ON p.id = m.posting_id
  JOIN stock_place s ON s.id = m.source_id
  WHERE p.company_id = %s AND m.owner_id = {us} AND NOT m.reversal
    AND (m.type = 'purchase_in' OR (m.type = 'purchase_return' AND m.original_id IS NULL)) {only}
), later AS (
  SELECT m.original_id AS id, SUM(CASE WHEN t.kind = 'supplier' THEN -m.quantity ELSE m.quantity END)
      AS quantity, SUM(CASE WHEN t.kind = 'supplier' THEN -m.value ELSE m.value END) AS value
  FROM stock_movement m JOIN base b ON b.id = m.original_id
  JOIN stock_place s ON s.id = m.source_id JOIN stock_place t ON t.id = m.target_id
  WHERE m.type <> 'landed_cost' AND m.type <> 'settlement'
    AND (s.kind = 'supplier' OR t.kind = 'supplier')
    AND NOT EXISTS (SELECT 1 FROM stock_movement x WHERE x.original_id = m.id AND x.reversal)
  GROUP BY m.original_id
), invoiced AS (
  SELECT l.movement_id AS id, SUM(l.quantity) AS quantity, SUM(l.amount) AS value
  FROM finance_invoiceline l JOIN base b ON b.id = l.movement_id
  JOIN finance_purchaseinvoice i ON i.id = l.invoice_id AND i.state = 'posted' GROUP BY l.movement_id
)
SELECT {what} FROM (
SELECT m.id, p.document, p.business_date, m.item_id, m.lot_id, m.target_id, m.source_id, m.partner_id,
  b.sign, b.sign * m.quantity AS received, b.sign * m.value AS value,
  COALESCE(i.quantity, 0) AS invoiced_quantity, COALESCE(i.value, 0) AS invoiced_value,
  b.sign * m.quantity + COALESCE(l.quantity, 0) - COALESCE(i.quantity, 0) AS open_quantity,
  b.sign * m.value + COALESCE(l.value, 0) - COALESCE(i.value, 0) AS open_value
FROM base b JOIN stock_movement m ON m.id = b.id JOIN stock_posting p ON p.id = m.posting_id
LEFT JOIN later l ON l.id = b.id LEFT JOIN invoiced i ON i.id = b.id
) found WHERE {which}
"""
_IS_OPEN = "(open_quantity <> 0 OR open_value <> 0)"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt and what is open of it; quantities and values as scaled integers."""

    movement: int
    document: str
    day: date
    item: int
    lot: int
    target: int
    source: int
    partner: int | None
    sign: int
    received: int
    value: int
    invoiced_quantity: int
    invoiced_value: int
    open_quantity: int
    open_value: int

    @property
    def place(self) -> int:
        """Where the goods came to or left from."""
        return self.target if self.sign > 0 else self.source

    def number(self, name: str) -> Decimal:
        """For example ``number("open_quantity")``."""
        is_quantity = name == "received" or name.endswith("quantity")
        return from_scaled(getattr(self, name), QUANTITY_PLACES if is_quantity else VALUE_PLACES)

    def age(self, today: date) -> int:
        """Days since it was received."""
        return (today - self.day).days


def open_receipts(company: int, partner: int | None = None) -> list[Receipt]:
    """Every receipt of which quantity or value is open, the oldest first."""
    only, parameters = ("AND m.partner_id = %s", [partner]) if partner else ("", [])
    return _read(company, only, parameters, _IS_OPEN)


def count_open(company: int, before: date) -> int:
    """How many receipts of days before this one have something open."""
    sql = _OPEN.format(us=US, only="", what="COUNT(*)", which=f"{_IS_OPEN} AND business_date < %s")
    with connection.cursor() as cursor:
        cursor.execute(sql, [company, before.isoformat()])
        return int(cursor.fetchone()[0])


def these(company: int, movements: Iterable[int]) -> dict[int, Receipt]:
    """These receipts, open or not."""
    among, parameter = Dialect(connection.vendor).ids("m.id", sorted(set(movements)))
    found = _read(company, f"AND {among}", [parameter], "1 = 1")
    return {one.movement: one for one in found}


def _read(company: int, only: str, parameters: Sequence[Any], which: str) -> list[Receipt]:
    with connection.cursor() as cursor:
        sql = _OPEN.format(us=US, only=only, what="*", which=which)
        cursor.execute(f"{sql} ORDER BY business_date, id", [company, *parameters])
        return [_receipt(row) for row in cursor.fetchall()]


def _receipt(row: Sequence[Any]) -> Receipt:
    day = row[2] if isinstance(row[2], date) else date.fromisoformat(str(row[2]))
    facts = [*row[:2], day, *row[3:8], *(int(number) for number in row[8:])]
    return Receipt(*facts)


AGES = ((0, 30), (31, 60), (61, 90), (91, None))
"""Spans of days of the ageing; the last has no end."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is open of one supplier, by age."""

    partner: int | None
    spans: tuple[Decimal, ...]
    total: Decimal


def ageing(company: int, today: date) -> list[Ageing]:
    """Open values by supplier and age, the largest first."""
    sums: dict[int | None, list[int]] = {}
    for one in open_receipts(company):
        row = sums.setdefault(one.partner, [0] * len(AGES))
        age = one.age(today)
        place = next(n for n, (_first, last) in enumerate(AGES) if last is None or age <= last)
        row[place] += one.open_value
    rows = [
        Ageing(
            partner,
            tuple(from_scaled(part, VALUE_PLACES) for part in spans),
            from_scaled(sum(spans), VALUE_PLACES),
        )
        for partner, spans in sums.items()
    ]
    return sorted(rows, key=lambda row: -row.total)
