"""The only writer of custom fields and working calendars."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import locks
from core.errors import LineError
from core.words import one_line
from people.access import Access
from people.models import Company
from workflows.errors import ProcessRefused
from workflows.models import Calendar, CustomField, Holiday

RIGHT = "process.manage"
Spans = list[list[str]]
MOST_DAYS = 1000
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})")
_DAY = re.compile(r"(\d{4})\s*(?:-|/|\.|年)\s*(\d{1,2})\s*(?:-|/|\.|月)\s*(\d{1,2})\s*日?")
_UNTIL = re.compile(r"^\s*(?:\.\.+|…|–|—|-|~|至|to)\s*", re.IGNORECASE)
_WORKED = re.compile(r"(?:^|\s)(?:worked|work|上班|补班|调休上班|班)(?=\s|$)", re.IGNORECASE)


@transaction.atomic
def save_field(field: CustomField, *, access: Access) -> CustomField:
    """Create or change a custom field; its kind and key stay, as documents keep values under them."""
    access.require(RIGHT)
    field.choices = list(dict.fromkeys(field.choices)) if field.kind == "choice" else []
    if field.kind == CustomField.Kind.CHOICE and not field.choices:
        raise ProcessRefused(_("Say what can be chosen, one a line."), code="choices")
    if field.pk is None:
        locks.hold(f"custom fields of {field.type}")
        others = CustomField.objects.filter(type=field.type)
        field.position = (others.aggregate(last=Max("position"))["last"] or 0) + 1
        field.key = _key(field, set(others.values_list("key", flat=True)))
    field.full_clean()
    field.save()
    return field


def _key(field: CustomField, taken: set[str]) -> str:
    base = slugify(field.name_en)[:30].replace("-", "_") or "field"
    return next(
        key for n in range(1, 1000) if (key := base if n == 1 else f"{base}{n}") not in taken
    )


@transaction.atomic
def archive_field(field: CustomField, *, archived: bool, access: Access) -> None:
    """Take a field out of the forms, or back; documents keep what they have."""
    access.require(RIGHT)
    field.archived_at = timezone.now() if archived else None
    field.save(update_fields=["archived_at"])


@transaction.atomic
def move_field(field: CustomField, *, up: bool, access: Access) -> None:
    """Move a field one place up or down among those in use; at the end it stays."""
    access.require(RIGHT)
    locks.hold(f"custom fields of {field.type}")
    rows = list(CustomField.objects.filter(type=field.type, archived_at=None))
    place = next((n for n, row in enumerate(rows) if row.pk == field.pk), None)
    if place is None:
        return
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, 1):
        if row.position != number:
            row.position = number
            row.save(update_fields=["position"])


def calendar_of(company: Company) -> Calendar:
    """The company's calendar; the usual one, not yet kept, while nobody has set it."""
    return Calendar.objects.filter(company=company).first() or Calendar(company=company)


def read_spans(text: str) -> Spans:
    """Hours of a day from ``8:30-12:00 13:00-17:30``; empty for a free day; raises ProcessRefused."""
    rest = _SPAN.sub("", text).strip(" \t,，;；、和")
    found = [tuple(map(int, match.groups())) for match in _SPAN.finditer(text)]
    if rest or any(h > 23 or m > 59 for a, b, c, d in found for h, m in ((a, b), (c, d))):
        raise ProcessRefused(
            _("“%(text)s” are no hours: write them like 8:30-12:00 13:00-17:30.")
            % {"text": text[:60]},
            code="hours",
        )
    spans = sorted((time(a, b), time(c, d)) for a, b, c, d in found)
    for start, end in spans:
        if start >= end:
            raise ProcessRefused(
                _("%(start)s is not before %(end)s; hours over midnight belong to two days.")
                % {"start": start.strftime("%H:%M"), "end": end.strftime("%H:%M")},
                code="hours",
            )
    for (_start, end), (start, _end) in pairwise(spans):
        if start < end:
            raise ProcessRefused(_("These hours overlap."), code="hours")
    return [[start.strftime("%H:%M"), end.strftime("%H:%M")] for start, end in spans]


