"""Questions give what their querysets would, writes go in order, peers read together."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import bulk
from core.questions import Question
from core.together import Writes
from people.models import User
from tests.workflows.world import World
from workflows import papers
from workflows.models import Document, Event, Line, StepRun, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def submitted(world: World, lines: int = 2) -> Document:
    item = world.stocked(1000, 10)
    rows = [{"item": item.code, "quantity": str(n + 1)} for n in range(lines)]
    document = world.draft("other_out", *rows)
    world.act(document, "submit", world.ann)
    return document


def test_records_and_rows_are_those_of_the_queryset(world: World) -> None:
    document = submitted(world)
    for model in (Line, StepRun, Task, Event):
        asked: Question[object] = Question(
            lambda pk, model=model: model.objects.filter(document=pk).order_by("pk"), int
        )
        for _again in range(2):
            expected = list(model.objects.filter(document=document).order_by("pk").values())
            found = asked.all(document.pk)
            assert expected
            assert [
                {name: getattr(one, name) for name in row}
                for one, row in zip(found, expected, strict=True)
            ] == expected
            assert asked.all(0) == []


def test_variables_of_every_kind_and_what_is_annotated(world: World) -> None:
    document = submitted(world)
    told = Event.objects.filter(document=OuterRef("pk"), verb="submit")
    asked: Question[Document] = Question(
        lambda key, state, since: Document.objects.filter(
            key=key, state=state, created_at__gt=since
        ).annotate(told=Exists(told)),
        *(type(document.key), str, type(document.created_at)),
    )
    before = timezone.now() - timedelta(hours=1)
    document.refresh_from_db()
    found = asked.first(document.key, document.state, before)
    assert found == document
    assert found is not None
    assert found.told is True  # type: ignore[attr-defined]
    assert found.created_at == document.created_at
    assert asked.first(document.key, "void", before) is None
    assert asked.first(document.key, document.state, timezone.now()) is None


def test_a_record_is_saved_like_any_other(world: World) -> None:
    line = papers.lines(submitted(world))[0]
    line.note = "seen"
    line.save(update_fields=["note"])
    assert Line.objects.get(pk=line.pk).note == "seen"


def test_what_lines_name_is_read_for_all_of_them(world: World) -> None:
    lines = papers.lines(submitted(world, 5))
    with CaptureQueriesContext(connection) as seen:
        assert {line.item.code for line in lines}
        assert {line.unit.code for line in lines}
        assert {line.document for line in lines}
    assert len(seen) == 2


def test_writes_are_carried_out_in_order_and_together_or_not_at_all(world: World) -> None:
    document = submitted(world)
    run = StepRun.objects.filter(document=document).latest("pk")
    writes = Writes()
    run.touch_seconds = 7
    writes.add(bulk.change(run, ["touch_seconds"]))
    sql = (
        "UPDATE workflows_steprun SET touch_seconds = touch_seconds * 2 WHERE id = %s RETURNING id"
    )
    writes.add((sql, [run.pk]))
    assert StepRun.objects.get(pk=run.pk).touch_seconds == 0
    assert writes.send() == [(run.pk,)]
    assert StepRun.objects.get(pk=run.pk).touch_seconds == 14
    assert writes.send() == []
    event = Event(document=document, at=timezone.now(), verb="comment", key="twice")
    writes.add((sql, [run.pk]), bulk.insertion([event, event]))
    with pytest.raises(IntegrityError), transaction.atomic():
        writes.send()
    assert StepRun.objects.get(pk=run.pk).touch_seconds == 14
    assert not Event.objects.filter(key="twice").exists()


def test_people_are_told_what_they_may_in_one_statement(world: World) -> None:
    from people.access import access_for, learn

    expected = {user.pk: access_for(user) for user in User.objects.all()}
    users = list(User.objects.all())
    with CaptureQueriesContext(connection) as seen:
        learn(users)
        assert {user.pk: access_for(user) for user in users} == expected
    assert len(seen) == 1
