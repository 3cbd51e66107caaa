"""The time at which documents say that something was done: now, or the moment that a told history is at.

Only trusted imports and the demo tell histories; the book's own ``recorded_at`` is always the real time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The moment that timelines, tasks and limits use."""
    return _told.get() or timezone.now()


@contextmanager
def told(at: datetime) -> Iterator[None]:
    """Within, documents move at ``at``; a moment of the future is refused."""
    if at > timezone.now():
        raise ValueError(at)
    token = _told.set(at)
    try:
        yield
    finally:
        _told.reset(token)


def told_at() -> datetime | None:
    """The moment of a told history, None in real life."""
    return _told.get()
