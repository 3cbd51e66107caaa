"""Working time: when a limit of so many working hours is over, by the company's calendar; pure but for reading it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.questions import Question
from people.models import Company
from workflows import models
from workflows.models.organisation import _usual_hours
from workflows.steps import Step

Span = tuple[time, time]
Week = Mapping[int, Sequence[Span]]
Calendar = tuple[Week, Mapping[date, Sequence[Span]], ZoneInfo]
_LONGEST = 366
"""Days looked ahead for working time; a calendar without any gives limits in plain hours."""


def limits(
    step: Step, calendar: Calendar, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """When a step that begins now is due, and when to remind; None without a limit."""
    if not step.limit_hours:
        return None, None
    week, special, zone = calendar
    due = add(now, timedelta(hours=step.limit_hours), week, special, zone)
    ahead = min(step.remind_hours or 0, step.limit_hours)
    remind = add(now, timedelta(hours=step.limit_hours - ahead), week, special, zone)
    return due, remind if ahead else None


_OF_COMPANY: Question[models.Calendar] = Question(
    lambda pk: models.Calendar.objects.filter(company=pk), int
)


def calendar_of(document: models.Document) -> Calendar:
    """The company's working week, its special days and its time zone."""
    return calendar_of_company(document.company)


def calendar_of_company(company: Company) -> Calendar:
    """A company's working week, its special days and its time zone."""
    return _read(company, _OF_COMPANY.first(company.pk))


def calendar_with(document: models.Document) -> Calendar:
    """The same, of what was read with the document where it was read with its company's calendar."""
    of_company: Any = Company._meta.get_field("calendar")
    if not of_company.is_cached(document.company):
        return calendar_of(document)
    return _read(document.company, of_company.get_cached_value(document.company))


def _read(company: Company, calendar: models.Calendar | None) -> Calendar:
    zone = ZoneInfo(company.time_zone)
    if calendar is None:
        return read_week(_usual_hours()), {}, zone
    special = {row.day: read_spans(row.hours) for row in calendar.holidays.all()}
    return read_week(calendar.hours), special, zone


def read_week(hours: Mapping[str, Sequence[Sequence[str]]]) -> dict[int, list[Span]]:
    """Weekday → spans, from plain data."""
    return {int(day): read_spans(spans) for day, spans in hours.items()}


def read_spans(spans: Sequence[Sequence[str]]) -> list[Span]:
    """Spans of a day from ``[["08:30", "12:00"], …]``, in order."""
    return sorted((time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans)


def add(
    start: datetime,
    duration: timedelta,
    week: Week,
    special: Mapping[date, Sequence[Span]],
    zone: ZoneInfo,
) -> datetime:
    """The moment at which ``duration`` of working time has passed since ``start``."""
    left = duration
    local = start.astimezone(zone)
    for ahead in range(_LONGEST):
        day = local.date() + timedelta(days=ahead)
        for opens, closes in special.get(day, week.get(day.weekday(), ())):
            begin = max(datetime.combine(day, opens, zone), local)
            end = datetime.combine(day, closes, zone)
            if begin >= end:
                continue
            span = end.astimezone(UTC) - begin.astimezone(UTC)
            if span >= left:
                return (begin.astimezone(UTC) + left).astimezone(UTC)
            left -= span
    return start + duration


def between(
    start: datetime,
    end: datetime,
    week: Week,
    special: Mapping[date, Sequence[Span]],
    zone: ZoneInfo,
) -> timedelta:
    """The working time between two moments."""
    total = timedelta()
    first, last = start.astimezone(zone), end.astimezone(zone)
    day = first.date()
    while day <= last.date():
        for opens, closes in special.get(day, week.get(day.weekday(), ())):
            begin = max(datetime.combine(day, opens, zone), first)
            until = min(datetime.combine(day, closes, zone), last)
            if until > begin:
                total += until.astimezone(UTC) - begin.astimezone(UTC)
        day += timedelta(days=1)
    return total
