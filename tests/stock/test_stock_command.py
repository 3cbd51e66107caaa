"""`manage.py stock`: its names and keys are a contract that scripts outside use."""

import csv
import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from people.models import Membership, Role, User
from stock import sealing
from tests.stock.queries.world import World, make_world

MOVEMENT_KEYS = {
    "item",
    "lot",
    "place",
    "warehouse",
    "value",
    "unit_cost",
    "type",
    "quantity",
    "effective_at",
    "recorded_at",
    "document",
}


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    made.live(31, 12)
    made.buy(made.items[0], 5, "W1")
    made.buy(made.items[1], 4, "A-01", lot=made.lots[made.items[1].pk][0].pk)
    made.sell(made.items[1], 1, "A-01", lot=made.lots[made.items[1].pk][0].pk)
    sealing.seal()
    return made


def _person(name: str, world: World, rights: list[str], *codes: str) -> User:
    user = User.objects.create_user(name, password="x", name=name)
    role = Role.objects.create(code=f"role-{name}", name=name, rights=rights)
    member = Membership.objects.create(user=user, role=role, everywhere=not codes)
    member.scopes.set([world.warehouses[code].scope_id for code in codes])
    return user


def _ask(*arguments: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("stock", *arguments, "--format", "json", stdout=out)
    found: list[dict[str, Any]] = json.loads(out.getvalue(), parse_float=Decimal)
    return found


QUESTIONS = [
    ("on-hand",),
    ("on-hand", "--as-of", "2999-01-01"),
    ("movements",),
    ("card", "--item", "10044"),
    ("summary",),
    ("trace", "--lot", "L1"),
    ("explain", "--item", "10044"),
]


def test_on_hand_has_the_promised_keys_and_sums(world: World) -> None:
    rows = _ask("on-hand", "--item", "10044", "--lot", "L1", "--warehouse", "W1")
    keys = {
        "item",
        "lot",
        "place",
        "warehouse",
        "on_hand",
        "reserved",
        "available",
        "value",
        "unit_cost",
    }
    assert rows
    assert all(keys <= row.keys() for row in rows)
    (one,) = _ask("on-hand", "--item", "10044", "--lot", "L1", "--warehouse", "W1", "--by", "item")
    assert one["on_hand"] == sum(row["on_hand"] for row in rows)


@pytest.mark.parametrize("question", ["movements", "card", "explain", "trace"])
def test_movements_have_the_promised_keys(world: World, question: str) -> None:
    rows = _ask(question, "--item", "10044", "--lot", "L1")
    assert rows
    assert all(row.keys() >= MOVEMENT_KEYS for row in rows)


def test_explained_movements_sum_to_on_hand(world: World) -> None:
    limits = ("--item", "10044", "--lot", "L1", "--place", "A-01")
    (there,) = _ask("on-hand", *limits)
    parts = _ask("explain", *limits)
    assert sum(part["quantity"] for part in parts) == there["on_hand"] == parts[-1]["on_hand"]


def test_summary_keeps_its_identity(world: World) -> None:
    day = timezone.localdate()
    rows = _ask("summary", "--from", str(day - timedelta(days=60)), "--to", str(day))
    assert rows
    for row in rows:
        for kind in ("quantity", "value"):
            parts = [row[f"{name}_{kind}"] for name in ("opening", "in", "out", "closing")]
            assert parts[0] + parts[1] - parts[2] == parts[3]


def test_known_at_seals_first_and_answers_the_same_again(world: World) -> None:
    newest = sealing.seal()
    before = _ask("on-hand", "--known-at", str(newest))
    world.buy(world.items[0], 7, "W1", at=timezone.now() - timedelta(days=40))
    assert _ask("on-hand", "--known-at", str(newest)) == before
    assert _ask("on-hand", "--known-at", str((newest or 0) + 1)) != before
    with pytest.raises(CommandError, match="no seal"):
        _ask("on-hand", "--known-at", "999")


@pytest.mark.parametrize("question", QUESTIONS)
def test_csv_and_table_say_the_same(world: World, question: tuple[str, ...]) -> None:
    rows = _ask(*question)
    out = StringIO()
    call_command("stock", *question, "--format", "csv", stdout=out)
    read = list(csv.DictReader(StringIO(out.getvalue())))
    assert len(read) == len(rows)
    assert not rows or list(read[0]) == list(rows[0])
    out = StringIO()
    call_command("stock", *question, stdout=out)
    assert len(out.getvalue().splitlines()) == len(rows) + 1


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_costs_are_absent_without_the_right(
    world: World, question: tuple[str, ...], form: str
) -> None:
    _person("plain", world, ["stock.view"])
    out = StringIO()
    call_command("stock", *question, "--user", "plain", "--format", form, stdout=out)
    assert out.getvalue().count("\n") > 1
    for word in ("value", "unit_cost"):
        assert word not in out.getvalue()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_user_of_one_warehouse_gets_only_its_rows(
    world: World, question: tuple[str, ...]
) -> None:
    _person("third", world, ["stock.view", "cost.view"], "W3")
    for row in _ask(*question, "--user", "third"):
        assert row.get("warehouse") in {None, "W3"}
        assert row.get("place") in {None, "W3", "W3-Q", "W3-T", "W3-R"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("on-hand", "--item", "nope"), "no item"),
        (("on-hand", "--lot", "nope"), "no lot"),
        (("on-hand", "--place", "nope"), "no place"),
        (("on-hand", "--warehouse", "nope"), "no warehouse"),
        (("on-hand", "--as-of", "soon"), "--as-of"),
        (("on-hand", "--by", "colour"), "--by"),
        (("card",), "--item"),
        (("trace",), "--lot"),
        (("movements", "--type", "magic"), "--type"),
        (("on-hand", "--user", "nobody"), "no user"),
    ],
)
def test_what_cannot_be_asked_is_said(world: World, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        _ask(*arguments)


def test_a_warehouse_out_of_sight_is_unknown(world: World) -> None:
    _person("third", world, ["stock.view"], "W3")
    with pytest.raises(CommandError, match="no warehouse"):
        _ask("on-hand", "--warehouse", "W1", "--user", "third")


def test_a_question_refuses_what_it_would_not_heed(world: World) -> None:
    for question, option in (
        (("on-hand",), ("--from", "2026-01-01")),
        (("on-hand",), ("--type", "purchase_in")),
        (("on-hand",), ("--document", "PIN-1")),
        (("summary",), ("--as-of", "2026-01-01")),
        (("trace", "--lot", "L1"), ("--warehouse", "W1")),
        (("card", "--item", "10044"), ("--type", "purchase_in")),
        (("explain", "--item", "10044"), ("--from", "2026-01-01")),
        (("movements",), ("--by", "item")),
    ):
        with pytest.raises(CommandError, match=f"cannot be asked with {option[0]}"):
            _ask(*question, *option)


@pytest.mark.parametrize(
    "arguments",
    [
        ("movements", "--limit", "0"),
        ("movements", "--limit=-1"),
        ("movements", "--limit", "9" * 23),
        ("summary", "--from", "0001-01-01"),
        ("summary", "--to", "9999-12-31"),
        ("summary", "--to", "2026-01-01T12:00"),
        ("movements", "--from", "9999-12-31T23:59:59-12:00"),
        ("on-hand", "--known-at", "9" * 30),
        ("on-hand", "--known-at", "0001-01-01"),
    ],
)
def test_limits_nobody_can_mean_are_refused(world: World, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        _ask(*arguments)


def test_every_question_answers_as_it_was_known(world: World) -> None:
    seal = str(sealing.seal())
    item, lot = world.items[1], world.lots[world.items[1].pk][0]
    asked = (
        ("card", "--item", item.code, "--known-at", seal),
        ("summary", "--known-at", seal),
        ("trace", "--item", item.code, "--lot", lot.number, "--known-at", seal),
    )
    before = [_ask(*question) for question in asked]
    world.buy(item, 7, "A-01", lot=lot.pk, at=timezone.now() - timedelta(days=40))
    assert [_ask(*question) for question in asked] == before
    now = [_ask(*question[:-2]) for question in asked]
    assert all(one != other for one, other in zip(now, before, strict=True))
    sealing.seal()
    assert [_ask(*question) for question in asked] == before


def test_a_card_ends_at_the_earlier_of_as_of_and_to(world: World) -> None:
    item = world.items[0]
    moment = timezone.now() - timedelta(days=10)
    world.buy(item, 3, "W1", at=moment)
    day = str(timezone.localdate() + timedelta(days=1))
    rows = _ask("card", "--item", item.code, "--as-of", moment.isoformat(), "--to", day)
    assert rows == _ask("card", "--item", item.code, "--to", moment.isoformat())
    assert rows[-1]["quantity"] == 3
    way = _ask("movements", "--item", item.code, "--to", moment.isoformat())
    assert len(rows) == len(way)


def test_a_summary_of_a_lot_and_place_says_what_lies_there(world: World) -> None:
    limits = ("--item", "10044", "--lot", "L1", "--place", "A-01")
    (there,) = _ask("on-hand", *limits, "--by", "item")
    (row,) = _ask("summary", *limits)
    assert row["closing_quantity"] == there["on_hand"]
    assert row["opening_quantity"] + row["in_quantity"] - row["out_quantity"] == there["on_hand"]
    assert "closing_value" not in row
    (known,) = _ask("summary", *limits, "--known-at", str(sealing.seal()))
    assert known == row
