"""The outbox: what others must follow, written in the transaction of the change and delivered after it.

The database is the queue of record. A row waits until its consumer's handler has returned; Celery only
carries the news that something waits (see core.nudges), and a sweep finds what was not carried.

Rows may also be written by raw SQL in the transaction of the change: one per consumer of the topic
(``consumers_of``) into ``core_outboxrow`` with consumer, topic, subject, data ('{}'), state 'waiting',
attempts 0, due_at and created_at (now), done_at NULL and error ''; then ``nudge(topic)``.
"""

import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from core import bulk, locks, nudges
from core.models import OutboxRow

Handler = Callable[[list[int]], object]

MAX_ATTEMPTS = 6
"""A row that has failed so often is given up and shown among the dead letters."""
_BATCH = 500
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)
_LEASE = timedelta(minutes=5)
"""How long a handler that works outside the database may take before its rows are due again."""
_PRUNE = 5_000
_LONGEST_ERROR = 2_000

_Rows = QuerySet[OutboxRow]
_logger = logging.getLogger("inventory.outbox")


@dataclass(frozen=True, slots=True)
class _Follower:
    """One consumer of one topic.

    ``outside``: the effect leaves the database (mail, HTTP), so no transaction is open meanwhile.
    ``alone``: batches of this consumer wait for each other.
    """

    consumer: str
    topic: str
    handler: Handler
    batch: int
    outside: bool
    alone: bool


_followers: dict[tuple[str, str], _Follower] = {}
_topics: dict[str, tuple[str, ...]] = {}


def register(
    *,
    consumer: str,
    topic: str,
    handler: Handler,
    batch: int = _BATCH,
    outside: bool = False,
    alone: bool = False,
) -> None:
    """Let ``consumer`` follow a topic; the handler gets the different subjects of a batch, oldest first.

    Within the database the handler's effect and the end of its rows are one transaction, so the effect
    happens once. ``outside`` handlers are called without a transaction and at least once. A handler that
    raises is asked again row by row, later and later.
    """
    _followers[consumer, topic] = _Follower(consumer, topic, handler, batch, outside, alone)
    if consumer not in _topics.get(topic, ()):
        _topics[topic] = (*_topics.get(topic, ()), consumer)


def consumers_of(topic: str) -> tuple[str, ...]:
    """Who follows a topic."""
    return _topics.get(topic, ())


def consumers() -> list[str]:
    """Everybody who follows something."""
    return sorted({consumer for consumer, _topic in _followers})


def announce(topic: str, *, subject: int, data: Mapping[str, Any] | None = None) -> None:
    """Write one row per consumer; must be called inside the transaction of the change.

    ``data`` is for people who look at the row; handlers get subjects only.
    """
    _write(topic, [subject], data)


def announce_many(
    topic: str, subjects: Iterable[int], data: Mapping[str, Any] | None = None
) -> None:
    """``announce`` for many subjects in one statement."""
    _write(topic, list(subjects), data)


def nudge(topic: str) -> None:
    """Wake whoever follows a topic once the transaction has been committed; never raises."""
    for consumer in consumers_of(topic):
        transaction.on_commit(partial(nudges.send, consumer))


def _write(topic: str, subjects: Sequence[int], data: Mapping[str, Any] | None) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("announce() belongs into the transaction of the change")
    now = timezone.now()
    rows = [
        OutboxRow(
            consumer=consumer,
            topic=topic,
            subject=subject,
            data=dict(data or {}),
            due_at=now,
            created_at=now,
        )
        for consumer in consumers_of(topic)
        for subject in subjects
    ]
    if rows:
        bulk.insert(rows)
        nudge(topic)


# Delivery ------------------------------------------------------------------------------------------


def sweep() -> int:
    """Deliver everything that is due, whoever follows it; returns how many rows were delivered."""
    return sum(deliver(consumer) for consumer in consumers())


def deliver(consumer: str, *, limit: int = 100_000) -> int:
    """Deliver what is due to a consumer, ``limit`` rows per topic at most; returns how many were.

    New rows go in batches. A row that has failed before goes alone, so that it holds up nobody.
    """
    return sum(
        _deliver(follower, limit)
        for (name, _topic), follower in list(_followers.items())
        if name == consumer
    )


def _deliver(follower: _Follower, limit: int) -> int:
    left = limit
    done = 0
    while left > 0:
        tried, delivered = _batch(follower, min(follower.batch, left))
        if not tried:
            break
        done += delivered
        left -= tried
    failed_before = _due(follower).filter(attempts__gt=0).order_by("due_at", "id")
    keys = list(failed_before.values_list("pk", flat=True)[:limit])
    return done + sum(_one(follower, key) for key in keys)


def _due(follower: _Follower) -> _Rows:
    return OutboxRow.objects.filter(
        consumer=follower.consumer,
        topic=follower.topic,
        state=OutboxRow.State.WAITING,
        due_at__lte=timezone.now(),
    )


def _batch(follower: _Follower, size: int) -> tuple[int, int]:
    """Deliver one batch of new rows; returns how many were tried and how many were delivered."""
    tried: list[int] = []
    try:
        _hand_over(follower, _due(follower).filter(attempts=0), size, tried)
    except Exception as error:
        if not tried:
            raise
        if len(tried) == 1:
            _failed(tried[0], error)
            return 1, 0
        _logger.warning("%s: a batch of %d failed: %s", follower.consumer, len(tried), error)
        return len(tried), sum(_one(follower, key) for key in tried)
    return len(tried), len(tried)


