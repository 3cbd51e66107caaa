"""Signs of a worker that looks at an import: how many rows are read, understood and checked, and that it is alive.

A sign that finds nothing to update tells the worker that the import is no longer its own: it was cancelled, mended
meanwhile, or another worker took it over.
"""

import time
from typing import Any

from django.utils import timezone

from intake.models import Import

_EVERY = 0.3
READ, UNDERSTAND, CHECK = "read", "understand", "check"
_FACTS = {READ: "read", UNDERSTAND: "understood", CHECK: "checked"}


class Lost(Exception):
    """The import is no longer this worker's."""


class Telling:
    """The signs of one look; called with the step, how many rows of it are done, and how many cells are wrong so far."""

    def __init__(self, job: Import) -> None:
        self._rows = Import.objects.filter(pk=job.pk, worker=job.worker, state=job.state)
        self._facts: dict[str, Any] = {"began": timezone.now().isoformat(), "wrong": 0}
        self._step = ""
        self._last = 0.0

    def __call__(self, step: str, done: int = 0, wrong: int = 0) -> None:
        """Say how far it is, a few times a second at most. Raises Lost."""
        self._facts[_FACTS[step]] = done
        self._facts["wrong"] = max(wrong, self._facts["wrong"])
        if step == self._step and time.monotonic() - self._last < _EVERY:
            return
        self._step, self._last = step, time.monotonic()
        now = timezone.now()
        if not self._rows.update(step=step, progress=self._facts, beat_at=now):
            raise Lost


def nobody(_step: str, _done: int = 0, _wrong: int = 0) -> None:
    """Nobody is told: a look of which somebody waits for the end."""
