"""The closing of a month over a whole book against one hand-written statement that keeps the same stock figures."""

import time
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from finance import backfill, charts
from finance.closing import snapshot
from people.access import SYSTEM
from people.models import Company
from scripts.bench.world import World
from stock.closing import Closing
from stock.models import Period

_RAW = """
CREATE TEMPORARY TABLE by_hand ON COMMIT DROP AS
SELECT item_id, warehouse_id, SUM(q) AS quantity, SUM(v) AS value FROM (
  SELECT m.item_id, p.warehouse_id, m.quantity AS q, m.value AS v
  FROM stock_movement m JOIN stock_place p ON p.id = m.target_id AND p.warehouse_id IS NOT NULL
  WHERE m.effective_at < %s
  UNION ALL
  SELECT m.item_id, p.warehouse_id, -m.quantity, -m.value
  FROM stock_movement m JOIN stock_place p ON p.id = m.source_id AND p.warehouse_id IS NOT NULL
  WHERE m.effective_at < %s
) x GROUP BY item_id, warehouse_id
"""
_TIMES = 3


def compare(world: World) -> tuple[float, float]:
    """Milliseconds of the statement and of our whole snapshot, accounts and keys that are checked at the end included.

    The best of some turns.
    """
    company = Company.objects.get(pk=world.company)
    charts.ensure(company)
    backfill.run()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE finance_journalline")
        cursor.execute("ANALYZE finance_journalentry")
    month = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
    raw, ours = [], []
    for _number in range(_TIMES):
        raw.append(_raw(company, month))
        ours.append(_ours(company, month))
    return min(raw) * 1000, min(ours) * 1000


def _raw(company: Company, month: date) -> float:
    end = snapshot.midnight(company, (month + timedelta(days=31)).replace(day=1))
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RAW, [end, end])
    return time.perf_counter() - started


def _ours(company: Company, month: date) -> float:
    started = time.perf_counter()
    with transaction.atomic():
        snapshot.take(
            Closing(company, month, None, SYSTEM, ""), Period(company=company, month=month)
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        took = time.perf_counter() - started
        transaction.set_rollback(True)
    return took
