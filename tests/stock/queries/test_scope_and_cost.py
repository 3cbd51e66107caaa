"""Nobody sees another warehouse's rows or a cost without the right, whatever the question."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.access import NOBODY, SYSTEM, Access
from stock import reservations, sealing
from stock.queries.as_of import as_of
from stock.queries.card import card
from stock.queries.explain import explain
from stock.queries.movements import MovementFilter, movements
from stock.queries.on_hand import StockFilter, on_hand
from stock.queries.sight import snapshot
from stock.queries.summary import summary
from stock.queries.trace import trace
from tests.stock.queries.world import World, make_world


def _ask(access: Access, world: World) -> dict[str, Any]:
    """Every question at once."""
    today = timezone.localdate()
    item = world.items[1].pk
    return {
        "on_hand": on_hand(access),
        "as_of": as_of(access, at=timezone.now()),
        "known_at": as_of(access, at=None, seal=1),
        "card": [card(access, each.pk, limit=None) for each in world.items],
        "explain": explain(access, item),
        "movements": movements(access, limit=None),
        "summary": summary(access, start=today - timedelta(days=90), end=today, types=True),
        "trace": [trace(access, lot.pk) for lot in world.lots[item]],
    }


def _all(found: Any) -> list[Any]:
    """Every object inside an answer."""
    if isinstance(found, dict):
        return [part for value in found.values() for part in _all(value)]
    if isinstance(found, list | tuple):
        return [part for value in found for part in _all(value)]
    names = getattr(type(found), "__slots__", ())
    return [found, *(part for name in names for part in _all(getattr(found, name)))]


@pytest.fixture
def busy(world: World) -> World:
    world.live(21, 70)
    world.buy(world.items[0], 9, "W1")
    world.move(world.items[0], 2, "W1", "W3")
    sealing.seal()
    return world


def test_one_warehouse_sees_only_its_rows(busy: World) -> None:
    mine = busy.warehouses["W3"]
    places = set(mine.places.values_list("id", flat=True))
    answers = _ask(busy.clerk("W3", cost=True), busy)
    seen = [part for part in _all(answers) if type(part).__name__ == "PlaceFacts"]
    assert seen
    assert {place.id for place in seen if place.warehouse is not None} <= places
    rows = answers["movements"].rows
    assert any(row.source is None for row in rows)
    expected = {
        key: quantity
        for key, (quantity, _value) in busy.replay().items()
        if key[2] in places and quantity
    }
    assert {
        (row.item.id, row.lot.id if row.lot else 0, row.place.id): row.figures.on_hand
        for row in answers["on_hand"]
    } == expected
    for name in ("as_of", "known_at"):
        assert {row.warehouse for row in answers[name]} <= {mine.pk}


def test_one_of_two_warehouses_of_an_area_has_no_summed_values(busy: World) -> None:
    answer = _ask(busy.clerk("W1", cost=True), busy)
    assert all(row.value is None for row in answer["summary"].rows)
    assert answer["summary"].partial_areas
    assert all(row.figures.value is not None for row in answer["on_hand"])
    assert _ask(busy.clerk("W3", cost=True), busy)["summary"].shows_value


def test_without_the_right_there_is_no_value_anywhere(busy: World) -> None:
    for part in _all(_ask(busy.clerk("W1", "W2", "W3"), busy)):
        for name in (
            "value",
            "unit_cost",
            "balance_value",
            "opening_value",
            "closing_value",
            "rate",
        ):
            assert getattr(part, name, None) is None or callable(getattr(part, name)), (part, name)
    with_right = _all(_ask(busy.clerk("W1", "W2", "W3", cost=True), busy))
    assert any(getattr(part, "unit_cost", None) for part in with_right)


def test_nobody_sees_nothing(busy: World) -> None:
    answers = _ask(NOBODY, busy)
    assert not answers["on_hand"]
    assert not answers["as_of"]
    assert not answers["movements"].rows
    assert not answers["summary"].rows
    assert not answers["explain"].parts
    assert not any(page.rows for page in answers["card"])


@pytest.mark.parametrize(
    "question", ["on_hand", "as_of", "card", "explain", "movements", "summary"]
)
def test_statements_do_not_grow_with_rows(world: World, question: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            today = timezone.localdate()
            item = world.items[0].pk
            {
                "on_hand": lambda: on_hand(SYSTEM),
                "as_of": lambda: as_of(SYSTEM, at=timezone.now()),
                "card": lambda: card(SYSTEM, item),
                "explain": lambda: explain(SYSTEM, item),
                "movements": lambda: movements(SYSTEM),
                "summary": lambda: summary(
                    SYSTEM, start=today.replace(day=1), end=today, types=True
                ),
            }[question]()
        return len(queries)

    for item in world.items:
        lot = world.lots[item.pk][0].pk if world.lots[item.pk] else 0
        world.buy(item, 3, "W1", lot=lot)
    sealing.seal()
    few = count()
    world.live(4, 60)
    sealing.seal()
    assert count() == few


def test_reserved_is_laid_where_it_would_be_taken_from(world: World) -> None:
    item, (first, second) = world.items[1], world.lots[world.items[1].pk]
    second.expires_on = timezone.localdate() + timedelta(days=9)
    second.save()
    first.expires_on = timezone.localdate() + timedelta(days=90)
    first.save()
    world.buy(item, 10, "W1", lot=first.pk)
    world.buy(item, 5, "A-01", lot=second.pk)
    warehouse = world.warehouses["W1"].pk
    reservations.reserve(
        [reservations.ReservationInput(item=item.pk, warehouse=warehouse, quantity=Decimal(7))],
        reference="SO-1",
        actor=None,
        access=SYSTEM,
    )
    rows = {row.place.code: row.figures for row in on_hand(SYSTEM)}
    assert (rows["A-01"].reserved, rows["A-01"].available) == (5, 0)
    assert (rows["W1"].reserved, rows["W1"].available) == (2, 8)
    only = on_hand(SYSTEM, StockFilter(lots=[first.pk]))
    assert [row.figures.reserved for row in only] == [2]


def test_held_and_in_transit_are_on_hand_but_not_available(world: World) -> None:
    item = world.items[0]
    world.buy(item, 10, "W1")
    world.post("hold", item, 3, source=world.place("W1"), target=world.place("W1-Q"))
    world.post(
        "transfer_out",
        item,
        2,
        source=world.place("W1"),
        target=world.place("W2-T"),
        cost_object="SH-1",
    )
    (row,) = on_hand(SYSTEM, by=("item",))
    figures = row.figures
    assert (figures.on_hand, figures.available, figures.held, figures.in_transit) == (10, 5, 3, 2)
    assert figures.value == 100


def test_a_trace_follows_conversions_both_ways(world: World) -> None:
    from stock import ledger

    motor, oil = world.items[1], world.items[2]
    first, second = world.lots[motor.pk]
    world.buy(motor, 10, "W1", lot=first.pk)
    world.buy(oil, 4, "W1")
    conversion = world.virtual("conversion").pk
    place = world.place("W1").pk
    lines = [
        ledger.LineInput(
            type="assembly",
            item=motor.pk,
            source=place,
            target=conversion,
            quantity=Decimal(2),
            lot=first.pk,
        ),
        ledger.LineInput(
            type="assembly", item=oil.pk, source=place, target=conversion, quantity=Decimal(1)
        ),
        ledger.LineInput(
            type="assembly",
            item=motor.pk,
            source=conversion,
            target=place,
            quantity=Decimal(1),
            lot=second.pk,
        ),
    ]
    ledger.post(
        lines, company=world.company, key="asm", actor=None, access=SYSTEM, document="ASM-1"
    )
    world.sell(motor, 1, "W1", lot=second.pk)
    back = trace(SYSTEM, second.pk)
    assert [(step.depth, step.movement.type) for step in back.origins] == [
        (0, "assembly"),
        (1, "assembly"),
        (1, "assembly"),
        (1, "purchase_in"),
    ]
    assert {step.movement.lot.number for step in back.origins if step.movement.lot} == {"L1", "L2"}
    forth = trace(SYSTEM, first.pk)
    assert [(step.depth, step.movement.type) for step in forth.uses] == [
        (0, "assembly"),
        (1, "assembly"),
        (1, "sales_out"),
    ]
    assert forth.uses[-1].movement.partner_code == "K1"
    assert sum(row.figures.on_hand for row in forth.places) == 8


def test_movements_filter_and_page_without_gap_or_double(busy: World) -> None:
    whole = movements(SYSTEM, limit=None).rows
    cursor, paged = None, []
    while True:
        page = movements(SYSTEM, cursor=cursor, limit=9)
        paged += page.rows
        cursor = page.following
        if cursor is None:
            break
    assert [row.id for row in paged] == [row.id for row in whole]
    bought = movements(SYSTEM, MovementFilter(types=["purchase_in"]), limit=None).rows
    assert {row.type for row in bought} == {"purchase_in"}
    assert len(bought) == sum(row.type == "purchase_in" for row in whole)


@pytest.mark.django_db(transaction=True)
def test_snapshots_nest_and_end() -> None:
    world = make_world()
    world.buy(world.items[0], 5, "W1")
    with snapshot(), snapshot():
        assert on_hand(SYSTEM)[0].figures.on_hand == 5
    world.buy(world.items[0], 2, "W1")
    assert on_hand(SYSTEM)[0].figures.on_hand == 7
