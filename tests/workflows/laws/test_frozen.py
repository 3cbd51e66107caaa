"""What was submitted, decided, activated or told stays: the database refuses every raw statement against it."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core import triggers
from people.access import access_for
from people.models import User
from tests.workflows.laws.broken import refused_by_database, sql
from tests.workflows.laws.test_four_eyes import scrap
from tests.workflows.world import World
from workflows import designing, guards, shipped, states
from workflows.models import Attachment, Document, Event, Line, ProcessVersion, StepRun, Task

pytestmark = pytest.mark.django_db
FROZEN = "content of a submitted document is frozen"
ALONE = "line_rejected_within_actual"
"""PostgreSQL looks at a row by itself before it asks what the document's state allows."""


@pytest.fixture
def world() -> World:
    return World()


def set_raw(table: str, key: int, column: str, value: Any) -> None:
    sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", value, key)


LINE = {
    "requested": 5_000_000, "numerator": 2, "denominator": 3, "side": "input", "price": 7_000_000,
    "price_with_tax": True, "tax_rate": 1_000_000, "value": 70_000, "target_lot_number": "X",
    "position": 9, "reservation": 4, "confirmed": 5_000_000,
}  # fmt: skip
STARTED = {"actual": 1_000_000, "rejected": 0, "rechecked": 1_000_000, "lot_number": "L"}
HEADER = {
    "type": "other_out", "cost_object": "WO-9", "currency": "USD", "rate": 2_000_000,
    "override": "because", "accept_expired": "because", "door": "import",
    "effective_at": "2026-01-01 00:00:00+00:00",
}  # fmt: skip


def test_lines_and_header_of_a_submitted_document(world: World) -> None:
    document = scrap(world)
    line = document.lines.get()
    other = world.item()
    for column, value in {**LINE, "item_id": other.pk, **STARTED}.items():
        if column == "confirmed":  # written by a confirmation while it is in approval
            continue
        words = f"frozen|{ALONE}" if column == "rejected" else "frozen"
        refused_by_database(set_raw, words, "workflows_line", line.pk, column, value)
    for column, value in {
        **HEADER,
        "partner_id": world.supplier.pk,
        "asker_id": world.cat.pk,
    }.items():
        refused_by_database(set_raw, "frozen", "workflows_document", document.pk, column, value)
    refused_by_database(sql, FROZEN, "DELETE FROM workflows_line WHERE id = %s", line.pk)
    refused_by_database(Line.objects.filter(pk=line.pk).update, FROZEN, requested=1)
    copy = Line.objects.get(pk=line.pk)
    copy.pk, copy.key = None, uuid.uuid4()
    refused_by_database(Line.objects.bulk_create, FROZEN, [copy])
    open_ = Line(
        document=world.draft("other_out"), position=1, item=line.item, unit=line.unit, requested=1
    )
    refused_by_database(Line.objects.bulk_create, FROZEN, [open_, copy])
    Line.objects.bulk_create([open_])
    refused_by_database(Document.objects.filter(pk=document.pk).delete, "protected foreign keys")


def test_what_is_over_and_what_was_confirmed(world: World) -> None:
    document = scrap(world)
    world.act(document, "approve", world.head)
    line = document.lines.get()
    for column, value in {**LINE, **STARTED}.items():
        if column == "lot_number":
            continue
        words = f"frozen|is over|{ALONE}"
        refused_by_database(set_raw, words, "workflows_line", line.pk, column, value)
    for column, value in (("posting_id", None), ("number", "X-1")):
        refused_by_database(
            set_raw, "posting and the number", "workflows_document", document.pk, column, value
        )


def test_a_statement_about_many_lines_is_refused_for_one_of_them(world: World) -> None:
    """Also where the lines belong to documents in different states, and where the row gets another id."""
    item = world.stocked(1000, 10)
    open_ = world.draft("other_out", *[{"item": item.code, "quantity": "3"}] * 3)
    world.act(open_, "submit", world.ann)
    over = scrap(world, "1")
    both = [*open_.lines.values_list("pk", flat=True), over.lines.get().pk]
    for change in ({"actual": 2}, {"rechecked": 1}, {"actual": 2, "rejected": 0}):
        refused_by_database(Line.objects.filter(pk__in=both).update, "is over", **change)
    Line.objects.filter(pk__in=both[:-1]).update(actual=2)
    waiting = scrap(world)
    both[-1] = waiting.lines.get().pk
    refused_by_database(Line.objects.filter(pk__in=both).update, FROZEN, actual=3)
    move = "UPDATE workflows_line SET id = id + 1000000, actual = 1 WHERE id = %s"
    for document in (over, waiting):
        refused_by_database(sql, "frozen|is over", move, document.lines.get().pk)


