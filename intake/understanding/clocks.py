"""Takes the clock and the weekday off the text of a day."""

import re
from datetime import UTC, time, timedelta, timezone, tzinfo

_WEEKDAY = re.compile(
    r"\(?(?:星期|周|礼拜)?(?:(?<=期)|(?<=周)|(?<=拜))([一二三四五六日天])\)?|\(([一二三四五六日天])\)|"
    r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\b",
    re.IGNORECASE,
)
_DAYS = {**{d: i for i, d in enumerate("一二三四五六日")}, "天": 6}
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(
    r"\s*(?:T|\s)\s*(?P<half>上午|下午|晚上|早上|中午|凌晨)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<ampm>am|pm)?\s*(?P<zone>z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)


def without_extras(text: str) -> tuple[str, time | None, int | None]:
    """The text without its clock and its weekday, and both."""
    weekday = None
    match = _WEEKDAY.search(text)
    if match:
        letter = match[1] or match[2]
        weekday = _DAYS[letter] if letter else _ENGLISH_DAYS.index(match[3][:3].casefold())
        text = (text[: match.start()] + " " + text[match.end() :]).strip()
    match = _CLOCK.search(text)
    if match is None:
        return text.strip(), None, weekday
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    afternoon = (match["ampm"] or "").casefold() == "pm" or match["half"] in {"下午", "晚上"}
    morning = (match["ampm"] or "").casefold() == "am" or match["half"] in {"上午", "凌晨", "早上"}
    if afternoon and hour < 12:
        hour += 12
    elif morning and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return text, None, weekday
    clock = time(hour, minute, second, tzinfo=_zone(match["zone"]))
    return text[: match.start()].strip(), clock, weekday


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.casefold() == "z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
