"""What the pages of finance share: whose books, which days."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from core import asked
from finance.views import asking
from people.access import Access, access_for
from people.doors import signed_in
from people.models import Company, User


class Desk:
    """A request to finance: who asks, the company (see ``asking.company``) and its days."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: User = signed_in(request)
        self.access: Access = access_for(request.user)
        self.company: Company = asking.company(request)

    @property
    def today(self) -> date:
        """Today, where the company is."""
        from zoneinfo import ZoneInfo

        return timezone.localdate(timezone=ZoneInfo(self.company.time_zone))

    def stretch(self) -> tuple[date, date]:
        """``?from=`` and ``?to=``, the current month up to today unless said otherwise."""
        start, end = asked.day(self.request.GET.get("from")), asked.day(self.request.GET.get("to"))
        end = end or self.today
        start = start or end.replace(day=1)
        return (start, end) if start <= end else (end, start)

    def month(self, name: str = "month") -> date:
        """``?month=2026-03``, the current month unless said otherwise."""
        text = self.request.POST.get(name) or self.request.GET.get(name, "")
        return asked.day(f"{text}-01") or self.today.replace(day=1)

    def months(self) -> list[date]:
        """This month and the eleven before."""
        first = self.today.replace(day=1)
        found = []
        for _n in range(12):
            found.append(first)
            first = (first - timedelta(days=1)).replace(day=1)
        return found

    def context(self) -> dict[str, Any]:
        """What every page of finance shows."""
        return {"desk": self, "books_of": self.company}
