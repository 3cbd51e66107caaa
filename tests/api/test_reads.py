"""The reads of the book: the keys, the figures, the limits of who asks."""

import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import User
from tests.api.conftest import fill, person, program_of
from tests.stock.queries.world import World, make_world

READS: list[tuple[str, dict[str, Any]]] = [
    ("on-hand/", {}),
    ("on-hand/", {"as-of": "2999-01-01"}),
    ("movements/", {}),
    ("card/", {"item": "10044"}),
    ("explain/", {"item": "10044"}),
    ("summary/", {}),
    ("trace/", {"lot": "L1"}),
    ("items/", {}),
    ("items/10044/", {}),
    ("lots/", {}),
    ("places/", {}),
    ("warehouses/", {}),
    ("partners/", {}),
    ("units/", {}),
    ("categories/", {}),
    ("movement-types/", {}),
    ("reasons/", {}),
    ("me/", {}),
]
DOCUMENTS = (
    "documents/", "inbox/", "document-types/", "processes/", "boms/", "open-orders/", "search/",
    "stocktakes/", "tasks/", "cases/", "case-causes/", "alert-rules/", "reorder/", "journal/", "voucher-", "months/",
)  # fmt: skip
"""These have a list of their own in test_documents_reads, or a test in test_finance."""
WITH_COST = {"on-hand/", "movements/", "card/", "explain/", "summary/", "trace/", "items/"}
COST_WORDS = ("value", "unit_cost", "cost", "amount", "price")


def _keys(found: Any) -> set[str]:
    """Every key anywhere in an answer."""
    if isinstance(found, dict):
        return set(found) | {key for value in found.values() for key in _keys(value)}
    if isinstance(found, list):
        return {key for value in found for key in _keys(value)}
    return set()


def _costs(found: Any) -> set[str]:
    known = {"value_only"}
    return {key for key in _keys(found) - known if key.endswith(COST_WORDS)}


@pytest.mark.parametrize(("path", "query"), READS)
def test_no_cost_without_the_right(
    world: World, clerk: User, auditor: User, path: str, query: dict[str, Any]
) -> None:
    """Neither with a user who lacks the right nor with a token that lacks the scope; posting needs neither."""
    assert _costs(program_of(clerk).get(path, **query)) == set()
    assert _costs(program_of(auditor, "read").get(path, **query)) == set()
    shown = _costs(program_of(auditor).get(path, **query))
    assert bool(shown) == (path in WITH_COST or path == "items/10044/")


def test_every_read_is_in_the_list_above() -> None:
    """A new address without a line here has no test of its costs."""
    from core.api.schema import openapi

    paths = {path.removeprefix("/api/v1/") for path in openapi()["paths"]}
    documents = {path for path in paths if path.startswith(DOCUMENTS)}
    assert paths - documents == {path.replace("10044", "{item}") for path, _query in READS}


@pytest.mark.parametrize(("path", "query"), READS)
def test_one_warehouse_is_all_there_is(
    world: World, local: User, path: str, query: dict[str, Any]
) -> None:
    answer = json.dumps(program_of(local).get(path, **query))
    for hidden in ('"W1"', '"W2"', '"A-01"', '"W1-', '"W2-'):
        assert hidden not in answer
    if path in {"on-hand/", "warehouses/", "places/"}:
        assert '"W3"' in answer


@pytest.mark.parametrize("command", ["on-hand", "movements", "card", "summary", "trace", "explain"])
def test_answers_agree_with_the_command(world: World, auditor: User, command: str) -> None:
    """Same keys, same rows: the API has some keys more."""
    limits = {"card": {"item": "10044"}, "explain": {"item": "10044"}, "trace": {"lot": "L1"}}
    query = limits.get(command, {})
    out = StringIO()
    flags = [part for key, value in query.items() for part in (f"--{key}", value)]
    call_command("stock", command, *flags, "--format", "json", stdout=out)
    expected = json.loads(out.getvalue(), parse_float=Decimal, parse_int=Decimal)
    more = {} if command == "trace" else {"limit": 1000}
    rows = program_of(auditor).get(f"{command}/", **query, **more)["results"]
    assert len(rows) == len(expected) > 0
    for row, wanted in zip(rows, expected, strict=True):
        for key, value in wanted.items():
            if key in row:
                assert _same(row[key], value), (key, row, wanted)
    missing = set(expected[0]) - set(rows[0])
    assert missing == set()


def _same(shown: Any, wanted: Any) -> bool:
    if isinstance(wanted, Decimal):
        return Decimal(shown) == wanted
    return bool(shown == wanted)


def test_numbers_are_texts(world: World, auditor: User) -> None:
    (row,) = program_of(auditor).get("on-hand/", item="10021", warehouse="W3", by="item")["results"]
    assert isinstance(row["on_hand"], str)
    assert isinstance(row["value"], str)


