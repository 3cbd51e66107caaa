"""The page of a document: what it says, to whom, and its verbs; nothing typed is lost, nothing happens on GET."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from people.access import access_for
from people.models import Role, User
from stock.models import Movement, Reason
from tests.workflows.world import D, World
from workflows import copying, door, drafting, shipped, telling
from workflows.models import Document, Event, ProcessVersion, Task
from workflows.verbs import VERBS

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def page(document: Document, user: User, query: str = "") -> Any:
    return client_of(user).get(reverse("workflows:page", args=[document.key]) + query)


def text_of(response: Any) -> str:
    """The words of a page, without tags."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", body)


def do(document: Document, verb: str, by: User, /, **data: Any) -> Any:
    url = reverse("workflows:do", args=[document.key, verb])
    data.setdefault("version", fresh(document).version)
    data.setdefault("key", str(uuid.uuid4()))
    return client_of(by).post(url, data)


def change_steps(world: World, code: str, **changes: Any) -> None:
    """Activate a new version of a process, with something else in steps of a kind (``kind={…}``)."""
    old = shipped.active_version(world.company, code)
    steps = [{**step, **changes.get(step["kind"], {})} for step in old.steps]
    ProcessVersion.objects.filter(pk=old.pk).update(state="retired")
    ProcessVersion.objects.create(
        process=old.process, number=2, state="active", steps=steps, options=old.options
    )


def scrap(world: World, quantity: str = "80") -> Document:
    item = world.stocked()
    document = world.draft("scrap", {"item": item.code, "quantity": quantity})
    world.act(document, "submit", world.ann)
    return fresh(document)


def test_the_sentence_says_whether_stock_has_changed(world: World) -> None:
    item = world.stocked(300)
    document = world.draft("scrap", {"item": item.code, "quantity": "80"})
    assert "Draft · stock not changed yet" in text_of(page(document, world.ann))
    world.act(document, "submit", world.ann)
    assert "In approval · stock not changed yet" in text_of(page(document, world.ann))
    world.act(document, "approve", world.head)
    assert "Posted · 1 item left A: 80 PCS" in text_of(page(document, world.ann))
    world.act(document, "reverse", world.head, reason="correction", text="wrong")
    assert "Reversed · stock is as before" in text_of(page(document, world.ann))


def test_a_transfer_says_what_left_and_what_came(world: World) -> None:
    item = world.stocked(30)
    document = world.draft("transfer", {"item": item.code, "quantity": "8"})
    world.act(document, "submit", world.ann)
    world.act(document, "complete", world.cat)
    words = text_of(page(document, world.fay))
    assert "1 item left A: 8 PCS; 1 item came into B: 8 PCS" in words


def test_stock_before_and_after_stands_on_the_lines(world: World) -> None:
    item = world.stocked(300)
    document = world.draft("scrap", {"item": item.code, "quantity": "80"})
    assert "300.000 → 220.000" in text_of(page(document, world.ann))
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.head)
    assert "300.000 → 220.000" in text_of(page(document, world.ann))


def test_the_steps_say_who_when_and_why(world: World) -> None:
    document = scrap(world)
    words = text_of(page(document, world.ann))
    assert "Warehouse head head" in words
    assert "until" in words
    world.act(document, "approve", world.head)
    response = page(document, world.ann)
    body = response.content.decode()
    assert "the system" in text_of(response)
    assert 'aria-current="step"' in body
    routine = scrap(world, "3")
    assert "passed by rule" in text_of(page(routine, world.ann))


def test_why_a_document_stopped_is_named_with_its_figures(world: World) -> None:
    document = scrap(world)
    assert "not within “Amount is at most 500 (800)”" in text_of(page(document, world.head))


def test_amounts_are_shown_with_the_right_only(world: World) -> None:
    document = scrap(world)
    assert not access_for(world.ann).may("cost.view")
    assert "800" not in text_of(page(document, world.ann))
    assert access_for(world.fay).may("cost.view")
    assert "800.00" in text_of(page(document, world.fay))


