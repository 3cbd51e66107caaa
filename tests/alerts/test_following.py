"""From a posting to a case and back: the outbox carries it, twice is once, what is gone ends by itself."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import evaluating, states
from alerts.following import CONSUMER
from alerts.kinds.base import EVERYTHING
from alerts.models import Case, CaseEvent, Rule, Sighting, Telling
from core import outbox
from core.models import OutboxRow
from people.access import SYSTEM
from people.models import Notice
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Item, Place
from tests.workflows.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Goods, people, and the shipped rule of low stock alone."""
    Rule.objects.exclude(code="low-stock").update(active=False)
    Rule.objects.filter(code="low-stock").update(quiet_from=None, quiet_until=None)
    return World()


def low(world: World, point: int = 50, quantity: int = 100) -> Item:
    """An item with a reorder point."""
    item = world.stocked(quantity)
    item.reorder_point = Decimal(point)
    item.save()
    return item


def take(world: World, item: Item, quantity: int) -> None:
    """Post an issue past the documents."""

    ledger.post(
        [
            LineInput(
                type="scrap" if quantity > 0 else "opening",
                item=item.pk,
                source=catalog.default_place(world.main).pk
                if quantity > 0
                else Place.objects.get(company=world.company, kind="opening").pk,
                target=Place.objects.get(company=world.company, kind="scrap").pk
                if quantity > 0
                else catalog.default_place(world.main).pk,
                quantity=Decimal(abs(quantity)),
                unit_cost=None if quantity > 0 else Decimal(10),
            )
        ],
        company=world.company,
        key=uuid.uuid4().hex,
        actor=None,
        access=SYSTEM,
    )


def relay() -> int:
    """What a worker does."""
    return outbox.deliver(CONSUMER)


