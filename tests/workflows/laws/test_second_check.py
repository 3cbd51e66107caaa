"""Where a process wants the second check by another person, nobody checks what he picked, whatever the order."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import DomainError
from people.access import access_for
from people.models import User
from tests.workflows.world import World
from workflows import designing, readiness, sentences, shipped, steps
from workflows.models import Document, ProcessVersion
from workflows.picks import Picks
from workflows.steps import Step, Who

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def eve(world: World) -> User:
    return world.person("eve", "clerk")


def drawn(world: World, **more: Any) -> ProcessVersion:
    """A draft of 生产领料 whose picking wants another person's check."""
    access = access_for(world.admin)
    active = shipped.active_version(world.company, "production_issue")
    draft = designing.start_draft(active.process, access=access)
    step = next(one for one in draft.read_steps() if one.kind == "execute")
    changed = replace(step, **({"recheck": "other"} | more))
    designing.put_step(draft, changed, seen="", access=access)
    draft.refresh_from_db()
    return draft


def picking(world: World) -> Document:
    """An issue that waits for whoever picks."""
    designing.activate(drawn(world), actor=world.admin, access=access_for(world.admin))
    document = world.draft("production_issue", {"item": world.stocked().code, "quantity": "10"})
    world.act(document, "submit", world.ann)
    document.refresh_from_db()
    assert document.step == "pick"
    return document


def put(world: World, document: Document, by: User, verb: str = "record", **values: str) -> None:
    row = {"key": str(document.lines.get().key), **values}
    world.act(document, verb, by, data={"lines": [row]} if values else {})


def refused(world: World, document: Document, by: User, verb: str = "record", **values: str) -> str:
    with pytest.raises(DomainError) as error:
        put(world, document, by, verb, **values)
    return error.value.lines[0].code


def test_another_person_checks_what_one_picked(world: World, eve: User) -> None:
    document = picking(world)
    put(world, document, world.cat, actual="10")
    assert refused(world, document, world.cat, rechecked="10") == "recheck_other"
    assert refused(world, document, world.cat, "complete", rechecked="10") == "recheck_other"
    assert document.lines.get().rechecked is None
    put(world, document, eve, "complete", rechecked="10")
    document.refresh_from_db()
    assert document.state == "posted"


def test_whoever_changes_the_pick_after_his_own_check_has_not_checked(
    world: World, eve: User
) -> None:
    document = picking(world)
    put(world, document, world.cat, actual="10")
    put(world, document, eve, rechecked="10")
    put(world, document, eve, actual="9")
    put(world, document, eve, actual="10")
    for by in (eve, world.cat):
        assert refused(world, document, by, "complete") == "recheck_other"
    put(world, document, world.cat, actual="9")
    put(world, document, world.cat, actual="10")
    put(world, document, eve, "complete")
    document.refresh_from_db()
    assert document.state == "posted"


def test_whoever_finished_without_entering_anything_picked_it_all(world: World, eve: User) -> None:
    access = access_for(world.admin)
    draft = drawn(world, recheck="")
    check = Step(
        "check", "execute", "Check", "复核", who=Who("role", "clerk"), recheck="other",
        fallback=Who("role", "warehouse_head"),
    )  # fmt: skip
    rows = list(draft.read_steps())
    rows.insert([step.key for step in rows].index("pick") + 1, check)
    draft.steps = [step.as_dict() for step in rows]
    draft.save()
    designing.activate(draft, actor=world.admin, access=access)
    document = world.draft("production_issue", {"item": world.stocked().code, "quantity": "10"})
    world.act(document, "submit", world.ann)
    put(world, document, world.cat, "complete")
    document.refresh_from_db()
    assert document.step == "check"
    assert refused(world, document, world.cat, "complete", rechecked="10") == "recheck_other"
    put(world, document, eve, "complete", rechecked="10")


def test_the_page_offers_no_check_of_ones_own_pick(world: World, eve: User) -> None:
    document = picking(world)
    put(world, document, world.cat, actual="10")
    page = reverse("workflows:page", args=[document.key])
    for user, offered in ((world.cat, False), (eve, True)):
        client = Client()
        client.force_login(user)
        shown = client.get(page).content.decode()
        assert ('name="rechecked.' in shown) == offered


def test_the_option_needs_two_people(world: World) -> None:
    world.stocked()
    found = readiness.unready(drawn(world))
    assert "recheck_alone" in {error.code for error in found}
    world.person("eve", "clerk")
    found = readiness.unready(ProcessVersion.objects.get(state="draft"))
    assert "recheck_alone" not in {error.code for error in found}
    one = replace(
        ProcessVersion.objects.get(state="draft").read_steps()[1], who=Who("user", user=1)
    )
    version = ProcessVersion.objects.get(state="draft")
    version.steps = [one.as_dict()]
    assert "recheck_alone" in {error.code for error in readiness.unready(version)}


def test_the_sentence_says_it_and_old_versions_read_as_before(world: World) -> None:
    active = shipped.active_version(world.company, "production_issue")
    pick = next(step for step in active.read_steps() if step.kind == "execute")
    assert pick.recheck == "any"
    picks = Picks(active.process)
    other = sentences.sentences(replace(pick, recheck="other"), picks)
    assert "What was picked is checked a second time by another person." in other
    for kept, read in ((True, "any"), (False, ""), ("other", "other")):
        assert steps.read([pick.as_dict() | {"recheck": kept}])[0].recheck == read
