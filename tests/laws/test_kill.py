"""kill -9 of the posting process at any moment: what was acknowledged is there once, nothing is partial."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = 40 if os.environ.get("PROOF") else 4
LINES = 5


class Victim:
    """Clients of one database, one after another, that are killed while they post."""

    def __init__(self, url: str, var: Path) -> None:
        self.environment = {**os.environ, "DATABASE_URL": url, "INVENTORY_VAR": str(var)}
        self.acknowledged: list[str] = []
        self.next = 0
        self.call("prepare")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A process of tests.laws.victim."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.laws.victim", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *arguments: str) -> str:
        """Let it run to its end; its output."""
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors[-3000:]
        return output

    def post_and_kill(self, chance: random.Random) -> int:
        """Post from the next key on, kill at a random moment; how many were acknowledged."""
        process = self.start("post", str(self.next), "100000")
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.stderr and process.stderr.read()
        whole = [process.stdout.readline()[:-1] for _n in range(chance.randrange(1, 9))]
        time.sleep(chance.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.wait()
        whole += [line[:-1] for line in process.stdout if line.endswith("\n")]
        self.acknowledged += whole
        self.next += len(whole)
        return len(whole)


def prove(victim: Victim) -> None:
    chance = random.Random(5)
    counts = [victim.post_and_kill(chance) for _kill in range(KILLS)]
    assert all(counts), counts
    found = json.loads(victim.call("report"))
    there = found["lines"]
    assert set(victim.acknowledged) <= set(there)
    assert set(there.values()) == {LINES}
    assert len(victim.acknowledged) == len(set(victim.acknowledged))
    assert len(there) - len(victim.acknowledged) <= KILLS
    assert found["on_hand"] == str(LINES * len(there))
    again = victim.call("post", "0", str(victim.next + 3)).split()[1:]
    assert len(again) == victim.next + 3
    found = json.loads(victim.call("report"))
    assert len(found["lines"]) == victim.next + 3
    assert found["on_hand"] == str(LINES * (victim.next + 3))
    assert found["wrong"] == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_on_sqlite(tmp_path: Path) -> None:
    prove(Victim(f"sqlite:///{tmp_path / 'victim.sqlite3'}", tmp_path))


@pytest.fixture
def durable() -> Iterator[str]:
    """A server of its own that keeps what it has acknowledged."""
    from scripts import servers

    with servers.postgres(durable=True) as url:
        yield url


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_on_postgresql(durable: str, tmp_path: Path) -> None:
    prove(Victim(durable, tmp_path))