def test_somebody_of_another_warehouse_sees_nothing(world: World) -> None:
    document = scrap(world)
    client = client_of(world.dan)
    for name in ("page", "decide", "people"):
        assert client.get(reverse(f"workflows:{name}", args=[document.key])).status_code == 404
    for verb in VERBS:
        url = reverse("workflows:do", args=[document.key, verb.code])
        assert client.post(url, {"text": "hello"}).status_code == 404
    assert client.post(reverse("workflows:seen", args=[document.key])).status_code == 404


def test_the_buttons_are_what_the_door_allows(world: World) -> None:
    document = scrap(world)
    for user in (world.ann, world.head, world.bob, world.cat, world.fay, world.admin):
        body = page(document, user).content.decode()
        access = access_for(User.objects.get(pk=user.pk))
        possible = {verb.code for verb in door.possible(document, user, access)}
        shown = set(re.findall(r"/do/(\w+)/", body)) - {"comment"}
        assert shown == possible - {"comment", "record"}, user


def test_nothing_happens_on_get(world: World) -> None:
    document = scrap(world)
    before = (
        fresh(document).version,
        Event.objects.count(),
        Task.objects.filter(seen_at=None).count(),
    )
    client = client_of(world.head)
    for verb in VERBS:
        client.get(reverse("workflows:do", args=[document.key, verb.code]))
    for name in ("page", "decide", "people"):
        assert client.get(reverse(f"workflows:{name}", args=[document.key])).status_code == 200
    for name in ("seen", "file_add"):
        assert client.get(reverse(f"workflows:{name}", args=[document.key])).status_code == 405
    after = (
        fresh(document).version,
        Event.objects.count(),
        Task.objects.filter(seen_at=None).count(),
    )
    assert before == after


def test_every_verb_shows_its_form_or_says_why_not(world: World) -> None:
    document = scrap(world)
    for user in (world.ann, world.head, world.admin):
        for verb in VERBS:
            url = reverse("workflows:do", args=[document.key, verb.code])
            response = client_of(user).get(url)
            assert response.status_code in {200, 302}, verb.code


def test_a_verdict_is_held_and_can_be_taken_back(world: World) -> None:
    document = scrap(world)
    assert do(document, "approve", world.head, hold="1").status_code == 302
    assert fresh(document).state == "in_approval"
    assert "takes effect in a moment" in text_of(page(document, world.head))
    client_of(world.head).post(reverse("workflows:take_back"))
    assert document.tasks.get(user=world.head).state == Task.State.OPEN
    do(document, "approve", world.head, hold="1")
    document.tasks.update(held_until=timezone.now() - timedelta(seconds=1))
    door.settle_due()
    assert fresh(document).state == "posted"
    assert do(document, "undo", world.head).status_code == 409


def test_refusing_needs_a_reason_and_keeps_what_was_typed(world: World) -> None:
    document = scrap(world)
    refused = do(document, "refuse", world.head, text="too much of it")
    assert refused.status_code == 422
    assert "too much of it" in refused.content.decode()
    assert fresh(document).state == "in_approval"
    assert do(document, "refuse", world.head, text="too much", reason="other").status_code == 302
    assert fresh(document).state == "rejected"
    assert "Reason: Other" in text_of(page(document, world.ann))


def test_a_chosen_reason_gives_its_words_unless_it_is_the_other_one(world: World) -> None:
    document = scrap(world)
    assert do(document, "refuse", world.head, reason="other").status_code == 422
    assert fresh(document).state == "in_approval"
    assert do(document, "refuse", world.head, reason="correction").status_code == 302
    assert document.events.get(verb="refuse").text == str(Reason.objects.get(code="correction"))


def test_a_changed_document_is_shown_anew_with_what_was_typed(world: World) -> None:
    document = scrap(world)
    seen = document.version
    world.act(document, "comment", world.ann, text="please look at the photo")
    response = do(document, "refuse", world.head, version=seen, reason="other", text="not so")
    assert response.status_code == 409
    body = response.content.decode()
    assert "not so" in body
    assert "Somebody else has changed this document" in body
    assert "commented" in body
    assert f'name="version" value="{fresh(document).version}"' in body


