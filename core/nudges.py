"""Only the news that something waits in the outbox: a Celery message with a consumer's name.

A lost nudge costs seconds, because a sweep follows; so a nudge never fails and never slows the caller:
it is sent once per pause, and not at all for a while after the broker could not be reached.
"""

import logging
import threading
import time

from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

PAUSE = 0.25
"""Seconds within which the changes of one consumer share a nudge; it arrives at their end."""
_BROKER_AWAY = 15.0
"""Seconds without a try after the broker could not be reached."""

_logger = logging.getLogger("inventory.outbox")


class _Memory:
    """What this process has sent: until when a consumer is nudged already, until when nobody is."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent: dict[str, float] = {}
        self.away_until = 0.0

    def may_send(self, consumer: str) -> bool:
        """Whether a nudge is due; counts as sent if so."""
        now = time.monotonic()
        with self.lock:
            if now < self.away_until or now < self.sent.get(consumer, 0.0):
                return False
            self.sent[consumer] = now + PAUSE
            return True

    def broker_is_away(self) -> None:
        """Remember that the broker could not be reached."""
        with self.lock:
            self.sent.clear()
            self.away_until = time.monotonic() + _BROKER_AWAY


_memory = _Memory()


def send(consumer: str) -> None:
    """Let a worker deliver what waits for the consumer, ``PAUSE`` from now; never raises."""
    if not _memory.may_send(consumer):
        return
    try:
        current_app.send_task(
            "core.relay", args=[consumer], countdown=PAUSE, retry=False, ignore_result=True
        )
    except Exception as error:  # whatever is wrong with the broker, the change is committed
        _memory.broker_is_away()
        _logger.warning("the broker cannot be reached, the sweep will follow: %s", error)


def start(task: str) -> bool:
    """Let a worker do a task now; False if the broker cannot be reached."""
    try:
        current_app.send_task(task, retry=False, ignore_result=True)
    except Exception as error:  # whatever is wrong with the broker, the page says so
        _logger.warning("the broker cannot be reached: %s", error)
        return False
    return True


def reachable() -> bool:
    """Whether the broker answers now."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
    except (OSError, KombuError, RedisError):
        return False
    return True


def forget() -> None:
    """Nudge again at once, as a new process would."""
    _memory.sent.clear()
    _memory.away_until = 0.0