def test_the_process_the_amount_and_the_hash_of_a_document(world: World) -> None:
    """Written while it is draft or returned; the hash by a confirmation too."""
    document = scrap(world)
    other = shipped.active_version(world.company, "hold").pk
    bound = {"process_id": other, "amount": 1, "content_hash": "0" * 64}
    for column in ("process_id", "amount"):
        value = bound[column]
        refused_by_database(
            set_raw, "process and the amount", "workflows_document", document.pk, column, value
        )
    world.act(document, "return", world.head)
    for column, value in bound.items():
        set_raw("workflows_document", document.pk, column, value)
    document = scrap(world)
    set_raw("workflows_document", document.pk, "content_hash", document.content_hash)
    world.act(document, "approve", world.head)
    for column, value in bound.items():
        refused_by_database(
            set_raw, "of a submitted|is bound", "workflows_document", document.pk, column, value
        )


def test_files_of_a_document_with_a_number(world: World) -> None:
    item = world.stocked(100, 10)
    draft = world.draft("other_out", {"item": item.code, "quantity": "3"})
    sent = scrap(world)
    for document in (draft, sent):
        Attachment.objects.create(
            document=document,
            name="a.txt",
            content_type="text/plain",
            size=1,
            sha256="0" * 64,
            user=world.ann,
            created_at=timezone.now(),
        )
    Attachment.objects.get(document=draft).delete()
    (file,) = Attachment.objects.all()
    delete = "DELETE FROM workflows_attachment WHERE id = %s"
    refused_by_database(sql, "with a number is kept", delete, file.pk)
    for column, value in (("sha256", "1" * 64), ("name", "b.txt"), ("document_id", draft.pk)):
        refused_by_database(
            set_raw, "as it was added", "workflows_attachment", file.pk, column, value
        )
    gone = {"column": "removed_at", "value": timezone.now()}
    world.act(sent, "approve", world.head)
    refused_by_database(
        set_raw, "of a posted document", "workflows_attachment", file.pk, *gone.values()
    )
    other = scrap(world)
    Attachment.objects.create(
        document=other, name="b", size=1, user=world.ann, created_at=timezone.now()
    )
    late = Attachment.objects.get(document=other)
    set_raw("workflows_attachment", late.pk, *gone.values())
    refused_by_database(
        set_raw, "added or removed", "workflows_attachment", late.pk, "removed_at", None
    )


def test_every_change_of_state_outside_the_graph(world: World) -> None:
    """One document of every state; each is set raw to each other state, with and without its version."""
    for old, document in one_of_each(world).items():
        for new in states.BY_CODE:
            if new == old:
                continue
            raw = f"UPDATE workflows_document SET state = '{new}'"
            statement = f"{raw} WHERE id = %s"
            refused_by_database(sql, "graph|approve|CHECK|check", statement, document.pk)
            if not states.allowed(old, new):
                higher = f"{raw}, version = version + 1 WHERE id = %s"
                refused_by_database(sql, "graph", higher, document.pk)


def one_of_each(world: World) -> dict[str, Document]:
    item = world.stocked(1000, 10)
    found: dict[str, Document] = {}

    def keep(document: Document) -> None:
        document.refresh_from_db()
        found[document.state] = document

    def issue() -> Document:
        return world.draft("other_out", {"item": item.code, "quantity": "3"})

    keep(issue())
    keep(scrap(world))
    for verb, by in (("return", world.head), ("refuse", world.head), ("withdraw", world.ann)):
        one = scrap(world)
        world.act(one, verb, by)
        keep(one)
    one = issue()
    world.act(one, "submit", world.ann)
    keep(one)
    begun = issue()
    world.act(begun, "submit", world.ann)
    row = {"key": str(begun.lines.get().key), "actual": "3"}
    world.act(begun, "record", world.cat, data={"lines": [row]})
    keep(begun)
    for verb in ("post", "reverse"):
        done = scrap(world, "1")
        if verb == "reverse":
            world.act(done, "reverse", world.head)
        keep(done)
    gone = issue()
    world.act(gone, "void", world.ann)
    keep(gone)
    assert set(found) == set(states.BY_CODE) - {states.CLOSED}  # orders alone are closed
    return found


