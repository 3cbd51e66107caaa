"""Many lines are written at once: each keeps its history, and the statements do not grow with them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stock.models import Balance
from tests.workflows.world import D, World
from workflows.models import Document, Process, StepRun
from workflows.steps import Step, Who

pytestmark = pytest.mark.django_db


def issue(world: World, lines: int) -> Document:
    """An issue of so many lines that waits to be picked."""
    rows = [{"item": world.stocked().code, "quantity": str(n + 1)} for n in range(lines)]
    document = world.draft("department_issue", *rows)
    world.act(document, "submit", world.ann)
    return document


def test_each_line_keeps_who_changed_it_and_what(db: None) -> None:
    world = World()
    document = issue(world, 3)
    first, second, third = document.lines.all()
    entered = [{"key": str(first.key), "actual": "0.5"}, {"key": str(second.key), "actual": "1"}]
    world.act(document, "record", world.cat, data={"lines": entered})
    world.act(document, "complete", world.cat)
    newest = [line.history.first() for line in (first, second, third)]
    assert [entry.actual for entry in newest] == [D("0.5"), D(1), D(3)]
    assert {entry.history_user_id for entry in newest} == {world.cat.pk}
    assert {entry.history_type for entry in newest} == {"~"}
    assert [line.history.count() for line in (first, second, third)] == [2, 2, 2]
    assert [line.actual for line in document.lines.all()] == [D("0.5"), D(1), D(3)]
    assert third.history.first().diff_against(third.history.last()).changed_fields == ["actual"]


def test_statements_do_not_grow_with_lines(db: None) -> None:
    world = World()

    def count(lines: int) -> int:
        document = issue(world, lines)
        with CaptureQueriesContext(connection) as seen:
            world.act(document, "complete", world.cat)
        return len(seen)

    count(1)
    assert count(20) <= count(2) < 50


def test_a_step_after_posting_asks_of_what_was_before_it(db: None) -> None:
    """Posting empties the place: whether there was enough is asked before, not of what is left."""
    world = World()
    world.act(issue(world, 1), "complete", world.cat)
    old = Process.objects.get(type="department_issue", usage="standard").versions.get()
    enough = [[{"field": "below_zero", "op": "no", "value": None}]]
    sync = Step("sync", "finance", "Sync", "同步", who=Who("role", "finance", scope="any"))
    type(old).objects.filter(pk=old.pk).update(state="retired")
    old.process.versions.create(
        number=2,
        state="active",
        steps=[*old.steps, sync.as_dict() | {"when": enough}],
        options=old.options,
    )
    item = world.stocked(100, 10)
    place = Balance.objects.get(item=item).place
    line = {"item": item.code, "quantity": "100", "source": place.code}
    document = world.draft("department_issue", line)
    world.act(document, "submit", world.ann)
    world.act(document, "complete", world.cat)
    run = StepRun.objects.get(document=document, step="sync")
    assert (run.trace[0]["actual"], run.outcome) == (False, "")
