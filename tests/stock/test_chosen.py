"""Chosen rows of items, places and other lists: labels, archiving and category, with a result per row."""

import re
from typing import Any

import pytest
from django.test import Client

from people.models import User
from stock.models import Category, Item
from tests.workflows.world import World

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


def test_items_are_archived_each_by_itself_and_put_back(world: World) -> None:
    stocked, free, other = world.stocked(), world.item(), world.item()
    client = client_of(world.head)
    picks = {"pick": [stocked.pk, free.pk, other.pk]}
    words = text_of(client.post("/items/", {"do": "archive", **picks}))
    assert "2 are archived." in words
    assert "There is still stock of it (100)" in words
    assert Item.objects.filter(archived_at=None).get() == stocked
    changes = free.history.count()  # type: ignore[attr-defined]
    client.post("/items/?state=archived", {"do": "restore", **picks})
    assert Item.objects.filter(archived_at=None).count() == 3
    assert free.history.count() == changes + 1  # type: ignore[attr-defined]
    assert free.history.first().history_user == world.head  # type: ignore[attr-defined]


def test_a_category_is_set_for_those_that_may_have_it(world: World) -> None:
    moved, free = world.stocked(), world.item()
    target = Category.objects.create(code="F", name="first in", cost_method="fifo")
    client = client_of(world.head)
    picks = {"pick": [moved.pk, free.pk]}
    client.post("/items/", {"do": "category", **picks})
    assert "Choose the category first" in text_of(client.get("/items/"))
    words = text_of(client.post("/items/", {"do": "category", "to-category": target.pk, **picks}))
    assert "1 item is in" in words
    assert "choose a category with the same cost method" in words
    assert Item.objects.get(category=target) == free


def test_without_the_right_nothing_is_offered_or_done(world: World) -> None:
    item = world.item()
    client = client_of(world.ann)
    page = client.get("/items/").content.decode()
    assert 'value="labels-items"' in page
    assert 'value="archive"' not in page
    client.post("/items/", {"do": "archive", "pick": [item.pk]})
    item.refresh_from_db()
    assert item.archived_at is None


def test_labels_of_places_and_stock(world: World) -> None:
    item = world.stocked()
    client = client_of(world.ann)
    page = client.get("/places/").content.decode()
    keys = re.findall(r'name="pick" value="([^"]+)"', page)
    answer = client.post("/places/", {"do": "labels-places", "pick": keys})
    assert client.get(answer.headers["Location"]).status_code == 200
    key = re.findall(r'name="pick" value="([^"]+)"', client.get("/stock/").content.decode())
    answer = client.post("/stock/", {"do": "labels-items", "pick": key})
    assert answer.headers["Location"] == f"/labels/items/?ids={item.pk}"
    file = client.post("/stock/", {"do": "xlsx", "pick": key})
    assert file.headers["Content-Disposition"].endswith("-1.xlsx")


def test_more_rows_than_an_action_takes_are_refused(world: World, settings: Any) -> None:
    Item.objects.bulk_create(
        Item(code=f"B{n:04}", name="b", category=world.category, base_unit=world.unit)
        for n in range(501)
    )
    client = client_of(world.head)
    answer = client.post("/items/", {"do": "labels-items", "every": "1"})
    assert answer.headers["Location"] == "/items/"
    assert "at most 500 rows" in text_of(client.get("/items/"))
