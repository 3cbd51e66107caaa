"""A day at the end of what is searched: an item is then shown as it was at the end of that day."""

import re
from datetime import date

_DAY = re.compile(r"^(?:(\d{4})[-/.])?(\d{1,2})[-/.](\d{1,2})$")


def split(text: str, today: date) -> tuple[str, date | None]:
    """The text without its last word and the day that this names, or the whole text and None.

    Without a year it is the last such day that is not to come.
    """
    before, _blank, last = text.strip().rpartition(" ")
    found = _DAY.match(last)
    if not before or found is None:
        return text, None
    year, month, number = found.groups()
    for one in (int(year),) if year else (today.year, today.year - 1):
        try:
            day = date(one, int(month), int(number))
        except ValueError:
            continue
        if day <= today:
            return before.strip(), day
    return text, None