def in_words(spans: Sequence[Sequence[str]]) -> str:
    """Hours of a day as they are typed."""
    return " ".join(f"{start}-{end}" for start, end in spans)


@transaction.atomic
def save_week(company: Company, week: Mapping[int, str], *, access: Access) -> Calendar:
    """Set the hours of the weekdays (0 is Monday); tasks that have a limit keep it."""
    access.require(RIGHT)
    hours: dict[str, Spans] = {}
    errors = []
    for weekday, text in week.items():
        try:
            if spans := read_spans(text):
                hours[str(weekday)] = spans
        except ProcessRefused as error:
            errors.append(LineError(weekday + 1, error.code, str(error)))
    if errors:
        raise ProcessRefused(str(errors[0].message), code="hours", lines=errors)
    calendar = _kept(company)
    calendar.hours = hours
    calendar.save()
    return calendar


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is not as its weekday; no hours: free."""

    day: date
    name: str
    hours: Spans


def read_days(text: str, usual: Spans) -> list[Day]:
    """Days from pasted lines; raises ProcessRefused naming every line that cannot be read.

    A line is a date or two (from … to), the hours if it is worked (or the word worked or 上班: ``usual``
    hours), and a name: ``2026-10-01 ~ 2026-10-07 国庆节``, ``2026-10-10 上班``.
    """
    found: dict[date, Day] = {}
    errors = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            for day in _read_line(line.replace("\t", " "), usual):
                found[day.day] = day
        except ProcessRefused as error:
            errors.append(LineError(number, error.code, str(error)))
        if len(found) > MOST_DAYS:
            raise ProcessRefused(_("At most %(n)d days at once.") % {"n": MOST_DAYS}, code="days")
    if errors:
        raise ProcessRefused(_("Some lines cannot be read."), code="days", lines=errors)
    return sorted(found.values(), key=lambda day: day.day)


def _read_line(line: str, usual: Spans) -> list[Day]:
    first, rest = _date(line)
    last = first
    gap = _UNTIL.match(rest)
    if gap and _DAY.match(rest[gap.end() :]):
        last, rest = _date(rest[gap.end() :])
    if not timedelta(0) <= last - first <= timedelta(days=60):
        raise ProcessRefused(
            _("“%(text)s”: the days do not fit.") % {"text": line[:60]}, code="day"
        )
    hours = read_spans(" ".join(match[0] for match in _SPAN.finditer(rest)))
    rest = _SPAN.sub(" ", rest)
    if not hours and _WORKED.search(rest):
        hours = usual
    name = one_line(" ".join(rest.replace(",", " ").replace("，", " ").split()), 80)
    days = range((last - first).days + 1)
    return [Day(first + timedelta(days=n), name, hours) for n in days]


def _date(text: str) -> tuple[date, str]:
    match = _DAY.match(text.strip())
    if match:
        try:
            return date(int(match[1]), int(match[2]), int(match[3])), text.strip()[match.end() :]
        except ValueError:
            match = None
    raise ProcessRefused(
        _("“%(text)s” does not begin with a date like 2026-10-01.") % {"text": text.strip()[:60]},
        code="day",
    )


@transaction.atomic
def put_days(company: Company, days: Sequence[Day], *, access: Access) -> int:
    """Keep the days, instead of what was said of the same days before; returns how many."""
    access.require(RIGHT)
    calendar = _kept(company)
    known = {row.day: row for row in calendar.holidays.filter(day__in=[day.day for day in days])}
    for day in days:
        row = known.get(day.day) or Holiday(calendar=calendar, day=day.day)
        row.name, row.hours = day.name, day.hours
        row.save()
    return len(days)


@transaction.atomic
def remove_day(company: Company, day: date, *, access: Access) -> None:
    """Let the day be as its weekday again."""
    access.require(RIGHT)
    for row in Holiday.objects.filter(calendar__company=company, day=day):
        row.delete()


def _kept(company: Company) -> Calendar:
    """The company's calendar under the lock of the company."""
    Company.objects.select_for_update().get(pk=company.pk)
    calendar = calendar_of(company)
    if calendar.pk is None:
        calendar.save()
    return calendar
