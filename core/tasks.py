"""What a worker does for core; every task may run twice or at once without harm, and carries names only."""

from datetime import timedelta

from celery import shared_task
from celery.schedules import crontab

from core import backup, beat, jobs, outbox
from core.api import idempotency

HEARTBEAT = "core.sweep"
"""The record that shows scheduler and worker alive."""


@shared_task(name="core.relay")
def relay(consumer: str) -> int:
    """Deliver what waits for one consumer."""
    return outbox.deliver(consumer)


@shared_task(name="core.sweep")
def sweep() -> int:
    """Deliver what no nudge was carried for: the broker was away, or a row is due again."""
    jobs.heartbeat(HEARTBEAT)
    return outbox.sweep()


@shared_task(name="core.prune")
def prune() -> None:
    """Delete what nobody needs any more."""
    jobs.run(
        "core.prune",
        lambda: (
            True,
            {"outbox": outbox.prune(), "jobs": jobs.prune(), "answers": idempotency.prune()},
        ),
    )


@shared_task(name="core.backup")
def back_up() -> None:
    """Make a backup, unless one is being made."""
    backup.make()


beat.every("core.sweep", "core.sweep", timedelta(seconds=10))
beat.every("core.prune", "core.prune", crontab(hour="3", minute="40"))
beat.every("core.backup", "core.backup", crontab(hour="1", minute="20"))
