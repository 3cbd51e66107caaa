"""Adds up the numbers of a table as its rows go by, and compares with the rows of sums that the sheet holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from intake.understanding.result import Total
from intake.understanding.words import simplified

_NONE = Decimal(0)
_OF_YEAR = re.compile(
    r"(年|至|到|[0-9]-[0-9]{1,2}月).*累计|累计.*年|[本全]年.{0,2}[合总]计|ytd", re.IGNORECASE
)
_OF_MONTH = re.compile(r"[^至到~-]*月份?累计.*")


def is_of_year(label: str) -> bool:
    """Whether a row of sums counts from the beginning of the year, which the table may not hold."""
    text = simplified(label).replace(" ", "")
    return bool(_OF_YEAR.search(text)) and not _OF_MONTH.fullmatch(text)


@dataclass(frozen=True, slots=True)
class _Year:
    """What the last row of sums of a year said, and what our rows came to by then."""

    year: int
    theirs: Mapping[str, Decimal]
    ours: Mapping[str, Decimal]


@dataclass(slots=True)
class Sums:
    """Sums of one table. A sum of the sheet may cover its group, its page or all above: the scope that fits is its own."""

    sheet: str
    fields: list[str]
    whole: dict[str, Decimal] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    _since: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Label → sums since the last row of sums with that label; "" is since any."""
    _years: dict[str, _Year] = field(default_factory=dict)
    """Label → the last row of sums of a year."""

    def add(self, values: Mapping[str, Decimal]) -> None:
        """One row of data."""
        for name, value in values.items():
            self.whole[name] = self.whole.get(name, _NONE) + value
            for scope in self._since.values():
                scope[name] = scope.get(name, _NONE) + value

    def compare(self, row: int, label: str, theirs: Mapping[str, Decimal]) -> list[Total]:
        """What differs between this row of sums and the rows above it."""
        kept = [self._since.get(label), self._since.get(""), self.whole]
        best: list[Total] = []
        # Where no row stands between two rows of sums, nothing of between is compared unless it fits.
        for scope in sorted((one for one in kept if one is not None), key=lambda one: not one):
            found = [
                Total(self.sheet, row, label, name, scope.get(name, _NONE), value)
                for name, value in theirs.items()
            ]
            if not best or sum(t.agrees for t in found) > sum(t.agrees for t in best):
                best = found
        self._since[label] = {}
        self._since[""] = {}
        self.totals += best
        return [total for total in best if not total.agrees]

    def compare_year(
        self,
        row: int,
        label: str,
        theirs: Mapping[str, Decimal],
        first: date | None,
        last: date | None,
    ) -> list[Total]:
        """What differs in a row of sums that counts from the beginning of the year.

        ``first`` and ``last`` are the days of the table's first row and of the one above. Such a sum is compared with
        the one before it and the rows since, or with all rows if these begin in January; else nothing can be compared.
        """
        year = last.year if last else 0
        before = self._years.get(label)
        whole = bool(first and last and first.year == year and first.month == 1)
        found = []
        for name, value in theirs.items():
            ours = self._of_year(name, year, before)
            all_of_it = self.whole.get(name, _NONE)
            if ours is None:
                ours = all_of_it if whole or all_of_it == value else None
            if ours is not None:
                found.append(Total(self.sheet, row, label, name, ours, value))
        self._years[label] = _Year(year, dict(theirs), dict(self.whole))
        self.totals += found
        return [total for total in found if not total.agrees]

    def _of_year(self, name: str, year: int, before: _Year | None) -> Decimal | None:
        """The sum before with the rows since; None where there is none."""
        if before is None or name not in before.theirs:
            return None
        since = self.whole.get(name, _NONE) - before.ours.get(name, _NONE)
        return since if year != before.year else before.theirs[name] + since

    def result(self) -> list[Total]:
        """The totals of the whole table, then those of the rows of sums."""
        whole = [
            Total(self.sheet, 0, "", name, self.whole.get(name, _NONE)) for name in self.fields
        ]
        return whole + self.totals
