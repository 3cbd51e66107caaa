"""Reads days of a column: the whole column decides what one cell cannot, and asks where it cannot either."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from intake.reading.grid import Raw
from intake.understanding.clocks import without_extras
from intake.understanding.faults import Fault
from intake.understanding.numbers import chinese_number
from intake.understanding.words import folded, simplified

ORDERS = ("ymd", "dmy", "mdy")
"""Orders of year, month and day that numbers with separators may have."""
_SERIALS = (20_000, 60_000)
_YEARS = range(1950, 2100)
_MINGUO = range(100, 189)
"""Years of the Republic, which Taiwan counts from 1912: no day or month has three digits."""
_NOTHING = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "无",
        "长期",
        "永久",
        "长期有效",
        "n/a",
        "na",
        "none",
        "nil",
        "never",
        "9999-12-31",
        "0",
    }
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEPARATED = re.compile(
    r"(?:民国)?(\d{1,4})\s*[-/.。年]\s*(\d{1,2})\s*[-/.。月]\s*(\d{1,4})\s*[日号]?"
)
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{2,4}|\d{2,4})年([元正一二三四五六七八九十\d]{1,3})月(?:([一二三四五六七八九十\d]{1,3})[日号]?)?"
)
_NO_YEAR = re.compile(r"(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*[日号]?")
_MONTH_ONLY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_COMPACT = re.compile(r"((?:19|20)\d{2})[.]?(\d{2})(\d{2})")
_NAMED = re.compile(
    r"(?:(\d{1,2})[\s-]*)?([a-z]{3})[a-z]*\.?[\s,-]*(?:(\d{1,2})(?:st|nd|rd|th)?[\s,]+)?'?(\d{2,4})",
    re.IGNORECASE,
)
_DAY_ONLY = re.compile(r"([1-9]|[12][0-9]|3[01])[日号]?", re.ASCII)
_RANGE = re.compile(r"([^-]{6,24}?)-([^-]{6,24})|(.{6,24}?)\s*(?:至|到|~|—|--|\s-\s)\s*(.{6,24})")


@dataclass(slots=True)
class Day:
    """What a cell says: a day, or a day with a clock, or None for "no date"."""

    value: date | datetime | None
    rules: list[str] = field(default_factory=list)
    warning: str = ""


@dataclass(slots=True)
class Reader:
    """Reads one column. ``order`` and ``year`` are what the column or a person decided; "" and 0 mean undecided."""

    ends: bool = False
    """Whether a month without a day means its last day, as expiry dates do."""
    epoch_1904: bool = False
    order: str = ""
    year: int = 0
    month: int = 0
    """The month that a title says, for columns that hold nothing but the day of a month."""
    only_days: bool = False
    short_years: bool = False
    """Whether six digits are year, month, day: the whole column says so."""
    mixed: bool = False
    """Whether days of Excel stand beside texts with the day first: it may have swapped those it could read."""
    undecided: set[str] = field(default_factory=set)
    """What the column leaves open: "order" or "year"."""

    def learn(self, cells: Iterable[Raw]) -> None:
        """Look at the column before its cells are read."""
        texts = {folded(cell) for cell in cells if isinstance(cell, str)} | {
            format(cell, ".15g") for cell in cells if isinstance(cell, float)
        }
        triples = []
        six = 0
        for text in texts - _NOTHING:
            bare = without_extras(text)[0]
            match = _SEPARATED.fullmatch(bare)
            if match and len(match[1]) < 3:
                triples.append((match[1], match[2], match[3]))
            six += bool(re.fullmatch(r"\d{6}", bare))
        only_six = bool(six) and six == len(texts - _NOTHING)
        # 201203 may be December 3 or March: six digits that could all be months are no days.
        self.short_years = only_six and not all(
            1 <= int(text[4:]) <= 12 and int(text[:4]) in _YEARS for text in texts - _NOTHING
        )
        self.only_days = bool(self.year and self.month and texts) and all(
            _DAY_ONLY.fullmatch(text) for text in texts - _NOTHING
        )
        if triples and not self.order:
            fitting = [order for order in ORDERS if all(_fits(t, order) for t in triples)]
            self.order = fitting[0] if len(fitting) == 1 else ""
            self.mixed = self.order == "dmy" and any(isinstance(cell, date) for cell in cells)

    def read(self, raw: Raw) -> Day | Fault:
        """The day of a cell, or why it has none."""
        found = self._read(raw)
        if isinstance(found, Day) and found.value is not None and found.value.year not in _YEARS:
            return _no_date(str(raw))
        return found

    def _read(self, raw: Raw) -> Day | Fault:
        if isinstance(raw, datetime):
            midnight = raw.time() == time()
            return Day(raw.date() if midnight else raw, [])
        if isinstance(raw, date):
            return Day(raw)
        if isinstance(raw, bool | time):
            return _no_date(str(raw))
        if isinstance(raw, float | int):
            return self._number(format(raw, ".15g"))
        text = simplified(folded(raw))
        if text.casefold() in _NOTHING:
            return Day(None, ["M16"] if text else [])
        if text.startswith("#"):
            return Fault(
                "error_cell", _("The cell holds the error %(text)s.") % {"text": text[:20]}
            )
        return self._day_only(text) if self.only_days else self._text(text)

    def _day_only(self, text: str) -> Day | Fault:
        match = _DAY_ONLY.fullmatch(text)
        if match is None:
            return _no_date(text)
        found = _day(text, self.year, self.month, int(match[1]), "date.no_year")
        if isinstance(found, Day):
            found.warning = "year_added"
        return found

    def _number(self, text: str) -> Day | Fault:
        if self.only_days:
            return self._day_only(text)
        if "." not in text and (len(text) == 8 or (len(text) == 6 and self.short_years)):
            return self._text(text)
        number = Decimal(text)
        if _SERIALS[0] <= number <= _SERIALS[1]:
            return self._serial(number)
        match = _NO_YEAR.fullmatch(text)
        return self._without_year(text, match) if match else _no_date(text)

    def _serial(self, number: Decimal) -> Day:
        start = datetime(1904, 1, 1) if self.epoch_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
        moment = start + timedelta(days=int(number), seconds=round(number % 1 * 86_400))
        return Day(moment.date() if moment.time() == time() else moment, ["date.serial"])

    def _text(self, text: str) -> Day | Fault:
        ranged = _RANGE.fullmatch(text)
        if ranged:
            start, end = (self._one(part) for part in ranged.groups() if part)
            if isinstance(start, Day) and isinstance(end, Day):
                message = _("“%(text)s” is a range of days; write one.")
                return Fault("date_range", message % {"text": text[:40]}, str(end.value))
        return self._one(text)

    def _one(self, text: str) -> Day | Fault:
        bare, clock, weekday = without_extras(text)
        found = self._bare(bare)
        if isinstance(found, Fault) or found.value is None:
            return found
        if clock is not None:
            moment = datetime.combine(found.value, clock)
            found.value = moment.date() if clock == time() else moment
            found.rules.append("date.time")
        if weekday is not None:
            found.rules.append("date.weekday")
            if found.value.weekday() != weekday:
                found.warning = "weekday_differs"
        return found

    def _bare(self, text: str) -> Day | Fault:
        if re.fullmatch(r"\d{5}(\.\d+)?", text) and _SERIALS[0] <= Decimal(text) <= _SERIALS[1]:
            return self._serial(Decimal(text))
        for pattern, build in (
            (_COMPACT, self._compact),
            (_SEPARATED, self._separated),
            (_CHINESE, self._chinese),
            (_MONTH_ONLY, self._month),
            (_NO_YEAR, self._without_year),
            (_NAMED, self._named),
        ):
            match = pattern.fullmatch(text)
            if match:
                return build(text, match)
        if self.short_years and re.fullmatch(r"\d{6}", text):
            return _day(text, 2000 + int(text[:2]), int(text[2:4]), int(text[4:]), "date.compact")
        return _no_date(text)

    @staticmethod
    def _compact(text: str, match: re.Match[str]) -> Day | Fault:
        return _day(text, int(match[1]), int(match[2]), int(match[3]), "date.compact")

    def _separated(self, text: str, match: re.Match[str]) -> Day | Fault:
        parts = (match[1], match[2], match[3])
        if len(match[1]) == 3 and int(match[1]) in _MINGUO:
            found = _day(text, int(match[1]) + 1911, int(match[2]), int(match[3]), "date.minguo")
            if isinstance(found, Day):
                found.warning = "minguo"
            return found
        order = "ymd" if len(match[1]) == 4 or "年" in text else self.order
        if not order:
            fitting = {_ordered(parts, order) for order in ORDERS if _fits(parts, order)}
            if len(fitting) != 1:
                self.undecided.add("order")
                message = _(
                    "“%(text)s” may be several days: say which number is the year, the month and the day."
                )
                return Fault("date_order", message % {"text": text[:40]})
            year, month, day = fitting.pop()
        else:
            year, month, day = _ordered(parts, order)
        rule = "date" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else "date.separated"
        return _day(text, year, month, day, rule)

    def _chinese(self, text: str, match: re.Match[str]) -> Day | Fault:
        year = _numeral(match[1].replace("○", "〇"))
        month = 1 if match[2] in {"元", "正"} else _numeral(match[2])
        if year is None or month is None:
            return _no_date(text)
        year += 2000 if year < 100 else 0
        if match[3] is None:
            return self._of_month(text, year, month)
        day = _numeral(match[3])
        return _no_date(text) if day is None else _day(text, year, month, day, "date.chinese")

    def _month(self, text: str, match: re.Match[str]) -> Day | Fault:
        return self._of_month(text, int(match[1]), int(match[2]))

    def _of_month(self, text: str, year: int, month: int) -> Day | Fault:
        if not 1 <= month <= 12 or year not in _YEARS:
            return _no_date(text)
        day = calendar.monthrange(year, month)[1] if self.ends else 1
        return Day(date(year, month, day), ["date.month"], "month_precision")

    def _without_year(self, text: str, match: re.Match[str]) -> Day | Fault:
        if not (1 <= int(match[1]) <= 12 and 1 <= int(match[2]) <= 31):
            return _no_date(text)
        if not self.year:
            self.undecided.add("year")
            return Fault("date_year", _("“%(text)s” has no year.") % {"text": text[:40]})
        found = _day(text, self.year, int(match[1]), int(match[2]), "date.no_year")
        if isinstance(found, Day):
            found.warning = "year_added"
        return found

    def _named(self, text: str, match: re.Match[str]) -> Day | Fault:
        name = match[2].casefold()
        if name not in _MONTHS:
            return _no_date(text)
        month = _MONTHS.index(name) + 1
        year = int(match[4])
        if len(match[4]) == 2:
            year += 2000 if year < 70 else 1900
        day = match[1] or match[3]
        if day is None:
            return self._of_month(text, year, month)
        return _day(text, year, month, int(day), "date.named")


def _numeral(text: str) -> int | None:
    return int(text) if text.isdigit() else chinese_number(text)


def _ordered(parts: tuple[str, str, str], order: str) -> tuple[int, int, int]:
    facts = dict(zip(order, (int(part) for part in parts), strict=True))
    year = facts["y"]
    if year < 100:
        year += 2000
    return year, facts["m"], facts["d"]


def _fits(parts: tuple[str, str, str], order: str) -> bool:
    at = order.index("y")
    if len(parts[at]) not in {2, 4} or any(len(parts[i]) > 2 for i in range(3) if i != at):
        return False
    year, month, day = _ordered(parts, order)
    return 1 <= month <= 12 and 1 <= day <= 31 and year in _YEARS


def _day(text: str, year: int, month: int, day: int, rule: str) -> Day | Fault:
    try:
        return Day(date(year, month, day), [] if rule == "date" else [rule])
    except ValueError:
        return _no_date(text)


def _no_date(text: str) -> Fault:
    return Fault(
        "date", _("“%(text)s” is not a date. Write it as 2018-01-31.") % {"text": text[:40]}
    )