def test_past_and_known_at(world: World, auditor: User) -> None:
    ask = program_of(auditor).get
    now = ask("on-hand/", item="10021", by="item")["results"]
    world.buy(world.items[0], 7, "W1")
    known = ask("on-hand/", item="10021", by="item", **{"known-at": "1"})["results"]
    later = ask("on-hand/", item="10021", by="item")["results"]
    assert Decimal(later[0]["on_hand"]) == Decimal(now[0]["on_hand"]) + 7
    assert all(Decimal(row["on_hand"]) <= Decimal(now[0]["on_hand"]) for row in known)
    assert ask("on-hand/", item="10021", **{"as-of": "1999-01-01"})["results"] == []
    refused = ask("on-hand/", expect=400, **{"known-at": "999999"})
    assert refused["lines"][0]["data"] == {"parameter": "known-at"}


@pytest.mark.parametrize(
    ("path", "query", "column"),
    [
        ("movements/", {}, "movement"),
        ("movements/", {"order": "newest"}, "movement"),
        ("card/", {"item": "10044"}, "on_hand"),
        ("explain/", {"item": "10044"}, "on_hand"),
        ("on-hand/", {}, "on_hand"),
        ("on-hand/", {"by": "lot"}, "on_hand"),
        ("summary/", {"from": "2020-01-01"}, "item"),
        ("items/", {}, "item"),
        ("lots/", {}, "lot"),
        ("places/", {}, "path"),
        ("reasons/", {}, "reason"),
    ],
)
def test_pages_make_the_whole(
    world: World, auditor: User, path: str, query: dict[str, Any], column: str
) -> None:
    """Page by page there is each row once, in the same order, with the same running figures."""
    ask = program_of(auditor).get
    whole = ask(path, limit=1000, **query)
    assert whole["next"] is None
    assert len(whole["results"]) > 1
    rows: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(path, limit=1, **query, **cursor)
        assert len(page["results"]) == 1
        rows += page["results"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [row[column] for row in rows] == [row[column] for row in whole["results"]]
    assert rows == whole["results"]


def test_a_row_that_comes_in_between_shifts_nothing(world: World, auditor: User) -> None:
    ask = program_of(auditor).get
    first = ask("movements/", order="newest", limit=3)
    world.buy(world.items[0], 1, "W1")
    second = ask("movements/", order="newest", limit=3, cursor=first["next"])
    seen = {row["movement"] for row in first["results"]}
    assert not seen & {row["movement"] for row in second["results"]}


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("on-hand/", {"itme": "10044"}, "itme"),
        ("on-hand/", {"by": "colour"}, "by"),
        ("on-hand/", {"as-of": "yesterday"}, "as-of"),
        ("on-hand/", {"as-of": "0001-01-01"}, "as-of"),
        ("on-hand/", {"item": "a\x00b"}, "item"),
        ("on-hand/", {"item": ""}, "item"),
        ("on-hand/", {"item": ["10044", "10021"]}, "item"),
        ("movements/", {"limit": "0"}, "limit"),
        ("movements/", {"limit": "1001"}, "limit"),
        ("movements/", {"limit": "١٢"}, "limit"),
        ("movements/", {"type": "teleport"}, "type"),
        ("card/", {}, "item"),
        ("items/", {"archived": "yes"}, "archived"),
        ("reasons/", {"format": "csv"}, "format"),
    ],
)
def test_a_wrong_parameter_is_named(
    world: World, auditor: User, path: str, query: dict[str, Any], name: str
) -> None:
    refused = program_of(auditor).get(path, expect=400, **query)
    assert refused["code"] == "invalid"
    assert refused["lines"][0]["data"] == {"parameter": name}
    assert name in refused["message"]


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10", "WyJhIiwxXQ", "é", "WyIyMDI2Il0"])
def test_a_made_up_cursor_is_refused(world: World, auditor: User, cursor: str) -> None:
    for path in ("movements/", "on-hand/", "explain/"):
        query = {"item": "10044"} if path == "explain/" else {}
        refused = program_of(auditor).get(path, expect=400, cursor=cursor, **query)
        assert refused["code"] == "invalid"


@pytest.mark.parametrize("name", ["item", "lot", "place", "warehouse", "category"])
def test_an_unknown_code_is_named(world: World, auditor: User, name: str) -> None:
    refused = program_of(auditor).get("on-hand/", expect=422, **{name: "NOWHERE"})
    assert refused["code"] == "unknown_code"
    assert "NOWHERE" in refused["message"]


def test_another_warehouse_is_as_good_as_unknown(world: World, local: User) -> None:
    """The answer for a hidden warehouse is that for one that does not exist."""
    ask = program_of(local).get
    hidden = ask("on-hand/", expect=422, warehouse="W1")
    unknown = ask("on-hand/", expect=422, warehouse="XX")
    assert hidden == json.loads(json.dumps(unknown).replace("XX", "W1"))


@pytest.mark.parametrize(("path", "query"), READS)
def test_statements_do_not_grow_with_rows(db: None, path: str, query: dict[str, Any]) -> None:
    world = make_world()
    for item in world.items:
        for lot in world.lots[item.pk] or [None]:
            world.buy(item, 3, "W1", lot=lot.pk if lot else 0)
            world.sell(item, 1, "W1", lot=lot.pk if lot else 0)
    ask = program_of(person("auditor", ["stock.view", "cost.view"], world))
    ask.get("me/")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            ask.get(path, **query)
        return len(queries)

    few = count()
    fill(world)
    assert count() <= few
