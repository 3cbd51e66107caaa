"""What a worker does for alerts; every task may run twice or at once without harm."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from alerts import digest, evaluating, telling, watching
from alerts.anomaly import learning, measured
from alerts.channels import sending
from alerts.reorder import suggesting
from core import beat, jobs

SWEEP = "alerts.sweep"
MEASURE = measured.JOB


@shared_task(name="alerts.sweep")
def sweep() -> None:
    """Bring the cases of every rule to what is so now: what no event told, and what time alone changes."""
    jobs.run(SWEEP, _sweep, lease=timedelta(minutes=30))


def _sweep() -> tuple[bool, dict[str, Any]]:
    done = evaluating.sweep()
    return True, {
        "opened": len(done.opened),
        "again": len(done.again),
        "ended": done.ended,
        "found": done.found,
    }


@shared_task(name="alerts.watch")
def watch() -> int:
    """Remind and escalate, open what has lasted long enough, tell what quiet hours held back."""
    done = watching.watch() + telling.send_due()
    evaluating.dwelt()
    return done


@shared_task(name="alerts.digest")
def weekly_digest() -> int:
    """Tell everybody concerned how the week was."""
    return digest.send()


@shared_task(name="alerts.calibrate")
def calibrate() -> int:
    """Learn how far correct lines go, for every type that has grown."""
    return learning.calibrate_due()


@shared_task(name=MEASURE)
def measure() -> None:
    """Measure what warnings catch, on the book."""
    measured.run()


@shared_task(name="alerts.reorder")
def reorder() -> None:
    """Reckon what is to be ordered again."""
    jobs.run("alerts.reorder", lambda: (True, {"suggestions": suggesting.reckon_all()}))


beat.every("alerts.reorder", "alerts.reorder", crontab(hour="5,11,17", minute="20"))


@shared_task(name="alerts.channels")
def carry() -> int:
    """Let leave what is due: notices that no event announced, what was held for an hour or a day."""
    return sending.run()


@shared_task(name="alerts.forget")
def forget() -> int:
    """Clear away messages that arrived long ago."""
    return sending.forget()


beat.every("alerts.channels", "alerts.channels", timedelta(seconds=15))
beat.every("alerts.forget", "alerts.forget", crontab(hour="3", minute="50"))
beat.every("alerts.calibrate", "alerts.calibrate", timedelta(hours=1))
beat.every("alerts.sweep", "alerts.sweep", timedelta(minutes=10))
beat.every("alerts.watch", "alerts.watch", timedelta(minutes=1))
beat.every("alerts.digest", "alerts.digest", crontab(hour="8", minute="0", day_of_week="1"))
