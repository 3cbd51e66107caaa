"""Only reads how the installation is doing: queue, seals, book check, backups, scheduler and worker."""

import platform
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import backup, jobs, nudges, outbox
from core.models import JobRun, OutboxRow
from core.tasks import HEARTBEAT
from stock import checking, sealing
from stock.models import Seal

_QUIET = timedelta(minutes=1)
"""Longer than this without a sign of the scheduler, or with work in the queue, is worth a look."""
_CHECK_AGE = timedelta(hours=49)
_BACKUP_AGE = timedelta(hours=25)
_DEAD_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that can be well or not: ``tone`` is ok, warn or err; ``start`` names a job to start."""

    label: str | Promise
    said: str
    tone: str = "ok"
    more: str = ""
    start: str = ""
    button: str | Promise = ""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the page shows."""

    lines: list[Line]
    facts: list[tuple[str, str]]
    wrong: list[dict[str, Any]]
    dead: list[OutboxRow]
    dead_count: int
    runs: list[tuple[str | Promise, JobRun]] = field(default_factory=list)


def state() -> State:
    """How it is now."""
    counts = outbox.counts()
    checked = checking.last()
    runs = JobRun.objects.exclude(name=HEARTBEAT).order_by("-pk")
    return State(
        lines=[
            _worker(),
            _queue(counts["waiting"]),
            _dead(counts["dead"]),
            _seals(),
            _check(checked),
            _backup(),
        ],
        facts=_facts(),
        wrong=[] if checked is None or checked.ok else list(checked.detail.get("checks", [])),
        dead=list(outbox.dead()[:_DEAD_SHOWN]),
        dead_count=counts["dead"],
        runs=[(_JOBS.get(run.name, run.name), run) for run in runs[:12]],
    )


def nightly() -> list[Line]:
    """What must have passed last night: the check of the book and the backup."""
    return [_check(checking.last()), _backup()]


_JOBS: dict[str, str | Promise] = {
    backup.JOB: gettext_lazy("Backup"),
    "core.restore": gettext_lazy("Restored backup"),
    "core.prune": gettext_lazy("Clearing away"),
    checking.JOB: gettext_lazy("Check of the book"),
}


def _ago(moment: datetime) -> str:
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment)}


def _worker() -> Line:
    seen = jobs.last(HEARTBEAT)
    label = _("Scheduler and worker")
    if not nudges.reachable():
        more = _("Postings go on; what follows them waits until the broker is back.")
        return Line(label, _("The broker cannot be reached."), "err", more)
    if seen is None or seen.finished_at is None:
        more = _("Start worker and scheduler, for example with “make run”.")
        return Line(label, _("Never seen running."), "err", more)
    if timezone.now() - seen.finished_at > _QUIET:
        said = _("Last sign of life %(ago)s.") % {"ago": _ago(seen.finished_at)}
        return Line(
            label, said, "err", _("Start worker and scheduler, for example with “make run”.")
        )
    return Line(label, _("Running"))


def _queue(waiting: int) -> Line:
    late = outbox.oldest()
    said = (
        ngettext("%(n)d waits", "%(n)d wait", waiting) % {"n": waiting} if waiting else _("Empty")
    )
    if waiting and late > _QUIET:
        more = _("The oldest has been due for %(time)s.") % {
            "time": timesince(timezone.now() - late)
        }
        return Line(_("Queue"), said, "warn", more)
    return Line(_("Queue"), said)


def _dead(count: int) -> Line:
    if not count:
        return Line(_("Given up"), _("Nothing"))
    said = ngettext("%(n)d given up", "%(n)d given up", count) % {"n": count}
    return Line(_("Given up"), said, "err", _("See below: replay or discard."))


def _seals() -> Line:
    lag = sealing.lag()
    newest = Seal.objects.order_by("-number").first()
    said = _("Newest: %(number)d") % {"number": newest.number} if newest else _("None yet")
    waiting = sealing.waiting()
    more = ""
    if waiting:
        more = ngettext("%(n)d posting waits", "%(n)d postings wait", waiting) % {"n": waiting}
    return Line(_("Seals"), said, "warn" if lag > _QUIET else "ok", more)


def _check(checked: JobRun | None) -> Line:
    label, button = _("Check of the book"), gettext_lazy("Check now")
    if jobs.running(checking.JOB):
        return Line(label, _("Being checked now"))
    if checked is None or checked.finished_at is None:
        return Line(label, _("Never checked"), "warn", "", "verify", button)
    ago = _ago(checked.finished_at)
    if not checked.ok:
        return Line(label, _("Wrong, %(ago)s") % {"ago": ago}, "err", "", "verify", button)
    late = timezone.now() - checked.finished_at > _CHECK_AGE
    more = ""
    if "movements" in checked.detail:
        more = _("%(movements)d movements in %(seconds)s s") % {
            "movements": checked.detail["movements"],
            "seconds": checked.detail.get("seconds", "?"),
        }
    said = _("Right, %(ago)s") % {"ago": ago}
    return Line(label, said, "warn" if late else "ok", more, "verify", button)


def _backup() -> Line:
    label, button = _("Backup"), gettext_lazy("Back up now")
    if jobs.running(backup.JOB):
        return Line(label, _("Being made now"))
    good, newest = backup.last(), jobs.last(backup.JOB)
    failed = newest is not None and not newest.ok
    more = str(good.detail.get("file", "")) if good else ""
    if newest is not None and failed:
        more = _("The last try failed: %(error)s") % {"error": newest.detail.get("error", "?")}
    if good is None or good.finished_at is None:
        return Line(label, _("Never made"), "err", more, "backup", button)
    late = timezone.now() - good.finished_at > _BACKUP_AGE
    said = _("Made %(ago)s") % {"ago": _ago(good.finished_at)}
    return Line(label, said, "err" if late or failed else "ok", more, "backup", button)


def _facts() -> list[tuple[str, str]]:
    engine = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    version = ".".join(str(part) for part in connection.get_database_version())
    mode = _("Embedded: one machine, no servers") if settings.EMBEDDED else _("With servers")
    return [
        (_("Mode"), mode),
        (_("Database"), f"{engine} {version}"),
        ("Django", django.get_version()),
        ("Python", platform.python_version()),
        (_("Backups go to"), str(settings.BACKUP_ROOT)),
    ]
