"""How warnings that people keep accepting make room: each lifts the limit of its kind, and time lowers it again. Pure.

So a new way of working (a month's end, a sale) is asked about a few times and not a hundred times, and a kind
that is accepted no more is soon as watchful as before. Time is counted in posted lines of the type.
"""

import math
from collections.abc import Mapping

STEP = 0.25
"""One acceptance lifts the limit by a fifth."""
MEMORY = 500.0
"""After so many lines of the type, a third of the lift is left."""

Levels = Mapping[str, tuple[float, int]]
"""Code → the logarithm of the lift, and how many lines the type had then."""


def accepted(levels: Levels, code: str, lines: int) -> dict[str, tuple[float, int]]:
    """The levels after one more warning of the code was accepted."""
    return {**levels, code: (_level(levels, code, lines) + STEP, lines)}


def lifts(levels: Levels, lines: int) -> dict[str, float]:
    """Code → by what its limit is multiplied now."""
    return {code: math.exp(_level(levels, code, lines)) for code in levels}


def _level(levels: Levels, code: str, lines: int) -> float:
    level, then = levels.get(code, (0.0, lines))
    return level * math.exp(-max(0, lines - then) / MEMORY)
