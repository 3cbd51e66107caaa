"""What no id, day or figure can be is refused by every form in words, however long it is."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.workflows.world import World
from workflows.models import Absence, Document

pytestmark = pytest.mark.django_db
ODD = ["9" * 5_000, "9" * 19, "9" * 18, "①", "-1", "1\x00", ""]


def post(user: Any, name: str, arguments: list[Any], data: dict[str, Any]) -> int:
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"workflows:{name}", args=arguments), data).status_code


@pytest.mark.parametrize("odd", ODD)
def test_ids_and_figures_of_forms(world_with: tuple[World, Document], odd: str) -> None:
    world, document = world_with
    key = document.key
    line = document.lines.get().key
    for user, verb, data in (
        (world.cat, "forward", {"user": odd}),
        (world.cat, "record", {f"actual.{line}": f"x{odd}"}),
        (world.cat, "record", {f"actual.{line}": "3", "version": odd or "0"}),
        (world.admin, "assign", {"user": odd}),
        (world.ann, "copy", {"users": [odd, odd]}),
    ):
        assert 400 <= post(user, "do", [key, verb], data) < 500, verb
    assert 400 <= post(world.ann, "submit", [key], {"version": odd}) < 500
    many = {"pick": [f"{odd}:{odd}", odd], "key": odd}
    assert 300 <= post(world.bob, "many", ["approve"], many) < 500
    calendar = post(world.admin, "calendar", [], {"company": odd, "day0": odd or "x"})
    assert 400 <= calendar < 500
    document.refresh_from_db()
    assert document.state == "approved"
    assert document.lines.get().actual is None


@pytest.mark.parametrize("odd", [*ODD, "0001-01-01T00:00", "9999-12-31T23:59:59-12:00"])
def test_who_is_away_and_until_when(world_with: tuple[World, Document], odd: str) -> None:
    world, _document = world_with
    fine = {
        "stand_in": str(world.cat.pk),
        "starts_at": "2031-01-01T00:00",
        "ends_at": "2031-01-02T00:00",
    }
    for name in fine:
        assert post(world.bob, "away", [], {**fine, name: odd}) == 422, name
    assert not Absence.objects.exists()


@pytest.fixture
def world_with() -> tuple[World, Document]:
    """A world, and an issue that waits to be picked."""
    world = World(f"O{uuid.uuid4().hex[:4]}")
    document = world.draft("other_out", {"item": world.stocked().code, "quantity": "3"})
    world.act(document, "submit", world.ann)
    return world, Document.objects.get(pk=document.pk)
