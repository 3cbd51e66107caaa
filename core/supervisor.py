"""One process tree: starts children, restarts a dead one, and ends all of them together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

GRACE = 8.0
"""Seconds a child gets to end by itself before it is killed."""
PATIENCE = 60.0
"""Seconds a child gets to become ready."""
_STEADY = 10.0
"""A child that lived this long is restarted at once; a younger one after a growing pause."""
_LONGEST_PAUSE = 30.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A command that has to run as long as we do."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float | None = None

    def start(self) -> None:
        """Start it in a process group of its own, so that nothing it starts is left behind."""
        self.process = subprocess.Popen(  # noqa: S603 - ours
            self.command,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - we have one thread
        )
        self.started = time.monotonic()
        self.due = None

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
    """Keeps children running until it is told to stop; told twice, it does not wait for them."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None] = print) -> None:
        self.children = list(children)
        self.say = say
        self.told = 0

    def run(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """Start the children in order, watch them, and return when all have ended."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for child in self.children:
                self._start(child)
            if not self.told:
                when_ready()
            while not self.told:
                for child in self.children:
                    self._tend(child)
                time.sleep(0.2)
        finally:
            self._end_all()

    def _start(self, child: Child) -> None:
        if self.told:
            return
        child.start()
        deadline = time.monotonic() + PATIENCE
        while not self.told and not child.ready():
            self._tend(child)
            if time.monotonic() > deadline:
                self.say(f"{child.name} is not ready after {PATIENCE:g} s")
                self.told = 1
            time.sleep(0.05)

    def _tend(self, child: Child) -> None:
        """Start a dead child again, later each time if it keeps dying; never waits itself."""
        if child.alive():
            return
        now = time.monotonic()
        if child.due is None:
            child.signal(signal.SIGKILL)  # what it had started
            child.failures = 0 if now - child.started > _STEADY else child.failures + 1
            pause = min(0.5 * 2**child.failures, _LONGEST_PAUSE) if child.failures else 0.0
            child.due = now + pause
            when = f" in {pause:g} s" if pause else ""
            self.say(f"{child.name} ended; starting it again{when}")
        if now >= child.due:
            child.start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.told += 1

    def _end_all(self) -> None:
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            while child.alive() and time.monotonic() < deadline and self.told <= 1:
                time.sleep(0.05)
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def _end_with_parent() -> None:
    """Ask Linux to end this process when its parent is killed; elsewhere nothing is asked."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def python(*arguments: str) -> list[str]:
    """A command that runs a module of this environment."""
    return [sys.executable, "-m", *arguments]
