"""How much of the machine others used while something was measured (Linux; elsewhere it says 0).

Ours are this process, the client processes and the database server, if it runs on this machine.
"""

import os
import time
from pathlib import Path

from django.db import connection

QUIET = 0.35
"""A slice in which others took more of the machine than this share is left out where enough remain."""
_PROC = Path("/proc")


class Noise:
    """Measures the share of the machine's processors that went to processes which are not ours."""

    def __init__(self) -> None:
        self._roots = {os.getpid(), *_server()}
        self._at = (0.0, 0.0, 0.0)
        self.start()

    def start(self) -> None:
        """Begin a slice."""
        self._at = (time.monotonic(), _busy(), self._own())

    def spent(self) -> float:
        """Seconds of the processors that we, the clients and the server used since ``start``."""
        return (self._own() - self._at[2]) / _ticks()

    def share(self) -> float:
        """The share of others since ``start``, 0 to 1."""
        began, busy, own = self._at
        room = (time.monotonic() - began) * (os.cpu_count() or 1) * _ticks()
        others = (_busy() - busy) - (self._own() - own)
        return min(max(others / room, 0.0), 1.0) if room else 0.0

    def wait(self, seconds: float) -> None:
        """Give others some seconds to finish."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.start()
            time.sleep(0.2)
            if self.share() <= QUIET:
                return

    def _own(self) -> float:
        """Ticks of our processes, those that have ended included."""
        parents: dict[int, int] = {}
        ticks: dict[int, int] = {}
        for path in _PROC.glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            pid = int(path.parent.name)
            parents[pid] = int(fields[1])
            ticks[pid] = sum(int(fields[n]) for n in range(11, 15))
        return float(
            sum(
                count
                for pid, count in ticks.items()
                if any(above in self._roots for above in _line(pid, parents))
            )
        )


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    """The process and those above it."""
    found = []
    while pid:
        found.append(pid)
        pid = parents.get(pid, 0)
    return found


def _busy() -> float:
    """Ticks of all processors that were not idle, theft by the hypervisor included."""
    try:
        first = (_PROC / "stat").read_text().partition("\n")[0].split()[1:9]
    except OSError:
        return 0.0
    return float(sum(int(number) for number in first) - int(first[3]) - int(first[4]))


def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK")


def _server() -> list[int]:
    """The process above our backend, if the server is here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    try:
        name, _sep, rest = (_PROC / str(backend) / "stat").read_text().rpartition(")")
    except OSError:
        return []
    return [int(rest.split()[1])] if "postgres" in name else []
