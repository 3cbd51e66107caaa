"""Reorder suggestions: reckoned from demand and what is on the way, asked for in one click, once."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.models import Suggestion
from alerts.reorder import reckoning, suggesting
from alerts.reorder.forecasting import Forecast
from people.access import SYSTEM
from stock import ledger
from stock.ledger import LineInput
from stock.models import ItemUnit, Movement, Unit
from tests.alerts.test_habits import issue
from tests.alerts.test_rules import past
from tests.workflows.test_entry import signed_in
from tests.workflows.world import D, World
from workflows.models import Document


def even(level: float, deviation: float = 0.0) -> Forecast:
    """A forecast of the same demand each week."""
    return Forecast("smooth", "ses_0.1", [level] * 8, deviation)


def need(available: float, coming: float = 0.0, **values: Any) -> reckoning.Answer:
    """The answer for 70 a week."""
    return reckoning.reckon(reckoning.Need(even(70.0), available, coming, **values))


def test_point_and_packs_by_hand() -> None:
    """10 a day, 7 days of delivery and 7 to the next look: at 70 order up to 140, in whole packs."""
    assert need(71.0).packs == 0
    answer = need(70.0)
    assert (answer.per_day, answer.point, answer.packs, answer.days_left) == (10.0, 70.0, 70.0, 7.0)
    assert need(60.0, pack=24.0).packs == 4  # 80 in packs of 24
    assert need(20.0, coming=60.0).packs == 0
    assert need(20.0, coming=50.0).packs == 70
    assert need(100.0, lead=14).packs == 110
    assert need(50.0, point=60.0, maximum=100.0).packs == 50
    assert need(-10.0).days_left == 0.0


def test_safety_grows_with_uncertainty() -> None:
    """1.645 deviations over delivery and review."""
    answer = reckoning.reckon(reckoning.Need(even(70.0, 10.0), 0.0, 0.0))
    assert answer.safety == pytest.approx(1.645 * 10 * 2**0.5)
    assert answer.point == pytest.approx(70 + answer.safety)


def test_no_demand_asks_for_nothing_unless_a_point_is_set() -> None:
    """What nobody uses is not ordered again by itself."""
    none = Forecast("none", "none", [0.0] * 8, 0.0)
    assert reckoning.reckon(reckoning.Need(none, 0.0, 0.0)).packs == 0
    assert reckoning.reckon(reckoning.Need(none, 2.0, 0.0, point=5.0, maximum=12.0)).packs == 10


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """A company whose issues count as demand."""
    monkeypatch.setattr(suggesting, "DEMAND", ("other_out",))
    return World("RO")


def used(world: World, monkeypatch: pytest.MonkeyPatch, *quantities: int, stock: int) -> Any:
    """An item of which so much was used up, a week each, and of which ``stock`` is left."""
    item = world.stocked(sum(quantities) + stock)
    for quantity in quantities:
        issue(world, (item, quantity))
    rows = list(Movement.objects.filter(item=item, type="other_out").order_by("pk"))
    times = [timezone.now() - timedelta(weeks=len(rows) - at) for at in range(len(rows))]
    told = {row.pk: at for row, at in zip(rows, times, strict=True)}
    real = suggesting._demand

    def demand(now: Any) -> dict[tuple[int, int], list[float]]:
        series = [0.0] * 8
        for row in rows:
            at = 7 - min(7, int((now - told[row.pk]).days // 7))
            series[at] += float(row.quantity)
        return {**real(now), (item.pk, world.main.pk): series}

    monkeypatch.setattr(suggesting, "_demand", demand)
    return item


def test_suggested_and_requested_in_one_click(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By item and warehouse; ticked rows become one draft per supplier; asked for twice they are made once."""
    box = Unit.objects.create(code="BOX", name="box")
    items = [used(world, monkeypatch, *[70] * 8, stock=20) for _one in range(2)]
    enough = used(world, monkeypatch, *[7] * 8, stock=500)
    ItemUnit.objects.create(item=items[0], unit=box, numerator=50)
    assert suggesting.reckon_all() == 2
    row = Suggestion.objects.get(item=items[0])
    assert (row.warehouse, row.available, row.unit, row.quantity) == (
        world.main, D(20), box, row.packs * 50,
    )  # fmt: skip
    assert Suggestion.objects.get(item=enough).quantity == 0
    client = signed_in(world.buyer)
    page = client.get(reverse("alerts:reorder")).content.decode()
    assert items[0].code in page
    assert enough.code not in page
    assert enough.code in client.get(reverse("alerts:reorder") + "?all=1").content.decode()
    picked = {
        "do": "request",
        "pick": list(Suggestion.objects.filter(quantity__gt=0).values_list("pk", flat=True)),
    }
    answer = client.post(reverse("alerts:reorder"), picked)
    draft = Document.objects.get(type="purchase_order")
    assert answer.url == reverse("workflows:edit", args=[draft.key])
    assert {(line.item, line.unit.code) for line in draft.lines.all()} == {
        (items[0], "BOX"), (items[1], "PCS"),
    }  # fmt: skip
    client.post(reverse("alerts:reorder"), picked)
    assert Document.objects.filter(type="purchase_order").count() == 1
    assert suggesting.reckon_all() == 0, "what is requested is not asked for again"
    assert Suggestion.objects.get(item=items[0]).asked == row.quantity


