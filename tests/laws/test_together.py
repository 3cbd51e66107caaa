"""Postings that are made together are what they would be one after the other, or they are not made at all."""

import json
import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from people.access import SYSTEM
from stock import ledger, sealing, verify
from stock.errors import PostingRefused
from stock.ledger import Apart, LineInput, PostingInput
from stock.models import Movement, Posting
from tests.laws import story
from tests.laws.world import World

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
D = Decimal


@pytest.fixture
def world() -> World:
    return World("TOG")


def wanted(world: World, *lines: LineInput, days: float = 0, **more: Any) -> PostingInput:
    more.setdefault("key", uuid.uuid4().hex)
    at = START + timedelta(days=days)
    return PostingInput(list(lines), effective_at=at, door="import", **more)


def together(world: World, postings: Sequence[PostingInput]) -> list[ledger.Posted]:
    with transaction.atomic():
        return ledger.post_many(postings, company=world.company, access=SYSTEM)


def alone(world: World, one: PostingInput) -> ledger.Posted:
    return ledger.post(
        one.lines, company=world.company, key=one.key, actor=one.actor, access=SYSTEM,
        effective_at=one.effective_at, document=one.document, why=one.why, door=one.door,
        override=one.override,
    )  # fmt: skip


def book() -> dict[str, Any]:
    """Everything that is kept, but when it was recorded and layers of which nothing is left."""
    found = json.loads(story.export())
    kept: dict[str, Any] = {}
    for table, rows in found.items():
        columns = story.TABLES[table][1]
        told = [n for n, name in enumerate(columns) if name not in {"recorded_at", "sealed__seal"}]
        kept[table] = [[row[n] for n in told] for row in rows]
    kept["layers"] = [row for row in kept["layers"] if D(row[6])]
    return kept


