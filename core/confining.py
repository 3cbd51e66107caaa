"""Puts a process that reads what strangers send under limits, for good, and tells it nothing of where it runs."""

import os
import resource
from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """All that such a process learns of its parent's environment: what Python needs to start."""
    kept = ("LD_LIBRARY_PATH", "VIRTUAL_ENV")
    return {
        "PYTHONPATH": str(_HERE),
        "PYTHONUTF8": "1",
        "PATH": "/usr/bin:/bin",
        **{name: os.environ[name] for name in kept if name in os.environ},
    }


def confine(*, memory: int, seconds: int) -> None:
    """Limit this process to ``memory`` bytes of address space and ``seconds`` of processor time.

    It can write no file, leaves no core, and holds at most 32 files open.
    """
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        hard = resource.getrlimit(what)[1]
        top = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        # Of processor time, the first limit tells why it ends; the second, a moment later, would not.
        last = top + 2 if what == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else top
        resource.setrlimit(what, (top, last))
