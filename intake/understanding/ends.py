"""Reads movements between ends of which one is nobody's warehouse: from vendors, to customers, into a loss.

Programs that know only moves from one location to another list partners and losses among the locations. Such a move is
a receipt or an issue of the warehouse at its other end.
"""

from collections.abc import Callable

from intake.understanding.cells import Value
from intake.understanding.result import Row
from intake.understanding.words import full_key

_WAYS = {
    "purchase_in purchase_return": "vendors vendor suppliers supplier 供应商 供货商 厂家",
    "sales_return sales_out": "customers customer clients client 客户 顾客",
    "production_receipt production_issue": "production manufacturing 生产 产线",
    "other_in other_out": "inventoryadjustment inventoryadjustments inventoryloss adjustment 盘点差异 盘盈亏 盘盈盘亏",
    "other_in scrap": "scrap scrapped 报废 报损",
}
"""Types of what comes from such an end and of what goes to it."""
_OUTSIDE = {
    word: (kinds.split()[0], kinds.split()[1])
    for kinds, words in _WAYS.items()
    for word in words.split()
}
FIELDS = ("warehouse_from", "warehouse_to")


def settle() -> Callable[[Row], None]:
    """What turns such a move of a row into a receipt or an issue."""

    def step(row: Row) -> None:
        source, target = (row.values.get(name) for name in FIELDS)
        quantity = row.values.get("quantity")
        if source is None or target is None or quantity is None:
            return
        comes, goes = _outside(source), _outside(target)
        if bool(comes) == bool(goes):
            return
        inside, name = (target, "quantity_in") if comes else (source, "quantity_out")
        kind = comes[0] if comes else goes[1]
        outside = source if comes else target
        for gone in (*FIELDS, "quantity"):
            del row.values[gone]
        row.values["warehouse"] = _renamed(inside, "warehouse")
        row.values[name] = _renamed(quantity, name)
        if "type" not in row.values:
            row.values["type"] = Value("type", outside.raw, kind, "end")

    return step


def _outside(end: Value) -> tuple[str, ...]:
    """The types of what comes from an end and goes to it, if it is outside; () else."""
    return _OUTSIDE.get(full_key(str(end.value).rpartition("/")[2]), ())


def _renamed(value: Value, field: str) -> Value:
    rule = f"{value.rule}+end".lstrip("+")
    return Value(field, value.raw, value.value, rule, value.unit, value.warning)
