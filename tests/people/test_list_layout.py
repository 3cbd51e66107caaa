"""Columns of a list stay in the order and width that each gave them, per kind of device; groups and sums count right."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client, RequestFactory

from core import layout
from core.columns import Column
from core.tables import Table, View
from people import layouts
from people.models import ListLayout, User
from stock.models.lots import NO_LOT
from tests.api.conftest import person
from tests.stock.queries.world import World, make_world

pytestmark = pytest.mark.django_db
HERE = "/stock/"
PHONE = "Mozilla/5.0 (Linux; Android 15) Mobile"


@pytest.fixture
def world() -> World:
    made = make_world()
    for lot in (NO_LOT, *(lot.pk for lot in made.lots[made.items[1].pk][:1])):
        item = made.items[1 if lot else 0]
        made.buy(item, 5, "A-01", lot=lot)
        made.buy(item, 10, "W1", lot=lot)
    return made


@pytest.fixture
def reader(world: World) -> User:
    return person("reader", ["stock.view"], world)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


def heads(page: str) -> list[tuple[str, str]]:
    """(column, width) of the heads, in their order."""
    return re.findall(r'data-col="(\w+)"(?: data-w="(\d+)")?', page)


def get(client: Client, query: str = "", agent: str = "") -> str:
    return client.get(f"{HERE}{query}", headers={"User-Agent": agent}).content.decode()


def test_order_and_width_are_kept_for_each_reader_and_device(
    world: World, reader: User, sign_in: Callable[[User], Client]
) -> None:
    client, other = sign_in(reader), sign_in(person("other", ["stock.view"], world))
    before = heads(get(client))
    assert heads(get(client, "?col=on_hand:120&col=item"))[:2] == [("on_hand", "120"), ("item", "")]
    assert heads(get(sign_in(reader))) == [("on_hand", "120"), ("item", "")]  # another session
    assert heads(get(client, agent=PHONE)) == before
    assert heads(get(other)) == before
    assert heads(get(client, "?col=default")) == before
    assert not ListLayout.objects.filter(user=reader).exists()
    assert heads(get(client)) == before


def test_what_cannot_be_read_is_no_column(reader: User, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(reader)
    before = heads(get(client))
    assert heads(get(client, "?col=nonsense&col=value:9")) == before
    odd = heads(get(client, "?col=item:99999999&col=name:1&col=on_hand:x&col=item"))
    assert odd == [("item", ""), ("name", str(layout.NARROWEST)), ("on_hand", "")]


def test_who_looks_as_another_leaves_his_columns_alone(reader: User) -> None:
    request = RequestFactory().get(HERE)
    request.user, request.viewer = reader, reader  # type: ignore[attr-defined]
    layouts.keep(request, "stock", ["item"])
    assert not ListLayout.objects.exists()


def test_columns_that_are_new_are_seen_by_who_chose_before(reader: User) -> None:
    request = RequestFactory().get(HERE)
    request.user = reader
    layouts.keep(request, "stock", ["b", "-a"])
    columns = [Column(key, key) for key in "abc"]
    assert [one.spec for one in layout.lay(request, "stock", columns)] == ["b", "c"]


def test_a_file_and_a_saved_view_have_the_columns_in_their_order(
    reader: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(reader)
    page = get(client, "?col=on_hand:90&col=item")
    assert "col=on_hand%3A90&amp;col=item" in page
    answer = client.get(f"{HERE}?export=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "On hand,Item"


def test_groups_stand_together_with_how_many_there_are(
    world: World, reader: User, sign_in: Callable[[User], Client]
) -> None:
    page = get(sign_in(reader), "?group=place&sort=-on_hand")
    names = re.findall(
        r'aria-expanded="true">.*?</svg>([^<]+)</button> <span class="cnt">(\d+)', page
    )
    assert sorted(names) == names
    assert dict(names) == {"A-01": "2", "W1": "2"}
    order = re.findall(r"<tr (data-row|class=.grp.)", page)
    assert order == ['class="grp"', "data-row", "data-row"] * 2
    assert '<tr class="grp"' not in get(sign_in(reader), "?group=on_hand")  # says not that it may


def test_the_sums_of_all_pages_are_told_apart_from_those_of_the_page(rf: RequestFactory) -> None:
    rows = [{"n": Decimal(number), "unit": "KG"} for number in range(1, 121)]
    columns = [
        Column("name", "Name", "unit"),
        Column("n", "N", total=True, unit="unit", kind="quantity"),
    ]
    table = Table("t", "T", columns, rows)
    page = View(table, rf.get("/t/")).page()
    assert (page["totals"][1], page["grand"], page["whole"]) == ("1,275", None, False)
    page = View(table, rf.get("/t/?totals=all&page=3")).page()
    assert (page["totals"][1], page["grand"][1]) == ("2,210", "7,260")