def _one(follower: _Follower, key: int) -> int:
    """Deliver one row alone; a failure is noted and costs the others nothing."""
    tried: list[int] = []
    try:
        _hand_over(follower, _due(follower).filter(pk=key), 1, tried)
    except Exception as error:
        _failed(key, error)
        return 0
    return len(tried)


def _hand_over(follower: _Follower, rows: _Rows, size: int, tried: list[int]) -> None:
    """Claim rows (their keys go to ``tried``), call the handler, and mark them done."""
    if follower.outside:
        with transaction.atomic():
            subjects = _claim(rows, size, tried)
            _set(tried, due_at=timezone.now() + _LEASE)
        try:
            if subjects:
                follower.handler(subjects)
        except Exception:
            _set(tried, due_at=timezone.now())
            raise
        _finish(tried)
        return
    with transaction.atomic():
        if follower.alone:
            locks.hold(f"outbox:{follower.consumer}")
        subjects = _claim(rows, size, tried)
        if subjects:
            follower.handler(subjects)
            _finish(tried)


def _claim(rows: _Rows, size: int, tried: list[int]) -> list[int]:
    """Lock the oldest rows that nobody else has; returns their different subjects.

    Skipping what others hold is right here: this is a queue, and order between batches means nothing.
    """
    claimed = list(
        rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        .order_by("due_at", "id")
        .values_list("pk", "subject")[:size]
    )
    tried[:] = [key for key, _subject in claimed]
    return list(dict.fromkeys(subject for _key, subject in claimed))


def _set(keys: Sequence[int], **values: Any) -> None:
    OutboxRow.objects.filter(pk__in=keys, state=OutboxRow.State.WAITING).update(**values)


def _finish(keys: Sequence[int]) -> None:
    _set(keys, state=OutboxRow.State.DONE, done_at=timezone.now(), error="")


def _failed(key: int, error: Exception) -> None:
    """Note a failure: due again later, or given up."""
    with transaction.atomic():
        row = OutboxRow.objects.select_for_update().filter(pk=key).first()
        if row is None or row.state != OutboxRow.State.WAITING:
            return
        row.attempts += 1
        row.error = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
        pause = min(_FIRST_PAUSE * 2 ** (row.attempts - 1), _LONGEST_PAUSE)
        row.due_at = timezone.now() + pause * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
        if row.attempts >= MAX_ATTEMPTS:
            row.state = OutboxRow.State.DEAD
        row.save(update_fields=["attempts", "error", "due_at", "state"])
    level = logging.ERROR if row.state == OutboxRow.State.DEAD else logging.WARNING
    _logger.log(level, "%s (attempt %d): %s", row, row.attempts, row.error)


# For people who look after it -----------------------------------------------------------------------


def waiting(consumer: str) -> _Rows:
    """What a consumer has still to follow."""
    return OutboxRow.objects.filter(consumer=consumer, state=OutboxRow.State.WAITING)


def counts() -> dict[str, int]:
    """How many rows wait and how many were given up."""
    return {
        state: OutboxRow.objects.filter(state=state).count()
        for state in (OutboxRow.State.WAITING.value, OutboxRow.State.DEAD.value)
    }


def oldest() -> timedelta:
    """How long the row that is due and has waited longest has been due."""
    due = OutboxRow.objects.filter(state=OutboxRow.State.WAITING).aggregate(first=Min("due_at"))
    return max(timezone.now() - due["first"], timedelta(0)) if due["first"] else timedelta(0)


def dead() -> _Rows:
    """What was given up, newest first."""
    return OutboxRow.objects.filter(state=OutboxRow.State.DEAD).order_by("-pk")


def replay(keys: Iterable[int] | None = None) -> int:
    """Try dead rows again from the start (all of them, or these); returns how many."""
    rows = dead() if keys is None else dead().filter(pk__in=list(keys))
    now = timezone.now()
    replayed = OutboxRow.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
    count = replayed.update(state=OutboxRow.State.WAITING, attempts=0, due_at=now)
    for consumer in consumers():
        transaction.on_commit(partial(nudges.send, consumer))
    return count


def discard(keys: Iterable[int], *, by: str) -> int:
    """Take dead rows off the list without following them; who did so is kept with the row."""
    count = 0
    with transaction.atomic():
        for row in dead().select_for_update().filter(pk__in=list(keys)):
            row.state = OutboxRow.State.DONE
            row.done_at = timezone.now()
            row.data = {**row.data, "discarded_by": by}
            row.save(update_fields=["state", "done_at", "data"])
            count += 1
    return count


def prune(keep: timedelta = timedelta(days=7)) -> int:
    """Delete rows that were followed longer ago than ``keep``; returns how many."""
    before = timezone.now() - keep
    old = OutboxRow.objects.filter(state=OutboxRow.State.DONE, done_at__lt=before).order_by("pk")
    pruned = 0
    while keys := list(old.values_list("pk", flat=True)[:_PRUNE]):
        pruned += OutboxRow.objects.filter(pk__in=keys).delete()[0]
    return pruned
