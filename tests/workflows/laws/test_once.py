"""At once, on PostgreSQL, each on its own connection: one posting, one winner, one effect."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from core.errors import DomainError
from people.access import access_for
from people.models import User
from stock import verify
from stock.models import Posting
from tests.workflows.laws.test_four_eyes import process, scrap
from tests.workflows.world import World
from workflows import copying, door, drafting, shipped
from workflows.models import Document, Event, Task
from workflows.steps import Who

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> Iterator[World]:
    yield World()
    assert verify.verify().ok


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Results or refusals of calls that start together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return call()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def acting(document: Document, verb: str, by: User, **more: Any) -> Callable[[], Any]:
    def call() -> Any:
        user = User.objects.get(pk=by.pk)
        return door.act(document.pk, verb, actor=user, **more)

    return call


def refusals(results: list[Any]) -> list[DomainError]:
    return [one for one in results if isinstance(one, DomainError)]


def by_hand(world: World) -> Document:
    """A document that a clerk has to post."""
    steps = [
        replace(step, who=Who("role", "clerk")) if step.kind == "post" else step
        for step in shipped.active_version(world.company, "scrap").read_steps()
    ]
    process(world, "scrap", *steps)
    return scrap(world, "1")


def postings(document: Document) -> int:
    return Posting.objects.filter(key=f"document:{document.key}").count()


def test_ten_posts_of_one_document_give_one_posting(world: World) -> None:
    document = by_hand(world)
    results = at_once(*[acting(document, "post", world.cat) for _ in range(10)])
    assert len(refusals(results)) == 9
    assert {error.code for error in refusals(results)} == {"wrong_state"}
    assert postings(document) == 1
    assert Event.objects.filter(document=document, verb="post").count() == 1


def test_two_approvers_at_once_post_once(world: World) -> None:
    for _ in range(4):
        document = scrap(world)
        eve = world.person(f"eve{document.pk}", "warehouse_head")
        door.act(
            document.pk,
            "add",
            actor=User.objects.get(pk=world.head.pk),
            data={"user": eve.pk, "where": "beside"},
        )
        Task.objects.filter(document=document).update(must=False)
        results = at_once(acting(document, "approve", world.head), acting(document, "approve", eve))
        (lost,) = refusals(results)
        assert "Posted" in str(lost)
        assert postings(document) == 1


def test_approve_against_withdraw_has_one_winner_and_tells_the_other(world: World) -> None:
    ends = set()
    for _ in range(6):
        document = scrap(world)
        results = at_once(
            acting(document, "approve", world.head), acting(document, "withdraw", world.ann)
        )
        (lost,) = refusals(results)
        document.refresh_from_db()
        ends.add(document.state)
        assert (lost.code, lost.status) == ("wrong_state", 409)
        assert str(document.about.label) in str(lost)
        assert postings(document) == (document.state == "posted")
    assert ends <= {"posted", "withdrawn"}


def test_the_same_key_and_a_double_submit_have_one_effect(world: World) -> None:
    document = scrap(world)
    same = [acting(document, "approve", world.head, key="k") for _ in range(5)]
    results = at_once(*same)
    assert not refusals(results)
    assert sorted(one.repeated for one in results) == [False, True, True, True, True]
    assert postings(document) == 1
    draft = world.draft("scrap", {"item": world.stocked(9, 1).code, "quantity": "1"})
    results = at_once(*[acting(draft, "submit", world.ann) for _ in range(4)])
    assert len(refusals(results)) == 3
    assert Event.objects.filter(document=draft, verb="submit").count() == 1
    draft.refresh_from_db()
    assert draft.number == "SCR-WF-A-00002"


def test_undo_against_the_end_of_its_ten_seconds(world: World) -> None:
    for _ in range(5):
        document = scrap(world)
        acting(document, "approve", world.head, data={"hold": True})()
        Task.objects.filter(document=document, state="held").update(
            held_until=timezone.now() - timedelta(seconds=1)
        )
        results = at_once(door.settle_due, door.settle_due, acting(document, "undo", world.head))
        document.refresh_from_db()
        undone = not refusals(results)
        assert document.state == ("in_approval" if undone else "posted")
        assert results[0] + results[1] == (0 if undone else 1)
        assert postings(document) == (not undone)
        assert Event.objects.filter(document=document, verb="settle").count() == (not undone)


def test_what_is_left_of_a_source_is_not_taken_by_two_at_once(world: World) -> None:
    item = world.stocked(10, 5)
    sale = world.draft("sales_out", {"item": item.code, "quantity": "4"})
    world.act(sale, "submit", world.ann)
    world.act(sale, "complete", world.cat)

    def make() -> Document:
        user = User.objects.get(pk=world.ann.pk)
        return copying.make_from(
            sale.pk, "sales_return", actor=user, access=access_for(user), key=str(uuid.uuid4())
        )

    results = at_once(make, make, make)
    assert [error.code for error in refusals(results)] == ["nothing_left", "nothing_left"]
    made = Document.objects.get(source=sale)
    key, access = str(made.lines.get().key), access_for(world.ann)
    drafting.set_line(made.pk, {"quantity": "2"}, key=key, actor=world.ann, access=access)
    other = make()
    for document in (made, other):
        drafting.set_line(
            document.pk,
            {"quantity": "3"},
            key=str(document.lines.get().key),
            actor=world.ann,
            access=access,
        )
    results = at_once(acting(made, "submit", world.ann), acting(other, "submit", world.ann))
    assert len(refusals(results)) == 2
    assert {error.lines[0].code for error in refusals(results)} == {"over_remaining"}


def test_numbers_have_no_gap_though_many_submit_and_some_are_refused(world: World) -> None:
    item = world.stocked(1000, 1)
    drafts = [
        world.draft(
            "other_out", {"item": item.code, "quantity": "1"} if n % 3 else {"item": item.code}
        )
        for n in range(12)
    ]
    at_once(*[acting(draft, "submit", world.ann) for draft in drafts])
    given = sorted(
        Document.objects.filter(type="other_out", number__isnull=False).values_list(
            "number", flat=True
        )
    )
    assert given == [f"MOUT-WF-A-{n:05d}" for n in range(1, 9)]
