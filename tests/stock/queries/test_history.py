"""Questions about the past equal a replay of the whole book by hand."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from people.access import SYSTEM
from stock import sealing
from stock.models import Balance, CostPool, MonthBalance, Movement, Seal
from stock.queries.as_of import as_of, seal_at
from stock.queries.card import card
from stock.queries.explain import explain
from stock.queries.on_hand import StockFilter, on_hand
from stock.queries.summary import by_warehouse, summary
from tests.stock.queries.world import World

ZERO = Decimal(0)


def _quantities(rows: list) -> dict[tuple[int, int, int], Decimal]:
    return {
        (row.item.id, row.lot.id if row.lot else 0, row.place.id): row.figures.on_hand
        for row in rows
        if row.figures.on_hand
    }


def _expected(world: World, **moment: object) -> dict[tuple[int, int, int], Decimal]:
    replayed = world.replay(**moment)  # type: ignore[arg-type]
    return {key: quantity for key, (quantity, _value) in replayed.items() if quantity}


@pytest.mark.parametrize("seed", range(3))
def test_as_of_equals_a_replay(world: World, seed: int) -> None:
    moments = world.live(seed, 60)
    assert MonthBalance.objects.exists()
    for at in [None, *moments]:
        assert _quantities(as_of(SYSTEM, at=at)) == _expected(world, at=at)


@pytest.mark.parametrize("seed", range(2))
def test_known_at_a_seal_equals_a_replay(world: World, seed: int) -> None:
    moments = world.live(seed, 40)
    before = sealing.seal() or 0
    answers = {
        (at, seal): _quantities(as_of(SYSTEM, at=at, seal=seal))
        for at in [None, *moments]
        for seal in (0, 1, before)
    }
    world.live(seed + 100, 20)
    sealing.seal()
    for (at, seal), answer in answers.items():
        assert answer == _expected(world, at=at, seal=seal)
        assert _quantities(as_of(SYSTEM, at=at, seal=seal)) == answer


def test_what_is_not_sealed_yet_counts(world: World) -> None:
    item = world.items[0]
    old = timezone.now() - timedelta(days=70)
    world.buy(item, 5, "W1", at=old)
    sealing.seal()
    world.buy(item, 3, "W1", at=old)
    at = old + timedelta(days=40)
    assert sum(_quantities(as_of(SYSTEM, at=at)).values()) == 8
    assert sum(_quantities(as_of(SYSTEM, at=at, seal=sealing.Seal.objects.count())).values()) == 5


def test_a_moment_of_knowledge_is_the_last_seal_before_it(world: World) -> None:
    world.buy(world.items[0], 5, "W1")
    assert seal_at(timezone.now()) == 0
    newest = sealing.seal()
    assert seal_at(timezone.now()) == newest == Seal.objects.latest("number").number


def test_values_of_an_area_are_exact(world: World) -> None:
    moments = world.live(7, 60)
    area = {
        place: warehouse.area_id
        for warehouse in world.warehouses.values()
        for place in warehouse.places.values_list("id", flat=True)
    }
    for at in [None, *moments]:
        expected: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
        for (item, _lot, place), (_quantity, value) in world.replay(at=at).items():
            expected[item, area[place]] += value
        found: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
        for row in as_of(SYSTEM, at=at):
            found[row.item.id, area[row.place.id]] += row.figures.value
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}


def test_on_hand_is_the_balances_and_pools(world: World) -> None:
    world.live(3, 60)
    rows = on_hand(SYSTEM)
    assert _quantities(rows) == {
        (b.item_id, b.lot_id, b.place_id): b.on_hand for b in Balance.objects.exclude(on_hand=0)
    }
    assert sum(row.figures.value for row in rows) == sum(p.value for p in CostPool.objects.all())
    for row in rows:
        figures = row.figures
        parts = figures.available + figures.reserved + figures.held + figures.in_transit
        assert figures.on_hand == parts
    by_item = on_hand(SYSTEM, by=("item",))
    assert sum(r.figures.on_hand for r in by_item) == sum(r.figures.on_hand for r in rows)
    assert sum(r.figures.value for r in by_item) == sum(r.figures.value for r in rows)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("places", [None, "W1"])
def test_card_pages_carry_the_balance(world: World, newest_first: bool, places: str | None) -> None:
    world.live(11, 80)
    item = world.items[0]
    only = [world.place(places).pk] if places else None
    whole = card(SYSTEM, item.pk, places=only, newest_first=False, limit=None)
    running = ZERO
    worth = ZERO
    for row in whole.rows:
        running += row.change
        worth += (row.movement.value or 0) * (0 if row.internal else 1 if row.quantity_in else -1)
        assert row.balance == running
        assert row.balance_value == (None if places else worth)
    assert whole.opening == 0
    assert whole.closing == running
    paged, cursor = [], None
    while True:
        page = card(SYSTEM, item.pk, places=only, cursor=cursor, newest_first=newest_first, limit=7)
        paged += page.rows
        if page.following is None:
            break
        cursor = page.following
    if newest_first:
        paged.reverse()
    assert [(r.movement.id, r.balance, r.balance_value) for r in paged] == [
        (r.movement.id, r.balance, r.balance_value) for r in whole.rows
    ]


def test_card_of_a_stretch_starts_from_its_opening(world: World) -> None:
    moments = world.live(12, 60)
    start, end = sorted(moments[:2])
    item = world.items[2].pk
    page = card(SYSTEM, item, start=start, end=end, limit=None)
    before = as_of(SYSTEM, StockFilter(items=[item]), at=start - timedelta(microseconds=1))
    upto = as_of(SYSTEM, StockFilter(items=[item]), at=end - timedelta(microseconds=1))
    assert page.opening == sum(row.figures.on_hand for row in before)
    assert page.closing == sum(row.figures.on_hand for row in upto)


def test_explained_parts_are_exactly_the_number(world: World) -> None:
    moments = world.live(5, 60)
    lot = world.lots[world.items[1].pk][0].pk
    world.buy(world.items[1], 9, "W1", lot=lot)
    world.move(world.items[1], 2, "W1", "A-01", lot=lot)
    world.move(world.items[1], 2, "W1", "W2", lot=lot)
    moments.append(timezone.now())
    for row in on_hand(SYSTEM):
        lots = [row.lot.id] if row.lot else None
        answer = explain(SYSTEM, row.item.id, lots=lots, places=[row.place.id])
        assert answer.on_hand == row.figures.on_hand == sum(part.change for part in answer.parts)
    item = world.items[1].pk
    for at in moments:
        answer = explain(SYSTEM, item, warehouses=[world.warehouses["W1"].pk], at=at)
        assert answer.on_hand == sum(part.change for part in answer.parts)
    everything = explain(SYSTEM, item)
    assert all(
        (part.movement.source.warehouse is None) != (part.movement.target.warehouse is None)
        for part in everything.parts
    )


def test_summary_keeps_its_identity_and_equals_a_replay(world: World) -> None:
    world.live(9, 80)
    zone_today = timezone.localdate()
    for start, end in (
        (zone_today.replace(day=1), zone_today),
        (
            (zone_today.replace(day=1) - timedelta(days=1)).replace(day=1),
            zone_today.replace(day=1) - timedelta(days=1),
        ),
        (zone_today - timedelta(days=50), zone_today - timedelta(days=20)),
    ):
        answer = summary(SYSTEM, start=start, end=end, types=True)
        assert answer.rows
        assert answer.balanced
        for row in answer.rows:
            flows = row.by_type.values()
            assert sum(flow.quantity_in for flow in flows) == row.quantity.into
            assert sum(flow.quantity_out for flow in flows) == row.quantity.out
            assert sum(flow.value_in for flow in flows) == row.value.into
            assert sum(flow.value_out for flow in flows) == row.value.out
        last = as_of(SYSTEM, at=_end_of(end), by=("item",))
        assert {
            r.item.id: r.number("quantity", "closing") for r in answer.rows if r.quantity.closing
        } == {r.item.id: r.figures.on_hand for r in last if r.figures.on_hand}
        assert {
            r.item.id: r.number("value", "closing") for r in answer.rows if r.value.closing
        } == {r.item.id: r.figures.value for r in last if r.figures.value}
        by_category = summary(SYSTEM, start=start, end=end, by="category")
        assert by_category.total.value.closing == answer.total.value.closing
        places = by_warehouse(SYSTEM, start=start, end=end, types=True)
        assert places.balanced
        assert places.total.value == answer.total.value
        by_hand = summary(SYSTEM, start=start, end=end, warehouses=places.warehouses[:1])
        assert places.rows[0].count == len(by_hand.rows)


def _end_of(day):  # type: ignore[no-untyped-def]
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    return datetime.combine(day, time.max, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_wrong_balance_shows_as_an_unbalanced_row(world: World) -> None:
    world.buy(world.items[0], 5, "W1")
    Balance.objects.filter(item=world.items[0]).update(on_hand=Decimal(6))
    today = timezone.localdate()
    answer = summary(SYSTEM, start=today.replace(day=1), end=today)
    assert [row.balanced for row in answer.rows] == [False]


def test_moves_inside_the_warehouses_are_neither_in_nor_out(world: World) -> None:
    item = world.items[0]
    world.buy(item, 10, "W1")
    world.move(item, 4, "W1", "W2")
    today = timezone.localdate()
    whole = summary(SYSTEM, start=today, end=today).rows[0]
    assert (whole.quantity.into, whole.quantity.out) == (10_000_000, 0)
    one = summary(SYSTEM, start=today, end=today, warehouses=[world.warehouses["W1"].pk])
    assert (one.rows[0].quantity.into, one.rows[0].quantity.out) == (10_000_000, 4_000_000)
    assert one.rows[0].value is None
    assert one.partial_areas
    assert Movement.objects.count() == 2
