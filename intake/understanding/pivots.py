"""Finds columns that are values themselves: the days of a month, months, sizes, warehouses."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.understanding import dates
from intake.understanding.words import folded, simplified

_DAY = re.compile(r"0?([1-9]|[12][0-9]|3[01])(?:[日号]|\.0)?", re.ASCII)
_MONTH = re.compile(r"(?:([0-9]{4})年?[-./]?)?0?([1-9]|1[0-2])月(?:份)?", re.ASCII)
_LETTER_SIZE = re.compile(
    r"(?:[2-9]?X{0,4}[SL]|M|F|均码|特大|大|中|小|加大|free|free size|one size|XXS|[SML]码|[2-9]?X{0,3}L码)",
    re.IGNORECASE,
)
_NUMBER_SIZE = re.compile(
    r"([1-9][0-9]{1,2}(?:\.5)?)(?:码|/[0-9]{2,3}[A-C]?|cm|#)?(?:\.0)?", re.ASCII
)
_SIZES = range(16, 261)


@dataclass(frozen=True, slots=True)
class Run:
    """Columns side by side whose names are values of one kind: day, month, date or size."""

    kind: str
    columns: tuple[int, ...]
    values: tuple[object, ...]
    """Numbers of days, (year, month) with year 0 if it is not said, days, or sizes."""


def sequences(names: Mapping[int, str]) -> list[Run]:
    """The runs among the names of columns."""
    found: list[Run] = []
    for kind, read, least, follows in _KINDS:
        values = {at: read(text) for at, text in names.items()}
        run: list[int] = []
        for at in [*sorted(names), None]:
            value = values.get(at) if at is not None else None
            if value is not None and (not run or follows(values[run[-1]], value)):
                run.append(at)  # type: ignore[arg-type]
                continue
            # Seven days in a row are days only from the first on: 25 to 31 may be sizes of trousers.
            enough = least if kind != "day" or (run and values[run[0]] == 1) else 10
            if len(run) >= enough and not any(set(run) & set(other.columns) for other in found):
                found.append(Run(kind, tuple(run), tuple(values[c] for c in run)))
            run = [at] if at is not None and value is not None else []
    return found


def _day(text: str) -> int | None:
    match = _DAY.fullmatch(folded(text))
    return int(match[1]) if match else None


def _date(text: str) -> date | None:
    plain = folded(text)
    if not re.search(
        r"[0-9]{4}.*[0-9]|[0-9]{1,2}[月/][0-9]{1,2}|[0-9]{4}-[0-9]{2}|^[A-Za-z]{3}[-' ]", plain
    ):
        return None
    found = dates.Reader().read(plain.removesuffix(" 00:00:00"))
    return found.value if isinstance(found, dates.Day) and isinstance(found.value, date) else None


def _month(text: str) -> tuple[int, int] | None:
    match = _MONTH.fullmatch(simplified(folded(text)).replace(" ", ""))
    return (int(match[1] or 0), int(match[2])) if match else None


def _month_follows(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return two == (one[0], one[1] + 1) or (
        one[1] == 12 and two[1] == 1 and two[0] in {0, one[0] + 1}
    )


def _letter_size(text: str) -> str | None:
    plain = folded(text)
    return plain if _LETTER_SIZE.fullmatch(plain) else None


def _number_size(text: str) -> str | None:
    plain = folded(text).removesuffix(".0")
    match = _NUMBER_SIZE.fullmatch(plain)
    return plain if match and float(match[1]) in _range_of_sizes() else None


def _range_of_sizes() -> frozenset[float]:
    return frozenset({n / 2 for n in range(2 * _SIZES.start, 2 * _SIZES.stop)})


def _size_follows(one: str, two: str) -> bool:
    a, b = (float(re.match(r"[0-9]+(?:\.5)?", text)[0]) for text in (one, two))  # type: ignore[index]
    return b - a in {0.5, 1, 2, 5, 10}


_KINDS: tuple[tuple[str, Callable[[str], Any], int, Callable[[Any, Any], bool]], ...] = (
    ("day", _day, 7, lambda a, b: b == a + 1),
    ("date", _date, 3, lambda a, b: b > a),
    ("month", _month, 3, _month_follows),
    ("size", _letter_size, 3, lambda a, b: a != b),
    ("size", _number_size, 3, _size_follows),
)
