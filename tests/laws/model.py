"""A second book in plain Python, written from the rules of the design alone, to set beside the real one.

It keeps every movement in a list, quantities as fractions and values in whole cents, and knows nothing
of the code it judges. ``Book.attempt`` returns the book after a posting, or raises Refused.
"""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from tests.laws.model_pool import Pool, cents, split

US = 0
PHYSICAL = {"storage", "quarantine", "transit", "repair"}
VALUE_ONLY = {"revaluation", "landed_cost", "price_difference", "settlement"}
RETURNS = {"sales_return", "purchase_return", "production_return", "repair_in"}
CONVERSIONS = {"assembly", "disassembly", "lot_correction"}


class Refused(Exception):
    """The rules forbid it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Spot(NamedTuple):
    """A place: its kind and, if it is physical, its warehouse and valuation area."""

    kind: str
    warehouse: int | None = None
    area: int | None = None


class Thing(NamedTuple):
    """An item: how it is tracked and in which category it is."""

    tracking: str
    category: str


@dataclass(frozen=True)
class Line:
    """What is asked for."""

    type: str
    item: int
    source: int
    target: int
    quantity: Fraction = Fraction(0)
    lot: int = 0
    owner: int = US
    unit_cost: Fraction | None = None
    value: int | None = None
    shipment: str = ""
    original: int | None = None
    promise: int | None = None
    reversal: bool = False


@dataclass(frozen=True)
class Move:
    """What was written; ``original`` is the number of another move."""

    posting: int
    line: Line
    value: int
    at: datetime

    def facts(self) -> tuple[object, ...]:
        """What the real movement must look like."""
        one = self.line
        return (
            one.type,
            one.item,
            one.lot,
            one.owner,
            one.source,
            one.target,
            one.quantity,
            self.value,
            one.original,
            one.reversal,
        )


@dataclass(frozen=True)
class Promise:
    """Stock promised and not yet gone."""

    number: int
    item: int
    warehouse: int
    lot: int
    place: int | None
    left: Fraction
    expires: datetime | None = None


@dataclass
class Book:
    """All that is known."""

    spots: dict[int, Spot]
    things: dict[int, Thing]
    methods: dict[str, str]
    moves: list[Move] = field(default_factory=list)
    postings: int = 0
    hand: dict[tuple[int, int, int, int], Fraction] = field(default_factory=dict)
    pools: dict[tuple[int, int, int, str], Pool] = field(default_factory=dict)
    promises: dict[int, Promise] = field(default_factory=dict)
    closed: set[tuple[int, int]] = field(default_factory=set)
    seals: dict[int, int] = field(default_factory=dict)

    def copied(self) -> "Book":
        """A book to try something on."""
        return replace(
            self,
            methods=dict(self.methods),
            moves=list(self.moves),
            hand=dict(self.hand),
            pools=copy.deepcopy(self.pools),
            promises=dict(self.promises),
        )

    # -- questions -------------------------------------------------------------------------------

    def floor(self, key: tuple[int, int, int, int], at: datetime) -> Fraction:
        """The least that is there from a moment on."""
        item, lot, owner, place = key
        legs: dict[datetime, Fraction] = {}
        for move in self.moves:
            one = move.line
            if (one.item, one.lot, one.owner) == (item, lot, owner):
                sign = (one.target == place) - (one.source == place)
                legs[move.at] = legs.get(move.at, Fraction(0)) + sign * one.quantity
        level = sum((change for when, change in legs.items() if when <= at), Fraction(0))
        least = level
        for when in sorted(legs):
            if when > at:
                level += legs[when]
                least = min(least, level)
        return least

    def there(self, at: datetime, seal: int) -> dict[tuple[int, int, int], Fraction]:
        """What was where at a moment, of what had a seal up to this one."""
        found: dict[tuple[int, int, int], Fraction] = {}
        for move in self.moves:
            if move.at <= at and self.seals.get(move.posting, seal + 1) <= seal:
                for place, sign in ((move.line.target, 1), (move.line.source, -1)):
                    if self.spots[place].kind in PHYSICAL:
                        key = (move.line.item, move.line.lot, place)
                        found[key] = found.get(key, Fraction(0)) + sign * move.line.quantity
        return {key: quantity for key, quantity in found.items() if quantity}

    def undone(self, number: int) -> bool:
        """Whether a move has been reversed."""
        return any(m.line.reversal and m.line.original == number for m in self.moves)

    def left(self, number: int) -> tuple[Fraction, int]:
        """Quantity and value of a move that have not been returned."""
        move = self.moves[number]
        if self.undone(number):
            return Fraction(0), 0
        quantity, value = move.line.quantity, self.worth(number)
        for other, later in enumerate(self.moves):
            one = later.line
            returns = one.original == number and one.quantity and not one.reversal
            if returns and not self.undone(other):
                quantity -= one.quantity
                value -= later.value
        return quantity, value

    def worth(self, number: int) -> int:
        """What a move cost, later adjustments included."""
        move = self.moves[number]
        value = move.value
        for other, later in enumerate(self.moves):
            one = later.line
            adjusts = one.original == number and one.type in VALUE_ONLY - {"settlement"}
            if adjusts and not one.reversal and not self.undone(other):
                same_way = one.target == move.line.target or one.source == move.line.source
                value += later.value if same_way else -later.value
        return value

    def free(self, item: int, warehouse: int, lot: int = 0, place: int | None = None) -> Fraction:
        """What may still be promised."""
        return min(
            self._unpromised(item, warehouse, 0, None),
            self._unpromised(item, warehouse, lot, place),
        )

    def _unpromised(self, item: int, warehouse: int, lot: int, place: int | None) -> Fraction:
        stock = sum(
            (
                quantity
                for (i, its_lot, owner, p), quantity in self.hand.items()
                if i == item
                and owner == US
                and self.spots[p].warehouse == warehouse
                and self.spots[p].kind == "storage"
                and lot in {0, its_lot}
                and place in {None, p}
            ),
            Fraction(0),
        )
        taken = (
            one.left
            for one in self.promises.values()
            if (one.item, one.warehouse) == (item, warehouse)
            and lot in {0, one.lot}
            and place in {None, one.place}
        )
        return stock - sum(taken, Fraction(0))

    def _short_of_promises(self, item: int, warehouse: int) -> bool:
        wants = {
            (one.lot, one.place)
            for one in self.promises.values()
            if (one.item, one.warehouse) == (item, warehouse)
        }
        wants |= {(0, None)} if wants else set()
        return any(self._unpromised(item, warehouse, lot, place) < 0 for lot, place in wants)

    # -- posting ---------------------------------------------------------------------------------

    def attempt(
        self, lines: Sequence[Line], *, at: datetime, local: datetime, override: bool = False
    ) -> "Book":
        """The book with the lines posted; ``local`` is the moment in the company's time zone."""
        after = self.copied()
        after.postings += 1
        if any((local.year, local.month) <= month for month in self.closed):
            raise Refused("closed_period")
        after._make_pools(lines)
        inputs: dict[tuple[str, str], int] = {}
        settled: list[tuple[int, int, int]] = []
        written: dict[int, Move] = {}
        waiting = [n for n, line in enumerate(lines) if after._comes_out(line)]
        start = len(after.moves)

        def note(n: int, value: int, over: list[tuple[int, int]]) -> None:
            written[n] = Move(after.postings, lines[n], value, at)
            after.moves.append(written[n])
            settled.extend((n, place, amount) for place, amount in over)

        for n in [n for n in range(len(lines)) if n not in waiting]:
            value, over = after._carry_out(lines[n], at, override=override)
            note(n, value, over)
            if lines[n].type in CONVERSIONS and not lines[n].reversal:
                group = (lines[n].type, lines[n].shipment)
                inputs[group] = inputs.get(group, 0) + value
        for group, total in inputs.items():
            outs = [n for n in waiting if (lines[n].type, lines[n].shipment) == group]
            weights = [
                lines[n].quantity * (1 if (u := lines[n].unit_cost) is None else u) for n in outs
            ]
            for n, part in zip(outs, split(total, weights), strict=True):
                note(n, part, after._put(lines[n], part))
        after.moves[start:] = [written[n] for n in range(len(lines))]
        after._name_layers(start, lines)
        after.moves += [after._settlement(start + n, place, amount) for n, place, amount in settled]
        after._keep_promises(lines, override=override)
        after.hand = {key: quantity for key, quantity in after.hand.items() if quantity}
        return after

    def _settlement(self, number: int, place: int, amount: int) -> Move:
        """Value that stayed without goods goes to revaluation; value that lacked comes from there."""
        move = self.moves[number]
        other = next(p for p, spot in self.spots.items() if spot.kind == "revaluation")
        ends = (place, other) if amount > 0 else (other, place)
        row = replace(
            move.line,
            type="settlement",
            quantity=Fraction(0),
            source=ends[0],
            target=ends[1],
            original=number,
            reversal=False,
        )
        return Move(move.posting, row, abs(amount), move.at)

    def mirrored(self, numbers: Iterable[int]) -> list[Line]:
        """The lines that undo these moves, or Refused."""
        result = []
        for number in sorted(numbers, reverse=True):
            line = self.moves[number].line
            if line.reversal:
                raise Refused("is_reversal")
            for other, later in enumerate(self.moves):
                follows = later.line.original == number and later.line.type != "settlement"
                if follows and not self.undone(other):
                    raise Refused("reversed_already" if later.line.reversal else "has_successors")
            result.append(
                replace(
                    line,
                    source=line.target,
                    target=line.source,
                    original=number,
                    reversal=True,
                    promise=None,
                )
            )
        return result

    def _comes_out(self, line: Line) -> bool:
        conversion = self.spots[line.source].kind == "conversion"
        return line.type in CONVERSIONS and conversion and not line.reversal

    def _key(self, line: Line, place: int) -> tuple[int, int, int, str]:
        spot = self.spots[place]
        assert spot.area is not None
        specific = self.methods[self.things[line.item].category] == "specific"
        shipment = line.shipment if spot.kind == "transit" else ""
        return (line.item, spot.area, line.lot if specific else 0, shipment)

    def _pool(self, line: Line, place: int) -> Pool | None:
        return self.pools[self._key(line, place)] if self.spots[place].area is not None else None

    def _make_pools(self, lines: Sequence[Line]) -> None:
        keys = {
            self._key(line, place)
            for line in lines
            for place in (line.source, line.target)
            if line.owner == US and self.spots[place].area is not None
        }
        for key in sorted(keys):
            if key not in self.pools:
                method = self.methods[self.things[key[0]].category]
                self.pools[key] = Pool(
                    method, max((p.born for p in self.pools.values()), default=0) + 1
                )

    def _carry_out(
        self, line: Line, at: datetime, *, override: bool
    ) -> tuple[int, list[tuple[int, int]]]:
        """One line but outputs of conversions: its value, and (place, amount) to settle."""
        if line.quantity:
            self._take_goods(line, at, override=override)
            self._put_goods(line)
        returned = self._returned(line)
        if line.owner != US:
            return 0, []
        out, into = self._pool(line, line.source), self._pool(line, line.target)
        fixed = self._stated(line) if returned is None else returned
        if line.type in VALUE_ONLY:
            for pool, sign in ((out, -1), (into, 1)):
                if pool is not None and not pool.revalue(sign * (fixed or 0), line.original):
                    raise Refused("no_stock_to_value")
            return fixed or 0, []
        if out is not None and out is into:
            return out.price(line.quantity) if fixed is None else fixed, []
        left = 0
        if out is None:
            value = fixed if fixed is not None else into.price(line.quantity) if into else 0
        elif fixed is None:
            value = out.issue(line.quantity)
        else:
            value, left = fixed, out.issue_at(line.quantity, fixed, line.original)
        over = into.receive(line.quantity, value) if into is not None else 0
        settle = [(line.target, over), (line.source, left)]
        return value, [(place, amount) for place, amount in settle if amount]

    def _stated(self, line: Line) -> int | None:
        """The value that the line itself, or what it reverses, states."""
        if line.reversal and line.original is not None:
            return self.moves[line.original].value
        if line.value is not None or line.unit_cost is None:
            return line.value
        return cents(line.quantity * line.unit_cost * 100)

    def _put(self, line: Line, value: int) -> list[tuple[int, int]]:
        self._put_goods(line)
        pool = self._pool(line, line.target) if line.owner == US else None
        over = pool.receive(line.quantity, value) if pool is not None else 0
        return [(line.target, over)] if over else []

    def _take_goods(self, line: Line, at: datetime, *, override: bool) -> None:
        spot = self.spots[line.source]
        if spot.kind not in PHYSICAL:
            return
        key = (line.item, line.lot, line.owner, line.source)
        short = self.floor(key, at) < line.quantity
        if short and (not override or self.things[line.item].tracking == "serial"):
            raise Refused("short")
        if spot.kind == "transit" and not override and self._in_shipment(line) < line.quantity:
            raise Refused("short")
        self.hand[key] = self.hand.get(key, Fraction(0)) - line.quantity

    def _in_shipment(self, line: Line) -> Fraction:
        """What is still on its way under the line's shipment."""
        return sum(
            (
                m.line.quantity * ((m.line.target == line.source) - (m.line.source == line.source))
                for m in self.moves
                if (m.line.item, m.line.lot, m.line.owner, m.line.shipment)
                == (line.item, line.lot, line.owner, line.shipment)
            ),
            Fraction(0),
        )

    def _put_goods(self, line: Line) -> None:
        if self.spots[line.target].kind not in PHYSICAL:
            return
        serial = self.things[line.item].tracking == "serial"
        if serial and any(k[1] == line.lot and quantity > 0 for k, quantity in self.hand.items()):
            raise Refused("serial")
        key = (line.item, line.lot, line.owner, line.target)
        self.hand[key] = self.hand.get(key, Fraction(0)) + line.quantity

    def _returned(self, line: Line) -> int | None:
        """The cost that a return takes from what it returns."""
        if line.type not in RETURNS or line.original is None or line.reversal:
            return None
        left, value = self.left(line.original)
        if line.quantity > left:
            raise Refused("returned_too_much")
        if line.quantity == left:
            return max(value, 0)
        whole = self.moves[line.original].line.quantity
        part = cents(Fraction(self.worth(line.original)) * line.quantity / whole)
        return max(min(part, value), 0)

    def _name_layers(self, start: int, lines: Sequence[Line]) -> None:
        """Layers that this posting opened get the number of their move, in the order of carrying out."""
        order = [n for n, line in enumerate(lines) if not self._comes_out(line)]
        order += [n for n, line in enumerate(lines) if self._comes_out(line)]
        for pool_key, pool in self.pools.items():
            fresh = [layer for layer in pool.layers if layer.move == -1]
            came = [
                n
                for n in order
                if lines[n].owner == US
                and lines[n].quantity
                and self.spots[lines[n].target].area is not None
                and self._key(lines[n], lines[n].target) == pool_key
                and not self._stays(lines[n])
            ]
            for layer in fresh:
                layer.move = start + came[layer.nth]
            pool.received = 0

    def _stays(self, line: Line) -> bool:
        inside = self.spots[line.source].area is not None
        return inside and self._key(line, line.source) == self._key(line, line.target)

    def _keep_promises(self, lines: Sequence[Line], *, override: bool) -> None:
        pairs = []
        for line in lines:
            spot = self.spots[line.source]
            if line.promise in self.promises:
                one = self.promises[line.promise]
                rest = one.left - min(line.quantity, one.left)
                self.promises[one.number] = replace(one, left=rest)
                if not rest:
                    del self.promises[one.number]
            if spot.kind == "storage" and (line.item, spot.warehouse) not in pairs:
                pairs.append((line.item, spot.warehouse))
        lost = all(line.type == "stocktake_loss" for line in lines)
        for item, warehouse in pairs:
            while self._short_of_promises(item, warehouse or 0):
                newest = [
                    n
                    for n, one in self.promises.items()
                    if (one.item, one.warehouse) == (item, warehouse)
                ]
                if not (lost or override):
                    raise Refused("reserved")
                del self.promises[max(newest)]
