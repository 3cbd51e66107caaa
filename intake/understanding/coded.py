"""Splits names that all begin with a code in brackets, as some programs export them: [A-1] Bolt is A-1 with the name Bolt."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from intake.reading.grid import address
from intake.understanding.cells import Value
from intake.understanding.plan import Plan
from intake.understanding.profile import TAGGED
from intake.understanding.result import Row, Table

_NEARLY_ALL = 0.95
_CODES = {"name": "item", "component_name": "component"}


def is_coded(plan: Plan) -> bool:
    """Whether the names of a table without codes begin with one, all but a few."""
    fields = {column.field for column in plan.used}
    return fields.isdisjoint(_CODES.values()) and any(
        plan.profiles[column.at].tagged >= _NEARLY_ALL
        for column in plan.used
        if column.field in _CODES
    )


def splitter(table: Table, warn: Callable[[int, str, str, str], None]) -> Callable[[Row], None]:
    """What splits the name of a row, and tells of one without a code."""
    columns = [(c, _CODES[c.field]) for c in table.columns if c.field in _CODES]

    def split(row: Row) -> None:
        for column, code in columns:
            both = row.values.get(column.field)
            if both is None or not both.value:
                continue
            match = TAGGED.fullmatch(str(both.value))
            if match:
                row.values[code] = Value(code, both.raw, match[1].strip(), "code_in_name")
                row.values[column.field] = Value(
                    column.field, both.raw, match[2].strip(), "code_in_name"
                )
                continue
            message = _("“%(text)s” begins with no code in brackets, unlike the rows around it.")
            cell = address(row.number, column.at)
            warn(row.number, cell, "code_missing", message % {"text": str(both.value)[:40]})

    return split
