"""What master data refuses at every door: nothing that the book leans on is taken away or made ambiguous."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from core.errors import DomainError
from people.models import Membership, Role, User
from stock import catalog
from stock.models import Place
from tests.stock.queries.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def keeper(world: World) -> User:
    user = User.objects.create_user("keeper", password="x", name="Keeper")
    rights = ["stock.view", "cost.view", "master.edit", "master.import", "period.close"]
    role = Role.objects.create(code="keeper", name="Keeper", rights=rights)
    Membership.objects.create(user=user, role=role, everywhere=True)
    return user


@pytest.fixture
def client(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


def test_places_outside_the_warehouses_stay_at_every_door(client: Client, keeper: User) -> None:
    virtual = list(Place.objects.filter(warehouse=None))
    assert len(virtual) == 9
    for place in virtual:
        assert client.get(f"/master/places/{place.pk}/edit/").status_code == 404
        assert client.post(f"/master/places/{place.pk}/edit/", {"code": "x"}).status_code == 404
        for what in ("archive", "restore", "delete"):
            answer = client.post(f"/master/places/{place.pk}/archive/", {"what": what})
            assert answer.status_code == 404, what
        acts: list[Callable[[], None]] = [
            lambda place=place: catalog.archive(place, actor=keeper),  # type: ignore[misc]
            lambda place=place: catalog.delete(place),  # type: ignore[misc]
        ]
        for act in acts:
            with pytest.raises(DomainError) as refused:
                act()
            assert refused.value.code == "virtual_place"
    assert list(Place.objects.filter(warehouse=None)) == virtual
    assert not Place.objects.filter(warehouse=None).exclude(archived_at=None).exists()


def test_the_database_keeps_places_outside_the_warehouses_in_use(world: World) -> None:
    place = Place.objects.filter(warehouse=None).earliest("pk")
    with pytest.raises(DatabaseError, match="always in use"), transaction.atomic():
        Place.objects.filter(pk=place.pk).update(archived_at=timezone.now())
    inside = world.place("A-01")
    assert Place.objects.filter(pk=inside.pk).update(archived_at=timezone.now()) == 1


def send(client: Client, kind: str, text: str) -> Any:
    """Upload a sheet; the page of differences, or the refusal."""
    file = SimpleUploadedFile("sheet.csv", text.encode())
    return client.post("/master/import/", {"kind": kind, "file": file}, follow=True)


def test_a_sheet_with_an_endless_cell_is_refused_in_words(client: Client) -> None:
    answer = send(client, "items", "code,name\nA1," + "x" * 131_073 + "\n")
    assert answer.status_code == 422
    assert "a cell is too long" in answer.content.decode()


def test_nonsense_in_the_address_of_a_form_is_ignored(client: Client) -> None:
    for query in ("copy=①", "warehouse=①", "copy=", "warehouse=" + "9" * 29):
        assert client.get(f"/master/items/new/?{query}").status_code == 200, query
        assert client.get(f"/master/places/new/?{query}").status_code == 200, query
