"""Jobs that run one at a time whoever starts them, and the only record of when they ran and how it went.

The running row is the lock: a second run of the same name is refused by the database, on either engine
and through any pooler. A run that died is given up once its lease is over.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import JobRun

_KEEP = timedelta(days=90)
_HEARTBEAT_EVERY = timedelta(seconds=20)


def run(
    name: str,
    work: Callable[[], tuple[bool, Mapping[str, Any]]],
    *,
    lease: timedelta = timedelta(hours=2),
) -> JobRun | None:
    """Do ``work`` unless the job is running; returns its record, or None if it runs already.

    ``work`` returns whether all is well and the details to keep. If it raises, the record says so and
    the exception goes on.
    """
    record = _begin(name, lease)
    if record is None:
        return None
    try:
        ok, detail = work()
    except BaseException as error:
        _end(record, ok=False, detail={"error": f"{type(error).__name__}: {error}"[:500]})
        raise
    _end(record, ok=ok, detail=detail)
    return record


def note(name: str, *, ok: bool, detail: Mapping[str, Any] | None = None) -> JobRun:
    """Record something that has just been done elsewhere."""
    now = timezone.now()
    return JobRun.objects.create(
        name=name,
        started_at=now,
        lease_until=now,
        finished_at=now,
        ok=ok,
        detail=dict(detail or {}),
    )


def heartbeat(name: str) -> None:
    """Record that something is alive, in one row that is renewed now and then."""
    now = timezone.now()
    newest = last(name)
    if newest is None:
        note(name, ok=True)
    elif newest.finished_at is None or newest.finished_at < now - _HEARTBEAT_EVERY:
        JobRun.objects.filter(pk=newest.pk).update(started_at=now, finished_at=now, ok=True)


def last(name: str, *, ok: bool | None = None) -> JobRun | None:
    """The newest finished run (the newest successful one with ``ok``)."""
    runs = JobRun.objects.filter(name=name, finished_at__isnull=False)
    if ok is not None:
        runs = runs.filter(ok=ok)
    return runs.order_by("-pk").first()


def running(name: str) -> JobRun | None:
    """The run that is under way."""
    return JobRun.objects.filter(
        name=name, finished_at__isnull=True, lease_until__gt=timezone.now()
    ).first()


def prune() -> int:
    """Delete records older than three months, but the newest of each job and its newest success."""
    before = timezone.now() - _KEEP
    kept: set[int] = set()
    for name in JobRun.objects.order_by().values_list("name", flat=True).distinct():
        kept |= {found.pk for found in (last(name), last(name, ok=True)) if found}
    old = JobRun.objects.filter(finished_at__lt=before).exclude(pk__in=kept)
    return old.delete()[0]


def _begin(name: str, lease: timedelta) -> JobRun | None:
    now = timezone.now()
    JobRun.objects.filter(name=name, finished_at__isnull=True, lease_until__lt=now).update(
        finished_at=now, ok=False, detail={"error": "It ended without saying how."}
    )
    try:
        with transaction.atomic():
            return JobRun.objects.create(name=name, started_at=now, lease_until=now + lease)
    except IntegrityError:
        return None


def _end(record: JobRun, *, ok: bool, detail: Mapping[str, Any]) -> None:
    record.finished_at = timezone.now()
    record.ok = ok
    record.detail = dict(detail)
    record.save(update_fields=["finished_at", "ok", "detail"])
