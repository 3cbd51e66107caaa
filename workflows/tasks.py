"""What a worker does for documents; every task may run twice or at once without harm."""

from datetime import timedelta

from celery import shared_task

from core import beat
from workflows import door, limits


@shared_task(name="workflows.settle")
def settle() -> int:
    """Let verdicts whose time for undoing is over take effect."""
    return door.settle_due()


@shared_task(name="workflows.limits")
def watch_limits() -> int:
    """Remind, escalate and reassign what is late."""
    return limits.watch()


beat.every("workflows.settle", "workflows.settle", timedelta(seconds=10))
beat.every("workflows.limits", "workflows.limits", timedelta(minutes=1))
