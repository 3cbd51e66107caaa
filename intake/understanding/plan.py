"""How one table is read: its columns, those that are values themselves, and what stands around it."""

from dataclasses import dataclass, field

from intake.reading.grid import Grid, address
from intake.understanding import context
from intake.understanding.profile import Profile
from intake.understanding.result import Column, Table
from intake.understanding.tables import Block


@dataclass(frozen=True, slots=True)
class Pivot:
    """A column that stands for a value: a day, a month, a size or a warehouse."""

    at: int
    kind: str
    value: object
    header: str
    field: str = "quantity"
    """What its cells are."""
    month: tuple[int, int] = (0, 0)
    """Year and month that the header says above a day; 0 where it does not."""


@dataclass(slots=True)
class Plan:
    """How a table is read."""

    block: Block
    grid: Grid
    table: Table
    context: context.Context
    profiles: dict[int, Profile]
    pivots: list[Pivot] = field(default_factory=list)
    totals_column: int | None = None
    """The column of a matrix that adds up its row."""

    @property
    def used(self) -> list[Column]:
        """The columns that mean a field."""
        return [column for column in self.table.columns if column.field]

    def where(self, name: str) -> str:
        """The id of a question about this table."""
        return f"{name}:{self.table.sheet}!{self.table.header_row}"


def column_id(table: Table, column: Column) -> str:
    """The id of the question what a column says."""
    return f"column:{table.sheet}!{address(table.header_row or 1, column.at)}"
