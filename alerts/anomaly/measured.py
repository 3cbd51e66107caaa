"""Measures the warnings on the book itself and keeps what came out, for the page that shows it.

Slips are put into the later part of what was posted, in memory: no document is touched. What is kept names
movements, so the page can lead to the lines.
"""

from datetime import timedelta
from typing import Any

from alerts.anomaly import booked, measuring
from alerts.anomaly.measuring import Result
from alerts.anomaly.slips import KINDS
from core import jobs
from core.models import JobRun

JOB = "alerts.measure"
PER_KIND = 12
"""Slips of each kind; more make the figures steadier and take longer."""
LEAST = 40
"""So many lines are needed to learn from and to judge."""


def run(seed: int = 1, per_kind: int = PER_KIND) -> JobRun | None:
    """Measure and keep it; None while somebody else does."""
    return jobs.run(JOB, lambda: _measure(seed, per_kind), lease=timedelta(minutes=30))


def last() -> JobRun | None:
    """What was measured last."""
    return jobs.last(JOB, ok=True)


def _measure(seed: int, per_kind: int) -> tuple[bool, dict[str, Any]]:
    history = booked.history()
    if len(history.lines) < LEAST:
        return True, {"lines": len(history.lines), "clean": 0, "kinds": []}
    result = measuring.measure(history, seed=seed, per_kind=per_kind)
    return True, {
        "lines": len(history.lines),
        "clean": result.clean,
        "false": result.false[""],
        "by": dict(result.false.most_common(8)),
        "kinds": [_kind(code, result) for code in KINDS if result.tried[code]],
        "without": [code for code in KINDS if not result.tried[code]],
    }


def _kind(code: str, result: Result) -> dict[str, Any]:
    return {
        "code": code,
        "tried": result.tried[code],
        "caught": result.caught[code],
        "known": result.known[code],
        "known_caught": result.known_caught[code],
        "precision": round(result.precision(code), 4),
        "by": [name for name, _count in result.by[code].most_common(3)],
        "examples": [
            {"movement": one.key, "was": one.was, "now": one.now, "codes": list(one.codes)}
            for one in result.examples[code]
        ],
    }
