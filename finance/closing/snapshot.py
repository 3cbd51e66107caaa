"""The only writer of closings: what stock and accounts were at the end of a month, in a few statements.

Figures go on from the latest closing that still stands, for nothing can have entered it since; without one
the whole book is added up. Nothing changes them afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from core.dialect import Cursor, Dialect
from core.said import said as _
from finance.models import Closing
from people.models import Company, User
from stock import place_kinds
from stock.closing import Closing as Step
from stock.errors import PeriodRefused
from stock.models import Period
from stock.models.partners import US

_PHYSICAL = ", ".join(f"'{kind}'" for kind in sorted(place_kinds.PHYSICAL))

_MOVED = """
SELECT m.item_id, m.source_id, m.target_id, SUM(m.quantity) AS q, SUM(m.value) AS v
FROM stock_movement m WHERE m.owner_id = {us} AND m.effective_at < %s{since}
GROUP BY m.item_id, m.source_id, m.target_id
"""
_LEG = """
SELECT m.item_id, x.warehouse_id, {sign}m.q AS quantity, {sign}m.v AS value
FROM moved m JOIN stock_place x ON x.id = m.{end}_id AND x.kind IN ({physical})
  AND x.company_id = {company} AND x.warehouse_id IS NOT NULL
"""
_STOCK = """
WITH moved AS ({moved})
SELECT g.item_id, g.warehouse_id, SUM(g.quantity) AS quantity, SUM(g.value) AS value FROM ({legs}) g
GROUP BY g.item_id, g.warehouse_id HAVING SUM(g.quantity) <> 0 OR SUM(g.value) <> 0
"""
_ACCOUNTS = """
WITH booked AS (
  SELECT l.debit_account_id AS debited, l.credit_account_id AS credited,
    CASE WHEN e.date < %s THEN 1 ELSE 0 END AS earlier, SUM(l.amount) AS amount
  FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id
  WHERE e.company_id = %s AND e.date >= %s AND e.date < %s
  GROUP BY l.debit_account_id, l.credit_account_id, CASE WHEN e.date < %s THEN 1 ELSE 0 END
)
SELECT g.account_id, SUM(g.opening) AS opening, SUM(g.debit) AS debit, SUM(g.credit) AS credit,
  SUM(g.opening) + SUM(g.debit) - SUM(g.credit) AS closing_balance
FROM (
  SELECT a.account_id, a.closing_balance AS opening, 0 AS debit, 0 AS credit
  FROM finance_closedaccount a WHERE a.closing_id = %s
  UNION ALL
  SELECT b.debited, b.earlier * b.amount, (1 - b.earlier) * b.amount, 0 FROM booked b
  UNION ALL
  SELECT b.credited, -b.earlier * b.amount, 0, (1 - b.earlier) * b.amount FROM booked b
) g GROUP BY g.account_id
"""
"""Both add up in one pass over the book: places and accounts are told apart once there are few rows."""
_LONG_AGO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class _Span:
    """The month and what stands before it."""

    month: date
    after: date
    since: date
    """The first day that no standing closing covers."""
    standing: int
    """The closing to go on from; 0 without one."""


def take(step: Step, _period: Period) -> Closing:
    """Keep the figures of a month that has just been closed. Raises PeriodRefused where stock and books differ."""
    dialect = Dialect(connection.vendor)
    company, month = step.company, step.month
    number = Closing.objects.filter(company=company, month=month).count() + 1
    with connection.cursor() as cursor:
        span = _span(company, month)
        key = _next_id(cursor, dialect)
        _take_stock(cursor, dialect, company, span, key)
        _take_accounts(cursor, dialect, company, span, key)
        stock, books = _sums(cursor, key)
        if stock != books:
            raise PeriodRefused(
                _(
                    "Stock and its accounts differ at the end of this month. Look at the reconciliation."
                ),
                code="books_differ",
            )
        return _write(cursor, dialect, step, key, number, stock, step.actor)


def _span(company: Company, month: date) -> _Span:
    standing = (
        Closing.objects.filter(company=company, month__lt=month)
        .order_by("-month", "-number")
        .first()
    )
    after = (month + timedelta(days=31)).replace(day=1)
    if standing is None or _reopened(company, standing.month):
        return _Span(month, after, _LONG_AGO, 0)
    since = (standing.month + timedelta(days=31)).replace(day=1)
    return _Span(month, after, since, standing.pk)


def _reopened(company: Company, month: date) -> bool:
    """Whether a month that was closed is open now (and so its figures may have changed)."""
    return not Period.objects.filter(
        company=company, month__gte=month, month__lte=month, state=Period.State.CLOSED
    ).exists()


def _next_id(cursor: Cursor, dialect: Dialect) -> int:
    cursor.execute(
        "SELECT nextval('finance_closing_id_seq')"
        if dialect.postgresql
        else "SELECT COALESCE(MAX(id), 0) + 1 FROM finance_closing"
    )
    return int(cursor.fetchone()[0])


def midnight(company: Company, day: date) -> datetime:
    """When a day of the company begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(company.time_zone))


