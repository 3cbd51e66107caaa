"""The past of a number, day by day, counted by the database: what came on each day, or what stood at its end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from stock.queries.sight import local_midnight

DAYS = 14
"""Points of a spark line; the last is today."""


def days(now: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Beginning and end of each local day, oldest first."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    edges = [local_midnight(first + timedelta(days=n), zone) for n in range(DAYS + 1)]
    return list(pairwise(edges))


def _count(rows: QuerySet[Any], tests: Sequence[Q]) -> list[int]:
    wanted = {f"day{n}": Count("pk", filter=test) for n, test in enumerate(tests)}
    found = rows.order_by().aggregate(**wanted)
    return [found[f"day{n}"] for n in range(len(tests))]


def per_day(rows: QuerySet[Any], field: str, now: datetime, zone: ZoneInfo) -> list[int]:
    """How many rows have their moment on each day; one statement."""
    spans = days(now, zone)
    rows = rows.filter(**{f"{field}__gte": spans[0][0]})
    return _count(
        rows, [Q(**{f"{field}__gte": start, f"{field}__lt": end}) for start, end in spans]
    )


def standing(
    rows: QuerySet[Any], began: str, ended: Any, now: datetime, zone: ZoneInfo
) -> list[int]:
    """How many rows had begun and not ended at the end of each day, today until now; one statement.

    ``ended`` is an expression that is null for what stands.
    """
    spans = days(now, zone)
    rows = rows.annotate(ended_when=ended).filter(
        Q(ended_when=None) | Q(ended_when__gte=spans[0][0])
    )
    ends = [min(end, now) for _start, end in spans]
    tests = [
        Q(**{f"{began}__lte": end}) & (Q(ended_when=None) | Q(ended_when__gt=end)) for end in ends
    ]
    return _count(rows, tests)
