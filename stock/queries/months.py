"""The months of a company's book with their state, newest first: what closing and reopening goes by."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Min
from django.utils import timezone

from people.models import Company
from stock.models import Balance, Period, Posting

MOST = 120
"""Months that are shown."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month: its own row, if it was ever closed, and the later month that keeps it closed, too."""

    first: date
    period: Period | None
    closed_with: date | None
    has_ended: bool

    @property
    def name(self) -> str:
        """As in addresses and messages: 2026-03."""
        return self.first.strftime("%Y-%m")

    @property
    def is_closed(self) -> bool:
        """Whether the month was closed itself."""
        return self.period is not None and self.period.state == Period.State.CLOSED

    @property
    def takes_postings(self) -> bool:
        """Whether anything can still be posted into it."""
        return not self.is_closed and self.closed_with is None

    @property
    def may_close(self) -> bool:
        """Whether it can be closed now."""
        return self.has_ended and not self.is_closed

    @property
    def may_reopen(self) -> bool:
        """Whether it can be opened again now: the latest closed one can."""
        return self.is_closed and self.closed_with is None


def months(company: Company) -> list[Month]:
    """From the present month back to the first posting, at most ``MOST``."""
    kept = {period.month: period for period in _periods(company)}
    this = timezone.localdate(timezone=ZoneInfo(company.time_zone)).replace(day=1)
    oldest = Posting.objects.filter(company=company).aggregate(oldest=Min("business_date"))
    start = min([this, *kept, *filter(None, [oldest["oldest"]])]).replace(day=1)
    found: list[Month] = []
    closed_with: date | None = None
    month = this
    while month >= start and len(found) < MOST:
        one = Month(month, kept.get(month), closed_with, month < this)
        found.append(one)
        closed_with = closed_with or (month if one.is_closed else None)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def _periods(company: Company) -> list[Period]:
    return list(Period.objects.filter(company=company).select_related("changed_by"))


def posted(company: Company, first: date) -> int:
    """How many postings the month holds."""
    return Posting.objects.filter(
        company=company, business_date__year=first.year, business_date__month=first.month
    ).count()


def below_zero(company: Company) -> int:
    """How many balances are below zero now: receipts that follow may belong to the month."""
    return Balance.objects.filter(
        place__company=company, on_hand__lt=0, place__warehouse__isnull=False
    ).count()
