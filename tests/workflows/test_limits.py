"""Time limits: reminded before, then reminded, escalated or reassigned; each once, even when watched twice at once.

And stand-ins: somebody else does the tasks of whoever is away, never against four eyes.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from core.errors import DomainError
from people.access import access_for
from people.models import Notice, User
from tests.workflows.world import World
from workflows import clock, designing, limits, shipped, who
from workflows.models import Absence, Document, Event, Process, ProcessVersion, Task
from workflows.move import Move
from workflows.steps import Who

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai."""
HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def asked(world: World, **changes: Any) -> Document:
    """A scrap that the warehouse head is asked for: four working hours, reminded one before."""
    active = shipped.active_version(world.company, "scrap")
    step = replace(active.read_steps()[0], limit_hours=4, remind_hours=1, **changes)
    access = access_for(world.admin)
    draft = designing.start_draft(active.process, access=access)
    designing.put_step(draft, step, seen="", access=access)
    designing.activate(draft, actor=world.admin, access=access)
    item = world.stocked(100, 100)
    document = world.draft("scrap", {"item": item.code, "quantity": "20"})
    world.act(document, "submit", world.ann)
    return Document.objects.get(pk=document.pk)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def open_tasks(document: Document) -> dict[str, str]:
    rows = Task.objects.filter(document=document, state=Task.State.OPEN)
    return {str(task.user): task.why for task in rows}


@pytest.mark.django_db
def test_it_is_reminded_once_before_and_once_when_late(now: time_machine.Traveller) -> None:
    world = World()
    document = asked(world, late="remind", late_to=None)
    assert told(world.head) == ["workflows.task"]
    now.shift(2 * HOUR)
    assert limits.watch() == 0
    now.shift(2 * HOUR)  # 13:00, three working hours gone
    assert limits.watch() == 1
    assert limits.watch() == 0
    assert told(world.head) == ["workflows.task", "workflows.task"]
    now.shift(2 * HOUR)
    assert limits.watch() == 1
    assert limits.watch() == 0
    assert told(world.head)[2:] == ["workflows.overdue"]
    assert open_tasks(document) == {"head": "role"}
    assert [event.verb for event in Event.objects.filter(document=document)][-2:] == [
        "reminder",
        "escalate",
    ]


@pytest.mark.django_db
def test_escalating_asks_somebody_else_as_well(now: time_machine.Traveller) -> None:
    world = World()
    document = asked(world, late="escalate", late_to=Who("role", "approver", scope="any"))
    now.shift(6 * HOUR)
    assert limits.watch() == 1
    assert limits.watch() == 0
    assert open_tasks(document) == {"head": "role", "bob": "escalated"}
    assert told(world.bob) == ["workflows.escalated"]
    world.act(document, "approve", world.bob)
    document.refresh_from_db(fields=["posted_at"])
    assert document.posted_at is not None
    assert open_tasks(document) == {"fay": "role"}


@pytest.mark.django_db
def test_reassigning_gives_it_to_somebody_else(now: time_machine.Traveller) -> None:
    world = World()
    document = asked(world, late="reassign", late_to=Who("role", "approver", scope="any"))
    now.shift(6 * HOUR)
    assert limits.watch() == 1
    assert open_tasks(document) == {"bob": "escalated"}
    with pytest.raises(DomainError):
        world.act(document, "approve", world.head)
    assert limits.watch() == 0
    world.act(document, "approve", world.bob)


@pytest.mark.django_db
def test_nobody_is_escalated_to_who_wrote_the_document(now: time_machine.Traveller) -> None:
    world = World()
    document = asked(world, late="reassign", late_to=Who("user", user=world.ann.pk))
    now.shift(6 * HOUR)
    assert limits.watch() == 1
    assert open_tasks(document) == {"head": "role"}  # nobody else: it stays where it is


@pytest.mark.django_db
def test_what_goes_to_others_stays_overdue_and_the_document_as_it_was_seen(
    now: time_machine.Traveller,
) -> None:
    world = World()
    document = asked(world, late="escalate", late_to=Who("role", "approver", scope="any"))
    due = Task.objects.get(document=document).due_at
    now.shift(6 * HOUR)
    limits.watch()
    made = Task.objects.get(document=document, user=world.bob)
    assert made.due_at == due
    seen = document.version
    document.refresh_from_db(fields=["version"])
    assert document.version == seen  # a reminder refuses nobody's verdict
    world.act(document, "approve", world.head, version=seen)


@pytest.mark.django_db
def test_what_is_late_goes_to_the_stand_in_of_whoever_is_away(now: time_machine.Traveller) -> None:
    world = World()
    deputy = world.person("deputy", "approver")
    away(world.bob, deputy)
    document = asked(world, late="reassign", late_to=Who("user", user=world.bob.pk))
    now.shift(6 * HOUR)
    limits.watch()
    (task,) = Task.objects.filter(document=document, state=Task.State.OPEN)
    assert (task.user, task.on_behalf_of) == (deputy, world.bob)


@pytest.mark.django_db
def test_where_all_must_agree_one_takes_the_seat_of_one(now: time_machine.Traveller) -> None:
    world = World()
    world.person("second", "approver")
    document = asked(
        world, mode="all", late="reassign", late_to=Who("role", "approver", scope="any")
    )
    now.shift(6 * HOUR)
    limits.watch()
    assert list(open_tasks(document).values()) == ["escalated"]


@pytest.mark.django_db
def test_the_keeper_hears_when_there_is_nobody_for_what_is_late(
    now: time_machine.Traveller,
) -> None:
    world = World()
    document = asked(world, late="reassign", late_to=Who("user", user=world.ann.pk))
    Process.objects.filter(versions__documents=document).update(keeper=world.admin)
    now.shift(6 * HOUR)
    limits.watch()
    assert "workflows.nobody" in told(world.admin)