class History:
    """A random history of one company, of what a ledger may be asked."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        tracked = ("none", "none", "none", "lot", "serial")
        self.items = [
            (world.item(method, tracking), tracking)
            for method in ("average", "fifo")
            for tracking in tracked
        ]
        self.lots = {
            item.pk: [world.lot(item, f"L{n}").pk for n in range(4)]
            for item, tracking in self.items
            if tracking != "none"
        }
        self.day = 0.0

    def next(self) -> PostingInput:
        """The next posting; the book may refuse it."""
        self.day += self.random.choice((0, 0, 0.1, 0.5, 1))
        kinds = (
            "purchase_in", "purchase_in", "opening", "sales_out", "sales_out", "transfer", "hold",
            "release", "transfer_out", "transfer_in", "scrap", "other_out", "sales_return",
        )  # fmt: skip
        kind = self.random.choice(kinds)
        override = self.random.choice(("", "", "", "taken before it came"))
        lines = [self.line(kind) for _n in range(self.random.randint(1, 4))]
        if self.random.random() < 0.1:
            lines = self.conversion()
        return wanted(self.world, *lines, days=self.day, override=override, document=kind)

    def line(self, kind: str) -> LineInput:
        item, tracking = self.random.choice(self.items)
        facts: dict[str, Any] = {}
        if kind in {"purchase_in", "opening", "sales_return"}:
            facts["unit_cost"] = self.random.choice((1, 2.5, 3.33))
        if kind in {"transfer_out", "transfer_in"}:
            facts["cost_object"] = self.random.choice(("S1", "S2"))
        if kind in {"scrap", "other_out", "opening"}:
            facts["reason"] = "other"
        if tracking != "none":
            facts["lot"] = self.random.choice(self.lots[item.pk])
        quantity = 1 if tracking == "serial" else self.random.choice((1, 2, 3, D("0.5"), 7))
        return self.world.line(kind, item, quantity, **facts)

    def conversion(self) -> list[LineInput]:
        (one, _no), (other, _none) = self.random.sample(
            [pair for pair in self.items if pair[1] == "none"], 2
        )
        middle, here = self.world.virtual["conversion"], self.world.place()
        group = f"C{self.day}"
        return [
            self.world.line("assembly", one, 2, source=here, target=middle, cost_object=group),
            self.world.line("assembly", other, 1, source=middle, target=here, cost_object=group),
        ]

    def later(self) -> None:
        """What happened after all of it and is in the book already."""
        for item, tracking in self.items:
            if tracking == "none":
                self.world.move("purchase_in", item, 9, unit_cost=2, effective_at=START)
                late = START + timedelta(days=self.random.randint(5, 60))
                self.world.move("sales_out", item, 6, effective_at=late)


def accepted(history: History, count: int) -> list[PostingInput]:
    """So many postings of a history that the book takes one after the other; they are in the book then."""
    found: list[PostingInput] = []
    while len(found) < count:
        one = history.next()
        try:
            alone(history.world, one)
        except PostingRefused:
            continue
        found.append(one)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_history_is_the_same_together_and_one_by_one(world: World, seed: int) -> None:
    history = History(world, seed)
    history.later()
    point = transaction.savepoint()
    postings = accepted(history, 80)
    one_by_one = book()
    transaction.savepoint_rollback(point)
    batches = 0
    while postings:
        size = history.random.randint(2, 30)
        part, postings = postings[:size], postings[size:]
        done = together(world, part)
        assert [one.created for one in done] == [True] * len(part)
        assert [one.posting_id for one in done] == sorted(one.posting_id for one in done)
        batches += 1
    assert batches > 1
    assert book() == one_by_one
    assert verify.verify().ok
    sealing.seal()
    assert verify.verify().ok


def test_a_bad_one_leaves_nothing_of_the_others(world: World) -> None:
    item = world.item()
    good = wanted(world, world.line("purchase_in", item, 5, unit_cost=1))
    bad = wanted(world, world.line("sales_out", item, 6))
    with pytest.raises(Apart):
        together(world, [good, bad])
    assert not Posting.objects.exists()
    assert not Movement.objects.exists()
    # What the one before brings is there for the next.
    fits = wanted(world, world.line("sales_out", item, 5))
    assert len(together(world, [good, fits])) == 2


def test_what_comes_later_is_not_there_before(world: World) -> None:
    item = world.item()
    world.move("purchase_in", item, 3, unit_cost=1, effective_at=START)
    world.move("purchase_in", item, 6, unit_cost=1, effective_at=START + timedelta(days=30))
    takes = [wanted(world, world.line("sales_out", item, 2), days=n + 5) for n in range(2)]
    with pytest.raises(Apart):
        together(world, takes)
    brings = wanted(world, world.line("purchase_in", item, 1, unit_cost=1), days=5)
    assert len(together(world, [brings, *takes])) == 3
    after = [wanted(world, world.line("sales_out", item, 3), days=31 + n) for n in range(2)]
    assert len(together(world, after)) == 2


def test_a_known_key_sends_them_apart(world: World) -> None:
    item = world.item()
    one = wanted(world, world.line("purchase_in", item, 5, unit_cost=1))
    alone(world, one)
    with pytest.raises(Apart):
        together(world, [wanted(world, world.line("purchase_in", item, 1, unit_cost=1)), one])
    assert Posting.objects.count() == 1


def test_the_same_key_twice_sends_them_apart(world: World) -> None:
    item = world.item()
    one = wanted(world, world.line("purchase_in", item, 5, unit_cost=1))
    with pytest.raises(Apart):
        together(world, [one, one])
    assert not Posting.objects.exists()


def test_an_earlier_moment_after_a_later_one_sends_them_apart(world: World) -> None:
    item = world.item()
    late = wanted(world, world.line("purchase_in", item, 5, unit_cost=1), days=2)
    early = wanted(world, world.line("sales_out", item, 5), days=1)
    with pytest.raises(Apart):
        together(world, [late, early])


def test_what_is_left_to_return_is_never_counted_twice(world: World) -> None:
    item = world.item()
    world.move("purchase_in", item, 9, unit_cost=1, effective_at=START)
    sold = world.move("sales_out", item, 5, effective_at=START)
    original = sold.movement_ids[0]
    back = [
        wanted(world, world.line("sales_return", item, 3, original=original), days=n)
        for n in range(2)
    ]
    with pytest.raises(Apart):
        together(world, back)


def test_what_others_were_promised_sends_them_apart(world: World) -> None:
    item = world.item()
    world.move("purchase_in", item, 5, unit_cost=1, effective_at=START)
    world.promise(item, 4)
    issues = [wanted(world, world.line("sales_out", item, 1), days=n) for n in range(2)]
    with pytest.raises(Apart):
        together(world, issues)
    assert Posting.objects.count() == 1


@pytest.mark.parametrize("method", ["average", "fifo"])
def test_statements_do_not_grow_with_the_postings(world: World, method: str) -> None:
    items = [world.item(method) for _n in range(100)]
    for kind, facts in (("purchase_in", {"unit_cost": 2}), ("sales_out", {})):
        postings = [wanted(world, world.line(kind, item, 1, **facts)) for item in items]
        together(world, postings)  # every balance and account exists from here on
        counts = {}
        for count in (2, 10, 100):
            more = [wanted(world, world.line(kind, item, 1, **facts)) for item in items[:count]]
            if kind == "sales_out":
                back = [world.line("purchase_in", item, 1, unit_cost=2) for item in items[:count]]
                together(world, [wanted(world, line) for line in back])
            with CaptureQueriesContext(connection) as caught:
                together(world, more)
            sent = [q for q in caught.captured_queries if "PREPARE" not in q["sql"][:12]]
            counts[count] = len(sent)
        assert len(set(counts.values())) == 1, (kind, counts)
        assert counts[2] <= 16, counts
