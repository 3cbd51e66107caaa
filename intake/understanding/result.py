"""What understanding a file gives: tables, rows with values, what is wrong, what is uncertain, what is asked."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from intake.reading.grid import address
from intake.understanding.cells import Value

PURPOSES = ("opening", "movements", "stocktake", "items", "partners", "orders", "boms")


@dataclass(slots=True)
class Question:
    """Something only a person can tell. Nothing is committed while a ``blocking`` one is open."""

    id: str
    kind: str
    text: str
    options: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """(value, what it means); empty for free text."""
    samples: list[str] = dataclasses.field(default_factory=list)
    blocking: bool = True
    answer: str = ""
    """What was answered, or for one that does not block what is assumed."""

    def as_dict(self) -> dict[str, object]:
        """The question as plain data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "text": self.text,
            "options": [{"value": value, "label": label} for value, label in self.options],
            "samples": self.samples,
            "blocking": self.blocking,
            "answer": self.answer,
        }


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be what its column says; its row is not imported. Cell "" is the whole row."""

    sheet: str
    row: int
    cell: str
    field: str
    code: str
    message: str
    raw: str = ""
    proposal: str = ""

    def as_dict(self) -> dict[str, object]:
        """The fault as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that holds only if an assumption does. Row 0 is the whole table or file."""

    sheet: str
    row: int
    cell: str
    code: str
    message: str

    def as_dict(self) -> dict[str, object]:
        """The warning as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Column:
    """A column and what it means; ``field`` is "" for one that is not used."""

    at: int
    letter: str
    header: str
    field: str = ""
    confidence: float = 0.0
    how: str = ""
    """dictionary, content, given, or context."""
    scale: int | Decimal = 1
    unit: str = ""
    """The unit that the header says, for the numbers of this column."""
    candidates: list[tuple[str, float]] = dataclasses.field(default_factory=list)
    samples: list[str] = dataclasses.field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The column as plain data."""
        return {
            "column": self.letter,
            "header": self.header,
            "confidence": round(self.confidence, 2),
            "samples": self.samples,
        }


@dataclass(slots=True)
class Total:
    """A sum of ours beside what a row of sums of the sheet says, if one does."""

    sheet: str
    row: int
    label: str
    field: str
    ours: Decimal
    theirs: Decimal | None = None

    @property
    def agrees(self) -> bool:
        """Whether both say the same, to the last half unit of the second decimal."""
        return self.theirs is None or abs(self.ours - self.theirs) <= Decimal("0.005")

    def as_dict(self) -> dict[str, object]:
        """The total as plain data."""
        theirs = None if self.theirs is None else plain(self.theirs)
        return {
            "sheet": self.sheet,
            "row": self.row,
            "label": self.label,
            "field": self.field,
            "ours": plain(self.ours),
            "theirs": theirs,
            "agrees": self.agrees,
        }


@dataclass(frozen=True, slots=True)
class CutCell:
    """A cell of a row that was cut: what stands there, and what was probably meant."""

    cell: str
    header: str
    text: str
    meant: str


@dataclass(frozen=True, slots=True)
class CutRow:
    """A row of a text file that has more cells than its header names."""

    number: int
    cells: list[CutCell]
    beyond: list[str]
    """Addresses of the cells beyond the header."""


@dataclass(slots=True)
class Row:
    """One row to import: its place in the file and its values by field.

    A row of a matrix stands for one cell of the sheet; ``at`` is the column of that cell, from 0.
    """

    table: int
    number: int
    values: dict[str, Value]
    at: int = -1

    def get(self, name: str) -> object:
        """The value of a field, None where there is none."""
        found = self.values.get(name)
        return found.value if found else None


@dataclass(slots=True)
class Table:
    """A table of the file as it was understood."""

    number: int
    sheet: str
    shape: str
    header_row: int
    purpose: str = ""
    columns: list[Column] = dataclasses.field(default_factory=list)
    constants: dict[str, Value] = dataclasses.field(default_factory=dict)
    """Values that hold for all rows because a line above, the sheet's or the file's name says so."""
    direction: str = ""
    """in or out where the whole table goes one way; "" where rows say it or nobody does."""
    titles: list[str] = dataclasses.field(default_factory=list)
    rows: int = 0
    left_out: list[tuple[int, str, str]] = dataclasses.field(default_factory=list)
    """(row, why, text) of rows that are no data: sums, footers, repeated headers, captions."""
    fingerprint: str = ""
    cut: list[CutRow] = dataclasses.field(default_factory=list)

    def column_of(self, name: str) -> Column | None:
        """The column that is read as a field; None for "", which columns that are not used have."""
        for column in self.columns:
            if name and column.field == name:
                return column
        return None

    def as_dict(self) -> dict[str, object]:
        """The table as plain data."""
        return {
            "shape": self.shape,
            "as": self.purpose,
            "header_row": self.header_row,
            "columns": {c.field: c.as_dict() for c in self.columns if c.field},
            "unused": [c.as_dict() for c in self.columns if not c.field],
            "constants": {name: str(v.value) for name, v in self.constants.items()},
            "direction": self.direction,
            "titles": self.titles,
            "rows": self.rows,
            "left_out": [{"row": r, "why": why, "text": text} for r, why, text in self.left_out],
            "fingerprint": self.fingerprint,
        }


@dataclass(slots=True)
class Understanding:
    """All of a file."""

    file: str
    sha256: str
    kind: str
    encoding: str = ""
    tables: list[Table] = dataclasses.field(default_factory=list)
    rows: list[Row] = dataclasses.field(default_factory=list)
    wrong: list[Wrong] = dataclasses.field(default_factory=list)
    warnings: list[Caution] = dataclasses.field(default_factory=list)
    totals: list[Total] = dataclasses.field(default_factory=list)
    questions: list[Question] = dataclasses.field(default_factory=list)

    @property
    def shape(self) -> str:
        """The shape of the tables, or "several"."""
        shapes = {table.shape for table in self.tables}
        return shapes.pop() if len(shapes) == 1 else "several" if shapes else "none"

    @property
    def wrong_rows(self) -> set[tuple[str, int]]:
        """(sheet, row) of the rows that hold something wrong."""
        return {(fault.sheet, fault.row) for fault in self.wrong}

    @property
    def open_questions(self) -> list[Question]:
        """Those that must be answered before anything can be committed."""
        return [
            question for question in self.questions if question.blocking and not question.answer
        ]

    def good_rows(self) -> Iterator[Row]:
        """The rows without anything wrong."""
        bad = self.wrong_rows
        return (row for row in self.rows if (self.tables[row.table].sheet, row.number) not in bad)

    def cell(self, row: Row, name: str) -> str:
        """The address of the cell that a value came from; "" for what no cell of the row says."""
        column = self.tables[row.table].column_of(name)
        if column is None and row.at < 0:
            return ""
        return address(row.number, column.at if column else row.at)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person said about a file before it is understood.

    ``columns``: field → header, or letter of its column. ``answers``: id of a question → answer.
    ``remembered``: fingerprint of a table → (field → header), accepted before. ``year``: of days without one.
    """

    purpose: str = ""
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    answers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    year: int = 0


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
