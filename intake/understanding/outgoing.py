"""Reads goods that go out and are written with a minus as going out, where the running balance proves it.

Some programs write what goes out below zero in a column of its own. Where no balance tells, the import asks for the whole
file whether these are returns.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from intake.reading.grid import Raw, address
from intake.understanding import numbers
from intake.understanding.cells import Column as Reader
from intake.understanding.fields import Kind
from intake.understanding.result import Table

_NONE = Decimal(0)


class Told(Protocol):
    """What a builder offers here: its readers have seen their columns."""

    table: Table
    readers: dict[int, Reader]

    def warn(self, number: int, cell: str, code: str, message: str) -> None:
        """Say what is uncertain."""


def settle(told: Told, rows: Sequence[tuple[int, list[Raw]]]) -> None:
    """Turn the sign of the column of what goes out, if all its numbers are below zero and the balances fall by them."""
    table = told.table
    goes, balance = table.column_of("quantity_out"), table.column_of("balance")
    if goes is None or balance is None or told.readers[goes.at].comma:
        return
    comes = table.column_of("quantity_in")
    out = [_number(cells[goes.at]) for _row, cells in rows]
    if not any(out) or any(number > 0 for number in out):
        return
    falls = rises = 0
    before: Decimal | None = None
    for number, (_row, cells) in zip(out, rows, strict=True):
        after = _number(cells[balance.at])
        if number < 0 and before is not None:
            came = _number(cells[comes.at]) if comes else _NONE
            falls += before + came + number == after
            rises += before + came - number == after
        before = after
    if falls <= rises:
        return
    told.readers[goes.at].scale *= -1
    message = _("What goes out is written below zero in “%(header)s”; by the balances it goes out.")
    where = address(table.header_row or 1, goes.at)
    told.warn(0, where, "sign_of_out", message % {"header": goes.header})


def _number(raw: Raw) -> Decimal:
    found = numbers.read(raw, Kind.QUANTITY)
    value = found.value if isinstance(found, numbers.Number) else None
    return value if value is not None else _NONE
