"""The one reader of what stands in an address or a form's hidden field: ids, days, moments, or nothing.

Nonsense reads as None, and so does what no database or time zone can hold: whoever types into the
address bar gets the page without it, never an error.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.dateparse import parse_date, parse_datetime

LONGEST = 18
"""Digits that every engine's 64-bit integers hold."""
YEARS = range(1900, 2200)
"""Years that stay a date in whatever time zone they are looked at."""


def whole(text: object) -> int | None:
    """A whole number of zero or more, in plain ASCII digits."""
    shown = str(text or "").strip()
    if not (shown.isascii() and shown.isdigit()) or len(shown) > LONGEST:
        return None
    return int(shown)


def wholes(texts: Iterable[object], *, most: int = 50) -> list[int]:
    """Every whole number among the texts, at most so many."""
    return [found for found in map(whole, texts) if found is not None][:most]


def day(text: object) -> date | None:
    """A day, of which only the first 10 characters are read."""
    try:
        found = parse_date(str(text or "")[:10])
    except ValueError:
        return None
    return found if found is not None and found.year in YEARS else None


def moment(text: object) -> datetime | None:
    """A date with its time, with or without an offset."""
    try:
        found = parse_datetime(str(text or ""))
    except ValueError:
        return None
    return found if found is not None and found.year in YEARS else None
