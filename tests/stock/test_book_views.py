"""The pages that read the book: scope and costs on every page and in every file, and figures that agree."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Membership, Role, User
from stock import sealing
from stock.models import CostPool, Posting
from tests.stock.queries.world import World, make_world

COST = "12.34"
"""A unit cost that appears nowhere else."""


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    lot = made.lots[made.items[1].pk][0]
    made.buy(made.items[0], 50, "W1", unit_cost=COST)
    made.buy(made.items[1], 40, "A-01", unit_cost=COST, lot=lot.pk)
    made.sell(made.items[1], 3, "A-01", lot=lot.pk)
    made.buy(made.items[2], 77, "W3", unit_cost=COST)
    sealing.seal()
    return made


@pytest.fixture
def sign_in(world: World) -> Callable[..., Client]:
    def sign_in(*codes: str, cost: bool = True) -> Client:
        name = "-".join(["user", *codes, str(cost)])
        user = User.objects.create_user(name, password="x", name=name)
        rights = ["stock.view", *(["cost.view"] if cost else [])]
        role = Role.objects.create(code=name.lower(), name=name, rights=rights)
        member = Membership.objects.create(user=user, role=role, everywhere=not codes)
        member.scopes.set([world.warehouses[code].scope_id for code in codes])
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def _pages(world: World) -> dict[str, str]:
    motor = world.items[1]
    return {
        "items": reverse("stock:items"),
        "item": reverse("stock:item", args=[motor.pk]),
        "item_past": reverse("stock:item", args=[motor.pk]) + f"?at={timezone.localdate()}",
        "item_table": reverse("stock:item", args=[motor.pk]) + "?view=table&by=warehouse",
        "item_facts": reverse("stock:item", args=[motor.pk]) + "?tab=facts",
        "item_history": reverse("stock:item", args=[motor.pk]) + "?tab=history",
        "on_hand": reverse("stock:on_hand"),
        "on_hand_past": reverse("stock:on_hand") + f"?at={timezone.localdate()}",
        "on_hand_items": reverse("stock:on_hand") + "?by=item",
        "lots": reverse("stock:lots"),
        "lot": reverse("stock:lot", args=[world.lots[motor.pk][0].pk]),
        "places": reverse("stock:places"),
        "place": reverse("stock:place", args=[world.place("A-01").pk]),
        "movements": reverse("stock:movements") + "?col=value&col=unit_cost&col=document&col=item",
        "posting": reverse("stock:posting", args=[Posting.objects.earliest("pk").pk]),
        "explain": reverse("stock:explain") + f"?item={motor.pk}",
        "summary": reverse("stock:summary"),
        "summary_types": reverse("stock:summary") + "?types=1",
        "summary_categories": reverse("stock:summary") + "?by=category&types=1",
        "summary_warehouses": reverse("stock:summary") + "?by=warehouse&types=1",
    }


FILES = [
    "items",
    "item",
    "on_hand",
    "on_hand_past",
    "lots",
    "places",
    "place",
    "movements",
    "explain",
    "summary",
]


def _text(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if response["Content-Type"].startswith("text/"):
        return str(body.decode())
    book = openpyxl.load_workbook(BytesIO(body), read_only=True)
    return "\n".join(
        ",".join(str(value) for value in row)
        for row in book.worksheets[0].iter_rows(values_only=True)
    )


def test_every_page_answers_those_who_see_everything(
    world: World, sign_in: Callable[..., Client]
) -> None:
    client = sign_in()
    for name, url in _pages(world).items():
        response = client.get(url)
        assert response.status_code == 200, name
        text = _text(response)
        assert "style=" not in text.split("<main", 1)[1], name
        assert "onclick" not in text, name


_MONEY = re.compile(r"12\.34|493\.60|456\.58|617\.00|950\.18|Unit cost|>Value<|\bValue\b")


def test_no_page_shows_a_cost_without_the_right(
    world: World, sign_in: Callable[..., Client]
) -> None:
    without, allowed = sign_in(cost=False), sign_in()
    shown = 0
    for name, url in _pages(world).items():
        text = _text(without.get(url)).split("<main", 1)[1]
        assert not _MONEY.search(text), name
        shown += bool(_MONEY.search(_text(allowed.get(url)).split("<main", 1)[1]))
    assert shown >= 12


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_file_shows_a_cost_without_the_right(
    world: World, sign_in: Callable[..., Client], form: str
) -> None:
    without, allowed = sign_in(cost=False), sign_in()
    for name in FILES:
        url = _pages(world)[name].replace("?col=value&col=unit_cost&col=document&col=item", "")
        url += ("&" if "?" in url else "?") + f"export={form}"
        text = _text(without.get(url))
        assert len(text.splitlines()) > 1, name
        assert not _MONEY.search(text), name
        assert name in {"lots", "places"} or _MONEY.search(_text(allowed.get(url))), name


def test_a_user_of_another_warehouse_sees_no_row(
    world: World, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("W3")
    for name, url in _pages(world).items():
        response = client.get(url)
        if name in {"posting", "lot", "place"}:
            assert response.status_code == 404, name
            continue
        text = _text(response).split("<main", 1)[1]
        assert "A-01" not in text, name
        assert "D-0" not in text, name
        assert not re.search(r">\s*(37|40|50)\s*<", text), name


def test_strangers_sign_in_first(world: World) -> None:
    for name, url in _pages(world).items():
        response = Client().get(url)
        assert response.status_code == 302, name
        assert "login" in response["Location"], name


def test_the_item_page_adds_up(world: World, sign_in: Callable[..., Client]) -> None:
    context = sign_in().get(_pages(world)["item"]).context
    assert context["figures"].on_hand == 37
    assert sum(row.figures.on_hand for row in context["rows"]) == context["page"].closing == 37
    assert context["chart"].last[2] == 37


def test_the_past_has_no_buttons_that_write(world: World, sign_in: Callable[..., Client]) -> None:
    User.objects.create_superuser("root", password="x", name="root")
    client = Client()
    client.force_login(User.objects.get(username="root"))
    assert "/edit/" in _text(client.get(_pages(world)["item"]))
    past = _text(client.get(_pages(world)["item_past"]))
    assert "/edit/" not in past
    assert "asof-on" in past


def test_an_export_holds_what_the_list_shows(world: World, sign_in: Callable[..., Client]) -> None:
    text = _text(sign_in().get(reverse("stock:on_hand") + "?q=10044&export=csv"))
    assert text.startswith("\ufeff")
    lines = text.lstrip("\ufeff").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("10044,Motor,L1")


HUGE = "9" * 29
"""More than any integer of a database."""
FAR = "from=0001-01-01&to=9999-12-31"


def test_nonsense_in_the_address_is_ignored(world: World, sign_in: Callable[..., Client]) -> None:
    client = sign_in()
    for query in (
        "?at=nonsense",
        "?at=2026-99-99",
        "?from=x&to=y",
        "?warehouse=abc&page=zz",
        "?item=999999999999",
        f"?{FAR}&{FAR.replace('from', 'after')}",
        "?at=9999-12-31",
        "?at=0001-01-01",
        "?at=9999-12-31T23:59:59-14:00",
        f"?item={HUGE}&lot={HUGE}&place={HUGE}&partner={HUGE}&category={HUGE}&warehouse={HUGE}",
        "?item=①&lot=①&place=①&partner=①&category=①&warehouse=①&page=①&expiry=①&after=①",
        f"?page={HUGE}&size=①&expiry={HUGE}&after=2026-01-01T00:00:00%2B00:00~{HUGE}",
        "?view=table&after=0001-01-01T00:00:00%2B14:00~1",
    ):
        for name in ("items", "item", "on_hand", "movements", "summary", "lots", "places"):
            url = _pages(world)[name].split("?")[0]
            assert client.get(url + query).status_code == 200, url + query
        explained = reverse("stock:explain") + query
        assert client.get(explained).status_code in {200, 404}, explained
    explain = _pages(world)["explain"]
    for query in (f"&lot={HUGE}", f"&place={HUGE}", "&lot=①", f"&{FAR}"):
        assert client.get(explain + query).status_code == 200, query
    for name in ("item", "lot", "place", "posting"):
        assert client.get(reverse(f"stock:{name}", args=[int(HUGE)])).status_code == 404, name


def test_stock_value_adds_up_and_opens_its_goods(
    world: World, sign_in: Callable[..., Client]
) -> None:
    """By category and warehouse; the list behind a figure is worth the same; no cost, no page."""
    url = reverse("stock:worth")
    assert sign_in(cost=False).get(url).status_code == 403
    client = sign_in()
    table = client.get(url).context["view"]
    (row,) = [row for row in table.rows if row.id == world.items[1].category_id]
    pools = CostPool.objects.filter(item__category=row.id)
    assert row.total == sum(pool.value for pool in pools)
    total = {column.key: column for column in table.columns}["total"]
    behind = client.get(total.url(row)).context["view"]
    assert sum(one.figures.value for one in behind.rows) == row.total
    past = client.get(url + f"?at={timezone.localdate()}")
    assert f"{row.total:.2f}" in _text(past).replace(",", "")
    for query in ("?at=nonsense", f"?warehouse={HUGE}", "?sort=x&at=0001-01-01", "?export=xlsx"):
        assert client.get(url + query).status_code == 200, query


def test_the_file_of_the_summary_has_the_movement_types(
    world: World, sign_in: Callable[..., Client]
) -> None:
    """In and out each by type, quantity and value; without the right quantities only."""
    url = reverse("stock:summary") + "?types=1&export=csv"
    head = _text(sign_in().get(url)).splitlines()[0]
    assert "In · Purchase receipt, quantity" in head
    assert "In · Purchase receipt, value" in head
    bare = _text(sign_in(cost=False).get(url)).splitlines()[0]
    assert "In · Purchase receipt, quantity" in bare
    assert "value" not in bare.lower()


def test_low_stock_is_a_chip_and_a_filter(world: World, sign_in: Callable[..., Client]) -> None:
    world.items[0].reorder_point = 100
    world.items[0].save()
    text = _text(sign_in().get(reverse("stock:items") + "?state=low"))
    assert "10021" in text
    assert "10044" not in text.split("<main", 1)[1]


def test_what_lies_only_elsewhere_is_not_low_here(
    world: World, sign_in: Callable[..., Client]
) -> None:
    """W1 never kept items[2], which lies in W3; its own items[0] ran low there."""
    for item in (world.items[0], world.items[2]):
        item.reorder_point = 100
        item.save()
    client = sign_in("W1")
    text = _text(client.get(reverse("stock:items") + "?state=low"))
    assert world.items[0].code in text
    assert world.items[2].code not in text.split("<main", 1)[1]
    whole = _text(client.get(reverse("stock:items"))).split("<main", 1)[1]
    assert whole.count(">low<") == 1
