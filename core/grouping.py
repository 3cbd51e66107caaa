"""Groups of a list: rows that share a value stand together under its name, with how many there are of it in all.

``group`` in the address names a column that says it may (``Column.groups``). A group that goes on overleaf is counted
whole on each page; its sums are of the rows that are shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet

from core.columns import Column, resolve

if TYPE_CHECKING:
    from core.tables import View


@dataclass(frozen=True, slots=True)
class Head:
    """The line above the rows of a group; ``count`` is None where counting would read every row."""

    name: str
    count: int | None


def asked(name: str, columns: Sequence[Column]) -> Column | None:
    """The column that the address groups by."""
    return next((one for one in columns if one.key == name and one.groups and one.sort), None)


def heads(view: "View", rows: Sequence[Any]) -> list[Head | None]:
    """For each row of the page the head that stands above it, if a group begins there."""
    column = view.group
    if column is None:
        return [None] * len(rows)
    counts = _counts(view.rows, column)
    found: list[Head | None] = []
    before: list[Any] = []
    for row in rows:
        value = _value(row, column, in_database=isinstance(view.rows, QuerySet))
        new = not before or before[0] != value
        before = [value]
        found.append(
            Head(_name(view, column, row), None if counts is None else counts[value])
            if new
            else None
        )
    return found


def _name(view: "View", column: Column, row: Any) -> str:
    return view.text(column, column.of(row), row)


def _counts(rows: Any, column: Column) -> Counter[Any] | None:
    """How many rows have each value."""
    if isinstance(rows, QuerySet):
        field = column.sort or column.key
        found = rows.order_by().values_list(field).annotate(n=Count("pk"))
        return Counter(dict(found))
    if isinstance(rows, list):
        return Counter(_value(row, column, in_database=False) for row in rows)
    return None


def _value(row: Any, column: Column, *, in_database: bool) -> Any:
    """What makes rows one group: the value that they are ordered by."""
    if in_database:
        return resolve(row, (column.sort or column.key).replace("__", "."))
    return column.of(row)
