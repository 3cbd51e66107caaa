"""Nobody approves what he asked for or wrote: not by a stand-in, a hand-over, another role, a superuser or raw SQL.

The code and the trigger are proved alone: each while the other is taken away.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import DomainError
from people.access import access_for
from people.models import Membership, Role, User
from tests.workflows.laws.broken import (
    refused_by_database,
    sql,
    without_four_eyes,
    without_triggers,
)
from tests.workflows.world import World
from workflows import designing, drafting, limits, shipped
from workflows.models import Absence, Document, Editor, StepRun, Task
from workflows.steps import Step, Who

pytestmark = pytest.mark.django_db
OWN = "asker and editors of a document do not approve"


def process(world: World, kind: str, *steps: Step, **options: Any) -> None:
    """Put another process in force."""
    access = access_for(world.admin)
    active = shipped.active_version(world.company, kind)
    draft = designing.start_draft(active.process, access=access)
    draft.steps = [step.as_dict() for step in steps]
    draft.options = replace(draft.read_options(), **options).as_dict()
    draft.save()
    designing.activate(draft, actor=world.admin, access=access)


def scrap(world: World, quantity: str = "80", by: User | None = None) -> Document:
    """A submitted scrap that the head of the warehouse is asked for."""
    item = world.stocked(100, 10)
    document = world.draft("scrap", {"item": item.code, "quantity": quantity}, by=by)
    world.act(document, "submit", by or world.ann)
    return Document.objects.get(pk=document.pk)


def asked(document: Document) -> set[str]:
    rows = Task.objects.filter(document=document, state="open").select_related("user")
    return {task.user.name for task in rows}


def promote(world: World, user: User, role: str = "warehouse_head") -> User:
    """Give somebody one more role, in the main warehouse."""
    one = Membership.objects.create(user=user, role=Role.objects.get(code=role))
    one.scopes.add(world.main.scope)
    return User.objects.get(pk=user.pk)


def force_task(document: Document, user: User, **more: Any) -> Task:
    """A task as no line of the code would give it."""
    run = StepRun.objects.get(document=document, left_at=None)
    return Task.objects.create(
        document=document,
        run=run,
        kind="approve",
        user=user,
        state="open",
        created_at=timezone.now(),
        **more,
    )


def refused(world: World, document: Document, by: User, verb: str = "approve", **data: Any) -> str:
    with pytest.raises(DomainError) as error:
        world.act(document, verb, by, data=data)
    return error.value.code


@pytest.fixture
def world() -> World:
    return World()


def test_the_asker_is_not_asked_even_as_head(world: World) -> None:
    document = scrap(world, by=world.head)
    assert asked(document) == {"bob"}
    assert refused(world, document, world.head) == "not_allowed"


def test_another_role_or_superuser_given_meanwhile_changes_nothing(world: World) -> None:
    document = scrap(world)
    boss = promote(world, world.ann)
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    assert refused(world, document, boss) == "not_allowed"
    for verb, by in (("forward", world.head), ("add", world.head), ("assign", world.admin)):
        assert refused(world, document, by, verb, user=boss.pk, where="beside") == "four_eyes"
    assert Document.objects.get(pk=document.pk).state == "in_approval"


def test_an_editor_is_barred_like_the_asker(world: World) -> None:
    item = world.stocked(100, 10)
    document = world.draft("scrap", {"item": item.code, "quantity": "80"})
    key = str(document.lines.get().key)
    access = access_for(world.head)
    drafting.set_line(document.pk, {"quantity": "90"}, key=key, actor=world.head, access=access)
    world.act(document, "submit", world.ann)
    assert asked(document) == {"bob"}
    assert refused(world, document, world.bob, "forward", user=world.head.pk) == "four_eyes"


def away(user: User, stand_in: User) -> Absence:
    now = timezone.now()
    return Absence.objects.create(
        user=user, stand_in=stand_in, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(1)
    )


def test_a_stand_in_who_asked_is_not_asked_and_one_who_stands_in_for_an_editor_neither(
    world: World,
) -> None:
    away(world.head, world.ann)
    document = scrap(world)
    assert asked(document) == {"head"}
    away(world.bob, world.cat)
    item = world.stocked(100, 10)
    other = world.draft("scrap", {"item": item.code, "quantity": "80"}, by=world.head)
    key = str(other.lines.get().key)
    promote(world, world.bob, "asker")
    bob = User.objects.get(pk=world.bob.pk)
    drafting.set_line(other.pk, {"note": "x"}, key=key, actor=bob, access=access_for(bob))
    world.act(other, "submit", world.head)
    assert asked(other) == set()  # bob wrote it: neither he nor cat for him
    task = force_task(other, world.cat, on_behalf_of=world.bob)
    assert refused(world, other, world.cat) == "four_eyes"
    refused_by_database(
        Task.objects.filter(pk=task.pk).update,
        OWN,
        verdict="approved",
        decided_by=world.cat,
        decided_at=timezone.now(),
        state="done",
    )


def test_escalation_asks_neither_the_asker_nor_who_may_not_approve(world: World) -> None:
    ann = promote(world, world.ann, "approver")
    cat = promote(world, world.cat, "approver")
    document = scrap(world, by=ann)
    Membership.objects.filter(user=world.bob).delete()
    Task.objects.filter(document=document).update(due_at=timezone.now() - timedelta(1))
    assert limits.watch() == 1
    assert asked(document) == {"head", "cat"}
    other = scrap(world)
    Role.objects.filter(code="approver").update(rights=["stock.view", "document.ask"])
    Task.objects.filter(document=other).update(due_at=timezone.now() - timedelta(1))
    assert limits.watch() == 1
    assert asked(other) == {"head"}
    assert refused(world, document, cat) == "not_allowed"


def test_code_alone_refuses_a_task_that_should_not_be(world: World) -> None:
    document = scrap(world)
    ann = promote(world, world.ann)
    force_task(document, ann)
    with without_triggers():
        assert refused(world, document, ann) == "four_eyes"
        world.act(document, "approve", world.head)
    assert Document.objects.get(pk=document.pk).state == "posted"


def test_database_alone_refuses_what_the_code_forgot(world: World) -> None:
    document = scrap(world)
    ann = promote(world, world.ann)
    task = force_task(document, ann)
    with without_four_eyes():
        assert refused(world, document, ann) == "four_eyes"
        assert refused(world, document, ann, hold=True) == "four_eyes"
    decided = {"verdict": "approved", "decided_by": ann, "decided_at": timezone.now()}
    refused_by_database(Task.objects.filter(pk=task.pk).update, OWN, state="done", **decided)
    refused_by_database(
        sql,
        OWN,
        "UPDATE workflows_task SET verdict = 'approved', decided_by_id = %s, decided_at = %s, "
        "state = 'done' WHERE id = %s",
        ann.pk,
        timezone.now(),
        task.pk,
    )
    refused_by_database(force_task, OWN, document, world.cat, **decided)
    confirmed = force_task(document, world.cat)
    Task.objects.filter(pk=confirmed.pk).update(kind="confirm", state="held", **decided)
    refused_by_database(Task.objects.filter(pk=confirmed.pk).update, OWN, kind="approve")


def test_an_approval_cannot_be_made_up_nor_its_editors_lost(world: World) -> None:
    document = scrap(world)
    run = StepRun.objects.filter(document=document, left_at=None)
    refused_by_database(run.update, "ends with a verdict only", outcome="done")
    editors = Editor.objects.filter(document=document)
    refused_by_database(editors.delete, "stays its editor")
    refused_by_database(editors.update, "stays its editor", user=world.bob)


def test_who_lost_the_right_meanwhile_cannot_decide(world: World) -> None:
    document = scrap(world)
    Membership.objects.filter(user=world.head).delete()
    assert refused(world, document, world.head) == "not_allowed"


def test_who_became_an_editor_after_agreeing_has_not_agreed(world: World) -> None:
    """Two approvals; the first approver edits after the return, and puts everything back."""
    first, *rest = shipped.active_version(world.company, "scrap").read_steps()
    second = replace(first, key="second", who=Who("role", "finance", scope="any"), auto=())
    process(world, "scrap", replace(first, auto=()), second, *rest)
    document = scrap(world)
    world.act(document, "approve", world.head)
    world.act(document, "return", world.fay)
    key = str(document.lines.get().key)
    access = access_for(world.head)
    for quantity in ("81", "80"):
        values = {"quantity": quantity}
        drafting.set_line(document.pk, values, key=key, actor=world.head, access=access)
    world.act(document, "submit", world.ann)
    document.refresh_from_db()
    assert document.step == "approve"
    assert asked(document) == {"bob"}
    assert document.events.filter(verb="void_approval").count() == 1


def test_database_alone_posts_nothing_that_an_editor_approved(world: World) -> None:
    first, *rest = shipped.active_version(world.company, "scrap").read_steps()
    hand = [
        replace(step, who=Who("role", "clerk"), actions=("return",))
        if step.kind == "post"
        else step
        for step in rest
    ]
    process(world, "scrap", replace(first, auto=()), *hand)
    document = scrap(world)
    world.act(document, "approve", world.head)
    Editor.objects.create(document=document, user=world.head)
    assert refused(world, document, world.cat, "post") == "four_eyes"
    assert Document.objects.get(pk=document.pk).posting is None
