"""What stock is worth by category and warehouse, at a moment or now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from people.access import Access
from stock.queries.as_of import as_of
from stock.queries.on_hand import StockFilter


@dataclass(slots=True)
class CategoryWorth:
    """A category: its items with stock, and per warehouse their value (None where it may not be seen)."""

    category: str
    id: int
    items: int = 0
    values: dict[int, Decimal | None] = field(default_factory=dict)

    @property
    def total(self) -> Decimal | None:
        """All that may be seen; None if nothing may."""
        seen = [value for value in self.values.values() if value is not None]
        return sum(seen, Decimal(0)) if seen else None


def worth(
    access: Access, *, at: datetime | None = None, warehouses: Sequence[int] | None = None
) -> list[CategoryWorth]:
    """One row per category in the order of names; values of a pool are shared out to the cent."""
    found: dict[int, CategoryWorth] = {}
    items: dict[int, set[int]] = {}
    rows = as_of(access, StockFilter(warehouses=warehouses), at=at, by=("item", "warehouse"))
    for row in rows:
        if row.item is None or row.warehouse is None:
            continue
        category = found.setdefault(
            row.item.category, CategoryWorth(row.item.category_name, row.item.category)
        )
        items.setdefault(row.item.category, set()).add(row.item.id)
        known = category.values.get(row.warehouse)
        value = row.figures.value
        category.values[row.warehouse] = value if known is None else known + (value or Decimal(0))
    for key, category in found.items():
        category.items = len(items[key])
    return sorted(found.values(), key=lambda one: one.category)
