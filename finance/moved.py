"""Movements as the journal needs them: from a plan that is being posted, or from the book."""

from collections.abc import Iterable
from typing import NamedTuple

from core.dialect import Cursor, Dialect
from stock.plan import PlannedMovement, State

RED_TYPES = frozenset({"purchase_return", "sales_return", "production_return"})
"""Types that take back what another booked: in red where the books want it."""
FOLLOWING = RED_TYPES | {"repair_in", "price_difference"}
"""Types that touch the accounts of the movement that they name."""


class Moved(NamedTuple):
    """A movement as the journal needs it; quantity and value in scaled integers."""

    id: int | None
    type: str
    item: int
    category: int
    source_kind: str
    source_warehouse: int | None
    target_kind: str
    target_warehouse: int | None
    quantity: int
    value: int
    partner: int | None
    department: int | None
    cost_object: str
    reason: str
    original: int | None
    reversal: bool

    @property
    def follows(self) -> int | None:
        """The movement whose accounts it touches again, if any."""
        back = self.reversal or self.type in FOLLOWING
        return self.original if back else None


def of_plan(movements: Iterable[PlannedMovement], state: State) -> list[Moved]:
    """What the journal needs of a plan."""
    items, places = state.items, state.places
    return [
        Moved(
            one.id,
            one.type,
            one.item,
            items[one.item].category,
            (source := places[one.source]).kind,
            source.warehouse,
            (target := places[one.target]).kind,
            target.warehouse,
            one.quantity,
            one.value,
            one.partner,
            one.department,
            one.cost_object,
            one.reason,
            one.original,
            one.reversal,
        )
        for one in movements
        if one.value
    ]


_MOVED = """
SELECT m.posting_id, m.id, m.type, m.item_id, i.category_id, s.kind, s.warehouse_id, t.kind,
  t.warehouse_id, m.quantity, m.value, m.partner_id, m.department_id, m.cost_object, m.reason,
  m.original_id, m.reversal
FROM stock_movement m JOIN stock_item i ON i.id = m.item_id
JOIN stock_place s ON s.id = m.source_id JOIN stock_place t ON t.id = m.target_id
WHERE {among} AND m.value <> 0 ORDER BY m.posting_id, m.line
"""


def read(
    cursor: Cursor, dialect: Dialect, column: str, ids: Iterable[int]
) -> dict[int, list[Moved]]:
    """What is in the book, by posting; ``column`` is ``m.posting_id`` or ``m.id``."""
    among, parameter = dialect.ids(column, ids)
    cursor.execute(_MOVED.format(among=among), [parameter])
    found: dict[int, list[Moved]] = {}
    for posting, *facts in cursor.fetchall():
        found.setdefault(posting, []).append(Moved._make((*facts[:-1], bool(facts[-1]))))
    return found