def test_demand_of_the_book_by_week(world: World) -> None:
    """What was used up before this week, by item and warehouse; what was reversed is none."""
    item = world.stocked(100)
    issue(world, (item, 3))
    now = timezone.now()
    assert suggesting._demand(now) == {}
    later = suggesting._demand(now + timedelta(weeks=3))
    series = later[item.pk, world.main.pk]
    assert sum(series) == 3
    assert series[-3] == 3
    assert len(series) == 8


def test_a_reorder_point_is_for_all_warehouses_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts where most is used; what lies elsewhere need not be bought, and is no reason to buy."""
    item = used(world, monkeypatch, *[7] * 8, stock=30)
    item.reorder_point, item.maximum = D(80), D(120)
    item.save()
    elsewhere = world.other.pk
    real = suggesting._facts

    def facts(now: Any) -> Any:
        found = real(now)
        found.available[item.pk, elsewhere] = D(there)
        return found

    monkeypatch.setattr(suggesting, "_facts", facts)
    there = 60
    assert suggesting.reckon_all() == 0
    there = 20
    assert suggesting.reckon_all() == 1
    row = Suggestion.objects.get(item=item)
    assert (row.warehouse, row.point, row.quantity) == (world.main, 60, 70)


def test_only_who_may_see_and_ask(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another warehouse's suggestions are not shown; without the right to ask there is no button."""
    item = used(world, monkeypatch, *[70] * 8, stock=20)
    suggesting.reckon_all()
    page = signed_in(world.dan).get(reverse("alerts:reorder")).content.decode()
    assert item.code not in page
    assert signed_in(world.bob).post(reverse("alerts:reckon")).status_code == 403
    assert signed_in(world.buyer).post(reverse("alerts:reckon")).status_code == 302


def test_statements_do_not_grow_with_items(
    world: World, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    """Reckoning thirty items takes as many statements as one."""
    for _one in range(5):
        used(world, monkeypatch, 5, stock=1)
    with django_assert_max_num_queries(18):
        suggesting.reckon_all()


@pytest.mark.django_db
def test_what_came_back_is_no_demand(django_assert_num_queries: Any) -> None:
    """It is taken off the week in which it was sold, as far as the return was not reversed itself."""
    world = World("RB")
    kept, back = world.item(), world.item()
    for item in (kept, back):
        past(world, item, "opening", 100, 60)
        past(world, item, "sales_out", 30, 40)
        past(world, item, "sales_out", 20, 20)
    for quantity, reversed_again in ((25, False), (5, True)):
        sold = Movement.objects.get(item=back, type="sales_out", quantity=30)
        posted = ledger.post(
            [
                LineInput(
                    type="sales_return", item=back.pk, source=sold.target_id, target=sold.source_id,
                    quantity=D(quantity), original=sold.pk,
                )
            ],
            company=world.company,
            key=uuid.uuid4().hex,
            actor=None,
            access=SYSTEM,
        )  # fmt: skip
        if reversed_again:
            ledger.reverse(
                posted.posting_id, key=uuid.uuid4().hex, actor=None, access=SYSTEM, why="wrong"
            )
    with django_assert_num_queries(2):
        demand = suggesting._demand(timezone.now())
    weeks = [[one for one in demand[item.pk, world.main.pk] if one] for item in (kept, back)]
    assert weeks == [[30.0, 20.0], [5.0, 20.0]]
