"""Reads single cells exactly: codes, quantities, costs, days and moments; raises CellError in plain words."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.numbers import QUANTITY_PLACES, parse_decimal
from intake.sheet import Cell, as_text

COST_PLACES = 10
"""Decimals of a unit cost: it is a ratio, rounded only when it is multiplied."""
_SERIALS = range(20_000, 60_001)
"""Excel's day numbers that are read as dates: 1954 to 2064."""
_YEARS = range(1900, 9999)
_EXCEL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall-clock moment of a sheet
_NUMBER_AS_CODE = re.compile(r"(\d+)\.0+")
_DAY_AND_TIME = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[T\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_DAY_FIRST_OR_MONTH_FIRST = re.compile(
    r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4})"
    r"(?:\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
)
_MONTHS = 12


class CellError(DomainError):
    """This cell cannot be what its column says."""


def code(cell: Cell) -> str:
    """A code as typed; a number that lost its look gets it back (17850.0 is 17850)."""
    text = as_text(cell)
    number = _NUMBER_AS_CODE.fullmatch(text)
    return number[1] if number else text


def quantity(cell: Cell) -> Decimal:
    """A quantity, maybe negative; raises NumberError or CellError (blank is not zero)."""
    text = as_text(cell)
    if not text:
        raise CellError(_("The quantity is missing."), code="quantity")
    return parse_decimal(text, places=QUANTITY_PLACES, lenient=True)


def unit_cost(cell: Cell) -> Decimal | None:
    """A cost of one base unit, None for a blank cell; raises NumberError or CellError."""
    text = as_text(cell)
    if not text:
        return None
    cost = parse_decimal(text, places=COST_PLACES, lenient=True)
    if cost < 0:
        raise CellError(
            _("The unit cost %(cost)s is below zero.") % {"cost": text}, code="unit_cost"
        )
    return cost


def day(cell: Cell) -> date | None:
    """A day, None for a blank cell; raises CellError."""
    moment = _wall_clock(cell)
    return moment[0].date() if moment else None


def moment(cell: Cell, zone: ZoneInfo) -> datetime | None:
    """A moment in UTC, None for a blank cell; a time without an offset is local, a day is its start."""
    read = _wall_clock(cell)
    if read is None:
        return None
    local, offset = read
    return (
        (local - offset).replace(tzinfo=UTC)
        if offset is not None
        else local.replace(tzinfo=zone).astimezone(UTC)
    )


def _wall_clock(cell: Cell) -> tuple[datetime, timedelta | None] | None:
    """Day and time of a year that can be meant, and the offset from UTC if one is written."""
    read = _written(cell)
    if read and read[0].year not in _YEARS:
        raise _not_a_date(as_text(cell))
    return read


def _written(cell: Cell) -> tuple[datetime, timedelta | None] | None:
    if isinstance(cell, datetime):
        return cell, None
    if isinstance(cell, date):
        return datetime.combine(cell, time()), None
    text = as_text(cell)
    if not text:
        return None
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and int(Decimal(text)) in _SERIALS:
        seconds = round(Decimal(text) % 1 * 86_400)
        return _EXCEL_DAY_0 + timedelta(days=int(Decimal(text)), seconds=seconds), None
    match = _DAY_AND_TIME.fullmatch(text) or _COMPACT.fullmatch(text)
    if match:
        facts = match.groupdict()
        return _build(text, facts, int(facts["month"]), int(facts["day"])), _offset(
            facts.get("zone")
        )
    match = _DAY_FIRST_OR_MONTH_FIRST.fullmatch(text)
    if match:
        facts = match.groupdict()
        one, two = int(facts["one"]), int(facts["two"])
        if one <= _MONTHS and two <= _MONTHS and one != two:
            raise CellError(
                _("“%(text)s” may be two different days. Write it as 2010-12-31.")
                % {"text": text[:40]},
                code="date",
            )
        month, its_day = (one, two) if two > _MONTHS or one == two else (two, one)
        return _build(text, facts, month, its_day), None
    raise _not_a_date(text)


def _build(text: str, facts: dict[str, str | None], month: int, its_day: int) -> datetime:
    try:
        return datetime(  # noqa: DTZ001 - the zone is the company's, applied by the caller
            int(facts["year"] or 0),
            month,
            its_day,
            int(facts.get("hour") or 0),
            int(facts.get("minute") or 0),
            int(facts.get("second") or 0),
        )
    except ValueError:
        raise _not_a_date(text) from None


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    if zone == "Z":
        return timedelta()
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))


def _not_a_date(text: str) -> CellError:
    return CellError(
        _("“%(text)s” is not a date. Write it as 2010-12-31 or 2010-12-31 08:26.")
        % {"text": text[:40]},
        code="date",
    )
