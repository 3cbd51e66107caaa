"""The outbox: what others must follow, written in the transaction of the change."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import OutboxRow

Handler = Callable[[list[int]], None]

_handlers: dict[str, Handler] = {}
_topics: dict[str, tuple[str, ...]] = {}


def register(*, consumer: str, topic: str, handler: Handler) -> None:
    """Let ``consumer`` follow a topic; the handler gets the subjects of a batch."""
    _handlers[consumer] = handler
    if consumer not in _topics.get(topic, ()):
        _topics[topic] = (*_topics.get(topic, ()), consumer)


def consumers_of(topic: str) -> tuple[str, ...]:
    """Who follows a topic."""
    return _topics.get(topic, ())


def announce(topic: str, *, subject: int, data: Mapping[str, Any] | None = None) -> None:
    """Write one row per consumer; must be called inside the transaction of the change."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("announce() belongs into the transaction of the change")
    now = timezone.now()
    OutboxRow.objects.bulk_create(
        OutboxRow(
            consumer=consumer,
            topic=topic,
            subject=subject,
            data=dict(data or {}),
            due_at=now,
            created_at=now,
        )
        for consumer in consumers_of(topic)
    )
    nudge(topic)


def nudge(topic: str) -> None:
    """Wake whoever follows a topic, after commit."""


def waiting(consumer: str) -> Iterable[OutboxRow]:
    """What a consumer has still to follow."""
    return OutboxRow.objects.filter(consumer=consumer, state=OutboxRow.State.WAITING)
