"""The doors of scanning: meaning as JSON, linking, the look-up page, the addresses on labels, the policy."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stock.models import Barcode, Lot
from tests.api.conftest import person
from tests.stock.queries.world import World, make_world

pytestmark = pytest.mark.django_db
READ = "/scan/read/"


@pytest.fixture
def world() -> World:
    made = make_world()
    Barcode.objects.create(item=made.items[0], code="6901234567892")
    return made


@pytest.fixture
def signed_in(world: World) -> Callable[..., Client]:
    def sign_in(*rights: str) -> Client:
        user: User = person(f"u{len(rights)}", list(rights), world)
        client = Client(headers={"accept": "application/json"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def test_the_meaning_tells_no_stock(world: World, signed_in: Callable[..., Client]) -> None:
    world.buy(world.items[0], 7, "W1")
    client = signed_in("stock.view")
    body = client.get(READ, {"code": "(01)06901234567892(37)3(10)L9"}).json()
    wanted = {
        "kind": "item",
        "item": world.items[0].code,
        "quantity": "3",
        "base": "3",
        "lot": "L9",
    }
    assert wanted.items() <= body.items()
    assert "on_hand" not in body
    place = client.get(READ, {"code": "A-01"}).json()
    assert (place["kind"], place["place"], place["warehouse"]) == ("place", "A-01", "W1")


def test_wrong_and_unknown_codes_are_told(signed_in: Callable[..., Client]) -> None:
    client = signed_in("stock.view")
    wrong = client.get(READ, {"code": "(01)06901234567893"})
    assert wrong.status_code == 422
    assert "check digit" in wrong.json()["message"]
    assert client.get(READ, {"code": "what"}).json()["kind"] == "unknown"
    assert client.get(READ).json()["kind"] == "unknown"
    question = client.get("/scan/unknown/", {"code": "what"}).content.decode()
    assert "You may not link" in question


def test_nobody_without_a_right_asks(signed_in: Callable[..., Client]) -> None:
    client = signed_in()
    for path in (READ, "/scan/", "/scan/card/", "/scan/unknown/", "/i/10044/"):
        assert client.get(path, {"code": "A-01"}).status_code == 403
    assert Client().get(READ).status_code == 302


def test_linking_makes_the_pending_scan_known(
    world: World, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("stock.view", "master.edit")
    assert "Link" in client.get("/scan/unknown/", {"code": "NEW-77"}).content.decode()
    link = {"code": "NEW-77", "item": f"{world.items[1].code} — whatever"}
    assert client.post("/scan/link/", link).json() == {
        "item": world.items[1].code,
        "code": "NEW-77",
    }
    assert client.get(READ, {"code": "NEW-77"}).json()["item"] == world.items[1].code
    refused = client.post("/scan/link/", {"code": "X-1", "item": "no such item"})
    assert refused.status_code == 422
    assert client.get("/scan/link/").status_code == 405


def test_the_look_up_page_shows_what_is_there(
    world: World, signed_in: Callable[..., Client]
) -> None:
    world.buy(world.items[0], 7, "W1")
    client = signed_in("stock.view")
    page = client.get("/scan/", {"code": "6901234567892"})
    assert world.items[0].name in page.content.decode()
    assert "wasm-unsafe-eval" in page.headers["Content-Security-Policy"]
    assert "wasm-unsafe-eval" not in client.get("/").headers["Content-Security-Policy"]
    card = client.get("/scan/card/", {"code": "W1"})
    assert world.items[0].code in card.content.decode()
    assert '"tone": "ok"' in card.headers["X-Scan"]
    assert '"tone": "bad"' in client.get("/scan/card/", {"code": "不认识\n"}).headers["X-Scan"]


def test_labels_lead_to_pages(world: World, signed_in: Callable[..., Client]) -> None:
    client = signed_in("stock.view")
    item, lot = world.items[1], Lot.objects.filter(item=world.items[1])[0]
    there = reverse("stock:item", args=[item.pk])
    assert client.get(f"/i/{item.code}/").headers["Location"] == there
    there = reverse("stock:lot", args=[lot.pk])
    assert client.get(f"/l/{item.code}/{lot.number}/").headers["Location"] == there
    there = reverse("stock:place", args=[world.place("A-01").pk])
    assert client.get("/p/W1/A-01/").headers["Location"] == there
    assert client.get("/i/nothing/").status_code == 404
    assert client.get("/p/W3/A-01/").status_code == 404
