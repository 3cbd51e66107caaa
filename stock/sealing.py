"""The only writer of seals and month balances: numbers committed postings in the order of commit.

Ids and timestamps do not follow the order of commit, so "what was known then" is asked by the number of
a seal: a batch of postings that had all been committed when it was made. Month balances are rolled
forward from sealed postings in the same transaction.

Sealers wait for each other, and each looks for postings only once it is alone: so seals become visible
in the order of their numbers, and ``seal()`` returns only after all that was committed before is sealed.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from core import locks, outbox
from stock.models import MonthBalance, Seal

TOPIC = "stock.posted"
CONSUMER = "stock.seal"
BATCH = 1_000
"""Postings a seal has at most."""


def follow() -> None:
    """Let the sealer follow every posting."""
    outbox.register(consumer=CONSUMER, topic=TOPIC, handler=seal_postings, batch=BATCH, alone=True)


def seal() -> int | None:
    """Seal every committed posting that waits; returns the newest seal's number, None if there is none."""
    while outbox.deliver(CONSUMER):
        pass
    return Seal.objects.aggregate(newest=Max("number"))["newest"]


@transaction.atomic
def seal_postings(postings: Sequence[int]) -> None:
    """Seal these postings as one batch; those that are sealed already stay as they are."""
    locks.hold(CONSUMER)
    _seal(postings)


def waiting() -> int:
    """How many committed postings have no seal yet."""
    return outbox.waiting(CONSUMER).count()


def lag() -> timedelta:
    """How long the oldest posting without a seal has been waiting for one."""
    oldest = outbox.waiting(CONSUMER).aggregate(oldest=Min("created_at"))["oldest"]
    return timezone.now() - oldest if oldest else timedelta(0)


def _seal(postings: Sequence[int]) -> None:
    """Number the postings that have no seal as one batch and roll the months forward."""
    condition, parameters = _among(postings)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id FROM stock_posting p WHERE p.id {condition} AND NOT EXISTS "
            "(SELECT 1 FROM stock_sealedposting s WHERE s.posting_id = p.id)",
            parameters,
        )
        new = [key for (key,) in cursor.fetchall()]
        if not new:
            return
        number = (Seal.objects.aggregate(newest=Max("number"))["newest"] or 0) + 1
        Seal.objects.create(number=number, sealed_at=timezone.now(), postings=len(new))
        condition, parameters = _among(new)
        cursor.execute(
            "INSERT INTO stock_sealedposting (posting_id, seal_id) "
            f"SELECT p.id, %s FROM stock_posting p WHERE p.id {condition}",
            [number, *parameters],
        )
    _roll(new)


def _among(ids: Sequence[int]) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        return "= ANY(%s::bigint[])", ["{" + ",".join(map(str, ids)) + "}"]
    return "IN (SELECT value FROM json_each(%s))", ["[" + ",".join(map(str, ids)) + "]"]


_DELTAS = """
SELECT {month} AS month, leg.item_id, leg.lot_id, leg.owner_id, leg.place_id,
  SUM(leg.quantity) AS quantity, SUM(leg.value) AS value
FROM (
  SELECT m.posting_id, m.item_id, m.lot_id, m.owner_id, m.target_id AS place_id, m.quantity, m.value
  FROM stock_movement m WHERE m.posting_id {among}
  UNION ALL
  SELECT m.posting_id, m.item_id, m.lot_id, m.owner_id, m.source_id, -m.quantity, -m.value
  FROM stock_movement m WHERE m.posting_id {among}
) leg
JOIN stock_posting p ON p.id = leg.posting_id
JOIN stock_place place ON place.id = leg.place_id AND place.warehouse_id IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
"""


def _roll(postings: Sequence[int]) -> None:
    """Add the postings to the balance of their month and of every later month up to the head.

    The month is that of the business date, which is the company's local day. A new month starts as a
    copy of the one before it, so that each month is whole by itself. Rows of nothing are dropped, except
    in the newest month: they keep it known as the newest even if nothing is left anywhere.
    """
    among, parameters = _among(postings)
    sqlite = connection.vendor == "sqlite"
    month = (
        "date(p.business_date, 'start of month')"
        if sqlite
        else "date_trunc('month', p.business_date)::date"
    )
    deltas = _DELTAS.format(month=month, among=among)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT MIN({month}), MAX({month}) FROM stock_posting p WHERE p.id {among}", parameters
        )
        first, last = (_day(value) for value in cursor.fetchone())
        head = MonthBalance.objects.aggregate(head=Max("month"))["head"]
        for before, new in _months(head, last):
            cursor.execute(
                "INSERT INTO stock_monthbalance (month, item_id, lot_id, owner_id, place_id, quantity, "
                "value) SELECT %s, item_id, lot_id, owner_id, place_id, quantity, value "
                "FROM stock_monthbalance WHERE month = %s AND (quantity <> 0 OR value <> 0)",
                [new.isoformat(), before.isoformat()],
            )
            cursor.execute(
                "DELETE FROM stock_monthbalance WHERE month = %s AND quantity = 0 AND value = 0",
                [before.isoformat()],
            )
        top = max(last, head) if head else last
        every = [day.isoformat() for day in _span(first, top)]
        marks = (
            ", ".join(["(%s)"] * len(every)) if sqlite else ", ".join(["(%s::date)"] * len(every))
        )
        cursor.execute(
            f"WITH delta AS ({deltas}), span(month) AS (VALUES {marks}) "
            "INSERT INTO stock_monthbalance AS b (month, item_id, lot_id, owner_id, place_id, quantity, "
            "value) SELECT span.month, d.item_id, d.lot_id, d.owner_id, d.place_id, SUM(d.quantity), "
            "SUM(d.value) FROM delta d JOIN span ON span.month >= d.month "
            "GROUP BY 1, 2, 3, 4, 5 "
            "ON CONFLICT (month, item_id, lot_id, owner_id, place_id) DO UPDATE SET "
            "quantity = b.quantity + excluded.quantity, value = b.value + excluded.value "
            "RETURNING id, month, quantity, value",
            [*parameters, *parameters, *every],
        )
        empty = [key for key, at, q, v in cursor.fetchall() if not (q or v) and _day(at) < top]
        if empty:
            condition, keys = _among(empty)
            cursor.execute(f"DELETE FROM stock_monthbalance WHERE id {condition}", keys)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _span(first: date, last: date) -> list[date]:
    """The first days of all months from first to last."""
    result = []
    while first <= last:
        result.append(first)
        first = _next(first)
    return result


def _months(head: date | None, last: date) -> list[tuple[date, date]]:
    """The months to begin, each with the month that it is copied from."""
    if head is None or last <= head:
        return []
    months = _span(head, last)
    return list(pairwise(months))


@transaction.atomic
def rebuild_month_balances() -> None:
    """Make every month balance anew from the sealed postings (after a restore or a repair)."""
    locks.hold(CONSUMER)
    MonthBalance.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT s.posting_id FROM stock_sealedposting s ORDER BY s.posting_id")
        while rows := cursor.fetchmany(BATCH):
            _roll([key for (key,) in rows])
