"""A real Celery worker on the test database, and the real broker of the lane."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection
from kombu import pools

from core import nudges
from scripts import servers

_numbers = itertools.count()
ROOT = Path(__file__).resolve().parent.parent.parent


class Worker:
    """One worker process group."""

    def __init__(self, **environment: str) -> None:
        settings = connection.settings_dict
        url = f"postgres://{settings['USER']}@/{settings['NAME']}?host={settings['OPTIONS'].get('host') or settings['HOST']}"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--app=inventory_project", "--quiet", "worker"),
                *("--concurrency=1", "--loglevel=warning", "--without-mingle", "--without-gossip"),
                *("--include=tests.worker.effects", f"--hostname=test{next(_numbers)}@%h"),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": url,
                "REDIS_URL": current_app.conf.broker_url,
                **environment,
            },
            start_new_session=True,
        )

    def kill(self) -> None:
        """kill -9 of the whole group, as a crash would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Let it end by itself."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


@pytest.fixture
def start_worker(transactional_db: None) -> Iterator[Callable[..., Worker]]:
    """Start workers; they are stopped at the end."""
    workers: list[Worker] = []
    nudges.forget()
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()

    def start(**environment: str) -> Worker:
        workers.append(Worker(**environment))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()
    nudges.forget()


@pytest.fixture
def broker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Valkey]:
    """A broker of this test's own, which it may kill; this process and its workers use it."""
    own = servers.Valkey()
    own.start()
    with monkeypatch.context() as patched:
        patched.setattr(current_app.conf, "broker_url", own.url)
        _let_go_of_the_broker()
        yield own
    _let_go_of_the_broker()
    own.remove()
    nudges.forget()


def _let_go_of_the_broker() -> None:
    """The next thing that this process sends goes to the address that stands in the settings then."""
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds; fail if it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