def test_the_same_key_has_one_effect(world: World) -> None:
    document = scrap(world)
    key = str(uuid.uuid4())
    for _time in range(2):
        assert do(document, "comment", world.ann, text="once", key=key).status_code == 302
    assert document.events.filter(verb="comment").count() == 1


def test_returning_to_a_step_handing_over_and_adding(world: World) -> None:
    second = world.person("hanna", "warehouse_head")
    document = scrap(world)
    form = client_of(world.head).get(reverse("workflows:do", args=[document.key, "forward"]))
    assert "hanna" not in form.content.decode()  # she has been asked as well
    third = world.person("third", "warehouse_head")
    form = client_of(world.head).get(reverse("workflows:do", args=[document.key, "forward"]))
    offered = re.findall(r'<option value="(\d+)"', form.content.decode())
    assert str(third.pk) in offered
    assert str(world.ann.pk) not in offered
    assert do(document, "add", world.head, user=third.pk, where="after").status_code == 302
    assert do(document, "forward", second, user=world.ann.pk).status_code in {403, 422}
    assert do(document, "return", world.head, reason="other", text="why?").status_code == 302
    assert fresh(document).state == "returned"


def test_a_step_offers_only_what_its_process_says(world: World) -> None:
    change_steps(world, "scrap", approve={"actions": []})
    document = scrap(world)
    codes = {
        verb.code for verb in door.possible(fresh(document), world.head, access_for(world.head))
    }
    assert codes & {"forward", "add", "return"} == set()
    assert "approve" in codes
    with pytest.raises(DomainError) as error:
        world.act(document, "return", world.head)
    assert error.value.code == "not_allowed"


def issue(world: World) -> tuple[Document, str]:
    item = world.stocked(100)
    document = world.draft("production_issue", {"item": item.code, "quantity": "50"})
    world.act(document, "submit", world.ann)
    return fresh(document), str(document.lines.get().key)


def test_quantities_are_saved_line_by_line(world: World) -> None:
    document, key = issue(world)
    url = reverse("workflows:do", args=[document.key, "record"])
    client = client_of(world.cat)
    saved = client.post(
        url,
        {"version": document.version, "key": str(uuid.uuid4()), f"actual.{key}": "40"},
        headers={"HX-Request": "true"},
    )
    assert saved.status_code == 204
    version = fresh(document).version
    assert f'"version": {version}' in saved["HX-Trigger"]
    assert document.lines.get().actual == 40
    bad = client.post(
        url, {"version": version, f"actual.{key}": "x"}, headers={"HX-Request": "true"}
    )
    assert bad.status_code == 422
    assert bad["HX-Retarget"] == "#carry-note"
    old = client.post(url, {"version": 1, f"actual.{key}": "41"}, headers={"HX-Request": "true"})
    assert old.status_code == 409
    assert f'"version": {version}' in old["HX-Trigger"]


def test_who_carries_out_can_say_that_nothing_more_will_come(world: World) -> None:
    document, key = issue(world)
    assert 'name="close_rest"' in page(document, world.cat).content.decode()
    do(document, "record", world.cat, **{f"actual.{key}": "40"})
    typed = {f"actual.{key}": "40", f"rechecked.{key}": "40", "close_rest": "1"}
    do(document, "complete", world.cat, **typed)
    assert fresh(document).state == "posted"
    assert not Document.objects.filter(type="production_issue").exclude(pk=document.pk).exists()


def test_who_receives_can_say_that_the_missing_are_lost(world: World) -> None:
    item = world.stocked(100)
    out = world.draft("transfer_out", {"item": item.code, "quantity": "10"})
    world.act(out, "submit", world.ann)
    world.act(out, "complete", world.cat)
    dan = User.objects.get(pk=world.dan.pk)
    arrival = copying.make_from(out.pk, "transfer_in", actor=dan, access=access_for(dan))
    world.act(arrival, "submit", dan)
    assert 'name="settle"' in page(arrival, dan).content.decode()
    key = str(arrival.lines.get().key)
    do(arrival, "complete", dan, **{f"actual.{key}": "8", "settle": "1"})
    assert fresh(arrival).state == "posted"
    assert Movement.objects.get(posting=fresh(arrival).posting, type="other_out").quantity == 2


