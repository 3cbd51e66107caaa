"""Rows that are written in few statements are what the ORM would have written."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core import bulk
from core.models import OutboxRow
from tests.workflows.world import World
from workflows.models import Document, Event, Line

pytestmark = pytest.mark.django_db
ODD = ("plain", "tab\there", "two\nlines\r", "back\\slash \\N \\t", "", "引号“和”'\"", "\\N")
NOW = datetime(2026, 3, 1, 8, 30, 5, 123456, tzinfo=UTC)


def outbox_row(text: str, subject: int) -> OutboxRow:
    return OutboxRow(
        consumer="nobody", topic=text[:60], subject=subject, data={"text": text, "n": [1, None]},
        due_at=NOW, created_at=NOW, error=text,
    )  # fmt: skip


def test_what_goes_in_comes_out() -> None:
    rows = [outbox_row(text, n) for n, text in enumerate(ODD * 5)]
    bulk.insert(rows)
    there = OutboxRow.objects.order_by("subject")
    assert [(r.topic, r.error, r.data["text"]) for r in there] == [(t, t, t) for t in ODD * 5]
    assert {(r.due_at, r.done_at, r.state, r.attempts) for r in there} == {
        (NOW, None, "waiting", 0)
    }
    assert [r.data["n"] for r in there] == [[1, None]] * len(rows)


def test_keys_are_known_where_they_are_wanted() -> None:
    rows = [outbox_row(str(n), n) for n in range(600)]
    bulk.insert_keyed(rows)
    assert dict(OutboxRow.objects.values_list("pk", "subject")) == {r.pk: r.subject for r in rows}
    assert [r.pk for r in rows] == sorted(r.pk for r in rows)
    # The next one that is written by itself has a key of its own.
    one = outbox_row("next", 601)
    one.save()
    assert one.pk > rows[-1].pk


def test_rows_are_changed_each_as_it_stands() -> None:
    rows = [outbox_row(str(n), n) for n in range(30)]
    bulk.insert_keyed(rows)
    for row in rows[::2]:
        row.state, row.done_at, row.error = OutboxRow.State.DONE, NOW, ODD[row.subject % 7]
    assert bulk.update(rows[::2], ("state", "done_at", "error")) == 15
    for row in rows:
        there = OutboxRow.objects.get(pk=row.pk)
        assert (there.state, there.done_at, there.error) == (row.state, row.done_at, row.error)


def test_laws_of_the_database_hold_and_say_so() -> None:
    rows = [outbox_row(str(n), n) for n in range(30)]
    rows[17].state = "nonsense"
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(rows)
    assert not OutboxRow.objects.exists()


def test_triggers_see_the_rows() -> None:
    """Lines are not added to a document that was submitted, however they come."""
    world = World("BU")
    document = world.draft("purchase_in")
    Document.objects.filter(pk=document.pk).update(
        state="approved", number="N1", version=document.version + 1
    )
    item = world.item()
    rows = [
        Line(document=document, position=n, item=item, unit=item.base_unit, requested=Decimal(1))
        for n in range(10, 40)
    ]
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        bulk.insert(rows)


def test_what_is_made_is_what_the_model_makes() -> None:
    make = bulk.maker(Event)
    facts = {"document_id": 7, "at": NOW, "verb": "post"}
    made, own = make(**facts), Event(**facts)
    for field in Event._meta.concrete_fields:
        assert getattr(made, field.attname) == getattr(own, field.attname), field.name
    assert made._state.adding
    assert made.data is not make(**facts).data
    line = bulk.maker(Line)
    one, other = line(position=1), line(position=2)
    assert isinstance(one.key, uuid.UUID)
    assert one.key != other.key
