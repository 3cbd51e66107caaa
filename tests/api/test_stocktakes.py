"""A stocktake through the API alone, from plan to posting; counters are never told what the book has."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.api.documents import Clerk
from tests.workflows.counting.world import Shelves

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Shelves:
    return Shelves()


def planned(world: Shelves, *, zones: list[str], counters: list[str], **plan: Any) -> str:
    """A sealed stocktake; its key."""
    pat = Clerk(world.pat)
    body = {"warehouse": world.main.code, "zones": zones, **plan}
    key = pat.ask("post", "stocktakes/", body, expect=201)["document"]
    shown = pat.ask("post", f"stocktakes/{key}/seal/", {"counters": counters}, tag=pat.tag(key))
    assert (shown["counting"], shown["state"]) == ("first", "in_execution")
    return str(key)


def lines_of(clerk: Clerk, key: str) -> dict[str, dict[str, Any]]:
    rows = clerk.ask("get", f"stocktakes/{key}/lines/?mine=true")["results"]
    return {row["place"]: row for row in rows}


def count(
    clerk: Clerk, document: str, line: str, quantity: str, *, expect: int = 200, **more: Any
) -> Any:
    body = {"counts": [{"line": line, "quantity": quantity, **more}]}
    return clerk.ask("post", f"stocktakes/{document}/counts/", body, expect=expect)


def test_from_plan_to_posting(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    world.fill("A-2", 7)
    cat, eve, head = Clerk(world.cat), Clerk(world.eve), Clerk(world.head)
    key = planned(world, zones=["A-1", "A-2"], counters=[world.cat.username])
    waiting = lines_of(cat, key)
    count(cat, key, waiting["A-1"]["line"], "8")
    count(cat, key, waiting["A-2"]["line"], "7")
    assert cat.ask("get", f"stocktakes/{key}/")["done"] == 2
    cat.do(key, "complete")
    assert lines_of(cat, key) == {}
    again = lines_of(eve, key)
    assert list(again) == ["A-1"]
    refused = count(cat, key, again["A-1"]["line"], "8", expect=422)
    assert refused["code"] == "other_person"
    count(eve, key, again["A-1"]["line"], "8")
    eve.do(key, "complete")
    rows = head.ask("get", f"stocktakes/{key}/variance/")["results"]
    assert [(row["place"], row["difference"], row["value"]) for row in rows] == [
        ("A-1", "-2", "-20")
    ]
    unpriced = Clerk(world.head, "read").ask("get", f"stocktakes/{key}/variance/")["results"]
    assert [set(row) for row in unpriced] == [set(rows[0]) - {"value"}]
    head.ask("post", f"stocktakes/{key}/cause/", {"line": rows[0]["line"], "cause": "lost"})
    assert head.do(key, "approve")["state"] == "posted"
    assert world.on_hand(item, "A-1") == 8


def test_counters_are_never_told_the_book(world: Shelves) -> None:
    world.fill("A-1", 4711)
    cat = Clerk(world.cat)
    key = planned(world, zones=["A-1"], counters=[world.cat.username])
    line = lines_of(cat, key)["A-1"]["line"]
    answers = [
        cat.ask("get", f"stocktakes/{key}/"),
        cat.ask("get", f"stocktakes/{key}/lines/"),
        count(cat, key, line, "5"),
        cat.ask("get", f"stocktakes/{key}/lines/?mine=true"),
        cat.ask("get", f"documents/{key}/"),
        cat.ask("get", f"documents/{key}/timeline/"),
        cat.ask("get", f"stocktakes/{key}/variance/", expect=403),
    ]
    told = json.dumps(answers)
    for figure in ("4711", "4706"):
        assert figure not in told
    preview = cat.raw("post", f"documents/{key}/preview/", {})
    assert b"4711" not in preview.content
    assert b"4706" not in preview.content


def test_the_same_count_in_two_requests_counts_once(world: Shelves) -> None:
    world.fill("A-1", 10)
    cat = Clerk(world.cat)
    key = planned(world, zones=["A-1"], counters=[])
    line, device = lines_of(cat, key)["A-1"]["line"], uuid.uuid4().hex
    first = count(cat, key, line, "9", key=device)["counts"][0]
    again = count(cat, key, line, "9", key=device)["counts"][0]
    assert (first["repeated"], again["repeated"]) == (False, True)


def test_device_times_in_the_wrong_order_are_refused(world: Shelves) -> None:
    world.fill("A-1", 10)
    cat = Clerk(world.cat)
    key = planned(world, zones=["A-1"], counters=[])
    line, now = lines_of(cat, key)["A-1"]["line"], timezone.now()
    times = {"began_at": now.isoformat(), "counted_at": (now - timedelta(hours=1)).isoformat()}
    assert count(cat, key, line, "9", expect=422, **times)["code"] == "time"


def test_what_is_wrong_is_said(world: Shelves) -> None:
    world.fill("A-1", 10)
    cat, dan = Clerk(world.cat), Clerk(world.dan)
    key = planned(world, zones=["A-1"], counters=[])
    line = lines_of(cat, key)["A-1"]["line"]
    assert count(cat, key, "nothing", "1", expect=422)["lines"][0]["code"] == "unknown_line"
    assert count(cat, key, line, "-1", expect=422)["lines"][0]["code"] == "quantity"
    assert count(cat, key, line, "1", unit="BOX", expect=422)["lines"][0]["code"] == "unknown_unit"
    count(dan, key, line, "1", expect=404)
    pat = Clerk(world.pat)
    body = {"warehouse": world.main.code, "zones": ["NO-SUCH"]}
    assert pat.ask("post", "stocktakes/", body, expect=422)["code"] == "unknown_code"
    body = {"type": "stocktake_gain", "warehouse": world.main.code}
    assert pat.ask("post", "documents/", body, expect=422)["code"] == "not_by_hand"


def test_found_goods_and_empty_places(world: Shelves) -> None:
    world.fill("A-1", 10)
    other = world.fill("B-1", 5)
    cat = Clerk(world.cat)
    key = planned(world, zones=["A-1"], counters=[])
    found = cat.ask("post", f"stocktakes/{key}/found/", {"place": "A-1", "item": other.code})
    assert (found["added"], found["done"]) == (True, False)
    count(cat, key, found["line"], "3")
    rest = cat.ask("post", f"stocktakes/{key}/empty/", {"place": "A-1"})
    assert [row["counted"] for row in rest["counts"]] == ["0"]


def test_the_lot_of_found_goods_is_one_line(world: Shelves) -> None:
    world.fill("A-1", 10)
    cat, item = Clerk(world.cat), world.item("lot")
    key = planned(world, zones=["A-1"], counters=[])
    body = {"place": "A-1", "item": item.code, "lot": " L1\u200b\nX "}
    assert cat.ask("post", f"stocktakes/{key}/found/", body)["lot"] == "L1  X"
    blank = cat.ask("post", f"stocktakes/{key}/found/", body | {"lot": "\u200b\n"}, expect=422)
    assert blank["code"] == "lot_required"