def test_versions_decisions_and_the_timeline(world: World) -> None:
    document = scrap(world)
    world.act(document, "approve", world.head)
    active = shipped.active_version(world.company, "scrap")
    versions = ProcessVersion.objects.filter(pk=active.pk)
    for change in (
        {"steps": []},
        {"options": {"rest": "close"}},
        {"state": "draft"},
        {"number": 7},
    ):
        refused_by_database(versions.update, "activated is not changed", **change)
    access = access_for(world.admin)
    draft = designing.start_draft(active.process, access=access)
    designing.put_options(draft, draft.read_options(), note="next", access=access)
    designing.activate(draft, actor=world.admin, access=access)
    retired = ({"state": "active"}, {"state": "draft"}, {"steps": []}, {"options": {}})
    for change in retired:
        refused_by_database(versions.update, "activated is not changed", **change)
    other = shipped.active_version(world.company, "transfer").process
    refused_by_database(versions.update, "activated is not changed", process=other, number=99)
    task = Task.objects.get(document=document, verdict="approved")
    tasks = Task.objects.filter(pk=task.pk)
    other = StepRun.objects.filter(document=document).last()
    for change in (
        {"state": "open"},
        {"verdict": "refused"},
        {"decided_by": world.bob},
        {"on_behalf_of": world.bob},
        {"kind": "confirm"},
        {"run": other},
    ):
        refused_by_database(tasks.update, "decision that was made stays", **change)
    refused_by_database(tasks.delete, "decision that was made stays")
    events = Event.objects.filter(document=document)
    refused_by_database(events.update, "append-only", text="never")
    refused_by_database(sql, "append-only", "DELETE FROM workflows_event")
    refused_by_database(sql, "append-only", "UPDATE workflows_event SET at = %s", timezone.now())


def test_a_document_is_born_as_a_draft(world: World) -> None:
    scrap(world, "1")
    posted = Document.objects.get(state="posted")
    posted.pk, posted.key, posted.number = None, uuid.uuid4(), "X-1"
    posted._state.adding = True
    refused_by_database(Document.objects.bulk_create, "begins as a draft", [posted])


def test_a_document_with_a_number_is_kept(world: World) -> None:
    document = scrap(world)
    refused_by_database(
        sql, "with a number is kept", "DELETE FROM workflows_document WHERE id = %s", document.pk
    )


def test_every_trigger_is_there() -> None:
    assert triggers.missing(connection, guards.TRIGGERS) == []


def test_the_history_of_a_line_names_somebody_who_exists_and_is_kept(world: World) -> None:
    line = scrap(world).lines.get()
    history = Line.history.model.objects

    def by(person: int | None) -> Any:
        one = line.history.first()
        one.pk, one.history_user_id = None, person
        return one

    leaver = User.objects.create(username="leaver")
    gone = leaver.pk + 1_000
    words = "exists|FOREIGN KEY"
    refused_by_database(history.bulk_create, words, [by(gone)])
    refused_by_database(history.bulk_create, words, [by(None), by(leaver.pk), by(gone)])
    history.bulk_create([by(None), by(leaver.pk)])
    erase = "DELETE FROM people_user WHERE id = %s"
    refused_by_database(sql, "is kept|FOREIGN KEY", erase, leaver.pk)
    other = "UPDATE workflows_historicalline SET history_user_id = %s WHERE history_user_id = %s"
    refused_by_database(sql, "stays in its history", other, None, leaver.pk)
    refused_by_database(leaver.delete, "stays in its history")


def test_a_line_has_its_document_and_stays_in_it(world: World) -> None:
    item = world.stocked(10)
    one, other = (
        world.draft("other_out", {"item": item.code, "quantity": "1"}) for _number in range(2)
    )
    line = one.lines.get()

    def copy(document: int) -> Line:
        made = Line.objects.get(pk=line.pk)
        made.pk, made.key, made.document_id = None, uuid.uuid4(), document
        return made

    missing = copy(other.pk + 1_000)
    refused_by_database(Line.objects.bulk_create, FROZEN, [copy(one.pk), missing])
    move = "UPDATE workflows_line SET document_id = %s WHERE id = %s"
    refused_by_database(sql, "stays in its document", move, other.pk, line.pk)
    erase = "DELETE FROM workflows_document WHERE id = %s"
    refused_by_database(sql, "goes with its lines", erase, one.pk)
