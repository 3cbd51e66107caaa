"""Says which shape a table has, for what it is probably meant, and which way its quantities go."""

from collections.abc import Collection, Sequence

from intake.understanding.context import Context
from intake.understanding.pivots import Run

_COUNTS = frozenset({"counted", "counted_1", "counted_2", "counted_3"})
_PARTNERS = frozenset(
    {"contact", "phone", "address", "tax_number", "bank", "bank_account", "email"}
)
MASTER = frozenset(
    {
        "barcode",
        "pack_factor",
        "purchase_price",
        "sale_price",
        "shelf_life",
        "min_stock",
        "max_stock",
        "safety_stock",
        "reorder_point",
        "lead_time",
    }
)
"""What only lists of items say."""
LIMITS = frozenset({"safety_stock", "min_stock", "max_stock", "reorder_point", "lead_time"})
"""What a list of stock may say as well."""
_QUANTITIES = frozenset({"quantity", "planned", "quantity_in", "quantity_out"})
_NO_BOM = frozenset({"date", "source", "warehouse", "place", "lot", "balance", "ordered_on"})


def shape_of(
    fields: Collection[str], runs: Sequence[Run], *, has_item_column: bool, has_item_above: bool
) -> str:
    """list, in_out_list, summary, count, size_matrix, day_grid, month_grid or card."""
    if runs:
        kinds = {run.kind for run in runs}
        return (
            "size_matrix" if "size" in kinds else "month_grid" if "month" in kinds else "day_grid"
        )
    plain = {name.partition("[")[0] for name in fields}
    if plain & _COUNTS or ("book" in plain and plain & {"gain", "loss", "difference"}):
        return "count"
    moves = len(plain & {"quantity_in", "quantity_out"}) == 2
    dated = bool(plain & {"date", "month", "month_day", "source"})
    if moves and dated:
        return "card" if has_item_above and not has_item_column else "in_out_list"
    if moves or ("opening" in plain and plain & {"balance", "quantity_in", "quantity_out"}):
        return "summary" if not dated else "in_out_list"
    if has_item_above and not has_item_column:
        return "card"
    return "list"


def purpose_of(shape: str, fields: Collection[str], context: Context) -> str:
    """What the table is probably meant to become; "" where it could be several things."""
    plain = {name.partition("[")[0] for name in fields}
    if shape == "count":
        return "stocktake"
    if {"component", "parent"} <= plain or {"component", "component_name"} <= plain:
        return "boms"
    if "designators" in plain or (context.boms and not plain & _NO_BOM):
        return "boms" if plain & {"quantity", "planned"} else "items"
    if plain & _QUANTITIES and (context.orders or "ordered_on" in plain):
        return "orders"
    if shape in {"in_out_list", "card", "day_grid", "month_grid"}:
        return "movements"
    if plain & _PARTNERS and not plain & (_QUANTITIES | {"item", "barcode"}):
        return "partners"
    if shape == "summary":
        return ""
    if not plain & _QUANTITIES and shape != "size_matrix":
        return "items"
    if plain & {"type", "quantity_in", "quantity_out", "warehouse_to"} or (
        plain & {"date", "source"}
    ):
        return "movements"
    return "movements" if context.direction in {"in", "out"} else "opening"


def direction_of(fields: Collection[str], context: Context) -> str:
    """in or out for a table whose quantities all go one way; "" where rows or nobody say it."""
    plain = {name.partition("[")[0] for name in fields}
    goes_in, goes_out = "quantity_in" in plain, "quantity_out" in plain
    if goes_in and goes_out:
        return ""
    if goes_in or goes_out:
        return "in" if goes_in else "out"
    if "type" in plain:
        return ""
    return context.direction if context.direction in {"in", "out"} else ""
