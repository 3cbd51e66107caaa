"""One pure plan of a posting: what every line moves, what it is worth and what is wrong with it.

The plan is made from what was read of the book (``State``), writes nothing, and is made again under the
locks before it is written; the preview shows the very same plan.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from core.errors import LineError
from core.fields import plain
from core.numbers import (
    LIMIT,
    QUANTITY_PLACES,
    QUANTITY_SCALE,
    VALUE_PLACES,
    VALUE_SCALE,
    NumberError,
    from_scaled,
    to_scaled,
)
from core.said import said as _
from people.access import Access
from stock import costing, movement_types, place_kinds
from stock.costing import Pool
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.movement_types import Cost, MovementType

PoolKey = tuple[int, int, int, str]
"""Item, valuation area, lot (specific cost only), shipment (in transit only)."""
BalanceKey = tuple[int, int, int, int]
"""Item, lot, owner, place."""
ShipmentKey = tuple[int, int, int, int, str]
"""Item, lot, owner, transit place, shipment."""


@dataclass(frozen=True, slots=True)
class LineInput:
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


class _Refused(Exception):
    """A line breaks a rule."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.data = data


def make_plan(wishes: Sequence[Wish], state: State, now: Circumstances, touched: Touched) -> Plan:
    """Check every line and value it; the state's balances and pools become what they would be."""
    for key in touched.balances:
        balance = state.balances[key]
        balance.floor = balance.on_hand - state.later.get((key, now.effective_at), 0)
        balance.moved_at = now.effective_at
    return _Planner(wishes, state, now, touched).run()


def shown(quantity: int) -> str:
    """A scaled quantity in digits."""
    return plain(from_scaled(quantity, QUANTITY_PLACES))


