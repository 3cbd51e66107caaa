"""The laws under many clients at once, on a real PostgreSQL with a process and connection per client."""

import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from stock import sealing, verify
from stock.models import Balance, CostPool, Movement, Period, Posting, Reservation
from tests.laws.crowd import rush
from tests.laws.world import D, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = 5 if os.environ.get("PROOF") else 1


@pytest.fixture
def world() -> Iterator[World]:
    """A world that must be right when the crowd has gone."""
    world = World()
    yield world
    sealing.seal()
    assert [finding.as_dict() for finding in verify.verify().findings if finding.wrong] == []


def facts(world: World, kind: str, item: Any, quantity: Any, **more: Any) -> dict[str, Any]:
    """A line as a client gets it."""
    line = {k: v for k, v in world.line(kind, item, quantity, **more)._asdict().items() if v}
    return {**line, "quantity": str(quantity)}


def on_hand(item: Any) -> Decimal:
    return Balance.objects.filter(item=item).aggregate(all=Sum("on_hand"))["all"] or D(0)


@pytest.mark.parametrize("method", ["average", "fifo"])
def test_32_clients_never_sell_more_than_there_is(world: World, method: str) -> None:
    item = world.item(method)
    world.move("purchase_in", item, 40, unit_cost=3)
    jobs = [("post", {"lines": [facts(world, "sales_out", item, 1)]})] * 32
    outcomes = rush(jobs, rounds=2 * ROUNDS)
    assert outcomes == {("post", "posted"): 40, ("post", "short"): 64 * ROUNDS - 40}
    assert on_hand(item) == 0
    assert CostPool.objects.get(item=item).value == 0


def test_the_same_key_from_many_clients_posts_once(world: World) -> None:
    item = world.item()
    world.move("purchase_in", item, 40, unit_cost=3)
    jobs = [("post", {"lines": [facts(world, "sales_out", item, 1)], "key": "once"})] * 12
    assert rush(jobs) == {("post", "posted"): 1, ("post", "known"): 11}
    assert on_hand(item) == 39
    assert Posting.objects.filter(key="once").count() == 1


def test_there_and_back_again_does_not_deadlock(world: World) -> None:
    items = [world.item() for _n in range(4)]
    for item in items:
        for place in (world.place(), world.place(world.other)):
            world.move("purchase_in", item, 1000, target=place, unit_cost=3)
    there = [facts(world, "transfer", item, 1) for item in items]
    back = [{**line, "source": line["target"], "target": line["source"]} for line in there[::-1]]
    jobs = [("post", {"lines": there}), ("post", {"lines": back})] * 5
    assert rush(jobs, rounds=10 * ROUNDS) == {("post", "posted"): 100 * ROUNDS}
    assert all(on_hand(item) == 2000 for item in items)


def test_nothing_enters_a_month_while_it_is_closed(world: World) -> None:
    item = world.item()
    last = timezone.now().replace(day=1) - timedelta(days=5)
    post = {"lines": [facts(world, "purchase_in", item, 1)], "at": last.isoformat()}
    outcomes = rush(
        [("post", post)] * 6 + [("close", {"month": last.date().isoformat()})], rounds=15
    )
    assert outcomes["close", "closed6"] == 1
    posted = outcomes["post", "posted"]
    assert posted + outcomes["post", "closed_period"] == 90
    assert on_hand(item) == posted
    closed_at = Period.objects.get().changed_at
    assert not Posting.objects.filter(recorded_at__gt=closed_at).exists()


def test_what_is_promised_is_not_sold_to_others(world: World) -> None:
    item = world.item()
    world.move("purchase_in", item, 30, unit_cost=3)
    promise = {"item": item.pk, "warehouse": world.main.pk, "quantity": "1"}
    sale = {"lines": [facts(world, "sales_out", item, 1)]}
    outcomes = rush([("reserve", promise), ("post", sale)] * 6, rounds=6)
    assert outcomes["reserve", "reserved"] + outcomes["post", "posted"] == 30
    refused = {code for (_act, code), _n in outcomes.items()} - {"reserved", "posted"}
    assert refused <= {"short", "reserved"}
    promised = Reservation.objects.filter(state="active").aggregate(all=Sum("remaining"))["all"]
    assert on_hand(item) == (promised or 0)


def test_a_posting_is_reversed_once(world: World) -> None:
    item = world.item("fifo")
    first = world.move("purchase_in", item, 10, unit_cost=3)
    outcomes = rush([("reverse", {"posting": first.posting_id})] * 8)
    assert outcomes == {("reverse", "reversed"): 1, ("reverse", "reversed_already"): 7}
    assert Movement.objects.filter(reversal=True).count() == 1


def test_a_serial_number_is_received_once(world: World) -> None:
    item = world.item(tracking="serial")
    lot = world.lot(item, "S1").pk
    here = facts(world, "purchase_in", item, 1, lot=lot)
    there = {**here, "target": world.place(world.other)}
    outcomes = rush([("post", {"lines": [here]}), ("post", {"lines": [there]})] * 5)
    assert outcomes == {("post", "posted"): 1, ("post", "serial"): 9}
    assert on_hand(item) == 1


def test_no_more_is_returned_than_was_sold(world: World) -> None:
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=3)
    sold = world.move("sales_out", item, 5).movement_ids[0]
    back = {"lines": [facts(world, "sales_return", item, 1, original=sold)]}
    outcomes = rush([("post", back)] * 10)
    assert outcomes == {("post", "posted"): 5, ("post", "returned_too_much"): 5}


def test_a_method_changes_between_postings(world: World) -> None:
    item = world.item(tracking="lot")
    lots = [world.lot(item, f"L{n}").pk for n in range(2)]
    for lot in lots:
        world.move("purchase_in", item, 500, lot=lot, unit_cost=3)
    jobs: list[tuple[str, dict[str, Any]]] = [
        ("post", {"lines": [facts(world, kind, item, 1, lot=lot)]})
        for lot in lots
        for kind in ("purchase_in", "sales_out")
    ]
    methods = ["specific", "fifo", "average"]
    change = {"category": item.category_id, "methods": methods}
    outcomes = rush([*jobs, ("change_method", change)], rounds=20)
    assert outcomes["post", "posted"] == 80, outcomes
    assert not CostPool.objects.filter(quantity__lt=0).exists()
