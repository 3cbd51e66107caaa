"""What may happen next to a book: each step picks something that should succeed, and sometimes not."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from fractions import Fraction

from tests.laws.actor import CATEGORIES, Actor, Choice
from tests.laws.model import RETURNS, US, VALUE_ONLY, Line, Promise, Refused

HALF, THIRD = Fraction(1, 2), Fraction(333_333, 1_000_000)
QUANTITIES = [Fraction(1), Fraction(2), Fraction(3), Fraction(7), HALF, THIRD]
COSTS = [None, Fraction(0), Fraction(1), Fraction("2.5"), Fraction("3.337"), Fraction("0.01")]
BACK = [timedelta(0)] * 7 + [timedelta(minutes=7), timedelta(days=1), timedelta(days=30)]
RARELY = [False] * 9 + [True]
OUT = {
    "sales_out": "customer", "production_issue": "production", "department_issue": "department",
    "scrap": "scrap", "stocktake_loss": "adjustment", "other_out": "adjustment",
}  # fmt: skip
IN = {
    "purchase_in": "supplier", "production_receipt": "production", "opening": "opening",
    "stocktake_gain": "adjustment", "other_in": "adjustment",
}  # fmt: skip
SHIPMENTS = ["S1", "S2"]
Key = tuple[int, int, int, int]


def _at(actor: Actor, choice: Choice):  # type: ignore[no-untyped-def]
    back = choice.pick(BACK)
    return actor.now - back if back else None


def _serial(actor: Actor, item: int) -> bool:
    return actor.book.things[item].tracking == "serial"


def _stocked(actor: Actor, *kinds: str) -> list[Key]:
    return [
        key for key, quantity in sorted(actor.book.hand.items())
        if quantity > 0 and actor.book.spots[key[3]].kind in kinds
    ]  # fmt: skip


def _some(actor: Actor, choice: Choice, key: Key, limit: Fraction | None = None) -> Fraction:
    """A quantity that is there; now and then more than that."""
    if _serial(actor, key[0]):
        return Fraction(1)
    there = actor.book.hand.get(key, Fraction(0)) if limit is None else limit
    if choice.pick(RARELY):
        return there + 1
    return choice.pick([q for q in QUANTITIES if q <= there] + [there])


def _narrow(actor: Actor, choice: Choice, wishes: Sequence[Callable[[], list[Line]]]) -> None:
    """Post the first of some wishes that the model accepts at this moment, else the last.

    Now and then the first as it is, so that refusals are tried as well.
    """
    at, override = _at(actor, choice), choice.pick(RARELY)
    lines: list[Line] = []
    for wish in wishes[:1] if choice.pick(RARELY) else wishes:
        lines = wish()
        if not lines:
            return
        try:
            actor.book.attempt(
                lines,
                at=at or actor.now,
                local=(at or actor.now) + timedelta(hours=8),
                override=override,
            )
        except Refused:
            continue
        break
    actor.post(lines, at=at, override=override)


def receive(actor: Actor, choice: Choice) -> None:
    """One to three lines come in; serial numbers that are not in stock."""

    def wish() -> list[Line]:
        lines: list[Line] = []
        for _n in range(choice.pick([1, 1, 2, 3])):
            kind = choice.pick(list(IN))
            item = choice.pick(actor.items).pk
            target = choice.pick(actor.storages)
            if kind != "other_in" and choice.pick(RARELY):
                target = actor.world.place(kind="quarantine")
            quantity = Fraction(1) if _serial(actor, item) else choice.pick(QUANTITIES)
            value = choice.pick([None, None, 333, 1000])
            lines.append(
                Line(
                    kind, item, actor.world.virtual[IN[kind]], target, quantity,
                    lot=choice.pick(actor.lots[item]),
                    owner=actor.owner if kind == "purchase_in" and choice.pick(RARELY) else US,
                    value=value, unit_cost=choice.pick(COSTS) if value is None else None,
                )
            )  # fmt: skip
        return lines

    _narrow(actor, choice, [wish] * 3)


def issue(actor: Actor, choice: Choice) -> None:
    """Goods go out, perhaps as promised."""
    keys = _stocked(actor, "storage")
    if not keys:
        return

    wanted = {(one.item, one.warehouse) for one in actor.book.promises.values()}
    promised = [key for key in keys if (key[0], actor.book.spots[key[3]].warehouse) in wanted]

    def wish() -> list[Line]:
        key = choice.pick(promised if promised and choice.pick([False, True]) else keys)
        kind = choice.pick(list(OUT))
        fitting = [
            n for n, one in actor.book.promises.items()
            if one.item == key[0] and one.lot in {0, key[1]} and one.place in {None, key[3]}
            and one.warehouse == actor.book.spots[key[3]].warehouse and key[2] == US
        ]  # fmt: skip
        promise = choice.pick([*sorted(fitting), None])
        limit = actor.book.promises[promise].left if promise is not None else None
        most = min(limit, actor.book.hand[key]) if limit is not None else None
        quantity = _some(actor, choice, key, most)
        target = actor.world.virtual[OUT[kind]]
        line = Line(kind, key[0], key[3], target, quantity, key[1], key[2], promise=promise)
        return [line]

    _narrow(actor, choice, [wish] * 3)


def move(actor: Actor, choice: Choice) -> None:
    """Goods change their place, over transit or at once."""
    world = actor.world
    keys = _stocked(actor, "storage", "quarantine", "transit")
    if not keys:
        return

    def wish() -> list[Line]:
        key = choice.pick(keys)
        item, lot, owner, source = key
        spot = actor.book.spots[source]
        other = world.other if spot.warehouse == world.main.pk else world.main
        here = world.main if spot.warehouse == world.main.pk else world.other
        ways = {
            "storage": [
                ("transfer", world.place(other)), ("transfer_out", world.place(here, "transit")),
                ("hold", world.place(here, "quarantine")), ("repair_out", world.place(here, "repair")),
            ],
            "quarantine": [("release", world.place(here))],
            "transit": [("transfer_in", world.place(other))],
        }[spot.kind]  # fmt: skip
        if source in {world.place(), world.bin}:
            ways.append(("bin_move", world.bin if source == world.place() else world.place()))
        kind, target = choice.pick(ways)
        shipment = choice.pick(SHIPMENTS) if "transfer_" in kind else ""
        quantity = _some(actor, choice, key)
        return [Line(kind, item, source, target, quantity, lot, owner, shipment=shipment)]

    _narrow(actor, choice, [wish] * 3)


def give_back(actor: Actor, choice: Choice) -> None:
    """A return at the cost of what it returns, mostly no more than is left of it."""
    kinds = {
        "sales_out": "sales_return", "production_issue": "production_return",
        "purchase_in": "purchase_return", "repair_out": "repair_in",
    }  # fmt: skip
    moves = actor.book.moves
    options = [
        n for n, move in enumerate(moves)
        if move.line.type in kinds and not move.line.reversal and actor.book.left(n)[0] > 0
    ]  # fmt: skip
    if not options:
        return

    def wish() -> list[Line]:
        number = choice.pick(options)
        one = moves[number].line
        kind = kinds[one.type]
        assert kind in RETURNS
        target = one.source
        if kind == "sales_return" and choice.pick([False, True]):
            target = actor.world.place(kind="quarantine")
        left = actor.book.left(number)[0]
        key = (one.item, one.lot, one.owner, one.target)
        quantity = _some(actor, choice, key, left)
        line = Line(
            kind, one.item, one.target, target, quantity, one.lot, one.owner, original=number
        )
        if choice.pick(RARELY):
            return [Line(kind, one.item, one.target, target, quantity, one.lot, one.owner)]
        return [line]

    _narrow(actor, choice, [wish] * 4)


def reverse(actor: Actor, choice: Choice) -> None:
    """A posting is undone, whole or by line; mostly one that can be."""
    for chance in range(4):
        posting = choice.pick(range(1, actor.book.postings + 1))
        rows = [m for m in actor.book.moves if m.posting == posting]
        numbers = [n for n, m in enumerate(actor.book.moves) if m.posting == posting]
        plain = [n for n, m in enumerate(rows, 1) if m.line.type != "settlement"]
        whole = any(m.line.type in {"assembly", "disassembly", "lot_correction"} for m in rows)
        lines = None if whole else choice.pick([None, [choice.pick(plain)]])
        override = choice.pick(RARELY)
        chosen = [numbers[n - 1] for n in lines or plain]
        try:
            mirrored = actor.book.mirrored(chosen)
            actor.book.attempt(
                mirrored, at=actor.now, local=actor.now + timedelta(hours=8), override=override
            )
        except Refused:
            if chance < 3:
                continue
        actor.reverse(posting, lines, override=override)
        return


def promise(actor: Actor, choice: Choice) -> None:
    """Stock is promised, anywhere, or of one lot, or in one place."""
    keys = [key for key in _stocked(actor, "storage") if key[2] == US]
    if not keys:
        return
    item, lot, _owner, place = choice.pick(keys)
    warehouse = actor.book.spots[place].warehouse or 0
    lot = lot if lot and choice.pick([False, True]) else 0
    only = place if not lot and choice.pick(RARELY) else None
    free = actor.book.free(item, warehouse, lot, only)
    options = [q for q in QUANTITIES if q <= free] or [Fraction(1)]
    expires = choice.pick([None, actor.now + timedelta(minutes=9)])
    actor.reserve(Promise(0, item, warehouse, lot, only, choice.pick(options), expires))


def end_promise(actor: Actor, choice: Choice) -> None:
    """A promise is given back, or its time is over."""
    actor.expire()
    if actor.book.promises and choice.pick([False, True]):
        actor.release(choice.pick(sorted(actor.book.promises)))


def revalue(actor: Actor, choice: Choice) -> None:
    """Value comes or goes without goods: by itself, or as the later cost of a receipt."""
    keys = [key for key in _stocked(actor, "storage", "quarantine") if key[2] == US]
    if not keys:
        return

    def wish() -> list[Line]:
        item, lot, _owner, place = choice.pick(keys)
        amount = choice.pick([1, 7, 100, 1234])
        kind = choice.pick(["revaluation", "landed_cost", "price_difference"])
        ends = (actor.world.virtual["revaluation"], place)
        original = None
        if kind != "revaluation":
            receipts = [
                n for n, m in enumerate(actor.book.moves)
                if m.line.type == "purchase_in" and m.line.item == item and m.line.lot == lot
                and m.line.owner == US and not m.line.reversal
            ]  # fmt: skip
            if not receipts:
                kind = "revaluation"
            else:
                original = choice.pick(receipts)
                ends = (actor.world.virtual["supplier"], place)
        if choice.pick([False, False, True]):
            ends = ends[::-1]
        assert kind in VALUE_ONLY
        return [Line(kind, item, *ends, lot=lot, value=amount, original=original)]

    _narrow(actor, choice, [wish] * 4)


def convert(actor: Actor, choice: Choice) -> None:
    """Goods become other goods, or the same under another lot, with exactly the value that went in."""
    keys = [
        key for key in _stocked(actor, "storage") if key[2] == US and not _serial(actor, key[0])
    ]
    if not keys:
        return
    through = actor.world.virtual["conversion"]

    def wish() -> list[Line]:
        kind = choice.pick(["assembly", "disassembly", "lot_correction"])
        ins = [choice.pick(keys) for _n in range(choice.pick([1, 2]))]
        if kind == "lot_correction":
            ins = [key for key in ins if key[1]][:1]
            if not ins:
                kind, ins = "assembly", [choice.pick(keys)]
        lines = []
        for key in ins:
            quantity = _some(actor, choice, key)
            lines.append(Line(kind, key[0], key[3], through, quantity, key[1]))
        if kind == "lot_correction":
            one = lines[0]
            lot = choice.pick(actor.lots[one.item])
            return [*lines, Line(kind, one.item, through, one.source, one.quantity, lot)]
        for _n in range(choice.pick([1, 2])):
            item = choice.pick([item for item in actor.items if item.tracking != "serial"]).pk
            lines.append(
                Line(
                    kind, item, through, choice.pick(actor.storages), choice.pick(QUANTITIES),
                    choice.pick(actor.lots[item]), unit_cost=choice.pick(COSTS),
                )
            )  # fmt: skip
        return lines

    _narrow(actor, choice, [wish] * 3)


def change_method(actor: Actor, choice: Choice) -> None:
    """A category is valued by another method."""
    category = choice.pick(CATEGORIES)
    others = [method for method in CATEGORIES if method != actor.book.methods[category]]
    actor.change_method(category, choice.pick(others))


def turn_period(actor: Actor, choice: Choice) -> None:
    """A month is closed or opened again."""
    if choice.pick([False, False, True]):
        actor.turn_period()


def ask(actor: Actor, choice: Choice) -> None:
    """What was there at some moment, as known now."""
    actor.seal_and_ask(actor.now - choice.pick([*BACK[-4:], timedelta(days=45)]))


def again(actor: Actor, choice: Choice) -> None:
    """A client sends the same thing once more."""
    if actor.keys:
        actor.again(choice)


STEPS = {
    step.__name__: step
    for step in (
        receive, issue, move, give_back, reverse, promise, end_promise, revalue, convert,
        change_method, turn_period, ask, again,
    )
}  # fmt: skip
OFTEN = ["receive", "issue", "move", "issue", "promise", "give_back"]
