"""A run of tests ends, whatever a test leaves behind: nobody waits for a pipe or for an orphan."""

import os
import sys
import time
from pathlib import Path

import pytest

from scripts import processes
from tests.house.test_supervisor import eventually, runs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ORPHAN = """
import subprocess, sys
orphan = subprocess.Popen(["sleep", "90"], start_new_session=True)
print(orphan.pid, flush=True)
sys.exit(3)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(90)
"""


def run(code: str, tmp_path: Path, *, limit: float = 60) -> processes.Outcome:
    """Run a piece of Python."""
    command = [sys.executable, "-c", code]
    return processes.run(command, cwd=tmp_path, env=dict(os.environ), limit=limit)


def test_what_is_left_behind_is_named_and_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_LINGER", 1.0)
    started = time.monotonic()
    outcome = run(ORPHAN, tmp_path)
    assert time.monotonic() - started < 30
    assert outcome.status == 3
    assert outcome.left == ["sleep 90"]
    assert eventually(lambda: not runs(int(outcome.lines[0])))


def test_who_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_LINGER", 1.0)
    outcome = run(DEAF, tmp_path, limit=2)
    assert outcome.timed_out
    assert outcome.status != 0
    assert outcome.lines == ["deaf\n"]


def test_there_is_no_standard_input_to_wait_for(tmp_path: Path) -> None:
    outcome = run("import sys; print(repr(sys.stdin.read()))", tmp_path)
    assert (outcome.status, outcome.lines, outcome.left) == (0, ["''\n"], [])
