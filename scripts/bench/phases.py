"""Only tells where an import spends its time: seconds on the clock in each of its phases, and the processors' seconds of all who work for it."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class Phases:
    """Seconds by phase; time in a phase within another one counts for the inner one only."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Measure inside."""
        with contextlib.ExitStack() as stack:
            for name, home, attribute in _places():
                stack.enter_context(self._wrapped(name, home, attribute))
            yield

    @contextlib.contextmanager
    def _wrapped(self, name: str, home: Any, attribute: str) -> Iterator[None]:
        work: Callable[..., Any] = getattr(home, attribute)

        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            self._inner.append(0.0)
            try:
                return work(*given, **named)
            finally:
                passed = time.perf_counter() - began
                own = passed - self._inner.pop()
                self._inner[-1] += passed
                self.seconds[name] = self.seconds.get(name, 0.0) + own

        setattr(home, attribute, timed)
        try:
            yield
        finally:
            setattr(home, attribute, work)


def _places() -> list[tuple[str, Any, str]]:
    """The functions that are the phases."""
    from intake.importing import (
        checking,
        commanding,
        keys,
        preparing,
        summing,
        understood,
        writing,
    )
    from stock import writing as book
    from workflows import trusted

    return [
        ("read", commanding, "open_book"),
        ("understand", understood, "understand_book"),
        ("resolve", preparing, "_resolve"),
        ("check", keys, "give"),
        ("check", keys, "leave_out_known"),
        ("check", checking, "check"),
        ("sum up", summing, "summary"),
        ("documents", trusted, "post_many"),
        ("draft", trusted, "_drafts"),
        ("post", book, "post"),
        ("journal", book, "_follow"),
        ("rows", writing.Writer, "_record"),
        ("write, commit", writing.Writer, "write"),
    ]


def processors() -> float:
    """Seconds that this process, its children that ended, and the database's process of its connection have computed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    # Behind the name in brackets, the 12th and 13th fact are its own and the kernel's ticks.
    facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(facts[11]) + int(facts[12])
    return sum(os.times()[:4]) + ticks / os.sysconf("SC_CLK_TCK")
