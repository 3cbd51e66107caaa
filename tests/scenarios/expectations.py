"""Compares what a step of a scenario expects with what the book says after it."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stock.models import Availability, Balance, Lot, Movement
from tests.scenarios.world import Done, World


def check(world: World, done: Done, before: Decimal, expected: Mapping[str, Any]) -> None:
    """Assert every expected figure of a step; an unknown key is a mistake in the runner."""
    for key, wanted in expected.items():
        CHECKS[key](world, done, wanted, before)


def same(found: Decimal, wanted: Any) -> None:
    """Equal at the decimals that the fact is written with, within its tolerance if it has one."""
    text, _mark, tolerance = str(wanted).partition(" +/- ")
    number = Decimal(text)
    shown = found.quantize(Decimal(1).scaleb(number.as_tuple().exponent), ROUND_HALF_UP)  # type: ignore[arg-type]
    assert abs(shown - number) <= Decimal(tolerance or 0), f"{found} is not {wanted}"


def _on_hand(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    if not isinstance(wanted, dict):
        return same(world.on_hand(), {"n": "25"}.get(wanted, wanted))
    for name, quantity in wanted.items():
        item, _slash, lot = name.partition("/")
        same(world.on_hand(item, lot=(lot or "-") if world.has_lots else None), quantity)
    return None


def _unit_cost(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    if not isinstance(wanted, dict):
        return same(world.unit_cost(), wanted)
    for item, cost in wanted.items():
        same(world.unit_cost(item), cost)
    return None


def _at(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    for place, facts in wanted.items():
        for key, figure in facts.items():
            same(world.on_hand(at=place) if key == "on_hand" else world.unit_cost(at=place), figure)


def _cogs(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    same(sum((row.value for row in done.movements), Decimal(0)), wanted)


def _cogs_unit(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    (row,) = done.movements
    same(row.value / row.quantity, wanted)


def _cogs_units(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    for row, cost in zip(done.movements, wanted, strict=True):
        same(row.value / row.quantity, cost)


def _cogs_total(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    went = Movement.objects.filter(item=world.item(), type="sales_out")
    back = Movement.objects.filter(item=world.item(), type="sales_return")
    same(
        sum((r.value for r in went), Decimal(0)) - sum((r.value for r in back), Decimal(0)), wanted
    )


def _value(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    same(world.value(), wanted)


def _value_change(world: World, _done: Done, wanted: Any, before: Decimal) -> None:
    same(world.value() - before, wanted)


def _reserved(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    same(world.reserved(), wanted)
    rows = Availability.objects.values_list("reserved", flat=True)
    assert all(reserved >= 0 for reserved in rows)


def _available(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    same(world.on_hand() - world.reserved(), wanted)


def _queue(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    assert world.layers() == [[Decimal(quantity), Decimal(cost)] for quantity, cost in wanted]


def _adjustments(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    for code, change in wanted.items():
        assert done.facts["adjustments"][code] == (None if change is None else Decimal(change))


def _quantities(key: str) -> Any:
    def compare(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
        for code, figure in wanted.items():
            same(done.facts[key][code], figure)

    return compare


def _consumed(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    same(done.facts["consumed"], wanted)


def _results(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    assert done.facts["results"] == wanted


def _lots(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    for name, quantity in wanted.items():
        item, _slash, lot = name.partition("/")
        same(world.on_hand(item, lot=lot), quantity)


def _items(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    for item, quantity in wanted.items():
        same(world.on_hand(item), quantity)


def _return_unit_cost(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    for row in done.movements:
        same(row.value / row.quantity, wanted)


def _conserved(_world: World, done: Done, wanted: str, _before: Decimal) -> None:
    assert re.search("value_out.*value_in", wanted)
    (row,) = done.movements
    assert row.value > 0


def _on_hand_after(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    """What was there right after earlier steps, as of the moment of each."""
    for number, quantity in wanted.items():
        moment = max(row.effective_at for row in world.steps[int(number)].movements)
        same(world.on_hand_at(moment), quantity)


def _rows_at_dest(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    assert Balance.objects.filter(place=world.place("DEST")).count() == int(wanted)


def _per_unit(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    (row,) = done.movements
    assert row.original is not None
    same(row.value / row.original.quantity, wanted)


def _inputs(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    inputs = [row.value for row in done.movements if row.target.kind == "conversion"]
    same(sum(inputs, Decimal(0)), wanted)


def _output_unit_costs(_world: World, done: Done, wanted: Any, _before: Decimal) -> None:
    for found, cost in zip(done.facts["output_unit_costs"], wanted, strict=True):
        same(found, cost)


def _put_in(world: World, done: Done, wanted: Any, before: Decimal) -> None:
    """What assemblies took, or what was issued to a production order."""
    if "put_in" in done.facts:
        same(done.facts["put_in"], wanted)
    else:
        _inputs(world, done, wanted, before)


def _cost_of(prefix: str) -> Any:
    def compare(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
        code = next(code for code in world.items if code.startswith(prefix))
        same(world.unit_cost(code), wanted or 0)

    return compare


def _unserialized(world: World, _done: Done, wanted: Any, _before: Decimal) -> None:
    same(world.on_hand(), wanted)
    assert Lot.objects.filter(item=world.items["SERIAL"]).count() >= world.on_hand("SERIAL")


def _fine(_world: World, _done: Done, _wanted: Any, _before: Decimal) -> None:
    """The step went through."""


CHECKS: dict[str, Any] = {
    "on_hand": _on_hand,
    "unit_cost": _unit_cost,
    "unit_cost_shown": _unit_cost,
    "at": _at,
    "cogs": _cogs,
    "cogs_unit": _cogs_unit,
    "cogs_units": _cogs_units,
    "cogs_total": _cogs_total,
    "value": _value,
    "value_change": _value_change,
    "gl_stock_debit": _cogs,
    "cost": _put_in,
    "output_unit_costs": _output_unit_costs,
    "output_value": lambda _world, done, wanted, _before: same(done.facts["output_value"], wanted),
    "unit_cost_after": _unit_cost,
    "reserved": _reserved,
    "available": _available,
    "queue": _queue,
    "adjustments": _adjustments,
    "expected": _quantities("expected"),
    "counted": _quantities("counted"),
    "consumed": _consumed,
    "results": _results,
    "lots": _lots,
    "items": _items,
    "return_unit_cost": _return_unit_cost,
    "invariant": _conserved,
    "on_hand_after": _on_hand_after,
    "rows_at_dest": _rows_at_dest,
    "on_hand_at_dest": lambda world, _done, wanted, _before: same(world.on_hand(at="DEST"), wanted),
    "per_unit": _per_unit,
    "unserialized": _unserialized,
    "good_unit_cost": _cost_of("FG"),
    "waste_unit_cost": _cost_of("waste"),
    "state": _fine,
    "ok": _fine,
}
