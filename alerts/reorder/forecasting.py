"""Chooses a way to forecast for each pattern of demand by trying all on the past, and forecasts with it. Pure.

The pattern (Syntetos and Boylan) is of how often and how evenly something is asked for. All series of a
pattern are tried together, since one series alone says too little; how much the way chosen was too high
or too low there corrects it.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.reorder.methods import METHODS

PATTERNS = ("smooth", "erratic", "intermittent", "lumpy", "none")
_INTERVAL = 1.32
_VARIATION = 0.49
_SHORTEST = 6
_FEW = 20
"""With fewer series of a pattern the choice is made from all patterns together."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A way for a pattern: what its forecasts are multiplied by, and its error in the trial (per period)."""

    method: str
    factor: float
    rmse: float
    series: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected demand per period, and the standard deviation of one period's demand around it."""

    pattern: str
    method: str
    coming: Sequence[float]
    deviation: float

    @property
    def level(self) -> float:
        """The mean of the coming periods."""
        return sum(self.coming) / len(self.coming) if self.coming else 0.0


def pattern(series: Sequence[float]) -> str:
    """How something is asked for: every time or with gaps, in even or uneven quantities."""
    sizes = [value for value in series if value > 0]
    if not sizes:
        return "none"
    interval = len(series) / len(sizes)
    mean = sum(sizes) / len(sizes)
    variation = sum((one - mean) ** 2 for one in sizes) / len(sizes) / mean**2
    if interval < _INTERVAL:
        return "smooth" if variation < _VARIATION else "erratic"
    return "intermittent" if variation < _VARIATION else "lumpy"


def choose(series: Sequence[Sequence[float]], horizon: int, origins: int = 3) -> dict[str, Choice]:
    """For each pattern the way with the smallest error when the past was forecast from ``origins`` moments."""
    groups: dict[str, list[Sequence[float]]] = defaultdict(list)
    for one in series:
        groups[pattern(one)].append(one)
    chosen = {}
    for name in PATTERNS:
        rows = groups[name] if len(groups[name]) >= _FEW else series
        chosen[name] = _best(rows, horizon, origins)
    return chosen


def _best(series: Sequence[Sequence[float]], horizon: int, origins: int) -> Choice:
    """The way with the smallest corrected error; what is smoothed slowly if nothing can be tried."""
    best = Choice("ses_0.1", 1.0, 0.0, 0)
    for name in METHODS:
        pairs = list(_trial(name, series, horizon, origins))
        if not pairs:
            break
        made, real = sum(f for f, _a in pairs), sum(a for _f, a in pairs)
        factor = min(1.5, max(0.5, real / made)) if made > 0 else 1.0
        rmse = math.sqrt(sum((a - factor * f) ** 2 for f, a in pairs) / len(pairs))
        if not best.series or rmse < best.rmse:
            best = Choice(name, factor, rmse, len(series))
    return best


def _trial(
    name: str, series: Sequence[Sequence[float]], horizon: int, origins: int
) -> Iterator[tuple[float, float]]:
    """Forecast and demand of each tried period."""
    method = METHODS[name]
    for one in series:
        for back in range(origins):
            cut = len(one) - horizon - back * max(1, horizon // 4)
            if cut < _SHORTEST:
                break
            past, real = one[:cut], one[cut : cut + horizon]
            yield from zip(method(past, len(real)), real, strict=True)


def forecast(series: Sequence[float], horizon: int, choices: Mapping[str, Choice]) -> Forecast:
    """What is to be expected of one series."""
    name = pattern(series)
    if name == "none" or not series:
        return Forecast("none", "none", [0.0] * horizon, 0.0)
    choice = choices[name]
    coming = [choice.factor * one for one in METHODS[choice.method](series, horizon)]
    level = sum(coming) / len(coming)
    recent = series[-24:]
    deviation = math.sqrt(sum((one - level) ** 2 for one in recent) / len(recent))
    return Forecast(name, choice.method, coming, deviation)


@dataclass(frozen=True, slots=True)
class Figures:
    """How far forecasts lay from demand: root mean square, and mean of demand − forecast, per period."""

    rmse: float
    bias: float


def figures(made: Sequence[Sequence[float]], real: Sequence[Sequence[float]]) -> Figures:
    """The errors of forecasts of the last periods."""
    errors = [
        a - f
        for fs, values in zip(made, real, strict=True)
        for f, a in zip(fs, values, strict=True)
    ]
    count = max(1, len(errors))
    return Figures(math.sqrt(sum(e * e for e in errors) / count), sum(errors) / count)
