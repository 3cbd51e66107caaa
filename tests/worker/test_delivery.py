"""A real worker behind a real broker: nothing is lost, nothing happens twice, poison holds up nobody."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.db import connection, transaction

from core import nudges, outbox
from core.models import OutboxRow
from scripts.servers import Valkey
from tests.worker import effects
from tests.worker.conftest import Worker, eventually

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
Start = Callable[..., Worker]


def _announce(*subjects: int) -> None:
    with transaction.atomic():
        outbox.announce_many(effects.TOPIC, subjects)


def test_a_change_is_followed_at_once(start_worker: Start) -> None:
    start_worker()
    _announce(1)
    eventually(lambda: effects.effects() == [1])
    began = time.monotonic()
    _announce(2)
    eventually(lambda: effects.effects() == [1, 2], seconds=5)
    assert time.monotonic() - began < 3


def test_a_burst_is_one_message_and_every_effect(start_worker: Start) -> None:
    for subject in range(200):
        _announce(subject)
    with current_app.connection_for_read() as broker:
        waiting = broker.default_channel.client.llen("celery")
    assert waiting < 60
    start_worker()
    eventually(lambda: effects.effects() == list(range(200)))


def test_the_broker_is_away_and_the_sweep_catches_up(
    start_worker: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(current_app.conf, "broker_url", "redis+socket:///nowhere/s")
        away.setattr(current_app, "_pool", None)
        began = time.monotonic()
        with current_app.connection_for_write("redis+socket:///nowhere/s") as broken:
            away.setattr(nudges, "current_app", _Away(broken))
            for subject in range(50):
                _announce(subject)
        assert time.monotonic() - began < 5, "posting is not slowed"
    assert effects.effects() == []
    start_worker()
    nudges.forget()
    assert nudges.start("core.sweep")
    eventually(lambda: effects.effects() == list(range(50)))


class _Away:
    """Sends over a connection that cannot be made."""

    def __init__(self, connection: object) -> None:
        self.connection = connection

    def send_task(self, name: str, **options: object) -> None:
        """Try and fail as the real one does."""
        current_app.send_task(name, connection=self.connection, **options)


def test_a_killed_worker_leaves_one_effect(start_worker: Start) -> None:
    first = start_worker(EFFECT_SECONDS="60")
    _announce(1, 2, 3)
    eventually(_somebody_holds_rows)
    first.kill()
    assert effects.effects() == []
    start_worker()
    assert nudges.start("core.sweep")
    eventually(lambda: effects.effects() == [1, 2, 3])
    assert not outbox.waiting(effects.CONSUMER).exists()


def test_a_task_that_outlasts_the_broker_does_not_cost_the_worker(
    broker: Valkey, start_worker: Start, tmp_path: Path
) -> None:
    """Its message came over a connection that is gone when it ends; another connection stands by then."""
    gate = tmp_path / "gate"
    worker = start_worker(EFFECT_GATE=str(gate))
    _announce(1)
    eventually(_somebody_holds_rows)
    for _ in range(2):
        broker.kill()
        time.sleep(0.5)
        broker.start()
        eventually(lambda: _worker_listens(broker))
    gate.touch()
    eventually(lambda: effects.effects() == [1])
    nudges.forget()
    _announce(2)
    eventually(lambda: effects.effects() == [1, 2])
    assert worker.process.poll() is None


def _worker_listens(broker: Valkey) -> bool:
    with redis.Redis(unix_socket_path=str(broker.socket)) as client:
        return any(peer["cmd"] == "brpop" for peer in client.client_list())


def _somebody_holds_rows() -> bool:
    with transaction.atomic():
        rows = outbox.waiting(effects.CONSUMER).select_for_update(skip_locked=True)
        return not rows.exists() and outbox.waiting(effects.CONSUMER).exists()


def test_poison_ends_among_the_dead_letters_and_others_go_on(start_worker: Start) -> None:
    start_worker()
    _announce(1, -1, 2)
    eventually(lambda: effects.effects() == [1, 2])
    for _ in range(outbox.MAX_ATTEMPTS - 1):
        before = OutboxRow.objects.get(subject=-1).attempts
        OutboxRow.objects.filter(subject=-1).update(due_at="2026-01-01T00:00:00Z")
        current_app.send_task("core.relay", args=[effects.CONSUMER])
        eventually(lambda before=before: OutboxRow.objects.get(subject=-1).attempts > before)
    assert outbox.dead().get().subject == -1
    _announce(3)
    eventually(lambda: effects.effects() == [1, 2, 3])


def test_a_hundred_duplicates_have_one_effect(start_worker: Start) -> None:
    _announce(1)
    for _ in range(100):
        current_app.send_task("core.relay", args=[effects.CONSUMER])
    start_worker()
    start_worker()
    eventually(_broker_is_empty)
    assert effects.effects() == [1]


def _broker_is_empty() -> bool:
    with current_app.connection_for_read() as broker:
        client = broker.default_channel.client
        return not client.llen("celery") and not client.hlen("unacked")


def test_the_engine_is_that_of_the_lane() -> None:
    assert connection.vendor == "postgresql"
