"""The search over everything: what each kind is found by, what may be seen, the doors that ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from boards.search import asking
from people.access import access_for
from people.models import User
from stock.models import Item
from stock.search_keys import refresh_items, refresh_partners
from tests.api.conftest import person, program_of
from tests.stock.queries.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = make_world()
    motor = made.items[0]
    Item.objects.filter(pk=motor.pk).update(
        code="10045", name="电机 24V", other_name="motor", specification="Φ37×80"
    )
    motor.refresh_from_db()
    motor.barcodes.create(code="6901234567892")
    refresh_items(Item.objects.all())
    refresh_partners([made.supplier, made.customer])
    return made


@pytest.fixture
def everyone(world: World) -> User:
    return person("everyone", ["stock.view", "document.ask"], world)


def found(text: str, user: User) -> dict[str, list[str]]:
    """Keys (titles of what has none) by kind."""
    groups = asking.search(text, user, access_for(user))
    return {group.kind: [hit.key or hit.title for hit in group.hits] for group in groups}


@pytest.mark.parametrize(
    "text",
    [
        "10045", "１００４５", "100", "电机", "机", "dianji", "dj", "DJ", "motor", "MOT", "6901234567892",
        "φ37", "Φ37×80", "电机 24v", "24V 电机", "  10045  ",
    ],
)  # fmt: skip
def test_an_item_is_found_by_everything_that_names_it(everyone: User, text: str) -> None:
    assert "10045" in found(text, everyone)["item"]


def test_what_is_named_in_full_comes_first(world: World, everyone: User) -> None:
    Item.objects.filter(pk=world.items[1].pk).update(
        name="10045 的替代", search_key="|10045 的替代|"
    )
    hits = asking.search("10045", everyone, access_for(everyone))[0].hits
    assert hits[0].key == "10045"
    assert hits[0].exact
    assert asking.single(asking.search("6901234567892", everyone, access_for(everyone)))
    assert asking.single(asking.search("1004", everyone, access_for(everyone))) is None


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "%", "_", "|", "'", "\\", "\ud800", "x" * 5000, "#", ">", "/"]
)
def test_odd_texts_find_nothing_wrong(everyone: User, text: str) -> None:
    assert "item" not in found(text, everyone)


def test_lots_partners_and_places(world: World, everyone: User) -> None:
    lot = world.lots[world.items[1].pk][0]
    assert lot.number in found(lot.number.lower(), everyone)["lot"]
    assert world.supplier.code in found(world.supplier.name[:4], everyone)["partner"]
    assert "A-01" in found("a-01", everyone)["place"]


def test_a_place_of_another_warehouse_is_not_found(world: World) -> None:
    local = person("local", ["stock.view"], world, "W3")
    assert "place" not in found("A-01", local)
    assert "place" in found("W3", local)


def test_without_the_right_nothing_of_stock_is_found(world: World) -> None:
    stranger = person("stranger", [], world)
    for text in ("10045", "A-01", world.supplier.name):
        assert set(found(text, stranger)) <= {"page"}
    assert "stock:items" not in found("", stranger)
    assert "action" not in found(">", stranger)


def test_pages_and_actions_answer_in_both_languages_and_by_initials(everyone: User) -> None:
    with translation.override("zh-hans"):
        assert "采购入库" in found("cgrk", everyone)["action"]
        assert "采购入库" in found("purchase", everyone)["action"]
    assert "Items" in found("物料", everyone)["page"]
    assert list(found(">", everyone)) == ["action"]
    assert list(found("/", everyone)) == ["page"]


def test_the_page_and_its_list_answer_and_a_full_name_opens(
    world: World, everyone: User, client: Client
) -> None:
    client.force_login(everyone, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("boards:search")
    assert "10045" in client.get(f"{page}?q=dj").content.decode()
    answer = client.get(f"{page}?q=10045&go=1")
    assert answer.headers["Location"] == reverse("stock:item", args=[world.items[0].pk])
    part = client.get(f"{reverse('boards:palette')}?q=dj").content.decode()
    assert 'role="option"' in part
    assert "<html" not in part
    assert client.get(f"{page}?q=%00&go=1").status_code == 200


def test_the_api_finds_the_same(world: World, everyone: User) -> None:
    program = program_of(everyone)
    hits = program.get("search/", q="dj", limit=3)["results"]
    assert [(hit["kind"], hit["key"]) for hit in hits if hit["kind"] == "item"] == [
        ("item", "10045")
    ]
    program.get("search/", expect=400)
    program.get("search/", expect=400, q="x", limit=41)


def test_the_number_of_statements_does_not_grow(
    everyone: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    access = access_for(everyone)
    with django_assert_max_num_queries(9):
        asking.search("1", everyone, access)
