"""The first steps: offered to the new, ticked by what was done, gone when put away."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from boards.homes import first_day
from people.access import access_for
from people.models import User
from tests.workflows.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _codes(user: User) -> dict[str, bool]:
    fresh = User.objects.get(pk=user.pk)
    found = first_day.shown(fresh, access_for(fresh))
    assert found is not None
    return {step.code: done for step, done in found.steps}


def test_steps_are_those_that_one_may_do_and_are_ticked_by_doing() -> None:
    world = World()
    assert set(_codes(world.ann)) == {"look", "find", "ask", "guide"}
    assert not any(_codes(world.ann).values())
    world.draft("scrap", {"item": world.stocked().code, "quantity": "1"})
    assert _codes(world.ann)["ask"]
    answer = _client(world.ann).post("/first-steps/look/")
    assert answer["Location"] == "/profile/"
    assert _codes(world.ann)["look"]
    assert "decide" in _codes(world.bob)


def test_it_can_be_put_away_and_is_not_for_the_old() -> None:
    world = World()
    client = _client(world.ann)
    assert b"First steps" in client.get("/").content
    client.post("/first-steps/away/")
    assert b"First steps" not in client.get("/").content
    User.objects.filter(pk=world.bob.pk).update(date_joined=timezone.now() - timedelta(days=31))
    assert b"First steps" not in _client(world.bob).get("/").content


def test_nothing_happens_by_looking_and_unknown_steps_are_not_there() -> None:
    world = World()
    client = _client(world.ann)
    assert client.get("/first-steps/away/").status_code == 405
    assert client.post("/first-steps/no-such/").status_code == 404
    assert User.objects.get(pk=world.ann.pk).first_day == {}
