"""Turns a row of a matrix into rows of its own: one for each filled cell of the columns that are values."""

import calendar
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from intake.reading.grid import Raw, address
from intake.understanding import deriving
from intake.understanding.cells import Column as Reader
from intake.understanding.cells import Value, shown
from intake.understanding.faults import Fault
from intake.understanding.fields import FIELDS, field_of
from intake.understanding.plan import Pivot, Plan
from intake.understanding.result import Row, Understanding


class Told(deriving.Told, Protocol):
    """What a builder offers here."""

    out: Understanding

    def take(self, row: Row, names: tuple[str, ...] = ()) -> None:
        """Add the row to the sums."""


class Matrix:
    """The columns of one table that are values."""

    def __init__(self, told: Told, plan: Plan) -> None:
        self.told = told
        self.plan = plan
        self.readers = {p.at: Reader(field_of(p.field), p.field) for p in plan.pivots}

    def unpivot(self, base: Row, cells: list[Raw]) -> None:
        """A row per filled cell of the columns that are values; what belongs to the row as a whole stays in one of its own."""
        shared = {n: v for n, v in base.values.items() if n in FIELDS and not FIELDS[n].summed}
        if len(base.values) > len(shared) or any(p.kind == "warehouse" for p in self.plan.pivots):
            self.told.take(base)
            self.told.out.rows.append(base)
        total = Decimal(0)
        for pivot in self.plan.pivots:
            raw = cells[pivot.at]
            if raw == "":
                continue
            found = self.readers[pivot.at].read(raw)
            if isinstance(found, Fault):
                self.told.wrong(
                    base.number, address(base.number, pivot.at), pivot.field, found, shown(raw)
                )
                continue
            if not isinstance(found.value, Decimal):
                continue
            total += found.value
            row = Row(base.table, base.number, {**shared, pivot.field: found}, pivot.at)
            self._name_pivot(row, pivot)
            deriving.unit_beside(self.told, row, pivot.field)
            self.told.take(row, (pivot.field,))
            self.told.out.rows.append(row)
        self._check_row_total(base.number, cells, total)

    def _check_row_total(self, number: int, cells: list[Raw], total: Decimal) -> None:
        at = self.plan.totals_column
        if at is None or cells[at] == "":
            return
        found = Reader(FIELDS["quantity"], "quantity").read(cells[at])
        if isinstance(found, Value) and isinstance(found.value, Decimal) and found.value != total:
            message = _("The row adds up to %(ours)s; its total says %(theirs)s.")
            self.told.warn(
                number,
                address(number, at),
                "row_total_differs",
                message % {"ours": total, "theirs": found.value},
            )

    def _name_pivot(self, row: Row, pivot: Pivot) -> None:
        """What the header of the column says about its cells."""
        name = {"size": "size", "warehouse": "warehouse"}.get(pivot.kind, "date")
        value: str | date | None = str(pivot.value) if name != "date" else self._day(pivot)
        if value is not None:
            row.values[name] = Value(name, pivot.header, value, "M28")
        elif (
            pivot.kind == "day"
            and self.plan.context.year
            and (pivot.month[1] or self.plan.context.month)
        ):
            message = _("The month has no day %(day)s.") % {"day": pivot.value}
            self.told.wrong(
                row.number,
                address(row.number, pivot.at),
                "date",
                Fault("date", message),
                pivot.header,
            )

    def _day(self, pivot: Pivot) -> date | None:
        year, month = self.plan.context.year, self.plan.context.month
        if isinstance(pivot.value, date):
            return pivot.value
        if pivot.kind == "month" and isinstance(pivot.value, tuple):
            year = pivot.value[0] or year
            return date(year, pivot.value[1], 1) if year else None
        year, month = pivot.month[0] or year, pivot.month[1] or month
        if (
            year
            and month
            and isinstance(pivot.value, int)
            and pivot.value <= calendar.monthrange(year, month)[1]
        ):
            return date(year, month, pivot.value)
        return None