def test_a_posting_opens_a_case_and_the_next_ends_it(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    item = low(world)
    relay()
    assert not Case.objects.exists()
    take(world, item, 60)
    with django_capture_on_commit_callbacks(execute=True):
        assert relay() > 0
    case = Case.objects.get()
    assert (case.item, case.state, case.role and case.role.code) == (item, "open", "procurement")
    assert case.owner == world.buyer
    assert case.figures == {"available": "40", "incoming": "0", "point": "50", "unit": "PCS"}
    assert case.due_at is not None
    assert case.due_at > case.opened_at
    assert case.remind_at is not None
    assert case.remind_at < case.due_at
    notice = Notice.objects.get(user=world.buyer)
    assert notice.kind == "alerts.opened"
    assert str(case.key) in notice.url
    take(world, item, -5)
    relay()
    case.refresh_from_db()
    assert (case.state, case.figures["available"]) == ("open", "45")
    take(world, item, -100)
    relay()
    case.refresh_from_db()
    assert (case.state, case.cause and case.cause.code) == ("solved", "gone")
    assert [event.verb for event in case.events.all()] == ["fire", "gone"]


def test_the_same_news_twice_has_one_effect(world: World) -> None:
    item = low(world)
    take(world, item, 60)
    relay()
    before = (Case.objects.count(), CaseEvent.objects.count(), Telling.objects.count())
    OutboxRow.objects.filter(consumer=CONSUMER).update(state="waiting", done_at=None)
    assert relay() > 0
    evaluating.sweep()
    assert before == (Case.objects.count(), CaseEvent.objects.count(), Telling.objects.count())
    assert before[0] == 1


def test_hysteresis_keeps_a_case_open_near_the_point(world: World) -> None:
    Rule.objects.filter(code="low-stock").update(hysteresis_percent=10)
    item = low(world)
    take(world, item, 60)
    relay()
    take(world, item, -12)  # 52: above the point, within 10 %
    relay()
    assert Case.objects.get().state == "open"
    take(world, item, -5)
    relay()
    assert Case.objects.get().state == "solved"


def test_a_dwell_lets_what_passes_pass(world: World) -> None:
    rule = Rule.objects.get(code="low-stock")
    rule.dwell_minutes = 30
    rule.save()
    item = low(world)
    take(world, item, 60)
    relay()
    assert not Case.objects.exists()
    assert Sighting.objects.count() == 1
    assert not evaluating.dwelt().opened
    take(world, item, -60)
    relay()
    assert not Sighting.objects.exists()
    take(world, item, 60)
    relay()
    Sighting.objects.update(first_at=timezone.now() - timedelta(minutes=31))
    assert len(evaluating.dwelt().opened) == 1
    assert not Sighting.objects.exists()


def test_a_rule_that_fails_silences_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dwell that no calendar holds and a kind that breaks: the others are looked at, and the failure is not hidden."""
    first = Rule.objects.get(code="low-stock")
    Rule.objects.create(code="second", kind=first.kind, severity="high", role=first.role)
    item = low(world)
    take(world, item, 60)
    evaluate = evaluating.evaluate

    def breaks(rule: Rule, *arguments: Any) -> Any:
        if rule.pk == first.pk:
            raise ArithmeticError(rule.code)
        return evaluate(rule, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(evaluating, "evaluate", breaks)
        for look in (
            evaluating.sweep,
            lambda: evaluating.touched("items", [item.pk]),
        ):
            with pytest.raises(ArithmeticError):
                look()
            assert Case.objects.get().rule.code == "second"
    Rule.objects.filter(pk=first.pk).update(dwell_minutes=2_147_483_647)
    Rule.objects.filter(code="second").update(dwell_minutes=1)
    sighting = {"subject_kind": "item", "subject_key": "1", "item": item}
    long_ago = timezone.now() - timedelta(days=1)
    Sighting.objects.create(rule=Rule.objects.get(code="second"), first_at=long_ago, **sighting)
    with pytest.raises(OverflowError):
        evaluating.dwelt()
    assert not Sighting.objects.exists()


def test_what_comes_again_is_the_same_case(world: World) -> None:
    item = low(world)
    for _round in range(2):
        take(world, item, 60)
        relay()
        take(world, item, -60)
        relay()
    case = Case.objects.get()
    assert (case.times, case.state) == (2, "solved")
    assert [event.verb for event in case.events.all()] == ["fire", "gone", "again", "gone"]
    Case.objects.update(ended_at=timezone.now() - timedelta(days=8))
    take(world, item, 60)
    relay()
    assert Case.objects.count() == 2


def test_master_data_is_news(world: World) -> None:
    item = world.stocked(10)
    item.reorder_point = Decimal(20)
    item.save()
    relay()
    assert Case.objects.get().state == "open"
    item.reorder_point = Decimal(5)
    item.save()
    relay()
    assert Case.objects.get().state == "solved"


def test_many_at_once_are_told_as_one(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    for _number in range(8):
        item = low(world, 50, 10)
    with django_capture_on_commit_callbacks(execute=True):
        evaluating.sweep()
    assert Case.objects.filter(state="open").count() == 8
    notice = Notice.objects.get(user=world.buyer)
    assert notice.kind == "alerts.many"
    assert notice.data["count"] == 8
    assert item is not None


def test_a_sweep_asks_the_same_number_of_questions_whatever_it_finds(
    world: World,
) -> None:
    low(world, 50, 10)
    rule, kind = evaluating.active()[0]
    evaluating.evaluate(rule, kind, EVERYTHING)
    with CaptureQueriesContext(
        connection,
    ) as first:
        evaluating.evaluate(rule, kind, EVERYTHING)
    for _number in range(12):
        low(world, 50, 10)
    evaluating.evaluate(rule, kind, EVERYTHING)
    with CaptureQueriesContext(connection) as second:
        evaluating.evaluate(rule, kind, EVERYTHING)
    assert len(first) == len(second)
    assert Case.objects.filter(state__in=states.LIVE).count() == 13
