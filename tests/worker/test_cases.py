"""Cases with a real worker: a case is there within two seconds of its posting, and a killed worker costs none."""

import time
from collections.abc import Callable
from decimal import Decimal
from statistics import quantiles

import pytest

from alerts.models import Case, Rule
from tests.worker.conftest import Worker, eventually
from tests.workflows.world import World

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
ROUNDS = 12


def _world() -> World:
    Rule.objects.update(dwell_minutes=0)
    return World()


def _low(world: World) -> int:
    """An item that the next posting takes below its point; posts it."""
    item = world.stocked(100)
    item.reorder_point = Decimal(50)
    item.save()
    document = world.draft("scrap", {"item": item.code, "quantity": "60"}, by=world.head)
    world.act(document, "submit", world.head)
    document.refresh_from_db()
    if document.state != "posted":
        world.act(document, "approve", world.bob)
    return item.pk


def _opened(item: int) -> bool:
    return Case.objects.filter(item=item, rule__code="low-stock", state="open").exists()


def test_a_case_is_there_soon_after_its_posting(
    start_worker: Callable[..., Worker], capsys: pytest.CaptureFixture[str]
) -> None:
    """How soon is printed, not judged: it is the machine's (target: p95 within 2 s)."""
    start_worker()
    world = _world()
    first = _low(world)
    eventually(lambda: _opened(first))
    taken = []
    for _round in range(ROUNDS):
        item = _low(world)
        began = time.monotonic()
        while not _opened(item):
            assert time.monotonic() - began < 20
            time.sleep(0.02)
        taken.append(time.monotonic() - began)
    slow = quantiles(taken, n=20)[-1]
    with capsys.disabled():
        print(
            f"\nposting → case: p50 {sorted(taken)[ROUNDS // 2]:.2f} s, p95 {slow:.2f} s (target 2)"
        )


def test_a_worker_killed_in_the_middle_costs_no_case(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker()
    world = _world()
    items = [_low(world) for _round in range(4)]
    worker.kill()
    items += [_low(world) for _round in range(4)]
    start_worker()
    from core import nudges

    nudges.forget()
    nudges.start("core.sweep")
    eventually(lambda: all(_opened(item) for item in items))
    for item in items:
        case = Case.objects.get(item=item, rule__code="low-stock")
        assert [event.verb for event in case.events.all()] == ["fire"]
