"""Trying a version on the past: same, faster, more steps, stuck, nobody; figures, traces, few statements."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.access import access_for
from people.models import Membership, Role, User
from tests.workflows.world import D, World
from workflows import designing, facts, shipped, simulating, who
from workflows.conditions import Condition
from workflows.models import Absence, Document, Event, ProcessVersion
from workflows.replaying import Replay
from workflows.simulating import Tried
from workflows.staff import Everybody
from workflows.steps import KINDS, Step, Who

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def scrapped(world: World, item: Any, quantity: int, *, by: User | None = None) -> Document:
    """A scrap that is submitted; the warehouse head approves it if he is asked."""
    document = world.draft("scrap", {"item": item.code, "quantity": str(quantity)}, by=by)
    world.act(document, "submit", by or world.ann)
    return Document.objects.get(pk=document.pk)


def draft_of(world: World) -> ProcessVersion:
    active = shipped.active_version(world.company, "scrap")
    return designing.start_draft(active.process, access=access_for(world.admin))


def edited(world: World, draft: ProcessVersion, **changes: Any) -> ProcessVersion:
    """The draft with its first step changed."""
    step = replace(draft.read_steps()[0], **changes)
    designing.put_step(draft, step, seen="", access=access_for(world.admin))
    return ProcessVersion.objects.select_related("process__company").get(pk=draft.pk)


def outcomes(version: ProcessVersion) -> dict[str, str]:
    return {str(one.document): one.outcome for one in simulating.simulate(version).tried}


def test_each_document_goes_its_way(world: World) -> None:
    item = world.stocked(1000, 10)
    free = scrapped(world, item, 10)  # 100: passes by its rule
    asked = scrapped(world, item, 90)  # 900: the head is asked
    big = scrapped(world, item, 600)  # 6,000
    draft = draft_of(world)
    assert outcomes(draft) == {str(free): "same", str(asked): "same", str(big): "same"}
    looser = edited(world, draft, auto=((Condition("amount", "lte", "1000"),),))
    assert outcomes(looser) == {str(free): "same", str(asked): "faster", str(big): "same"}
    simulation = simulating.simulate(looser)
    assert simulation.free(old=True) == (1, D(100), D(100))
    assert simulation.free() == (2, D(1000), D(900))
    made = designing.add_step(looser, "approve", access=access_for(world.admin))
    finance = replace(
        made, who=Who("role", "finance", scope="any"), when=((Condition("amount", "gt", "5000"),),)
    )
    designing.put_step(looser, finance, seen="", access=access_for(world.admin))
    longer = ProcessVersion.objects.select_related("process__company").get(pk=looser.pk)
    assert outcomes(longer)[str(big)] == "longer"
    other = edited(world, longer, who=Who("role", "approver"))
    assert outcomes(other)[str(big)] == "longer"
    gone = edited(world, other, who=Who("role", "sales"), fallback=None, auto=())
    assert set(outcomes(gone).values()) == {"nobody"}


def test_other_people_at_the_same_step_are_said(world: World) -> None:
    item = world.stocked(1000, 10)
    asked = scrapped(world, item, 90)
    other = edited(world, draft_of(world), who=Who("role", "approver"))
    assert outcomes(other) == {str(asked): "other"}


def test_four_eyes_make_a_document_stuck(world: World) -> None:
    item = world.stocked(1000, 10)
    world.person("second", "warehouse_head")
    mine = scrapped(world, item, 90, by=world.head)
    only = Who("user", user=world.head.pk)
    stuck = edited(world, draft_of(world), who=only, fallback=only)
    assert outcomes(stuck) == {str(mine): "stuck"}
    (one,) = simulating.simulate(stuck).tried
    assert one.stopped is not None
    assert one.stopped.key == "approve"


def test_what_the_steps_saw_is_taken_from_their_traces(world: World) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=3), tick=True):
        item = world.stocked(1000, 10)
        scrapped(world, item, 1)
        scrapped(world, item, 1)
        scrapped(world, item, 1)
        fourth = scrapped(world, item, 1)  # three before it: asked although it is cheap
    assert fourth.state == "in_approval"
    one = next(o for o in simulating.simulate(draft_of(world)).tried if o.document == fourth)
    trace = {row["field"]: row["actual"] for row in one.new[0].trace}
    assert trace["times_30_days"] == "3"
    assert (
        outcomes(ProcessVersion.objects.get(process__type="scrap", number=1))[str(fourth)] == "same"
    )


def test_the_facts_of_a_replay_are_those_of_the_day(world: World) -> None:
    item = world.stocked(1000, 10)
    other = world.stocked(1000, 3)
    for kind in ("scrap", "transfer", "sales_out", "production_issue"):
        document = world.draft(
            kind,
            {"item": item.code, "quantity": "20"},
            {"item": other.code, "quantity": "7"},
        )
        world.act(document, "submit", world.ann)
    asked = ("category", "asker_role", "times_30_days", "ordered")
    for kind in ("scrap", "transfer", "sales_out", "production_issue"):
        documents = list(Document.objects.filter(type=kind).select_related("company", "process"))
        (old,) = Replay(asked).read(documents)
        document = documents[0]
        then = facts.gather(document, list(document.lines.all()))
        assert {name: old.facts[name] for name in then} == dict(then), kind
        assert old.barred == who.barred(document)


def test_everybody_answers_as_the_single_questions_do(world: World) -> None:
    pick = random.Random(7)
    roles = [role.code for role in Role.objects.all()]
    people = [world.ann, world.bob, world.cat, world.dan, world.fay, world.head, world.after]
    world.department.manager = world.bob
    world.department.save()
    now = timezone.now()
    for away, stand_in, kind in ((world.bob, world.head, ""), (world.cat, world.ann, "scrap")):
        Absence.objects.create(
            user=away, stand_in=stand_in, type=kind, starts_at=now, ends_at=now + timedelta(days=1)
        )
    for user in people:
        for role in pick.sample(roles, 2):
            row, _new = Membership.objects.get_or_create(
                user=user, role=Role.objects.get(code=role), defaults={"everywhere": False}
            )
            row.scopes.add(pick.choice([world.main.scope, world.other.scope]))
    staff = Everybody()
    kinds = [kind for kind in KINDS if kind != "post"]
    for _n in range(300):
        asker = User.objects.select_related("department").get(pk=pick.choice(people).pk)
        document = Document(
            company=world.company, type=pick.choice(["scrap", "transfer"]), asker=asker,
            warehouse=pick.choice([world.main, world.other]),
            target_warehouse=pick.choice([world.main, world.other, None]),
        )  # fmt: skip
        words = [
            Who("role", pick.choice(roles), scope=pick.choice(["warehouse", "target_warehouse", "any"])),
            Who("user", user=pick.choice(people).pk), Who("manager"), Who("asker"),
        ]  # fmt: skip
        step = Step(
            "s", pick.choice(kinds), "s", "s", who=pick.choice(words),
            fallback=pick.choice([None, *words]),
        )  # fmt: skip
        barred = {asker.pk, pick.choice(people).pk}
        one = [(a.user.pk, a.why) for a in who.people(step, document, barred=barred)]
        many = [(a.user.pk, a.why) for a in who.people(step, document, barred=barred, staff=staff)]
        assert many == one


def test_the_number_of_statements_does_not_grow_and_nothing_is_written(world: World) -> None:
    item = world.stocked(10_000, 10)
    for quantity in (10, 90, 600):
        scrapped(world, item, quantity)
    draft = draft_of(world)
    with CaptureQueriesContext(connection) as few:
        simulating.simulate(draft)
    for _n in range(12):
        scrapped(world, item, 60)
    events = Event.objects.count()
    with CaptureQueriesContext(connection) as many:
        tried = simulating.simulate(draft).tried
    assert len(tried) == 15
    assert len(many) == len(few) < 30
    assert not any(q["sql"].startswith(("INSERT", "UPDATE", "DELETE")) for q in many)
    assert Event.objects.count() == events


def test_expected_hours_are_the_medians_of_recorded_steps(world: World) -> None:
    item = world.stocked(10_000, 10)
    monday = timezone.now().replace(year=2026, month=3, day=2, hour=1, minute=0)  # 9:00 in Shanghai
    with time_machine.travel(monday, tick=False) as clock:
        slow, slower = scrapped(world, item, 90), scrapped(world, item, 95)
        clock.shift(timedelta(hours=1))
        world.act(slow, "approve", world.head)
        clock.shift(timedelta(hours=1))
        world.act(slower, "approve", world.head)
        clock.shift(timedelta(days=1))
        draft = draft_of(world)
        before, after = simulating.simulate(draft).hours
        assert (before, after) == (1.5, 1.5)
        looser = edited(world, draft, auto=((Condition("amount", "lte", "1000"),),))
        assert simulating.simulate(looser).hours[1] == 0


def page(world: World, user: User, draft: ProcessVersion, query: str = "") -> str:
    client = Client()
    client.force_login(user)
    args = [world.company.pk, "scrap", draft.number]
    answer = client.get(reverse("workflows:version_simulate", args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_figures_traces_and_keeps_amounts_from_who_may_not_see_them(
    world: World,
) -> None:
    item = world.stocked(1000, 10)
    asked = scrapped(world, item, 90)
    scrapped(world, item, 10)
    draft = edited(world, draft_of(world), auto=((Condition("amount", "lte", "1000"),),))
    seen = page(world, world.fay, draft)
    assert "900.00" in seen
    assert f"/documents/{asked.key}/" in seen
    assert "Amount is at most 1,000" in seen
    assert 'class="o-faster"' in seen
    hidden = page(world, world.admin, draft)  # the administrator's role sees no costs
    assert "900.00" not in hidden
    assert "(was: 900)" not in hidden
    assert "•••" in hidden
    assert "see costs and values" in hidden  # what is missing, and who has it
    assert str(world.fay) in hidden.partition("Whoever sees them here")[2][:200]
    assert "Amounts are not shown" not in seen
    only = page(world, world.fay, draft, "?outcome=faster&days=30")
    assert str(asked) in only
    assert page(world, world.fay, draft, "?outcome=rubbish&page=x&days=1e9")
    assert page(world, world.fay, draft, "?page=999")


def test_an_unfinished_version_is_not_tried_but_says_why(world: World) -> None:
    draft = edited(world, draft_of(world), when=((Condition("amount", "gt", ""),),))
    assert "It cannot be tried yet" in page(world, world.fay, draft)


def test_what_a_tried_document_says_of_its_approval() -> None:
    one = Tried(Document(), [], [], "same")
    assert one.free
    assert one.was_free
