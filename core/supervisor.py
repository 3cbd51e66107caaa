"""One process tree: starts children, restarts a dead one, and ends all of them together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

GRACE = 8.0
"""Seconds a child gets to end by itself before it is killed."""
_STEADY = 10.0
"""A child that lived this long is restarted at once; a younger one after a growing pause."""


@dataclass
class Child:
    """A command that has to run as long as we do."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = field(default=0)

    def start(self) -> None:
        """Start it in a process group of its own, so that nothing it starts is left behind."""
        self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - ours
        self.started = time.monotonic()

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to it and everything it started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


class Supervisor:
    """Keeps children running until it is told to stop."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None] = print) -> None:
        self.children = list(children)
        self.say = say
        self.stopping = False

    def run(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """Start the children in order, watch them, and return when all have ended."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for child in self.children:
                self._start(child)
            if not self.stopping:
                when_ready()
            while not self.stopping:
                for child in self.children:
                    if not child.alive() and not self.stopping:
                        self._revive(child)
                time.sleep(0.2)
        finally:
            self._end_all()

    def _start(self, child: Child) -> None:
        child.start()
        deadline = time.monotonic() + 60
        while not self.stopping and not child.ready():
            if not child.alive():
                self._revive(child)
            if time.monotonic() > deadline:
                self.say(f"{child.name} is not ready after 60 s")
                self.stopping = True
            time.sleep(0.05)

    def _revive(self, child: Child) -> None:
        """Start a dead child again; what it had started is killed first."""
        child.signal(signal.SIGKILL)
        lived = time.monotonic() - child.started
        child.failures = 0 if lived > _STEADY else child.failures + 1
        pause = min(0.5 * 2**child.failures, 30) if child.failures else 0
        self.say(f"{child.name} ended; starting it again" + (f" in {pause:g} s" if pause else ""))
        wake = time.monotonic() + pause
        while not self.stopping and time.monotonic() < wake:
            time.sleep(0.1)
        if not self.stopping:
            child.start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _end_all(self) -> None:
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            while child.alive() and time.monotonic() < deadline:
                time.sleep(0.05)
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def python(*arguments: str) -> list[str]:
    """A command that runs a module of this environment."""
    return [sys.executable, "-m", *arguments]
