"""What the accounts were, were debited and credited, and are; and how far they are handed over."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from core.numbers import VALUE_PLACES, from_scaled
from finance.models import Account, JournalEntry
from stock.models import CostPool

_LEGS = """
SELECT l.debit_account_id AS account, e.date, l.amount AS debit, 0 AS credit
FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id WHERE e.company_id = %s
UNION ALL
SELECT l.credit_account_id, e.date, 0, l.amount
FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id WHERE e.company_id = %s
"""


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account over some days; amounts of company currency, balances as debits less credits."""

    account: Account
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        """What it is at the end."""
        return self.opening + self.debit - self.credit

    @property
    def opening_debit(self) -> Decimal:
        """What it began with, if on the debit side."""
        return max(self.opening, Decimal(0))

    @property
    def opening_credit(self) -> Decimal:
        """What it began with, if on the credit side."""
        return max(-self.opening, Decimal(0))

    @property
    def closing_debit(self) -> Decimal:
        """What it ends with, if on the debit side."""
        return max(self.closing, Decimal(0))

    @property
    def closing_credit(self) -> Decimal:
        """What it ends with, if on the credit side."""
        return max(-self.closing, Decimal(0))


def balances(company: int, start: date, end: date) -> list[AccountBalance]:
    """Every account that was ever touched, by code: opening before ``start``, then up to ``end`` (included)."""
    sql = (
        "SELECT account, SUM(CASE WHEN date < %s THEN debit - credit ELSE 0 END), "
        "SUM(CASE WHEN date < %s THEN 0 ELSE debit END), "
        "SUM(CASE WHEN date < %s THEN 0 ELSE credit END) "
        f"FROM ({_LEGS}) legs WHERE date <= %s GROUP BY account"
    )
    first, last = start.isoformat(), end.isoformat()
    with connection.cursor() as cursor:
        cursor.execute(sql, [first, first, first, company, company, last])
        rows = cursor.fetchall()
    accounts = Account.objects.in_bulk([row[0] for row in rows])
    found = [
        AccountBalance(accounts[account], *(_value(number) for number in numbers))
        for account, *numbers in rows
    ]
    return sorted(found, key=lambda one: one.account.code)


def _value(number: Any) -> Decimal:
    return from_scaled(int(number or 0), VALUE_PLACES)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether stock and books are equal now, and how far the books are handed over."""

    stock: Decimal
    accounts: Decimal
    handed: Decimal

    @property
    def equal(self) -> bool:
        """Inventory accounts are worth what stock is worth."""
        return self.stock == self.accounts

    @property
    def open(self) -> Decimal:
        """What the accounts are worth more than what was handed over."""
        return self.accounts - self.handed


def standing(company: int) -> Standing:
    """Three sums over everything there is."""
    stock = CostPool.objects.filter(area__company=company).aggregate(n=Sum("value"))["n"]
    entries = JournalEntry.objects.filter(company=company)
    accounts = entries.aggregate(n=Sum("inventory"))["n"]
    handed = entries.filter(review=JournalEntry.Review.HANDED_OVER).aggregate(n=Sum("inventory"))
    return Standing(stock or Decimal(0), accounts or Decimal(0), handed["n"] or Decimal(0))
