"""Holds a file's sheets as grids of raw cells, with what Excel knows beside them."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time

Raw = str | float | int | bool | datetime | date | time
"""A cell as the file holds it; a cell without a value is the empty string."""
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column: rows counted from 1, columns from 0."""
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass(slots=True)
class Grid:
    """One sheet: its rows that hold anything, with the numbers that people see."""

    name: str
    hidden: bool = False
    rows: list[tuple[int, list[Raw]]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    error_cells: dict[str, str] = field(default_factory=dict)
    """Address → text of cells such as #N/A."""
    uncalculated: set[str] = field(default_factory=set)
    """Addresses of formulas whose result the file does not hold."""
    red: set[str] = field(default_factory=set)
    """Addresses of numbers in a red font."""
    struck: set[str] = field(default_factory=set)
    """Addresses of cells whose text is struck out."""
    padded: dict[str, int] = field(default_factory=dict)
    """Address → digits that the cell shows, zeros in front included."""
    notes: dict[str, str] = field(default_factory=dict)
    """Address → text of the note."""
    mended: dict[int, set[int]] = field(default_factory=dict)
    """Row → columns of the cells that a person said otherwise than the file."""


@dataclass(slots=True)
class Book:
    """A file that was read."""

    name: str
    kind: str
    """xlsx, xls, html, xml, csv or tsv: what the bytes are, whatever the name says."""
    sha256: str
    encoding: str = ""
    epoch_1904: bool = False
    grids: list[Grid] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    """Codes of what the reader had to decide: encoding_guessed, …"""

    @property
    def cells(self) -> int:
        """How many cells there are in rows that hold anything."""
        return sum(len(cells) for grid in self.grids for _number, cells in grid.rows)


def letters(column: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def address(row: int, column: int) -> str:
    """The address of a cell as Excel says it: (3, 1) is B3."""
    return f"{letters(column)}{row}"


def place_of(text: str) -> tuple[int, int] | None:
    """Row from 1 and column from 0 of an address; None for what is none."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1
