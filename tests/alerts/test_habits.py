"""What is remembered of posted lines: kept up with every posting, the same when learnt anew, without what was reversed."""

import uuid
from typing import Any

import pytest

from alerts.anomaly import learning, observing
from alerts.models import Habit, Manner
from core import outbox
from people.access import SYSTEM
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Movement, Place
from tests.workflows.world import D, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """A company with stock."""
    return World("HB")


def issue(world: World, *lines: tuple[Any, Any]) -> int:
    """A posted issue of items and quantities; its key."""
    target = Place.objects.get(company=world.company, kind="adjustment").pk
    posted = ledger.post(
        [
            LineInput(
                type="other_out",
                item=item.pk,
                source=catalog.default_place(world.main).pk,
                target=target,
                quantity=D(str(quantity)),
                reason="sample",
            )
            for item, quantity in lines
        ],
        company=world.company,
        key=uuid.uuid4().hex,
        actor=world.cat,
        access=SYSTEM,
    )
    return posted.posting_id


def reverse(world: World, posting: int) -> None:
    """Take it back."""
    ledger.reverse(posting, key=uuid.uuid4().hex, actor=world.cat, access=SYSTEM, why="wrong")


def kept() -> list[tuple[Any, ...]]:
    """All that can be learnt from the book."""
    habits = Habit.objects.order_by("level", "subject", "type")
    manners = Manner.objects.order_by("type")
    return [(h.level, h.subject, h.type, h.seen, h.total) for h in habits] + [
        (m.type, m.hours, m.lags, m.counts) for m in manners if sum(m.hours)
    ]


def quantities(item: Any) -> list[float]:
    """What is remembered of an item's issues."""
    habit = Habit.objects.get(level="item", subject=item.pk, type="other_out")
    return [one.quantity for one in observing.unpacked(habit.seen)]


def test_following_is_the_same_as_learning_anew(world: World) -> None:
    """Posting by posting, with a reversal in between, gives what the whole book gives."""
    first, second = world.stocked(1000), world.stocked(1000)
    postings = [issue(world, (item, n)) for n, item in enumerate([first, second, first, first], 3)]
    outbox.deliver(learning.CONSUMER)
    assert quantities(first) == [3.0, 5.0, 6.0]
    reverse(world, postings[2])
    issue(world, (first, 9))
    outbox.deliver(learning.CONSUMER)
    assert quantities(first) == [3.0, 6.0, 9.0]
    seen = observing.unpacked(Habit.objects.get(level="item", subject=first.pk).seen)
    assert {(one.person, one.warehouse, one.reason) for one in seen} == {
        (0, world.main.pk, "sample")
    }
    followed = kept()
    assert learning.rebuild() == 4
    assert kept() == followed


def test_order_of_batches_does_not_matter(world: World) -> None:
    """A reversal that is heard of before what it reverses takes it out all the same."""
    item = world.stocked(100)
    posting = issue(world, (item, 4))
    issue(world, (item, 5))
    reverse(world, posting)
    heard = set(Movement.objects.filter(item=item).values_list("posting", flat=True))
    for one in sorted(heard, reverse=True):
        learning.learn([one])
    followed = kept()
    assert quantities(item) == [5.0]
    learning.rebuild()
    assert kept() == followed


def test_only_the_last_lines_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key keeps a bounded number of lines; after a reversal an older one comes back."""
    monkeypatch.setattr(learning, "KEPT", 2)
    monkeypatch.setattr(observing, "KEPT", 2)
    item = world.stocked(100)
    postings = [issue(world, (item, n)) for n in (1, 2, 3)]
    outbox.deliver(learning.CONSUMER)
    assert quantities(item) == [2.0, 3.0]
    assert Habit.objects.get(level="item", subject=item.pk).total == 3
    reverse(world, postings[2])
    outbox.deliver(learning.CONSUMER)
    assert quantities(item) == [1.0, 2.0]


def test_nothing_is_left_of_what_was_all_reversed(world: World) -> None:
    """As if it had never been."""
    item = world.stocked(100)
    reverse(world, issue(world, (item, 4)))
    outbox.deliver(learning.CONSUMER)
    assert not Habit.objects.exists()


def test_statements_do_not_grow_with_lines(
    world: World, django_assert_max_num_queries: Any
) -> None:
    """A batch of many lines takes as many statements as one of few, reversals included."""
    items = [world.stocked(100) for _one in range(30)]
    posting = issue(world, *((item, 2) for item in items))
    with django_assert_max_num_queries(16):
        learning.learn([posting])
    assert Habit.objects.filter(level="item", type="other_out").count() == 30
    reverse(world, posting)
    back = Movement.objects.filter(reversal=True).values_list("posting", flat=True)[0]
    with django_assert_max_num_queries(30):
        learning.learn([back])
    assert not Habit.objects.exists()


def test_prices_are_of_the_base_unit_without_tax(world: World) -> None:
    """What a line says of its price is remembered as it would be compared."""
    item = world.item()
    line = {"item": item.code, "quantity": "10", "price": "11.3", "tax_rate": "13"}
    document = world.draft("purchase_in", line | {"price_with_tax": "true"}, by=world.buyer)
    row = observing._prices(document.lines.all(), {document.pk: document})
    assert next(iter(row.values())) == pytest.approx(10.0)


def test_limits_are_learnt_when_a_type_has_grown(world: World) -> None:
    """From fifty lines on, and again after a fifth more."""
    items = [world.stocked(10_000) for _one in range(10)]
    for n in range(6):
        issue(world, *((item, 100 + n) for item in items))
    outbox.deliver(learning.CONSUMER)
    assert learning.calibrate_due() == 1
    limits = Manner.objects.get(type="other_out").limits
    assert limits["far"]["quantity"] >= 4.5
    assert learning.calibrate_due() == 0
