"""Views that come with the product: each list takes them, and who cannot use one is not shown it."""

import pytest
from django.test import Client

from boards.ready_views import VIEWS
from people.models import User
from tests.workflows.world import World

pytestmark = pytest.mark.django_db
PAGES = {
    "documents": "/documents/",
    "items": "/items/",
    "stock": "/stock/",
    "lots": "/lots/",
    "movements": "/movements/",
    "orders": "/orders/",
}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("one", VIEWS, ids=lambda one: f"{one.table}?{one.query}")
def test_a_list_reads_every_part_of_the_view(one: object) -> None:
    world = World()
    view = next(found for found in VIEWS if found is one)
    answer = client_of(world.head).get(f"{PAGES[view.table]}?{view.query}")
    assert answer.status_code == 200
    shown = answer.context["view"]
    names = {part.partition("=")[0] for part in view.query.split("&")}
    known = {"sort", *(found.name for found in shown.table.filters)}
    assert names <= known
    if "sort" in names:
        assert shown.sort_keys
    assert f'href="?{view.query}"'.replace("&", "&amp;") in answer.content.decode()


def test_roles_see_their_own() -> None:
    world = World()
    asker = client_of(world.ann).get("/documents/").content.decode()
    assert "Price missing" in asker
    assert "Waiting for approval" not in asker
    assert "Waiting for approval" in client_of(world.bob).get("/documents/").content.decode()
