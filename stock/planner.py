"""One pure plan of a posting: what every line moves, what it is worth and what is wrong with it.

The plan is made from what was read of the book (``State``), writes nothing, and is made again under the
locks before it is written; the preview shows the very same plan.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import NoReturn

from core.errors import LineError
from core.fields import plain
from core.numbers import LIMIT, QUANTITY_PLACES, QUANTITY_SCALE, VALUE_SCALE, from_scaled
from core.said import said as _
from stock import costing
from stock.costing import Pool
from stock.line_rules import LineRules, Refused
from stock.models.partners import US
from stock.movement_types import Cost
from stock.plan import (
    BalanceKey,
    Circumstances,
    ItemFacts,
    PlaceFacts,
    Plan,
    PlannedMovement,
    State,
    Touched,
    Wish,
    pool_key,
    shipment_key,
)


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
        self.rules = LineRules(state, now)
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
                self.rules.check(wish)
                if self._is_output(wish):
                    outputs.append((line, wish))
                    continue
                self._move(line, wish)
            except Refused as refused:
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
            self._note(line, Refused("too_large", message))
        sums = [self.state.balances[key].on_hand for key in self.touched.balances]
        for key in self.touched.pools:
            pool = self.state.pools[key]
            sums += pool.quantity, pool.value
        if not large and sums and not -LIMIT <= min(sums) <= max(sums) <= LIMIT:
            self._note(0, Refused("too_large", message))

    def _note(self, line: int, refused: Refused) -> None:
        self.errors.append(LineError(line, refused.code, refused.message, refused.data))

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
        self._refuse_short(wish, source.code, here, message)

    def _take_from_shipment(self, wish: Wish, source: PlaceFacts) -> None:
        """Out of transit comes only what was sent under the same shipment; a reversal never takes of others."""
        key = shipment_key(wish, wish.source)
        here = self.state.shipments.get(key, 0)
        self.state.shipments[key] = here - wish.quantity
        may = self.now.override and self.now.access.may("stock.override", source.scope)
        allowed = may and not wish.reversal
        if here >= wish.quantity or allowed:
            return
        message = _("Shipment %(place)s holds %(available)s of %(item)s; wanted %(wanted)s.")
        self._refuse_short(wish, wish.cost_object, here, message)

    def _refuse_short(self, wish: Wish, place: str, here: int, message: str) -> NoReturn:
        lot = self.state.lots.get(wish.lot)
        data = {
            "item": self.state.items[wish.item].code,
            "place": place,
            "lot": lot.number if lot else "",
            "wanted": shown(wish.quantity),
            "available": shown(here),
        }
        raise Refused("short", message % data, **data)

    def _put_quantity(self, wish: Wish, target: PlaceFacts, item: ItemFacts) -> None:
        """Put onto the balance at the target; a serial number must not be anywhere else."""
        if target.area is None:
            return
        balance = self.state.balances[wish.item, wish.lot, wish.owner, wish.target]
        if item.tracking == "serial":
            if wish.lot in self.state.serials_elsewhere:
                raise Refused(
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
            raise Refused(
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
            raise Refused(
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
        weights = _weights([wish for _line, wish in outputs])
        parts = costing.allot(sum(value for _owner, value in inputs), weights, self.now.step)
        for (line, wish), part in zip(outputs, parts, strict=True):
            try:
                self._put_output(line, wish, part)
            except Refused as refused:
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


def _weights(outputs: Sequence[Wish]) -> list[int]:
    """What outputs are said to be worth, or else how many they are, in a unit in which none has to be rounded."""
    exact = [
        Fraction(wish.value)
        if wish.value is not None
        else Fraction(wish.quantity * numerator * VALUE_SCALE, denominator * QUANTITY_SCALE)
        for wish in outputs
        for numerator, denominator in [wish.unit_cost or (1, 1)]
    ]
    unit = lcm(*(weight.denominator for weight in exact))
    return [int(weight * unit) for weight in exact]
