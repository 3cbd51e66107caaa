"""The only writer of closings: what stock and accounts were at the end of a month, in a few statements.

Figures go on from the latest closing that still stands, for nothing can have entered it since; without one
the whole book is added up. Nothing changes them afterwards.
"""

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

_LEG = """
  SELECT m.item_id, w.id AS warehouse_id, {sign}m.quantity AS q, {sign}m.value AS v
  FROM stock_movement m JOIN stock_place x ON x.id = m.{end}_id AND x.kind IN ({physical})
    AND x.company_id = {company}
  JOIN stock_warehouse w ON w.id = x.warehouse_id
  WHERE m.owner_id = {us} AND m.effective_at < {upto} {since}
"""
_STOCK = """
INSERT INTO finance_closedstock (closing_id, item_id, warehouse_id, quantity, value)
SELECT {closing}, g.item_id, g.warehouse_id, SUM(g.q), SUM(g.v) FROM ({legs}) g
GROUP BY g.item_id, g.warehouse_id HAVING SUM(g.q) <> 0 OR SUM(g.v) <> 0
"""
_ACCOUNTS = """
INSERT INTO finance_closedaccount (closing_id, account_id, opening, debit, credit, closing_balance)
SELECT {closing}, g.account_id, SUM(g.opening), SUM(g.debit), SUM(g.credit),
  SUM(g.opening) + SUM(g.debit) - SUM(g.credit)
FROM (
  SELECT a.account_id, a.closing_balance AS opening, 0 AS debit, 0 AS credit
  FROM finance_closedaccount a WHERE a.closing_id = %s
  UNION ALL
  SELECT l.debit_account_id, CASE WHEN e.date < %s THEN l.amount ELSE 0 END,
    CASE WHEN e.date < %s THEN 0 ELSE l.amount END, 0
  FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id
  WHERE e.company_id = %s AND e.date >= %s AND e.date < %s
  UNION ALL
  SELECT l.credit_account_id, CASE WHEN e.date < %s THEN -l.amount ELSE 0 END, 0,
    CASE WHEN e.date < %s THEN 0 ELSE l.amount END
  FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id
  WHERE e.company_id = %s AND e.date >= %s AND e.date < %s
) g GROUP BY g.account_id
"""
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
        _take_accounts(cursor, company, span, key)
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
    """One statement over the movements of the span."""
    upto = dialect.moment(midnight(company, span.after))
    parameters: list[Any] = []
    legs = []
    for end, sign in (("target", ""), ("source", "-")):
        parameters.append(upto)
        since = ""
        if span.standing:
            since = "AND m.effective_at >= %s"
            parameters.append(dialect.moment(midnight(company, span.since)))
        legs.append(
            _LEG.format(
                sign=sign,
                end=end,
                physical=_PHYSICAL,
                company=company.pk,
                us=US,
                upto="%s",
                since=since,
            )
        )
    if span.standing:
        legs.append(
            "SELECT item_id, warehouse_id, quantity, value FROM finance_closedstock "
            f"WHERE closing_id = {span.standing}"
        )
    cursor.execute(_STOCK.format(closing=key, legs=" UNION ALL ".join(legs)), parameters)


def _take_accounts(cursor: Cursor, company: Company, span: _Span, key: int) -> None:
    month, after, since = (day.isoformat() for day in (span.month, span.after, span.since))
    side: list[Any] = [month, month, company.pk, since, after]
    cursor.execute(_ACCOUNTS.format(closing=key), [span.standing, *side, *side])


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
