"""Says which columns only repeat what others of their table say: a formula in them that has no result keeps no row out."""

from intake.understanding.faults import Fault
from intake.understanding.result import Column, Table

_COUNT = (("counted",), ("counted_1",))
_DERIVED = {
    "difference": _COUNT,
    "gain": _COUNT,
    "loss": _COUNT,
    "difference_amount": _COUNT,
    "difference_rate": _COUNT,
    "counted_amount": _COUNT,
    "book_amount": _COUNT,
    "balance": (
        ("date", "quantity_in", "quantity_out"),
        ("source", "quantity_in", "quantity_out"),
    ),
    "balance_amount": (("in_amount",), ("balance_price",)),
    "amount": (("unit_price",),),
    "in_amount": (("in_price",),),
    "out_amount": (("out_price",),),
}
"""Fields that are only checked, or follow from these others."""


def follows(table: Table, column: Column, fault: Fault) -> bool:
    """Whether a formula without a result only repeats what other columns of the table say."""
    if fault.code != "uncalculated":
        return False
    enough = _DERIVED.get(column.field.partition("[")[0], ())
    return any(all(table.column_of(name) for name in names) for names in enough)
