"""The stocktake group of what other systems publish, replayed through stocktake documents instead of the bare ledger."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from people.access import SYSTEM
from stock import reservations
from stock.models import Availability, Item, Movement, Reservation
from tests.workflows.counting.world import D, Shelves
from workflows.counting import figures, variance
from workflows.errors import WrongState
from workflows.models import CountLine, Document

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[2] / "scenarios" / "peer_scenarios.json"
GROUP: dict[str, dict[str, Any]] = {
    one["id"]: one for one in json.loads(FILE.read_text()) if one["group"] == "stocktake"
}
DIRECT = {name for name, one in GROUP.items() if one["fit"] == "direct"}
REPLAYED = {"CNT-01", "CNT-03", "CNT-06", "CNT-13", "CNT-20"}
"""Here, step by step; the others of the group are replayed in tests/scenarios."""


@pytest.fixture
def world() -> Shelves:
    return Shelves()


def step(name: str, number: int) -> dict[str, Any]:
    return next(one for one in GROUP[name]["steps"] if one["n"] == number)


def settle(world: Shelves, document: Document) -> Document:
    """Recount what is asked for as it was counted, approve, post."""
    world.finish(document, leave=True)
    if document.step == "recount":
        for line in CountLine.objects.filter(document=document).select_related("place", "item"):
            if line.again:
                world.count(document, line.place.code, line.counted, by=world.eve, item=line.item)
        world.finish(document, leave=True)
    if document.step == "approve":
        world.approve(document)
    return document


def changes(document: Document) -> dict[Item, Decimal]:
    """What the posting moved, signed."""
    found = {}
    for one in Movement.objects.filter(posting=document.posting_id).select_related("item"):
        found[one.item] = one.quantity if one.type == "stocktake_gain" else -one.quantity
    return found


def test_every_direct_scenario_is_known() -> None:
    assert DIRECT >= REPLAYED


def test_cnt_01_only_the_difference_moves(world: Shelves) -> None:
    one, two = world.item(), world.item()
    place = world.bin("A-1")
    world.move("purchase_in", one, 1, place, cost=100)
    world.move("purchase_in", two, "2.5", place, cost=70)
    document = world.sealed(zones=["A-1"])
    expected = step("CNT-01", 3)["expect"]["expected"]
    assert world.line(document, "A-1", one).snapshot == D(expected["P1"])
    assert world.line(document, "A-1", two).snapshot == D(expected["P2"])
    world.move("purchase_in", one, 1, place, cost=100)
    world.move("purchase_in", two, "1.3", place, cost=70)
    world.count(document, "A-1", 3, item=one)
    world.count(document, "A-1", "3.8", item=two)
    settle(world, document)
    assert changes(document) == {one: D(step("CNT-01", 9)["expect"]["adjustments"]["P1"])}
    assert (world.on_hand(one, "A-1"), world.on_hand(two, "A-1")) == (3, D("3.8"))
    zero = world.sealed(zones=["A-1"])
    world.count(zero, "A-1", 0, item=one)
    world.count(zero, "A-1", 0, item=two)
    settle(world, zero)
    assert (world.on_hand(one, "A-1"), world.on_hand(two, "A-1")) == (0, 0)


def test_cnt_03_tolerance_in_quantity_and_in_money(world: Shelves) -> None:
    said = step("CNT-03", 1)
    one, two = world.item(), world.item()
    place = world.bin("A-1")
    world.move("purchase_in", one, 1, place, cost=100)
    world.move("purchase_in", two, "2.5", place, cost=70)
    limits = {
        "tolerance_percent": str(D(said["quantity_tolerance"]) * 100),
        "tolerance_value": said["cost_threshold"],
    }
    document = world.sealed(zones=["A-1"], limits=limits)
    world.count(document, "A-1", 2, item=one)
    world.count(document, "A-1", 5, item=two)
    rows = {row.line.item: row for row in variance.rows(document)}
    assert rows[one].value == D(step("CNT-03", 4)["expect"]["cost_variation"])
    assert rows[two].value == D(step("CNT-03", 5)["expect"]["cost_variation"])
    assert rows[one].beyond
    assert rows[two].beyond
    world.finish(document)
    assert (document.step, figures.again(document).count()) == ("recount", 2)


def test_cnt_06_a_count_down_frees_a_reservation(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    wish = reservations.ReservationInput(item=item.pk, warehouse=world.main.pk, quantity=D(10))
    reservations.reserve([wish], reference="R1", actor=None, access=SYSTEM)
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 8)
    settle(world, document)
    assert world.on_hand(item, "A-1") == 8
    assert Availability.objects.get(item=item).reserved == 0  # whole promises: docs/adr/0034
    assert Reservation.objects.get(item=item).state == "released"


def test_cnt_13_three_products(world: Shelves) -> None:
    counted = step("CNT-13", 4)
    there = {"A": 20, "B": 30, "C": 10}
    items = {code: world.fill(f"Z-{code}", quantity) for code, quantity in there.items()}
    document = world.sealed(zones=[f"Z-{code}" for code in there])
    for code, quantity in counted["counted"].items():
        world.count(document, f"Z-{code}", quantity)
    settle(world, document)
    wanted = {
        items[code]: D(text) for code, text in counted["expect"]["adjustments"].items() if text
    }
    assert changes(document) == wanted


def test_cnt_20_counted_three_times_differs_once(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    for _time in range(GROUP["CNT-20"]["steps"][0]["times"]):
        world.count(document, "A-1", 8)
    settle(world, document)
    assert changes(document) == {item: D(-2)}
    with pytest.raises(WrongState):
        world.approve(document)
    assert world.on_hand(item, "A-1") == 8
