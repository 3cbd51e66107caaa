"""What the builder of a table offers to those who decide what the signs within its numbers are."""

from typing import Protocol

from intake.understanding.cells import Column as Reader
from intake.understanding.plan import Plan
from intake.understanding.result import Column, Table, Understanding
from intake.understanding.unpivoting import Matrix


class Told(Protocol):
    """A builder whose readers have seen their columns."""

    table: Table
    plan: Plan
    out: Understanding
    columns: list[Column]
    all_columns: list[Column]
    readers: dict[int, Reader]
    matrix: Matrix

    def warn(self, number: int, cell: str, code: str, message: str) -> None:
        """Say what is uncertain."""


def readers_of(told: Told) -> list[Reader]:
    """All that read numbers there: those of the columns and of what stood across them."""
    return [*told.readers.values(), *told.matrix.readers.values()]
