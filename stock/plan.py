"""What a posting is planned with: its lines in scaled integers, what was read of the book, and the plan that comes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from core.errors import LineError
from core.numbers import (
    QUANTITY_SCALE,
    VALUE_PLACES,
    VALUE_SCALE,
    NumberError,
    from_scaled,
    to_scaled,
)
from core.said import said as _
from people.access import Access
from stock import movement_types
from stock.costing import Pool
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.movement_types import MovementType

PoolKey = tuple[int, int, int, str]
"""Item, valuation area, lot (specific cost only), shipment (in transit only)."""
BalanceKey = tuple[int, int, int, int]
"""Item, lot, owner, place."""
ShipmentKey = tuple[int, int, int, int, str]
"""Item, lot, owner, transit place, shipment."""


class LineInput(NamedTuple):
    """One wish: so much of an item from a place to a place, in the item's base unit.

    ``unit_cost`` or ``value`` for goods whose cost is given; ``original`` is the movement that is
    returned or adjusted; ``reservation`` the promise that this line fulfils.
    """

    type: str
    item: int
    source: int
    target: int
    quantity: Decimal
    lot: int = NO_LOT
    owner: int = US
    unit_cost: Decimal | None = None
    value: Decimal | None = None
    partner: int | None = None
    department: int | None = None
    cost_object: str = ""
    reason: str = ""
    original: int | None = None
    reservation: int | None = None
    line_key: str = ""


class ItemFacts(NamedTuple):
    """What posting must know of an item."""

    code: str
    tracking: str
    method: str
    archived: bool
    category: int


class PlaceFacts(NamedTuple):
    """What posting must know of a place."""

    code: str
    kind: str
    warehouse: int | None
    area: int | None
    scope: int | None
    company: int
    closed: bool


class LotFacts(NamedTuple):
    """What posting must know of a lot."""

    number: str
    item: int | None
    expires_on: date | None


class BalanceFacts:
    """A balance while postings are planned; ``floor`` is the least on hand from then till now.

    ``moved_at`` is the moment of the last of these postings that touches it.
    """

    __slots__ = ("floor", "id", "latest_at", "moved_at", "on_hand", "was")

    def __init__(self, id: int | None, on_hand: int, latest_at: datetime | None) -> None:
        self.id = id
        self.on_hand = on_hand
        self.was = on_hand
        self.floor = on_hand
        self.latest_at = latest_at
        self.moved_at: datetime | None = None


class Original(NamedTuple):
    """A movement that a line returns, reverses or adjusts, and what is left of it to return."""

    id: int
    type: str
    item: int
    lot: int
    owner: int
    source: int
    target: int
    quantity: int
    value: int
    returned_quantity: int
    returned_value: int
    reversed: bool


@dataclass(slots=True)
class State:
    """What was read of the book for postings that are planned one after the other."""

    items: dict[int, ItemFacts] = field(default_factory=dict)
    places: dict[int, PlaceFacts] = field(default_factory=dict)
    lots: dict[int, LotFacts] = field(default_factory=dict)
    originals: dict[int, Original] = field(default_factory=dict)
    balances: dict[BalanceKey, BalanceFacts] = field(default_factory=dict)
    pools: dict[PoolKey, Pool] = field(default_factory=dict)
    serials_elsewhere: dict[int, int] = field(default_factory=dict)
    """Lot of a serial number that is in stock somewhere → the place."""
    shipments: dict[ShipmentKey, int] = field(default_factory=dict)
    """What is in transit under the shipments that lines take from."""
    promised: set[tuple[int, int]] = field(default_factory=set)
    """Item and warehouse pairs that have reservations or had some."""
    later: dict[tuple[BalanceKey, datetime], int] = field(default_factory=dict)
    """How much more than from a moment on a balance has now, at most, because of later movements."""
    marks: int = 0
    """Lines of the postings that were planned before: so layers are told apart by their lines."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who posts when, and what was allowed."""

    company: int
    step: int
    effective_at: datetime
    business_date: date
    today: date
    recorded_at: datetime
    access: Access
    override: str = ""
    accept_expired: str = ""


class PlannedMovement:
    """One row of the book to be."""

    __slots__ = (
        "cost_object",
        "department",
        "id",
        "item",
        "line",
        "line_key",
        "lot",
        "original",
        "original_line",
        "owner",
        "partner",
        "quantity",
        "reason",
        "reversal",
        "source",
        "target",
        "type",
        "value",
    )

    def __init__(self, line: int, wish: "Wish", value: int) -> None:
        self.id: int | None = None
        self.line = line
        self.type = wish.type
        self.item = wish.item
        self.lot = wish.lot
        self.owner = wish.owner
        self.source = wish.source
        self.target = wish.target
        self.quantity = wish.quantity
        self.value = value
        self.partner = wish.partner
        self.department = wish.department
        self.cost_object = wish.cost_object
        self.reason = wish.reason
        self.original = wish.original
        self.original_line: int | None = None
        self.reversal = wish.reversal
        self.line_key = wish.line_key