class _Planner:
    """Goes through the lines once, in order; outputs of conversions come after all inputs."""

    def __init__(
        self, wishes: Sequence[Wish], state: State, now: Circumstances, touched: Touched
    ) -> None:
        self.wishes = wishes
        self.state = state
        self.now = now
        self.touched = touched
        self.mark = state.marks
        self.errors: list[LineError] = []
        self.movements: list[PlannedMovement] = []
        self.settlements: list[PlannedMovement] = []
        self.below_zero: set[BalanceKey] = set()
        self.returned: dict[int, tuple[int, int]] = {}
        self.conversions: dict[tuple[str, str], list[tuple[int, int]]] = {}
        """Type and cost object of a conversion → owner and value of each input."""
        self.cost_of: dict[Cost, Callable[[Wish], int | None]] = {
            Cost.GIVEN: self._given,
            Cost.CARRIED: self._carried,
            Cost.ORIGINAL: self._of_original,
            Cost.SHARED: self._carried,
        }

    def run(self) -> Plan:
        """The plan."""
        outputs: list[tuple[int, Wish]] = []
        for wish in self.wishes:
            line = wish.number
            try:
                self._check(wish)
                if self._is_output(wish):
                    outputs.append((line, wish))
                    continue
                self._move(line, wish)
            except _Refused as refused:
                self._note(line, refused)
        self._share_out(outputs)
        self.movements.sort(key=lambda movement: movement.line)
        for settlement in self.settlements:
            settlement.line = len(self.movements) + 1
            self.movements.append(settlement)
        self._check_size()
        self.state.marks += max(len(self.wishes), len(self.movements))
        return Plan(
            self.movements, self.errors, self.state, self.wishes, self.below_zero, self.mark
        )

    def _check_size(self) -> None:
        """Refuse what does not fit the 64 bits of the book, line by line or in sum."""
        message = _("The quantity or value would be larger than the book can keep.")
        large = [m.line for m in self.movements if not -LIMIT <= m.value <= LIMIT]
        for line in large:
            self._note(line, _Refused("too_large", message))
        sums = [self.state.balances[key].on_hand for key in self.touched.balances]
        for key in self.touched.pools:
            pool = self.state.pools[key]
            sums += pool.quantity, pool.value
        if not large and sums and not -LIMIT <= min(sums) <= max(sums) <= LIMIT:
            self._note(0, _Refused("too_large", message))

    def _note(self, line: int, refused: _Refused) -> None:
        self.errors.append(LineError(line, refused.code, refused.message, refused.data))

    # -- rules of a line -------------------------------------------------------------------------

    def _check(self, wish: Wish) -> None:
        """Raise _Refused for the first rule that the line breaks without looking at stock."""
        item = self.state.items.get(wish.item)
        if item is None:
            raise _Refused("unknown_item", _("This item does not exist."))
        source, target = self._place(wish.source), self._place(wish.target)
        if item.archived and not wish.reversal:
            raise _Refused(
                "archived",
                _("Item %(item)s is archived. Restore it first.") % {"item": item.code},
            )
        self._check_route(wish, source, target)
        self._check_amounts(wish, item)
        if not wish.kind.value_only:
            self._check_lot(wish, item, source)
        if "transit" in {source.kind, target.kind} and not wish.cost_object and not wish.reversal:
            raise _Refused(
                "shipment_required",
                _("Goods in transit need the shipment they belong to: fill in the cost object."),
            )

    def _place(self, place_id: int) -> PlaceFacts:
        place = self.state.places.get(place_id)
        if place is None:
            raise _Refused("unknown_place", _("This place does not exist."))
        if place.company != self.now.company:
            raise _Refused(
                "other_company",
                _("Place %(place)s belongs to another company.") % {"place": place.code},
            )
        if place.closed:
            raise _Refused(
                "place_closed",
                _("Place %(place)s is archived or only groups others; choose another.")
                % {"place": place.code},
            )
        return place

    def _check_route(self, wish: Wish, source: PlaceFacts, target: PlaceFacts) -> None:
        kind = wish.kind
        ends = (target.kind, source.kind) if wish.reversal else (source.kind, target.kind)
        allowed = kind.allows(*ends) and wish.source != wish.target
        if kind.same_warehouse is not None:
            allowed = allowed and kind.same_warehouse == (source.warehouse == target.warehouse)
        if kind.cost is Cost.SHARED:
            allowed = allowed and "conversion" in ends
        if kind.code == "revaluation":
            allowed = allowed and (ends[0] == "revaluation") != (ends[1] == "revaluation")
        if not allowed:
            raise _Refused(
                "route",
                _("%(type)s cannot go from %(source)s to %(target)s.")
                % {
                    "type": kind.label,
                    "source": place_kinds.words(source.kind, source.code),
                    "target": place_kinds.words(target.kind, target.code),
                },
                source=source.code,
                target=target.code,
            )
        if kind.reason and not wish.reason and not wish.reversal:
            raise _Refused("reason_required", _("%(type)s needs a reason.") % {"type": kind.label})
        if kind.needs_original and wish.original is None:
            raise _Refused(
                "original_required",
                _("%(type)s must name the movement it adjusts.") % {"type": kind.label},
            )
        if wish.original is not None:
            self._check_original(wish, self.state.originals.get(wish.original))

    def _check_original(self, wish: Wish, original: Original | None) -> None:
        """A return goes back the way its original came, and both are about the same goods."""
        if original is None:
            raise _Refused("unknown_original", _("The movement it refers to does not exist."))
        if wish.reversal:
            self._check_reversible(wish, original)
            return
        same = original.item == wish.item and original.owner == wish.owner
        if wish.kind.cost is Cost.ORIGINAL:
            back = original.target == wish.source or original.source == wish.target
            same = same and original.lot == wish.lot and back
        if not same:
            raise _Refused(
                "other_original",
                _("The movement it refers to moved other goods, or went another way."),
            )

    def _check_reversible(self, wish: Wish, original: Original) -> None:
        """Nothing followed a movement between the look at it and its lock."""
        if original.reversed:
            raise _Refused("reversed_already", _("This was reversed already."))
        if original.returned_quantity or original.value != wish.value:
            raise _Refused(
                "has_successors",
                _("Something was returned or adjusted on this movement; reverse that first."),
            )

    def _check_amounts(self, wish: Wish, item: ItemFacts) -> None:
        if wish.kind.value_only:
            if wish.quantity:
                raise _Refused(
                    "quantity",
                    _("%(type)s moves value only.") % {"type": wish.kind.label},
                )
            if wish.owner != US:
                raise _Refused("value", _("Goods of others carry no value."))
            if not wish.reversal and (wish.value is None or wish.value <= 0):
                raise _Refused("value", _("Enter a value above zero."))
        elif wish.quantity <= 0:
            raise _Refused("quantity", _("Enter a quantity above zero."))
        given = wish.value if wish.value is not None else 0
        if given < 0 or (wish.unit_cost is not None and wish.unit_cost[0] < 0):
            raise _Refused("value", _("A cost cannot be below zero."))
        if given % self.now.step:
            raise _Refused("value", _("The value has more decimals than the currency."))
        if item.tracking == "serial" and wish.quantity not in {0, QUANTITY_SCALE}:
            raise _Refused(
                "serial_quantity",
                _("%(item)s is tracked by serial number: one piece a line.") % {"item": item.code},
            )

    def _check_lot(self, wish: Wish, item: ItemFacts, source: PlaceFacts) -> None:
        if item.tracking == "none":
            if wish.lot != NO_LOT:
                raise _Refused(
                    "lot_not_tracked",
                    _("%(item)s is not tracked by lot.") % {"item": item.code},
                )
            return
        if wish.lot == NO_LOT:
            raise _Refused(
                "lot_required",
                _("%(item)s needs a lot or serial number.") % {"item": item.code},
                item=item.code,
            )
        lot = self.state.lots.get(wish.lot)
        if lot is None or lot.item != wish.item:
            raise _Refused(
                "lot_of_other_item",
                _("This lot is not one of %(item)s.") % {"item": item.code},
            )
        leaves = source.area is not None and wish.kind.chooses_lot and not wish.reversal
        if leaves and lot.expires_on is not None and lot.expires_on < self.now.business_date:
            self._check_expired(item, lot, source)

    def _check_expired(self, item: ItemFacts, lot: LotFacts, source: PlaceFacts) -> None:
        if self.now.accept_expired and self.now.access.may("stock.expired", source.scope):
            return
        raise _Refused(
            "lot_expired",
            _(
                "Lot %(lot)s of %(item)s expired on %(date)s. Take another lot, or let somebody who "
                "may issue expired stock state a reason."
            )
            % {"lot": lot.number, "item": item.code, "date": lot.expires_on},
            lot=lot.number,
            item=item.code,
        )

    # -- quantity and value ----------------------------------------------------------------------

    def _is_output(self, wish: Wish) -> bool:
        """Whether the line takes its value from what went into a conversion."""
        return (
            wish.kind.cost is Cost.SHARED
            and not wish.reversal
            and self.state.places[wish.source].kind == "conversion"
        )

    def _move(self, line: int, wish: Wish) -> None:
        """Move quantity and value of one line through balances and pools."""
        state = self.state
        item = state.items[wish.item]
        source, target = state.places[wish.source], state.places[wish.target]
        if wish.quantity:
            self._take_quantity(wish, source)
            self._put_quantity(wish, target, item)
        value = 0
        if wish.owner != US:
            self._fixed_value(wish)  # refuses to return more than is left
        else:
            out = state.pools[pool_key(wish, item, source)] if source.area is not None else None
            into = state.pools[pool_key(wish, item, target)] if target.area is not None else None
            value = self._move_cost(line, wish, out, into)
        self.movements.append(PlannedMovement(line, wish, value))
        if self._is_input(wish):
            self.conversions.setdefault((wish.type, wish.cost_object), []).append(
                (wish.owner, value)
            )

    def _move_cost(self, line: int, wish: Wish, out: Pool | None, into: Pool | None) -> int:
        """Move the value of one line of our own goods from pool to pool; returns it."""
        step = self.now.step
        fixed = self._fixed_value(wish)
        if wish.kind.value_only:
            self._move_value(wish, out, into, fixed or 0)
            return fixed or 0
        if out is not None and out is into:
            return costing.worth(out, wish.quantity, step) if fixed is None else fixed
        value, left = self._take_value(wish, out, into, fixed)
        if into is not None:
            over = costing.put(into, wish.quantity, value, step, self.mark + line)
            if over:
                self._settle(line, wish, wish.target, over)
        if left:
            self._settle(line, wish, wish.source, left)
        return value

    def _take_value(
        self, wish: Wish, out: Pool | None, into: Pool | None, fixed: int | None
    ) -> tuple[int, int]:
        """What the goods are worth, taken out of ``out``, and what that leaves to settle there."""
        step = self.now.step
        if out is None:
            if fixed is None:
                fixed = costing.worth(into, wish.quantity, step) if into is not None else 0
            return fixed, 0
        if fixed is None:
            return costing.take(out, wish.quantity, step), 0
        return fixed, costing.take_at(out, wish.quantity, fixed, step, wish.original)

    def _is_input(self, wish: Wish) -> bool:
        return wish.kind.cost is Cost.SHARED and not wish.reversal

    def _take_quantity(self, wish: Wish, source: PlaceFacts) -> None:
        """Take from the balance at the source, or refuse; nothing to do at virtual places."""
        if source.area is None:
            return
        key = (wish.item, wish.lot, wish.owner, wish.source)
        balance = self.state.balances[key]
        here = min(balance.on_hand, balance.floor)
        if here < wish.quantity:
            self._check_below_zero(wish, source, here, late=balance.on_hand >= wish.quantity)
            self.below_zero.add(key)
        if source.kind == "transit":
            self._take_from_shipment(wish, source)
        if self.state.items[wish.item].tracking == "serial":
            self.state.serials_elsewhere.pop(wish.lot, None)
        balance.on_hand -= wish.quantity
        balance.floor -= wish.quantity

    def _check_below_zero(self, wish: Wish, source: PlaceFacts, here: int, *, late: bool) -> None:
        allowed = (
            self.now.override
            and self.now.access.may("stock.override", source.scope)
            and self.state.items[wish.item].tracking != "serial"
            and not (wish.reversal and source.kind == "transit")
        )
        if allowed:
            return
        lot = self.state.lots.get(wish.lot)
        data = {
            "item": self.state.items[wish.item].code,
            "place": source.code,
            "lot": lot.number if lot else "",
            "wanted": shown(wish.quantity),
            "available": shown(here),
        }
        if late:
            message = _(
                "%(place)s holds enough of %(item)s today, but later movements leave only "
                "%(available)s at that moment; wanted %(wanted)s."
            )
        else:
            message = _(
                "%(place)s holds %(available)s of %(item)s; wanted %(wanted)s. Take less, or take it "
                "from another place."
            )
        raise _Refused("short", message % data, **data)

    def _take_from_shipment(self, wish: Wish, source: PlaceFacts) -> None:
        """Out of transit comes only what was sent under the same shipment; a reversal never takes of others."""
        key = shipment_key(wish, wish.source)
        here = self.state.shipments.get(key, 0)
        self.state.shipments[key] = here - wish.quantity
        may = self.now.override and self.now.access.may("stock.override", source.scope)
        allowed = may and not wish.reversal
        if here >= wish.quantity or allowed:
            return
        lot = self.state.lots.get(wish.lot)
        data = {
            "item": self.state.items[wish.item].code,
            "place": wish.cost_object,
            "lot": lot.number if lot else "",
            "wanted": shown(wish.quantity),
            "available": shown(here),
        }
        message = _("Shipment %(place)s holds %(available)s of %(item)s; wanted %(wanted)s.")
        raise _Refused("short", message % data, **data)

    def _put_quantity(self, wish: Wish, target: PlaceFacts, item: ItemFacts) -> None:
        """Put onto the balance at the target; a serial number must not be anywhere else."""
        if target.area is None:
            return
        balance = self.state.balances[wish.item, wish.lot, wish.owner, wish.target]
        if item.tracking == "serial":
            if wish.lot in self.state.serials_elsewhere:
                raise _Refused(
                    "serial",
                    _("Serial number %(lot)s of %(item)s is in stock already.")
                    % {"lot": self.state.lots[wish.lot].number, "item": item.code},
                )
            self.state.serials_elsewhere[wish.lot] = wish.target
        if target.kind == "transit":
            key = shipment_key(wish, wish.target)
            self.state.shipments[key] = self.state.shipments.get(key, 0) + wish.quantity
        balance.on_hand += wish.quantity
        balance.floor += wish.quantity

    def _fixed_value(self, wish: Wish) -> int | None:
        """The value that the line or its original states; None means: at the pool's own cost."""
        if wish.reversal:
            return self.state.originals[wish.original].value if wish.original else 0
        return self.cost_of[wish.kind.cost](wish)

    def _given(self, wish: Wish) -> int | None:
        if wish.value is not None:
            return wish.value
        if wish.unit_cost is not None:
            return costing.amount(wish.quantity, *wish.unit_cost, self.now.step)
        return None

    def _carried(self, wish: Wish) -> int | None:
        return None

    def _of_original(self, wish: Wish) -> int | None:
        """The cost of the movement that is returned, capped by what is left of it."""
        if wish.original is None:
            return self._given(wish)
        original = self.state.originals[wish.original]
        quantity, value = self.returned.get(
            original.id, (original.returned_quantity, original.returned_value)
        )
        left = 0 if original.reversed else original.quantity - quantity
        if wish.quantity > left:
            raise _Refused(
                "returned_too_much",
                _("Only %(left)s of that movement are left to return; wanted %(wanted)s.")
                % {"left": shown(max(left, 0)), "wanted": shown(wish.quantity)},
                left=shown(max(left, 0)),
                wanted=shown(wish.quantity),
            )
        if wish.quantity == left:
            part = max(original.value - value, 0)
        else:
            part = costing.share(original.value, wish.quantity, original.quantity, self.now.step)
            part = max(min(part, original.value - value), 0)
        self.returned[original.id] = (quantity + wish.quantity, value + part)
        return part

    def _move_value(self, wish: Wish, out: Pool | None, into: Pool | None, value: int) -> None:
        """Move value without quantity, where there are goods to carry it."""
        done = out is None or costing.revalue(out, -value, self.now.step, wish.original)
        if done and into is not None:
            done = costing.revalue(into, value, self.now.step, wish.original)
        if not done:
            raise _Refused(
                "no_stock_to_value",
                _("There is no stock, or not enough value, for this change of value."),
            )

    def _settle(self, line: int, wish: Wish, place: int, left: int) -> None:
        """Book value that stayed without goods to the revaluation place (or fetch it from there)."""
        revaluation = next(
            place_id
            for place_id, facts in self.state.places.items()
            if facts.kind == "revaluation" and facts.company == self.now.company
        )
        settlement = PlannedMovement(0, wish, abs(left))
        settlement.type = "settlement"
        settlement.quantity = 0
        settlement.original = None
        settlement.original_line = line
        settlement.reversal = False
        settlement.line_key = ""
        if left > 0:
            settlement.source, settlement.target = place, revaluation
        else:
            settlement.source, settlement.target = revaluation, place
        self.settlements.append(settlement)

    # -- conversions -----------------------------------------------------------------------------

    def _share_out(self, outputs: list[tuple[int, Wish]]) -> None:
        """Give the outputs of each conversion exactly the value of its inputs."""
        groups: dict[tuple[str, str], list[tuple[int, Wish]]] = {}
        for line, wish in outputs:
            groups.setdefault((wish.type, wish.cost_object), []).append((line, wish))
        for group in groups.keys() | self.conversions.keys():
            self._share_group(group, groups.get(group, []))

    def _share_group(self, group: tuple[str, str], outputs: list[tuple[int, Wish]]) -> None:
        inputs = self.conversions.get(group, [])
        if not outputs or not inputs:
            line = outputs[0][0] if outputs else self._input_line(group)
            message = _("A conversion needs what goes in and what comes out.")
            if not self.errors:
                self.errors.append(LineError(line, "conversion_incomplete", message))
            return
        if len({owner for owner, _value in inputs} | {wish.owner for _line, wish in outputs}) > 1:
            message = _("All lines of a conversion belong to one owner.")
            self.errors.append(LineError(outputs[0][0], "conversion_owners", message))
            return
        if group[0] == "lot_correction" and not self._same_goods(group, outputs):
            message = _("A lot correction takes out and puts in the same quantity of one item.")
            self.errors.append(LineError(outputs[0][0], "lot_correction_unequal", message))
            return
        weights = [
            wish.value
            if wish.value is not None
            else costing.amount(wish.quantity, *(wish.unit_cost or (1, 1)), 1)
            for _line, wish in outputs
        ]
        parts = costing.allot(sum(value for _owner, value in inputs), weights, self.now.step)
        for (line, wish), part in zip(outputs, parts, strict=True):
            try:
                self._put_output(line, wish, part)
            except _Refused as refused:
                self._note(line, refused)

    def _put_output(self, line: int, wish: Wish, value: int) -> None:
        target = self.state.places[wish.target]
        item = self.state.items[wish.item]
        self._put_quantity(wish, target, item)
        if wish.owner == US:
            pool = self.state.pools[pool_key(wish, item, target)]
            left = costing.put(pool, wish.quantity, value, self.now.step, self.mark + line)
            if left:
                self._settle(line, wish, wish.target, left)
        self.movements.append(PlannedMovement(line, wish, value))

    def _input_line(self, group: tuple[str, str]) -> int:
        return next(wish.number for wish in self.wishes if (wish.type, wish.cost_object) == group)

    def _same_goods(self, group: tuple[str, str], outputs: list[tuple[int, Wish]]) -> bool:
        goods: dict[tuple[int, int], int] = {}
        for _line, wish in outputs:
            goods[wish.item, wish.owner] = goods.get((wish.item, wish.owner), 0) - wish.quantity
        for wish in self.wishes:
            if (wish.type, wish.cost_object) == group and not self._is_output(wish):
                goods[wish.item, wish.owner] = goods.get((wish.item, wish.owner), 0) + wish.quantity
        return not any(goods.values())


def physical(place: PlaceFacts) -> bool:
    """Whether the place keeps a balance and carries stock value."""
    return place.kind in place_kinds.PHYSICAL
