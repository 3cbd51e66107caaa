"""What a worker does for imports; every task may run twice or at once without harm."""

import logging
from datetime import timedelta

from celery import current_app, shared_task
from celery.schedules import crontab

from core import beat
from intake.importing import tidying, working
from intake.models import Import

_log = logging.getLogger("inventory.intake")


@shared_task(name="intake.work")
def work(job_id: int) -> None:
    """Look at an import, write it, or reverse it."""
    working.run(job_id)


@shared_task(name="intake.resume")
def resume() -> int:
    """Go on with imports whose worker died, or whose message was lost."""
    jobs = working.waiting()
    for job_id in jobs:
        working.run(job_id)
    return len(jobs)


def start(job_id: int) -> bool:
    """Let a worker begin now; False if the broker cannot be reached (the beat follows)."""
    try:
        current_app.send_task("intake.work", args=[job_id], retry=False, ignore_result=True)
    except Exception as error:  # whatever is wrong with the broker, the import is begun
        _log.warning("the broker cannot be reached: %s", error)
        return False
    return True


def go_on(job: Import) -> None:
    """A worker does what is to be done with an import; without a broker it is done here."""
    if job.step and not start(job.pk):
        working.run(job.pk)


@shared_task(name="intake.tidy")
def tidy() -> None:
    """Clear away what nobody needs any more."""
    tidying.run()


beat.every("intake.tidy", "intake.tidy", crontab(hour="3", minute="55"))
beat.every("intake.resume", "intake.resume", timedelta(seconds=15))