@pytest.mark.django_db
def test_a_verdict_that_was_just_given_comes_first(now: time_machine.Traveller) -> None:
    world = World()
    world.person("second", "warehouse_head")
    document = asked(world, late="reassign", late_to=Who("role", "approver", scope="any"))
    now.shift(6 * HOUR)
    world.act(document, "approve", world.head, data={"hold": True})
    assert limits.watch() == 0
    assert told(world.bob) == []


@pytest.mark.django_db
def test_documents_that_cannot_be_looked_after_do_not_take_the_place_of_others(
    now: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    bad = asked(world, late="remind", late_to=None)
    item = world.stocked(100, 100)
    good = world.draft("scrap", {"item": item.code, "quantity": "20"})
    world.act(good, "submit", world.ann)
    monkeypatch.setattr(limits, "_BATCH", 1)
    late = limits._late

    def failing(move: Move, task: Task) -> None:
        if move.document.pk == bad.pk:
            raise RuntimeError("broken")
        late(move, task)

    monkeypatch.setattr(limits, "_late", failing)
    now.shift(6 * HOUR)
    assert limits.watch() == 1
    assert told(world.head).count("workflows.overdue") == 1
    assert Task.objects.get(document=bad).escalated_at is None


@pytest.mark.django_db
def test_a_weekend_and_a_holiday_are_no_time(now: time_machine.Traveller) -> None:
    world = World()
    now.move_to(datetime(2026, 3, 6, 8, 30, tzinfo=UTC))  # Friday, half past four in Shanghai
    document = asked(world)
    task = Task.objects.get(document=document)
    assert task.due_at == datetime(2026, 3, 9, 3, 30, tzinfo=UTC)  # Monday, half past eleven
    now.shift(timedelta(days=2))
    assert limits.watch() == 0
    week, special, zone = clock.calendar_of(document)
    assert clock.between(task.created_at, task.due_at, week, special, zone) == 4 * HOUR


@pytest.mark.django_db
def test_a_done_task_is_left_alone(now: time_machine.Traveller) -> None:
    world = World()
    document = asked(world)
    world.act(document, "approve", world.head)
    now.shift(timedelta(days=3))
    assert limits.watch() == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_have_one_effect() -> None:
    world = World()
    document = asked(world, late="escalate", late_to=Who("role", "approver", scope="any"))
    past = timezone.now() - HOUR
    Task.objects.filter(document=document).update(due_at=past, remind_at=past)

    def watch() -> int:
        try:
            return limits.watch()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _n: watch(), range(4)))
    assert sum(done) == 1
    assert told(world.head).count("workflows.overdue") == 1
    assert told(world.bob) == ["workflows.escalated"]
    assert Event.objects.filter(document=document, verb="escalate").count() == 1


def away(user: User, stand_in: User, **more: Any) -> Absence:
    start = more.pop("starts_at", timezone.now() - HOUR)
    return Absence.objects.create(
        user=user, stand_in=stand_in, starts_at=start, ends_at=start + timedelta(days=2), **more
    )


@pytest.mark.django_db
def test_whoever_is_away_is_stood_in_for_and_it_says_for_whom(now: time_machine.Traveller) -> None:
    world = World()
    away(world.head, world.bob)
    document = asked(world)
    (task,) = Task.objects.filter(document=document, state=Task.State.OPEN)
    assert (task.user, task.on_behalf_of, task.why) == (world.bob, world.head, "stand_in")
    with pytest.raises(DomainError):
        world.act(document, "approve", world.head)
    world.act(document, "approve", world.bob)
    task.refresh_from_db()
    assert (task.decided_by, task.on_behalf_of) == (world.bob, world.head)


@pytest.mark.django_db
def test_standing_in_never_lifts_four_eyes(now: time_machine.Traveller) -> None:
    world = World()
    absence = away(
        world.head, world.ann
    )  # Ann will ask for it: she must not decide it in his place
    document = asked(world)
    assert open_tasks(document) == {"head": "role"}
    with pytest.raises(DomainError):
        world.act(document, "approve", world.ann)
    absence.delete()
    editor = world.person("editor", "warehouse_head")
    away(editor, world.head)
    mine = world.draft("scrap", {"item": world.stocked(50, 100).code, "quantity": "20"}, by=editor)
    world.act(mine, "submit", editor)
    barred = who.barred(Document.objects.get(pk=mine.pk))
    assert barred == {editor.pk}
    assert set(open_tasks(mine)) == {"head"}  # asked for himself, as his own stand-in wrote nothing


@pytest.mark.django_db
def test_an_absence_holds_for_its_time_and_type_only(now: time_machine.Traveller) -> None:
    world = World()
    step = ProcessVersion.read_steps(shipped.active_version(world.company, "scrap"))[0]
    document = Document(company=world.company, type="scrap", warehouse=world.main, asker=world.ann)

    def names() -> set[str]:
        return {str(one.user) for one in who.people(step, document, barred={world.ann.pk})}

    assert names() == {"head"}
    away(world.head, world.bob, type="transfer")
    away(world.head, world.bob, starts_at=timezone.now() + HOUR)
    away(world.head, world.bob, starts_at=timezone.now() - timedelta(days=2))
    assert names() == {"head"}
    absence = away(world.head, world.bob, type="scrap")
    assert names() == {"bob"}
    User.objects.filter(pk=world.bob.pk).update(is_active=False)
    assert names() == {"head"}
    absence.delete()