def _take_stock(cursor: Cursor, dialect: Dialect, company: Company, span: _Span, key: int) -> None:
    """The movements of the span on top of the standing closing."""
    parameters = [dialect.moment(midnight(company, span.after))]
    since = ""
    if span.standing:
        since = " AND m.effective_at >= %s"
        parameters.append(dialect.moment(midnight(company, span.since)))
    legs = [
        _LEG.format(sign=sign, end=end, physical=_PHYSICAL, company=company.pk)
        for end, sign in (("target", ""), ("source", "-"))
    ]
    if span.standing:
        legs.append(
            "SELECT item_id, warehouse_id, quantity, value FROM finance_closedstock "
            f"WHERE closing_id = {span.standing}"
        )
    moved = _MOVED.format(us=US, since=since)
    sql = _STOCK.format(moved=moved, legs=" UNION ALL ".join(legs))
    columns = "item_id, warehouse_id, quantity, value"
    _keep(cursor, dialect, "finance_closedstock", columns, key, sql, parameters)


def _take_accounts(
    cursor: Cursor, dialect: Dialect, company: Company, span: _Span, key: int
) -> None:
    """The entries of the span on top of the standing closing."""
    month, after, since = (day.isoformat() for day in (span.month, span.after, span.since))
    parameters = [month, company.pk, since, after, month, span.standing]
    columns = "account_id, opening, debit, credit, closing_balance"
    _keep(cursor, dialect, "finance_closedaccount", columns, key, _ACCOUNTS, parameters)


def _keep(
    cursor: Cursor,
    dialect: Dialect,
    table: str,
    columns: str,
    key: int,
    sql: str,
    parameters: Sequence[Any],
) -> None:
    """Write the rows of a question into a table of closings.

    PostgreSQL asks it beforehand: it does not share the work among processes where rows are inserted at once.
    """
    if not dialect.postgresql:
        cursor.execute(
            f"INSERT INTO {table} (closing_id, {columns}) SELECT {key}, g.* FROM ({sql}) g",
            parameters,
        )
        return
    cursor.execute(f"CREATE TEMPORARY TABLE closing_figures ON COMMIT DROP AS {sql}", parameters)
    cursor.execute(
        f"INSERT INTO {table} (closing_id, {columns}) SELECT {key}, {columns} FROM closing_figures"
    )
    cursor.execute("DROP TABLE closing_figures")


def _sums(cursor: Cursor, key: int) -> tuple[int, int]:
    """What stock is worth, and what the inventory accounts say."""
    cursor.execute(
        "SELECT (SELECT COALESCE(SUM(value), 0) FROM finance_closedstock WHERE closing_id = %s), "
        "(SELECT COALESCE(SUM(c.closing_balance), 0) FROM finance_closedaccount c "
        "JOIN finance_account a ON a.id = c.account_id AND a.is_inventory WHERE c.closing_id = %s)",
        [key, key],
    )
    stock, books = cursor.fetchone()
    return int(stock), int(books)


def _write(
    cursor: Cursor,
    dialect: Dialect,
    step: Step,
    key: int,
    number: int,
    value: int,
    actor: User | None,
) -> Closing:
    """The row that seals the figures, written after them."""
    from finance.models import JournalEntry
    from stock.models import Posting

    last = Posting.objects.aggregate(n=Max("pk"))["n"] or 0
    entry = JournalEntry.objects.aggregate(n=Max("pk"))["n"] or 0
    cursor.execute(
        "INSERT INTO finance_closing (id, company_id, month, number, closed_at, closed_by_id, reason, "
        "last_posting, last_entry, stock_value, account_value) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            key,
            step.company.pk,
            step.month.isoformat(),
            number,
            dialect.moment(timezone.now()),
            actor.pk if actor else None,
            step.reason[:300],
            last,
            entry,
            value,
            value,
        ],
    )
    return Closing.objects.get(pk=key)
