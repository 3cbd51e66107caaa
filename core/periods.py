"""The periods that a list offers as one click: today, this week, this month, last month."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from core import asked
from core.templatetags import ui


def presets() -> list[tuple[str, str, str]]:
    """(name, first day, last day) in the current time zone; days as in an address."""
    today = timezone.localdate()
    month = today.replace(day=1)
    last = month - timedelta(days=1)
    spans = [
        (_("Today"), today, today),
        (_("This week"), today - timedelta(days=today.weekday()), today),
        (_("This month"), month, today),
        (_("Last month"), last.replace(day=1), last),
    ]
    return [(name, start.isoformat(), end.isoformat()) for name, start, end in spans]


def chosen(start: str | None, end: str | None) -> dict[str, str]:
    """What two dates of an address mean: the dates as typed, and the words for both (empty: no limit)."""
    first, last = asked.day(start), asked.day(end)
    words = ""
    for name, preset_start, preset_end in presets():
        if (start, end) == (preset_start, preset_end):
            words = name
    if not words and first and last:
        words = ui.day(first) if first == last else f"{ui.day(first)} – {ui.day(last)}"
    elif not words and first:
        words = _("from %(day)s") % {"day": ui.day(first)}
    elif not words and last:
        words = _("until %(day)s") % {"day": ui.day(last)}
    return {
        "from": first.isoformat() if first else "",
        "to": last.isoformat() if last else "",
        "words": words,
    }