def test_finishing_says_what_is_wrong_beside_what_was_typed(world: World) -> None:
    document, key = issue(world)
    early = do(document, "complete", world.cat, **{f"actual.{key}": "40", f"rechecked.{key}": "40"})
    assert early.status_code == 422
    assert "save what was picked first" in early.content.decode()
    assert document.lines.get().actual is None
    do(document, "record", world.cat, **{f"actual.{key}": "40"})
    wrong = do(document, "complete", world.cat, **{f"actual.{key}": "40", f"rechecked.{key}": "39"})
    assert wrong.status_code == 422
    body = wrong.content.decode()
    assert 'value="39"' in body
    assert "the second check says 39, picked were 40" in body
    assert document.lines.get().rechecked is None
    right = do(document, "complete", world.cat, **{f"actual.{key}": "40", f"rechecked.{key}": "40"})
    assert right.status_code == 302
    document = fresh(document)
    assert document.state == "posted"
    words = text_of(page(document, world.ann))
    assert "1 line differs from the plan" in words
    assert "planned 50" in words
    assert "rest of it" in words


def by_hand(world: World) -> Document:
    """An issue that is posted by hand; beside it something that moves the book."""
    clerk = {"kind": "role", "role": "clerk", "user": None, "scope": "warehouse"}
    change_steps(world, "department_issue", post={"who": clerk})
    item = world.stocked(100)
    document = world.draft("department_issue", {"item": item.code, "quantity": "60"})
    world.act(document, "submit", world.ann)
    other = world.draft("scrap", {"item": item.code, "quantity": "3"})
    world.act(document, "complete", world.cat)
    world.other_draft = other  # type: ignore[attr-defined]
    return fresh(document)


def test_posting_by_hand_shows_the_figures_again_when_they_moved(world: World) -> None:
    document = by_hand(world)
    assert document.step == "post"
    form = client_of(world.cat).get(reverse("workflows:do", args=[document.key, "post"]))
    stamp = re.search(r'name="stamp" value="(\w+)"', form.content.decode())
    assert stamp is not None
    assert "100.000 → 40.000" in text_of(form)
    world.act(world.other_draft, "submit", world.ann)  # type: ignore[attr-defined]
    moved = do(document, "post", world.cat, stamp=stamp[1])
    assert moved.status_code == 409
    assert "97.000 → 37.000" in text_of(moved)
    new = re.search(r'name="stamp" value="(\w+)"', moved.content.decode())
    assert new is not None
    assert do(document, "post", world.cat, stamp=new[1]).status_code == 302
    assert fresh(document).state == "posted"


def test_lines_are_reversed_one_by_one_and_a_corrected_draft_is_made(world: World) -> None:
    first, second = world.stocked(50), world.stocked(50)
    document = world.draft(
        "scrap", {"item": first.code, "quantity": "2"}, {"item": second.code, "quantity": "3"}
    )
    world.act(document, "submit", world.ann)
    assert fresh(document).state == "posted"
    line = document.lines.first()
    form = client_of(world.head).get(reverse("workflows:do", args=[document.key, "reverse"]))
    assert str(line.key) in form.content.decode()
    part = do(
        document, "reverse", world.head, reason="correction", text="one too many", part="lines",
        line=str(line.key),
    )  # fmt: skip
    assert part.status_code == 302
    assert fresh(document).state == "posted"
    assert "part of it was reversed" in text_of(page(document, world.ann))
    rest = do(document, "reverse", world.head, reason="correction", text="all of it", replace="1")
    assert rest.status_code == 302
    assert fresh(document).state == "reversed"
    made = Document.objects.get(replaces=document)
    assert rest.url == reverse("workflows:edit", args=[made.key])


