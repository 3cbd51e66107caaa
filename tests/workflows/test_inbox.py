"""The inbox: what waits and why, in a fixed number of statements; verdicts in a batch; stand-ins."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.access import access_for
from people.models import User
from tests.workflows.test_page import change_steps
from tests.workflows.world import D, World
from workflows import inbox, queries
from workflows.models import Absence, Document, Line, StepRun, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def scrap(world: World, quantity: str = "80", **header: Any) -> Document:
    document = world.draft("scrap", {"item": world.stocked().code, "quantity": quantity}, **header)
    world.act(document, "submit", world.ann)
    return Document.objects.get(pk=document.pk)


def rows(user: User) -> list[inbox.Row]:
    user = User.objects.get(pk=user.pk)
    tasks = queries.to_do(user).select_related("document__company", "document__process")
    return inbox.rows(access_for(user), list(tasks))


def test_each_row_says_what_why_and_what_it_would_do(world: World) -> None:
    document = scrap(world)
    world.act(document, "remind", world.ann)
    (row,) = rows(world.head)
    assert (row.lines, row.amount) == (1, D(800))
    assert row.why == ["not within “Amount is at most 500 (800)”"]
    assert (row.changes[0].stock.before, row.changes[0].stock.after) == (100, 20)
    assert row.clean
    words = text_of(client_of(world.head).get(reverse("workflows:inbox")))
    assert f"Scrap {document.number}" in words
    assert "urged once" in words
    assert "100 → 20" in words
    assert "Within the rules 1 · 800.00" in words


def test_what_is_special_late_or_soon_due_is_looked_at_closer(world: World) -> None:
    short = scrap(world, "180", override="must")
    assert "stock would go below zero" in rows(world.head)[0].flags
    task = Task.objects.get(document=short)
    for due, late, near in ((-5, True, True), (30, False, True), (300, False, False)):
        Task.objects.filter(pk=task.pk).update(due_at=timezone.now() + timedelta(minutes=due))
        (row,) = rows(world.head)
        assert (row.late, row.near) == (late, near)
        assert not row.clean
    fine = scrap(world)
    Task.objects.filter(document=fine).update(due_at=timezone.now() - timedelta(minutes=1))
    found = rows(world.head)
    assert [row.document.pk for row in found] == [fine.pk, short.pk]  # overdue first
    assert not found[0].clean


def test_a_process_without_batch_has_no_clean_rows(world: World) -> None:
    change_steps(world, "scrap", approve={"actions": ["forward"]})
    scrap(world)
    assert [row.clean for row in rows(world.head)] == [False]


def test_what_is_posted_already_says_nothing_of_stock(world: World) -> None:
    document = scrap(world)
    world.act(document, "approve", world.head)
    [row] = rows(world.fay)
    assert row.document == document
    assert [one.stock for one in row.changes] == [None]


def test_amounts_need_the_right(world: World) -> None:
    scrap(world)
    plain = world.person("plain", "clerk")
    task = Task.objects.get(user=world.head)
    Task.objects.filter(pk=task.pk).update(user=plain)
    (row,) = rows(plain)
    assert row.amount is None
    assert row.why == ["not within “Amount is at most 500”"]


def test_the_four_lists_hold_what_they_say(world: World) -> None:
    document = scrap(world)
    other = scrap(world)
    world.act(document, "copy", world.ann, data={"users": [world.fay.pk]})
    world.act(document, "approve", world.head, text="fine")
    url = reverse("workflows:inbox")
    head = client_of(world.head)
    assert str(other) in text_of(head.get(url))
    assert str(document) not in text_of(head.get(url))
    done = text_of(head.get(url + "?tab=done"))
    assert str(document) in done
    assert "agreed “fine”" in done
    asked = text_of(client_of(world.ann).get(url + "?tab=asked"))
    assert str(document) in asked
    assert str(other) in asked
    copied = text_of(client_of(world.fay).get(url + "?tab=copied"))
    assert str(document) in copied
    assert str(other) not in copied
    assert str(other) not in text_of(head.get(url + "?type=purchase_in"))
    assert str(other) in text_of(head.get(url + "?type=scrap"))


def batch(client: Client, *tasks: Task) -> Any:
    picks = [f"{task.document_id}:{task.document.version}" for task in tasks]
    data = {"pick": picks, "key": str(uuid.uuid4()), "inbox": "1"}
    return client.post(reverse("workflows:many", args=["approve"]), data, follow=True)


def test_a_batch_shows_sum_and_count_and_agrees_one_by_one(world: World) -> None:
    first, second = scrap(world), scrap(world, "90")
    special = scrap(world, "180", override="must")
    client = client_of(world.head)
    tasks = {task.document_id: task for task in Task.objects.filter(user=world.head)}
    picks = [tasks[one.pk].pk for one in (first, second, special)]
    shown = client.get(reverse("workflows:batch"), {"pick": picks})
    words = text_of(shown)
    assert "1,700.00" in words
    assert "2 documents" in words
    assert f"largest: {second}, 900.00" in words
    assert f"{special} : stock would go below zero" in words
    page = batch(client, *tasks.values())
    words = text_of(page)
    assert "Agreed to 2 documents." in words
    assert "1 was not done" in words
    assert f"{special} stock would go below zero" in words
    assert tasks[special.pk].__class__.objects.get(pk=tasks[special.pk].pk).state == "open"
    held = Task.objects.filter(user=world.head, state=Task.State.HELD)
    assert {task.document_id for task in held} == {first.pk, second.pk}
    assert "takes effect in a moment" in text_of(client.get(reverse("workflows:inbox")))
    client.post(reverse("workflows:take_back"))
    assert not Task.objects.filter(state=Task.State.HELD).exists()


def test_a_batch_refuses_by_name_what_has_changed(world: World) -> None:
    first, second = scrap(world), scrap(world)
    mine = Task.objects.filter(user=world.head).select_related("document")
    tasks = {task.document_id: task for task in mine}
    world.act(first, "comment", world.ann, text="wait")
    page = batch(client_of(world.head), *tasks.values())
    words = text_of(page)
    assert "Agreed to 1 document." in words
    assert f"{first} Somebody else has changed this document" in words
    assert Task.objects.get(document=first).state == "open"
    assert Task.objects.get(document=second).state == "held"


def test_a_batch_agrees_to_nothing_that_is_not_mine(world: World) -> None:
    scrap(world)
    task = Task.objects.get(user=world.head)
    batch(client_of(world.bob), task)
    assert Task.objects.get(pk=task.pk).state == "open"
    assert client_of(world.head).get(reverse("workflows:many", args=["approve"])).status_code == 405


def fill(world: World, model: Document, count: int, prefix: str) -> None:
    """So many documents like ``model`` waiting for the head, written straight into the tables."""
    line, task = model.lines.get(), model.tasks.get()
    run = task.run
    now = timezone.now()
    copied = (
        "company", "type", "process", "asker", "warehouse", "reason", "amount", "currency", "step",
        "submitted_at", "created_at", "changed_at",
    )  # fmt: skip
    documents = Document.objects.bulk_create(
        [
            Document(
                number=f"{prefix}-{number}",
                **{name: getattr(model, name) for name in copied},
            )
            for number in range(count)
        ]
    )
    Line.objects.bulk_create(
        [
            Line(
                document=document,
                position=1,
                item=line.item,
                unit=line.unit,
                requested=line.requested,
                lot_number="",
            )
            for document in documents
        ]
    )
    made = Document.objects.filter(number__startswith=f"{prefix}-")
    made.update(state="in_approval", version=2)
    runs = StepRun.objects.bulk_create(
        [
            StepRun(
                document=document,
                content_version=1,
                step=run.step,
                name_en=run.name_en,
                kind=run.kind,
                entered_at=now,
                trace=run.trace,
            )
            for document in documents
        ]
    )
    Task.objects.bulk_create(
        [
            Task(
                document=made.document,
                run=made,
                kind=task.kind,
                user=world.head,
                state="open",
                why="role",
                created_at=now,
                due_at=now + timedelta(hours=2),
            )
            for made in runs
        ]
    )


@pytest.mark.parametrize("query", ["", "?tab=asked"])
def test_a_thousand_waiting_documents_cost_no_more_statements_than_ten(
    world: World, query: str
) -> None:
    client = client_of(world.ann if "asked" in query else world.head)
    url = reverse("workflows:inbox") + query
    model = scrap(world)
    fill(world, model, 9, "X")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).content.decode().count("data-row") == 10
    fill(world, model, 990, "Y")
    with CaptureQueriesContext(connection) as many:
        response = client.get(url)
    assert response.content.decode().count("data-row") == 50
    assert "Page 1 of 20" in text_of(response)
    assert len(many) <= len(few)
    assert len(many) <= 30


def test_an_absence_lets_somebody_else_be_asked(world: World) -> None:
    hanna = world.person("hanna", "warehouse_head")
    url = reverse("workflows:away")
    client = client_of(world.head)
    local = timezone.localtime()
    form = {
        "stand_in": hanna.pk,
        "starts_at": (local - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (local + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "type": "scrap",
    }
    assert client.post(url, form).status_code == 302
    document = scrap(world)
    asked = Task.objects.get(document=document, user=hanna)
    assert asked.on_behalf_of_id in {world.head.pk, None}
    assert not Task.objects.filter(document=document, user=world.head).exists()
    assert client.post(url, form).status_code == 422
    absence = Absence.objects.get()
    assert "hanna" in text_of(client.get(url))
    assert (
        client_of(world.bob).post(reverse("workflows:back", args=[absence.pk])).status_code == 404
    )
    assert client.post(reverse("workflows:back", args=[absence.pk])).status_code == 302
    assert not Absence.objects.filter(ends_at__gt=timezone.now()).exists()
    later = scrap(world)
    assert Task.objects.filter(document=later, user=world.head).exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"stand_in": ""}, "somebody else"),
        ({"stand_in": "me"}, "somebody else"),
        ({"ends_at": "2020-01-01T00:00"}, "after the beginning"),
        ({"starts_at": "2020-01-01T00:00", "ends_at": "2020-01-02T00:00"}, "over already"),
        ({"ends_at": "tomorrow"}, "dates"),
        ({"type": "nonsense"}, "document type"),
    ],
)
def test_a_bad_absence_is_refused_in_words(world: World, change: dict[str, str], word: str) -> None:
    form = {
        "stand_in": str(world.bob.pk),
        "starts_at": "2030-01-01T08:00",
        "ends_at": "2030-01-05T08:00",
        "type": "",
        **change,
    }
    if form["stand_in"] == "me":
        form["stand_in"] = str(world.head.pk)
    response = client_of(world.head).post(reverse("workflows:away"), form)
    assert response.status_code == 422
    assert word in text_of(response)
    assert not Absence.objects.exists()


def test_the_rail_and_the_home_page_count_what_waits(world: World) -> None:
    scrap(world)
    body = client_of(world.head).get("/").content.decode()
    assert re.search(r'<span>To do</span><span class="cnt">1</span>', body)
    assert re.search(r'Do next</h2><span class="cnt">1</span>', body)
    assert re.search(r'<span class="bub">1</span>', body)


def test_one_screen_holds_the_decision_and_the_next_follows(world: World) -> None:
    first, second = scrap(world), scrap(world)
    client = client_of(world.head)
    page = client.get(reverse("workflows:decide", args=[first.key]))
    words = text_of(page)
    assert "800.00" in words
    assert "100.000 → 20.000 PCS" in words
    assert "“Posting” follows" in words
    assert "1 / 2" in words
    data = {"version": first.version, "key": str(uuid.uuid4()), "hold": "1", "next": "decide"}
    done = client.post(reverse("workflows:do", args=[first.key, "approve"]), data)
    assert done.url == reverse("workflows:decide", args=[second.key])
    assert "takes effect in a moment" in text_of(client.get(done.url))
    gone = client.get(reverse("workflows:decide", args=[first.key]))
    assert gone.url == reverse("workflows:page", args=[first.key])
    data = {"version": second.version, "key": str(uuid.uuid4()), "hold": "1", "next": "decide"}
    last = client.post(reverse("workflows:do", args=[second.key, "approve"]), data)
    assert last.url == reverse("workflows:inbox")
