"""The outbox: rows of the transaction, batches, poison rows, back-off, dead letters, pruning."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core import nudges, outbox
from core.models import OutboxRow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_followers", {})
    monkeypatch.setattr(outbox, "_topics", {})


@pytest.fixture
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The consumers that were nudged."""
    sent: list[str] = []
    monkeypatch.setattr(nudges, "send", sent.append)
    return sent


def _announce(*subjects: int, topic: str = "t") -> None:
    with transaction.atomic():
        outbox.announce_many(topic, subjects)


def _states() -> dict[int, str]:
    return dict(OutboxRow.objects.values_list("subject", "state"))


def _make_due() -> None:
    OutboxRow.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


class Poisoned:
    """A handler that writes down what it did and fails for one subject."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.batches: list[list[int]] = []

    def __call__(self, subjects: list[int]) -> None:
        self.batches.append(subjects)
        if self.bad & set(subjects):
            raise ValueError("poison")


def test_announcing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.announce("t", subject=1)


def test_one_row_per_consumer_and_one_nudge_after_commit(nudged: list[str]) -> None:
    for consumer in ("a", "b"):
        outbox.register(consumer=consumer, topic="t", handler=lambda _subjects: None)
    with transaction.atomic():
        outbox.announce("t", subject=7, data={"x": 1})
        assert nudged == []
    assert sorted(OutboxRow.objects.values_list("consumer", "subject")) == [("a", 7), ("b", 7)]
    assert sorted(nudged) == ["a", "b"]


def test_rolled_back_means_never_announced(nudged: list[str]) -> None:
    outbox.register(consumer="a", topic="t", handler=lambda _subjects: None)
    with transaction.atomic():
        outbox.announce("t", subject=1)
        transaction.set_rollback(True)
    assert not OutboxRow.objects.exists()
    assert nudged == []


def test_one_consumer_follows_two_topics_with_two_handlers() -> None:
    seen: dict[str, list[int]] = {"t": [], "u": []}
    outbox.register(consumer="mail", topic="t", handler=seen["t"].extend)
    outbox.register(consumer="mail", topic="u", handler=seen["u"].extend)
    _announce(1, 2)
    _announce(3, topic="u")
    assert outbox.deliver("mail") == 3
    assert seen == {"t": [1, 2], "u": [3]}


def test_a_batch_has_its_different_subjects_once_and_in_order() -> None:
    handler = Poisoned()
    outbox.register(consumer="a", topic="t", handler=handler, batch=3)
    _announce(5, 4, 5, 6)
    assert outbox.deliver("a") == 4
    assert handler.batches == [[5, 4], [6]]
    assert outbox.deliver("a") == 0


def test_poison_is_tried_alone_and_holds_up_nobody() -> None:
    handler = Poisoned(2)
    outbox.register(consumer="a", topic="t", handler=handler)
    _announce(1, 2, 3)
    assert outbox.deliver("a") == 2
    assert _states() == {1: "done", 2: "waiting", 3: "done"}
    row = OutboxRow.objects.get(subject=2)
    assert row.attempts == 1
    assert "poison" in row.error
    assert row.due_at > timezone.now()
    handler.batches.clear()
    _make_due()
    _announce(4, 5)
    assert outbox.deliver("a") == 2
    assert handler.batches == [[4, 5], [2]], "new rows never share a batch with a failed one"


def test_poison_is_given_up_and_can_be_replayed_or_discarded() -> None:
    handler = Poisoned(1, 2)
    outbox.register(consumer="a", topic="t", handler=handler)
    _announce(1, 2)
    for _ in range(outbox.MAX_ATTEMPTS):
        _make_due()
        outbox.deliver("a")
    assert _states() == {1: "dead", 2: "dead"}
    first, second = outbox.dead().order_by("subject")
    handler.bad.clear()
    assert outbox.replay([first.pk]) == 1
    assert outbox.discard([second.pk], by="admin") == 1
    assert outbox.sweep() == 1
    assert _states() == {1: "done", 2: "done"}
    assert OutboxRow.objects.get(subject=2).data == {"discarded_by": "admin"}


def test_pauses_grow() -> None:
    outbox.register(consumer="a", topic="t", handler=Poisoned(1))
    _announce(1)
    pauses = []
    for _ in range(4):
        _make_due()
        outbox.deliver("a")
        pauses.append((OutboxRow.objects.get().due_at - timezone.now()).total_seconds())
    assert pauses[2] > pauses[0]
    assert pauses[3] > pauses[1]
    assert pauses[3] > 15


def test_a_failed_batch_leaves_nothing_of_its_effect() -> None:
    def handler(subjects: list[int]) -> None:
        for subject in subjects:
            OutboxRow.objects.create(
                consumer="effect",
                topic="-",
                subject=subject,
                state="done",
                due_at=timezone.now(),
                created_at=timezone.now(),
            )
        if len(subjects) > 1 or subjects == [2]:
            raise ValueError("after the effect")

    outbox.register(consumer="a", topic="t", handler=handler)
    _announce(1, 2, 3)
    assert outbox.deliver("a") == 2
    effects = OutboxRow.objects.filter(consumer="effect").order_by("subject")
    assert list(effects.values_list("subject", flat=True)) == [1, 3]


def test_an_effect_outside_has_no_transaction_open() -> None:
    seen: list[bool] = []

    def handler(_subjects: list[int]) -> None:
        seen.append(transaction.get_connection().in_atomic_block)
        row = OutboxRow.objects.get(subject=1)
        assert row.due_at > timezone.now(), "leased: nobody else takes it meanwhile"

    outbox.register(consumer="a", topic="t", handler=handler, outside=True)
    _announce(1)
    assert outbox.deliver("a") == 1
    assert seen == [False]
    assert _states() == {1: "done"}


def test_an_effect_outside_that_fails_is_due_again_later() -> None:
    handler = Poisoned(2)
    outbox.register(consumer="a", topic="t", handler=handler, outside=True)
    _announce(1, 2)
    assert outbox.deliver("a") == 1
    assert _states() == {1: "done", 2: "waiting"}
    assert OutboxRow.objects.get(subject=2).attempts == 1


def test_pruning_keeps_what_is_fresh_waiting_or_dead() -> None:
    outbox.register(consumer="a", topic="t", handler=lambda _subjects: None)
    _announce(1, 2, 3, 4)
    outbox.deliver("a", limit=2)
    OutboxRow.objects.filter(subject=1).update(done_at=timezone.now() - timedelta(days=8))
    OutboxRow.objects.filter(subject=3).update(
        state="dead", created_at=timezone.now() - timedelta(days=80)
    )
    assert outbox.prune() == 1
    assert _states() == {2: "done", 3: "dead", 4: "waiting"}


class FakeBroker:
    """Stands in for Celery's way to send a task."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.away = False

    def send_task(self, name: str, args: list[str], **options: object) -> None:
        """Take a message or be away."""
        if self.away:
            raise ConnectionRefusedError
        self.sent.append(args[0])


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBroker]:
    fake = FakeBroker()
    monkeypatch.setattr(nudges, "current_app", fake)
    nudges.forget()
    yield fake
    nudges.forget()


def test_nudges_are_sent_once_per_pause_and_consumer(broker: FakeBroker) -> None:
    for consumer in ("a", "a", "b", "a"):
        nudges.send(consumer)
    assert broker.sent == ["a", "b"]


def test_a_broker_that_is_away_is_left_alone_for_a_while(
    broker: FakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(nudges.time, "monotonic", lambda: clock[0])
    broker.away = True
    nudges.send("a")
    broker.away = False
    clock[0] += 5
    nudges.send("a")
    assert broker.sent == []
    clock[0] += 20
    nudges.send("a")
    assert broker.sent == ["a"]


def test_whatever_is_wrong_with_the_broker_the_change_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken:
        def send_task(self, *_args: object, **_options: object) -> None:
            raise RuntimeError("no")

    monkeypatch.setattr(nudges, "current_app", Broken())
    nudges.forget()
    outbox.register(consumer="a", topic="t", handler=lambda _subjects: None)
    _announce(1)
    assert OutboxRow.objects.count() == 1
    nudges.forget()
