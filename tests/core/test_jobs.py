"""Jobs run one at a time and say how it went."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import jobs
from core.models import JobRun

pytestmark = pytest.mark.django_db


def test_a_job_is_not_started_twice() -> None:
    inner: list[JobRun | None] = []

    def work() -> tuple[bool, dict[str, object]]:
        inner.append(jobs.run("j", lambda: (True, {})))
        return True, {"n": 3}

    record = jobs.run("j", work)
    assert inner == [None]
    assert record is not None
    assert record.ok
    assert record.detail == {"n": 3}
    assert jobs.last("j") == record
    assert jobs.running("j") is None


def test_a_job_that_raises_is_recorded_and_frees_the_name() -> None:
    def work() -> tuple[bool, dict[str, object]]:
        raise ValueError("no disk")

    with pytest.raises(ValueError, match="no disk"):
        jobs.run("j", work)
    failed = jobs.last("j")
    assert failed is not None
    assert not failed.ok
    assert "no disk" in failed.detail["error"]
    assert jobs.run("j", lambda: (True, {})) is not None


def test_a_job_that_died_is_given_up_when_its_lease_is_over() -> None:
    now = timezone.now()
    dead = JobRun.objects.create(name="j", started_at=now, lease_until=now + timedelta(minutes=1))
    assert jobs.run("j", lambda: (True, {})) is None
    JobRun.objects.update(lease_until=now - timedelta(seconds=1))
    assert jobs.run("j", lambda: (True, {})) is not None
    dead.refresh_from_db()
    assert dead.finished_at is not None
    assert not dead.ok


def test_heartbeats_share_one_row() -> None:
    for _ in range(3):
        jobs.heartbeat("h")
    JobRun.objects.update(finished_at=timezone.now() - timedelta(minutes=5))
    jobs.heartbeat("h")
    row = JobRun.objects.get()
    assert row.finished_at is not None
    assert timezone.now() - row.finished_at < timedelta(minutes=1)


def test_pruning_keeps_the_newest_of_each_job() -> None:
    old = timezone.now() - timedelta(days=200)
    for ok in (True, True, False):
        jobs.note("j", ok=ok)
    JobRun.objects.update(finished_at=old)
    assert jobs.prune() == 1
    assert sorted(JobRun.objects.values_list("ok", flat=True)) == [False, True]
