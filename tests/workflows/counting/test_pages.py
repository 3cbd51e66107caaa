"""The pages of stocktakes for planner, counter and judge: they open, they do, and counters never read the book."""

import json
from typing import Any

import pytest
from django.test import Client

from people.models import User
from tests.workflows.counting.world import Shelves
from workflows.models import CountEntry, CountTolerance, Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Shelves:
    return Shelves()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, url: str, body: Any) -> Any:
    answer = client.post(url, json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_plan_is_made_sealed_and_shown(world: Shelves) -> None:
    world.fill("A-1", 10)
    client = client_of(world.pat)
    assert client.get("/counting/new/").status_code == 200
    body = {"warehouse": world.main.code, "zones": "A-1", "tolerance_percent": "2"}
    made = client.post("/counting/new/", body)
    document = Document.objects.get(type="stocktake")
    assert made.headers["Location"] == f"/counting/{document.key}/"
    assert client.get(f"/counting/{document.key}/plan/").status_code == 200
    assert client.get(made.headers["Location"]).status_code == 200
    client.post(
        f"/counting/{document.key}/seal/", {"counter": [world.cat.pk], "version": document.version}
    )
    document.refresh_from_db()
    assert document.state == "in_execution"
    assert world.line(document, "A-1").bin.sheet.counter == world.cat
    for page in ("", "?part=1", "count/", "sheet/1/", "print/", "print/?format=pdf"):
        assert client.get(f"/counting/{document.key}/{page}").status_code == 200, page
    assert client.get("/counting/").status_code == 200
    assert client.get(f"/documents/{document.key}/").status_code == 200
    assert client.get(f"/documents/{document.key}/print/").status_code == 200


def test_a_wrong_plan_is_shown_with_what_was_typed(world: Shelves) -> None:
    client = client_of(world.pat)
    body = {"warehouse": world.main.code, "zones": "NO-SUCH"}
    answer = client.post("/counting/new/", body)
    assert answer.status_code == 422
    assert b"NO-SUCH" in answer.content


def test_counting_on_the_phone(world: Shelves) -> None:
    world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    client = client_of(world.cat)
    base = f"/counting/{document.key}/count/"
    waiting = client.get(f"{base}lines/").json()
    line = waiting["lines"][0]
    count = {"line": line["key"], "quantity": "9", "key": "k1"}
    said = send(client, f"{base}send/", {"counts": [count, {**count, "key": "k2", "quantity": ""}]})
    assert said["counts"][0]["counted"] == "9"
    assert "Blank is not zero" in said["counts"][1]["refused"]
    assert send(client, f"{base}send/", {"counts": [count]})["counts"][0]["repeated"]
    assert CountEntry.objects.count() == 1
    assert client.get(f"{base}lines/").json()["lines"] == []


@pytest.mark.parametrize("body", ["", "[]", '{"counts": 1}', '{"counts": [1]}', "[" * 100])
def test_nonsense_from_a_phone_is_refused(world: Shelves, body: str) -> None:
    world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    client = client_of(world.cat)
    url = f"/counting/{document.key}/count/send/"
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 422


def test_a_sheet_on_the_desk(world: Shelves) -> None:
    world.fill("A-1", 10)
    world.fill("A-2", 10)
    document = world.sealed(zones=["A-1", "A-2"])
    line = world.line(document, "A-1")
    client = client_of(world.cat)
    url = f"/counting/{document.key}/sheet/1/"
    client.post(
        url,
        {f"q.{line.key}": "7", f"was.{line.key}": "", f"q.{world.line(document, 'A-2').key}": ""},
    )
    line.refresh_from_db()
    assert (line.counted, world.line(document, "A-2").counted) == (7, None)
    assert client.get(url).status_code == 200


def test_counters_never_read_the_book(world: Shelves) -> None:
    world.fill("A-1", 4711)
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 5)
    client = client_of(world.cat)
    for page in (
        "", "?part=1", "count/", "count/lines/", "sheet/1/", "print/",
    ):  # fmt: skip
        shown = client.get(f"/counting/{document.key}/{page}").content.decode()
        for figure in ("4711", "4,711", "4706", "4,706"):
            assert figure not in shown, page
    shown = client.get(f"/documents/{document.key}/").content.decode()
    assert "4711" not in shown
    assert "4706" not in shown
    for page in ("variance/", "print/?book=1"):
        assert client.get(f"/counting/{document.key}/{page}").status_code == 403


def test_judging_on_the_page(world: Shelves) -> None:
    world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 7)
    head = client_of(world.head)
    url = f"/counting/{document.key}/variance/"
    assert b"A-1" in head.get(url).content
    line = world.line(document, "A-1")
    head.post(f"{url}again/", {"line": [line.key]})
    line.refresh_from_db()
    assert line.again
    world.count(document, "A-1", 7, by=world.eve)
    world.finish(document)
    assert head.post(f"{url}cause/", {"line": line.key, "cause": "lost"}).status_code == 302
    assert head.get(f"{url}moved/{line.key}/").status_code == 200
    world.approve(document)
    assert document.state == "posted"
    assert head.get(url).status_code == 200
    assert head.get("/counting/accuracy/").status_code == 200


def test_finish_names_what_is_blank(world: Shelves) -> None:
    world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    client = client_of(world.cat)
    url = f"/counting/{document.key}/finish/"
    answer = client.post(url, {"version": document.version}, follow=True)
    assert b"not counted" in answer.content
    client.post(url, {"version": document.version, "leave": "1"})
    document.refresh_from_db()
    assert document.state == "posted"


def test_tolerances_of_the_company(world: Shelves) -> None:
    client = client_of(world.admin)
    code = world.category.code
    body = {"row": ["", code], "tolerance_percent.": "1", f"tolerance_quantity.{code}": "5"}
    client.post("/counting/tolerances/", body)
    rows = {row.category: row for row in CountTolerance.objects.all()}
    assert rows[None].tolerance_percent == 1
    assert rows[world.category].tolerance_quantity == 5
    assert client.get("/counting/tolerances/").status_code == 200
    wrong = client.post(
        "/counting/tolerances/", {"row": [""], "tolerance_percent.": "-1"}, follow=True
    )
    assert b"not below zero" in wrong.content
    client.post("/counting/tolerances/", {"row": ["", code]})
    assert not CountTolerance.objects.exists()
    shown = client.get("/counting/tolerances/")
    assert shown.status_code == 200
    assert shown.content.count(b'data-label="Percent of the book"') > 1  # named on a phone as well
    assert b' sheet"' not in shown.content.partition(b"<table")[2]  # that is the look of a dialog
    assert client_of(world.cat).get("/counting/tolerances/").status_code == 403
