"""A command that is run for its output and leaves nothing behind: no process, and nobody waiting for one.

A test that starts servers may fail half-way. What it leaves keeps the pipe of its output open, and whoever
reads to the end of that pipe waits for ever; so we wait for the command, not for its pipe.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MARK = "INVENTORY_RUN"
"""The variable by which everything that a command has started is known, whatever session it is in."""
_LINGER = 5.0
"""Seconds that what a command has started gets to end after it."""


@dataclass
class Outcome:
    """What became of a command."""

    status: int = 1
    lines: list[str] = field(default_factory=list)
    timed_out: bool = False
    left: list[str] = field(default_factory=list)
    """Command lines of processes that it left behind, and that were killed."""


def run(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], limit: float | None
) -> Outcome:
    """Run a command without standard input, showing its output; end it after ``limit`` seconds."""
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**env, MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    outcome = Outcome()
    reader = threading.Thread(target=_show, args=(process, outcome.lines), daemon=True)
    reader.start()
    try:
        outcome.status = process.wait(limit)
    except subprocess.TimeoutExpired:
        outcome.timed_out = True
    finally:
        if process.poll() is None:
            _ask_to_end(process)
        outcome.left = _end_all(mark)
        process.wait()
        reader.join(_LINGER)
    return outcome


def _show(process: subprocess.Popen[str], lines: list[str]) -> None:
    """Pass the output on while it comes."""
    for line in process.stdout or ():
        sys.stdout.write(line)
        sys.stdout.flush()
        lines.append(line)


def _ask_to_end(process: subprocess.Popen[str]) -> None:
    """Let it say where it stood, as after Ctrl-C."""
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_LINGER)


def _end_all(mark: str) -> list[str]:
    """Kill what carries the mark and does not end by itself; returns its command lines."""
    deadline = time.monotonic() + _LINGER
    while (found := _marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.2)
    for pid in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return sorted(found.values())


def _marked(mark: str) -> dict[int, str]:
    """Processes with the mark in their environment, by id; none where there is no /proc."""
    wanted = f"{MARK}={mark}".encode()
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                line = (
                    (folder / "cmdline")
                    .read_bytes()
                    .replace(b"\0", b" ")
                    .decode("utf-8", "replace")
                )
                found[int(folder.name)] = line.strip()[:160]
    return found
