"""Races of a few microseconds, held open: one client is stopped in the middle while another goes on (PostgreSQL)."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from people.access import SYSTEM
from stock import cost_methods, periods, sealing, verify
from stock.book_sql import facts
from stock.errors import PostingRefused
from stock.models import Balance, CostLayer, Reservation
from tests.laws.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PATIENCE = 30
"""Seconds in which whatever is free to go on must have ended."""
WAITS = 1.5
"""Seconds after which whoever has not ended is taken to wait."""


@pytest.fixture
def world() -> Iterator[World]:
    """A world that must be right afterwards."""
    world = World()
    yield world
    sealing.seal()
    assert [finding.as_dict() for finding in verify.verify().findings if finding.wrong] == []


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def last_month() -> datetime:
    return timezone.now().replace(day=1) - timedelta(days=5)


def alone(call: Callable[[], Any]) -> Any:
    """The call on a connection of its own."""
    try:
        return call()
    finally:
        connections.close_all()


class Stopped:
    """A client that has done its act and not yet committed it."""

    def __init__(self, pool: ThreadPoolExecutor, act: Callable[[], Any]) -> None:
        self.acted, self.go = Event(), Event()
        self.act = act
        self.result: Future[Any] = pool.submit(alone, self._run)
        assert self.acted.wait(PATIENCE) or self.result.result(0)

    def _run(self) -> Any:
        with transaction.atomic():
            done = self.act()
            self.acted.set()
            assert self.go.wait(PATIENCE)
        return done

    def end(self) -> Any:
        """Let it commit."""
        self.go.set()
        return self.result.result(PATIENCE)


def waiting(pool: ThreadPoolExecutor, act: Callable[[], Any]) -> Future[Any]:
    """The act of another client, which cannot go on now."""
    other = pool.submit(alone, act)
    with pytest.raises(TimeoutError):
        other.result(WAITS)
    return other


def test_a_month_is_closed_after_the_postings_that_are_under_way(
    world: World, pool: ThreadPoolExecutor
) -> None:
    item, last = world.item(), last_month()
    poster = Stopped(
        pool, lambda: world.move("purchase_in", item, 5, unit_cost=3, effective_at=last)
    )
    closing = waiting(
        pool, lambda: periods.close(world.company, last.date(), actor=None, access=SYSTEM)
    )
    poster.end()
    assert closing.result(PATIENCE).state == "closed"
    with pytest.raises(PostingRefused):
        world.move("purchase_in", item, 5, unit_cost=3, effective_at=last)


def test_a_posting_waits_for_whoever_closes_its_month_and_is_refused(
    world: World, pool: ThreadPoolExecutor
) -> None:
    item, last = world.item(), last_month()
    closer = Stopped(
        pool, lambda: periods.close(world.company, last.date(), actor=None, access=SYSTEM)
    )
    posting = waiting(
        pool, lambda: world.move("purchase_in", item, 5, unit_cost=3, effective_at=last)
    )
    closer.end()
    with pytest.raises(PostingRefused) as refusal:
        posting.result(PATIENCE)
    assert refusal.value.lines[0].code == "closed_period"
    assert not Balance.objects.filter(item=item).exists()


def test_a_method_is_changed_after_the_postings_that_are_under_way(
    world: World, pool: ThreadPoolExecutor
) -> None:
    """The first receipt of an item makes its pool, which nobody else sees yet: the change must find it."""
    item = world.item("average")
    poster = Stopped(pool, lambda: world.move("purchase_in", item, 5, unit_cost=3))
    changing = waiting(
        pool,
        lambda: cost_methods.change_method(item.category, "fifo", actor=None, access=SYSTEM),
    )
    poster.end()
    changing.result(PATIENCE)
    assert CostLayer.objects.filter(pool__item=item, quantity__gt=0).count() == 1


def test_a_promise_that_appears_while_a_posting_is_planned_is_kept(
    world: World, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which stock is promised is read before the balances are locked; whoever promises in between is seen."""
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=3)
    read, looks = facts.read_facts, []

    def reading(*given: Any, **named: Any) -> Any:
        state = read(*given, **named)
        looks.append(state)
        if len(looks) == 1:
            pool.submit(alone, lambda: world.promise(item, 8)).result(PATIENCE)
        return state

    monkeypatch.setattr(facts, "read_facts", reading)
    with pytest.raises(PostingRefused) as refusal:
        world.move("sales_out", item, 5)
    assert refusal.value.lines[0].code == "reserved"
    assert len(looks) == 2
    world.move("sales_out", item, 2)
    assert Balance.objects.get(item=item, place__kind="storage").on_hand == 8
    assert Reservation.objects.get(item=item).remaining == 8
