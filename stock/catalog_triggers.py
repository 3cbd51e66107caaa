"""Laws of master data that the book leans on, as triggers."""

from core.triggers import Trigger
from stock.models.reasons import SHIPPED


def _used(column: str) -> str:
    return f"EXISTS (SELECT 1 FROM stock_movement m WHERE m.{column} = OLD.id)"


TRIGGERS: list[Trigger] = [
    Trigger(
        "guard_item_delete",
        "stock_item",
        ("DELETE",),
        "an item that has moved is archived, not deleted",
        when=_used("item_id"),
    ),
    Trigger(
        "guard_lot_delete",
        "stock_lot",
        ("DELETE",),
        "a lot that has moved is archived, not deleted",
        when=f"OLD.id <> 0 AND {_used('lot_id')}",
    ),
    Trigger(
        "guard_place_delete",
        "stock_place",
        ("DELETE",),
        "a place that was used is archived, not deleted",
        when=f"{_used('source_id')} OR {_used('target_id')}",
    ),
    Trigger(
        "guard_virtual_place",
        "stock_place",
        ("INSERT", "UPDATE OF archived_at, warehouse_id"),
        "a place outside the warehouses is always in use",
        when="NEW.archived_at IS NOT NULL AND NEW.warehouse_id IS NULL",
    ),
    Trigger(
        "guard_shipped_reason",
        "stock_reason",
        ("DELETE",),
        "a reason that came with the program is archived, not deleted",
        when="OLD.code IN ({})".format(", ".join(f"'{code}'" for code in sorted(SHIPPED))),
    ),
    Trigger(
        "guard_item_unit",
        "stock_item",
        ("UPDATE OF base_unit_id, tracking",),
        "the unit and tracking of an item that has moved stay",
        when=(
            "(OLD.base_unit_id <> NEW.base_unit_id OR OLD.tracking <> NEW.tracking) AND "
            + _used("item_id")
        ),
    ),
]