class Wish:
    """A line in scaled integers; ``number`` is where it stands in the request, from 1."""

    __slots__ = (
        "cost_object",
        "department",
        "item",
        "kind",
        "line_key",
        "lot",
        "number",
        "original",
        "owner",
        "partner",
        "quantity",
        "reason",
        "reservation",
        "reversal",
        "source",
        "target",
        "type",
        "unit_cost",
        "value",
    )

    def __init__(self, number: int, line: LineInput, *, reversal: bool = False) -> None:
        self.number = number
        self.type = line.type
        self.kind: MovementType = movement_types.BY_CODE[line.type]
        self.item = line.item
        self.lot = line.lot
        self.owner = line.owner
        self.source = line.source
        self.target = line.target
        self.quantity = to_scaled(line.quantity, QUANTITY_SCALE)
        self.unit_cost = None if line.unit_cost is None else line.unit_cost.as_integer_ratio()
        self.value = None if line.value is None else to_scaled(line.value, VALUE_SCALE)
        self.partner = line.partner
        self.department = line.department
        self.cost_object = line.cost_object
        self.reason = line.reason
        self.original = line.original
        self.reservation = line.reservation
        self.line_key = line.line_key
        self.reversal = reversal

    def identity(self) -> tuple[Any, ...]:
        """What makes two requests the same."""
        return (
            self.type,
            self.item,
            self.lot,
            self.owner,
            self.source,
            self.target,
            self.quantity,
            self.unit_cost,
            self.value,
            self.partner,
            self.department,
            self.cost_object,
            self.reason,
            self.original,
            self.reservation,
            self.line_key,
            self.reversal,
        )


@dataclass(slots=True)
class Plan:
    """What a posting would write, or what is wrong with it."""

    movements: list[PlannedMovement]
    errors: list[LineError]
    state: State
    wishes: Sequence[Wish]
    below_zero: set[BalanceKey]
    mark: int = 0
    """What is added to the number of a line to tell it from the lines of other postings."""

    @property
    def total_value(self) -> Decimal:
        """The value that moves, in the company's currency."""
        return from_scaled(sum(m.value for m in self.movements), VALUE_PLACES)


class Booked(NamedTuple):
    """A checked plan and the posting that it belongs to."""

    posting: int
    plan: Plan
    effective_at: datetime


def read_wishes(lines: Iterable[LineInput]) -> tuple[list[Wish], list[LineError]]:
    """The lines in scaled integers; lines whose type or number is impossible become errors."""
    wishes: list[Wish] = []
    errors: list[LineError] = []
    for number, line in enumerate(lines, 1):
        try:
            wishes.append(Wish(number, line))
        except KeyError:
            message = _("There is no movement type “%(type)s”.") % {"type": line.type}
            errors.append(LineError(number, "unknown_type", message))
        except NumberError as error:
            errors.append(LineError(number, error.code, error.message))
    return wishes, errors


class Touched(NamedTuple):
    """What one posting touches, in the order in which it is locked."""

    balances: list[BalanceKey]
    pools: list[PoolKey]
    promised: set[tuple[int, int]]


def keys(wishes: Iterable[Wish], state: State) -> Touched:
    """What has to be locked: balances, pools (each in key order) and promised stock that goes out."""
    balances: set[BalanceKey] = set()
    pools: set[PoolKey] = set()
    promised: set[tuple[int, int]] = set()
    places, items = state.places, state.items
    for wish in wishes:
        item = items.get(wish.item)
        source, target = places.get(wish.source), places.get(wish.target)
        if item is None or source is None or target is None:
            continue
        for place_id, place in ((wish.source, source), (wish.target, target)):
            if place.area is None:
                continue
            if wish.quantity:
                balances.add((wish.item, wish.lot, wish.owner, place_id))
            if wish.owner == US:
                pools.add(pool_key(wish, item, place))
        if source.kind == "storage" and source.warehouse is not None and wish.owner == US:
            pair = (wish.item, source.warehouse)
            if pair in state.promised:
                promised.add(pair)
    return Touched(sorted(balances), sorted(pools), promised)


def pool_key(wish: Wish, item: ItemFacts, place: PlaceFacts) -> PoolKey:
    """The pool that goods in a physical place belong to."""
    if place.area is None:
        raise LookupError(place.code)
    return (
        wish.item,
        place.area,
        wish.lot if item.method == "specific" else NO_LOT,
        wish.cost_object if place.kind == "transit" else "",
    )


def shipment_key(wish: Wish, place: int) -> ShipmentKey:
    """What is in transit together with the goods of a line."""
    return (wish.item, wish.lot, wish.owner, place, wish.cost_object)