def test_the_timeline_shows_edits_comments_and_steps(world: World) -> None:

    item = world.stocked()
    document = world.draft("scrap", {"item": item.code, "quantity": "2"})
    line = document.lines.get()
    drafting.set_line(
        document.pk, {"quantity": "80"}, key=str(line.key), actor=world.ann, access=access_for(world.ann)
    )  # fmt: skip
    world.act(document, "submit", world.ann)
    world.act(document, "comment", world.head, text=f"@{world.ann.username} why so many?")
    body = page(document, world.ann).content.decode()
    assert '<div class="m">Quantity 2</div><div class="p">Quantity 80</div>' in body
    assert "why so many?" in body
    for event in document.events.all():
        assert f'id="event-{event.pk}"' in body
    people = page(document, world.ann, "?history=people").content.decode()
    system = page(document, world.ann, "?history=system").content.decode()
    assert "why so many?" in people
    assert "why so many?" not in system
    assert "asked and told: head" in system
    assert "asked and told: head" not in people
    entries = telling.entries(fresh(document), list(document.runs.all()), prices=False, costs=False)
    assert [entry.at for entry in entries] == sorted((e.at for e in entries), reverse=True)


def test_prices_in_the_timeline_need_the_right(world: World) -> None:
    item = world.item()
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "10", "price": "77.31"}, by=world.ann
    )

    line = document.lines.get()
    drafting.set_line(
        document.pk, {"price": "78.42"}, key=str(line.key), actor=world.ann, access=access_for(world.ann)
    )  # fmt: skip
    world.act(document, "submit", world.ann)
    assert "78.42" in text_of(page(document, world.ann))
    assert not access_for(world.cat).may("cost.view")
    words = text_of(page(document, world.cat))
    assert "78.42" not in words
    assert "77.31" not in words


def test_time_is_working_and_waiting(world: World) -> None:
    document = scrap(world)
    assert (
        client_of(world.head).post(reverse("workflows:seen", args=[document.key])).status_code
        == 204
    )
    Task.objects.filter(document=document).update(seen_at=timezone.now() - timedelta(minutes=6))
    Document.objects.filter(pk=document.pk).update(
        submitted_at=timezone.now() - timedelta(minutes=52)
    )
    world.act(document, "approve", world.head)
    assert "52 min in all = 6 min working + 46 min waiting" in text_of(page(document, world.ann))


def test_people_are_suggested_for_a_mention(world: World) -> None:
    document = scrap(world)
    url = reverse("workflows:people", args=[document.key])
    names = [one["username"] for one in client_of(world.ann).get(url).json()["people"]]
    assert world.head.username in names
    found = client_of(world.ann).get(url + "?q=fay").json()["people"]
    assert [one["username"] for one in found] == [world.fay.username]


def test_the_notice_of_a_task_leads_to_the_page(world: World) -> None:
    document = scrap(world)
    from people.models import Notice

    client = client_of(world.head)
    notice = Notice.objects.get(user=world.head, kind="workflows.task")
    response = client.post(reverse("people:open_notice", args=[notice.pk]))
    assert response.url == reverse("workflows:page", args=[document.key])
    assert client.get(response.url).status_code == 200
    words = text_of(client.get(reverse("people:notices")))
    assert f"Scrap {document.number} waits for you: Warehouse head." in words


def test_a_page_of_a_thousand_lines_asks_no_more(
    world: World, django_assert_max_num_queries
) -> None:
    items = [world.stocked() for _number in range(3)]
    lines = [{"item": items[number % 3].code, "quantity": "1"} for number in range(300)]
    document = world.draft("scrap", *lines)
    client = client_of(world.ann)
    url = reverse("workflows:page", args=[document.key])
    client.get(url)
    with django_assert_max_num_queries(75):
        response = client.get(url)
    assert response.content.decode().count('<tr id="line-') == 100
    assert "Page 1 of 3" in text_of(response)
    assert client.get(url + "?lines=3").content.decode().count('<tr id="line-') == 100


def test_roles_can_be_named_in_a_trace(world: World) -> None:
    document = world.draft(
        "purchase_in", {"item": world.item().code, "quantity": "1", "price": "5"}, by=world.ann
    )
    world.act(document, "submit", world.ann)
    words = text_of(page(document, world.ann))
    role = Role.objects.get(code="procurement")
    assert f"not within “Role of the asker is one of {role}”" in words
    assert D(5) == fresh(document).amount
