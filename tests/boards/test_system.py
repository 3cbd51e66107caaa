"""The system page: only for those who look after it, and it says what is wrong."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from boards import system
from core import backup, jobs, nudges
from core.models import JobRun, OutboxRow
from core.tasks import HEARTBEAT
from people.models import Company, Membership, Role, User
from stock import checking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A broker that takes everything."""
    Company.objects.create(code="C", name="C")
    started: list[str] = []
    monkeypatch.setattr(nudges, "reachable", lambda: True)
    monkeypatch.setattr(nudges, "start", lambda task: started.append(task) or True)
    return started


def _client(*rights: str) -> Client:
    role = Role.objects.create(code="r", name="r", rights=list(rights))
    user = User.objects.create_user(username="u", password="x", name="u")
    Membership.objects.create(user=user, role=role, everywhere=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _tones() -> dict[str, str]:
    return {str(line.label): line.tone for line in system.state().lines}


def _dead(subject: int) -> OutboxRow:
    now = timezone.now()
    return OutboxRow.objects.create(
        consumer="c",
        topic="t",
        subject=subject,
        state="dead",
        error="ValueError: poison",
        attempts=6,
        due_at=now,
        created_at=now,
    )


def test_strangers_and_others_are_turned_away() -> None:
    assert Client().get("/system/").status_code == 302
    client = _client("stock.view")
    assert client.get("/system/").status_code == 403
    for path in ("/system/start/", "/system/dead/"):
        assert client.post(path, {"job": "backup"}).status_code == 403


def test_the_page_shows_all_of_it() -> None:
    _dead(7)
    jobs.note(
        checking.JOB,
        ok=False,
        detail={
            "checks": [
                {"law": "balances are the sums of movements", "wrong": 2, "first": {"item": "A-1"}}
            ]
        },
    )
    answer = _client("system.manage").get("/system/")
    text = answer.content.decode()
    assert answer.status_code == 200
    for part in ("poison", "t 7", "A-1", "balances are the sums of movements"):
        assert part in text


def test_a_new_installation_says_what_is_missing() -> None:
    tones = _tones()
    assert tones["Backup"] == "err"
    assert tones["Scheduler and worker"] == "err"
    assert tones["Check of the book"] == "warn"
    assert tones["Queue"] == "ok"


def test_all_is_well_and_then_it_grows_old() -> None:
    jobs.heartbeat(HEARTBEAT)
    jobs.note(checking.JOB, ok=True, detail={"movements": 3, "seconds": 0.1})
    jobs.note(backup.JOB, ok=True, detail={"file": "x.tar.gz"})
    assert set(_tones().values()) == {"ok"}
    JobRun.objects.update(finished_at=timezone.now() - timedelta(hours=26))
    tones = _tones()
    assert tones["Backup"] == "err"
    assert tones["Scheduler and worker"] == "err"
    jobs.note(backup.JOB, ok=False, detail={"error": "disk full"})
    assert _tones()["Backup"] == "err"


def test_what_waits_too_long_shows() -> None:
    early = timezone.now() - timedelta(minutes=5)
    OutboxRow.objects.create(
        consumer="stock.seal", topic="t", subject=1, due_at=early, created_at=early
    )
    tones = _tones()
    assert tones["Queue"] == "warn"
    assert tones["Seals"] == "warn"


def test_jobs_are_started_and_unknown_ones_are_not(broker: list[str]) -> None:
    client = _client("system.manage")
    for job in ("backup", "verify", "rm"):
        assert client.post("/system/start/", {"job": job}).status_code == 302
    assert broker == ["core.backup", "stock.verify"]


def test_a_worker_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudges, "start", lambda _task: False)
    answer = _client("system.manage").post("/system/start/", {"job": "backup"}, follow=True)
    assert "cannot be reached" in answer.content.decode()


def test_the_chosen_are_replayed_and_the_others_discarded() -> None:
    client = _client("system.manage")
    first, second = _dead(1), _dead(2)
    client.post("/system/dead/", {"do": "replay", "row": [first.pk, "x"]})
    client.post("/system/dead/", {"do": "discard", "all": "1"})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.attempts) == ("waiting", 0)
    assert second.state == "done"
    assert second.data == {"discarded_by": "u"}
