"""Fills blank cells from the cell above: inside merged ranges always, elsewhere only where a column is plainly grouped."""

from collections.abc import Iterable, Sequence

from intake.reading.grid import Grid, Raw
from intake.understanding.fields import NUMBERS, field_of
from intake.understanding.result import Column

DITTO = "ditto"
"""The rule of a cell that a sign fills."""
GROUPED = 0.2
"""A column with this share of blank cells below filled ones is grouped."""
_LEADING = frozenset({"date", "source", "year", "month", "month_day"})
"""Fields that begin a group of rows by themselves."""
_IDENTITY = frozenset(
    {"item", "name", "name_spec", "barcode", "parent", "parent_name", "warehouse"}
)
_DITTO = frozenset(
    {"同上", "同前", "〃", "″", '"', "''", "ditto", "Ditto", "do.", "-do-", "As above", "as above"}
)
"""Signs that say: what stands above."""
_FOLLOWING = frozenset({"supplier", "customer", "type", "warehouse", "person", "department"})
"""Fields that are repeated only where a leading one is blank as well."""


class Filler:
    """Fills the rows of one table from above."""

    def __init__(
        self, grid: Grid, columns: Sequence[Column], rows: Iterable[tuple[int, list[Raw]]]
    ) -> None:
        self._tops: dict[int, dict[int, int]] = {}
        self.merged_numbers: set[tuple[int, int]] = set()
        """(row, column) of numbers that are merged over several rows: nobody can tell whose they are."""
        self._above: dict[int, tuple[int, Raw]] = {}
        self._ditto: set[int] = set()
        """Columns in which a sign repeats the cell above."""
        self._down: set[int] = set()
        by_column = {column.at: column for column in columns}
        for top, left, bottom, right in grid.merges:
            column = by_column.get(left)
            if column is None or bottom == top or right - left > 3:
                continue
            span = range(top, min(bottom, top + 100_000) + 1)
            if column.field and field_of(column.field).kind in NUMBERS:
                self.merged_numbers.update((row, left) for row in span)
            else:
                self._tops.setdefault(left, {}).update(dict.fromkeys(span, top))
        self.doubtful: list[Column] = []
        """Columns whose blank cells may repeat the one above, if a person says so."""
        body = list(rows)
        self.grouped = self._find_grouped(columns, body)
        for column in columns:
            at = column.at
            if field_of(column.field).kind not in NUMBERS and any(
                c[at] in _DITTO for _n, c in body
            ):
                self._ditto.add(at)

    def _find_grouped(
        self, columns: Sequence[Column], rows: list[tuple[int, list[Raw]]]
    ) -> list[Column]:
        """Columns whose blank cells repeat the one above, by the look of the whole column."""
        if not rows:
            return []
        blank = {c.at: self._blank(c.at, rows) for c in columns if c.field in _LEADING | _FOLLOWING}
        leading = [
            c
            for c in columns
            if c.field in _LEADING
            and rows[0][1][c.at] != ""
            and GROUPED * len(rows) <= len(blank[c.at]) < len(rows)
        ]
        fields = {c.field for c in columns}
        groups = {number for c in leading for number in blank[c.at]}
        self.doubtful = [
            c
            for c in columns
            if c.field in _IDENTITY
            and rows[0][1][c.at] != ""
            and self._blank(c.at, rows)
            and not (c.field == "barcode" and fields & {"item", "name"})
        ]
        return leading + [
            c for c in columns if c.field in _FOLLOWING and blank[c.at] and blank[c.at] <= groups
        ]

    def _blank(self, at: int, rows: list[tuple[int, list[Raw]]]) -> set[int]:
        tops = self._tops.get(at, {})
        return {number for number, cells in rows if cells[at] == "" and number not in tops}

    @property
    def asked(self) -> list[Column]:
        """Every column with blank cells that may repeat the one above, each once."""
        grouped = {column.at for column in self.grouped}
        return [*self.grouped, *(c for c in self.doubtful if c.at not in grouped)]

    def touches(self, at: int) -> bool:
        """Whether blank cells of a column may be filled."""
        return at in self._tops or at in self._down or at in self._ditto

    def fill_down(self, columns: Iterable[Column]) -> None:
        """Repeat the cell above in the blank cells of these columns."""
        self._down = {column.at for column in columns}

    def cell(self, number: int, at: int, raw: Raw) -> tuple[Raw, str]:
        """The cell, filled from above where it is blank and may be; with the rule that did it."""
        above = self._above.get(at)
        repeats = at in self._ditto and raw in _DITTO
        if raw != "" and not repeats:
            self._above[at] = (number, raw)
            return raw, ""
        if above is None:
            return raw, ""
        if repeats:
            return above[1], DITTO
        top = self._tops.get(at, {}).get(number)
        if top is not None and top == above[0]:
            return above[1], "M3"
        if at in self._down:
            return above[1], "M3.down"
        return raw, ""
