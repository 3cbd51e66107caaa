"""Where the active version wants two people, nobody activates what he proposed, or what nobody proposed."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import NotAllowed
from people.access import access_for
from people.models import Notice, User
from tests.workflows.laws.broken import refused_by_database
from tests.workflows.world import World
from workflows import designing, readiness, sentences, shipped
from workflows.models import Process, ProcessVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def second(world: World) -> User:
    return world.person("second", "admin")


def drafted(world: World, *, confirmed: bool = True) -> ProcessVersion:
    """A draft of the process of scrap."""
    access = access_for(world.admin)
    active = shipped.active_version(world.company, "scrap")
    draft = designing.start_draft(active.process, access=access)
    options = replace(draft.read_options(), confirmed=confirmed)
    designing.put_options(draft, options, note="two people", access=access)
    draft.refresh_from_db()
    return draft


def ruled(world: World) -> ProcessVersion:
    """The next draft of a process whose active version wants two people."""
    designing.activate(drafted(world), actor=world.admin, access=access_for(world.admin))
    return drafted(world)


def propose(draft: ProcessVersion, by: User) -> None:
    designing.propose(draft, actor=by, access=access_for(by))


def activate(draft: ProcessVersion, by: User) -> None:
    designing.activate(draft, actor=by, access=access_for(by))


def test_one_proposes_and_another_activates(world: World, second: User) -> None:
    draft = ruled(world)
    for by in (world.admin, second):
        with pytest.raises(NotAllowed):
            activate(draft, by)
    propose(draft, world.admin)
    notice = Notice.objects.get(kind="workflows.proposed")
    assert notice.user == second
    with pytest.raises(NotAllowed):
        activate(draft, world.admin)
    activate(draft, second)
    draft.refresh_from_db()
    assert (draft.state, draft.proposed_by, draft.activated_by) == ("active", world.admin, second)


def test_a_change_takes_the_proposal_back(world: World, second: User) -> None:
    draft = ruled(world)
    access = access_for(second)
    propose(draft, world.admin)
    designing.move_step(draft, draft.read_steps()[0].key, up=False, access=access)
    designing.move_step(draft, draft.read_steps()[0].key, up=True, access=access)
    with pytest.raises(NotAllowed):
        activate(draft, second)
    propose(draft, second)
    designing.put_options(draft, draft.read_options(), note="said otherwise", access=access)
    with pytest.raises(NotAllowed):
        activate(draft, world.admin)


def test_the_rule_is_taken_away_by_two_people_only(world: World, second: User) -> None:
    draft = ruled(world)
    access = access_for(second)
    lifted = replace(draft.read_options(), confirmed=False)
    designing.put_options(draft, lifted, access=access)
    with pytest.raises(NotAllowed):
        activate(draft, second)
    propose(draft, second)
    activate(draft, world.admin)
    alone = drafted(world, confirmed=False)
    activate(alone, second)


def test_the_database_alone_keeps_both(world: World, second: User) -> None:
    draft = ruled(world)
    propose(draft, world.admin)
    row = ProcessVersion.objects.filter(pk=draft.pk)
    refused_by_database(
        row.update, "process_version_by_two", state="active", activated_by=world.admin,
        activated_at=timezone.now(),
    )  # fmt: skip
    refused_by_database(row.update, "what was proposed", steps=[])
    refused_by_database(row.update, "what was proposed", options={})
    refused_by_database(row.update, "what was proposed", proposed_by=second)
    activate(draft, second)
    refused_by_database(row.update, "what was proposed", proposed_by=None)


def test_the_option_needs_two_who_may(world: World) -> None:
    draft = drafted(world)
    User.objects.exclude(pk=world.admin.pk).filter(is_superuser=True).update(is_active=False)
    assert "one_manager" in {error.code for error in readiness.unready(draft)}
    world.person("second", "admin")
    assert "one_manager" not in {error.code for error in readiness.unready(draft)}
    said = sentences.options(draft.read_options())
    assert "The next version is proposed by one person and activated by another." in said


def test_the_designer_offers_what_each_may_do(world: World, second: User) -> None:
    draft = ruled(world)
    process: Process = draft.process
    of = [process.company_id, process.type, draft.number]
    page, doing, done = (
        reverse(f"workflows:version{name}", args=of) for name in ("", "_propose", "_activate")
    )
    clients = {user.pk: Client() for user in (world.admin, second)}
    for pk, client in clients.items():
        client.force_login(User.objects.get(pk=pk))
        shown = client.get(page).content.decode()
        assert doing in shown
        assert done not in shown
    assert clients[world.admin.pk].post(done).status_code == 403
    assert clients[world.admin.pk].post(doing).status_code == 302
    mine, others = (client.get(page).content.decode() for client in clients.values())
    assert (done in mine, doing in mine) == (False, False)
    assert (done in others, doing in others) == (True, False)
    assert clients[second.pk].post(done).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "active"
