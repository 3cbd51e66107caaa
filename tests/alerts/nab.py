"""Invented series with labelled anomalies, and a score in the manner of the Numenta Anomaly Benchmark.

Written from the paper (Lavin and Ahmad 2015): a window of a tenth of the series, divided among its
anomalies, lies around each; the first report in a window earns the more the earlier it comes, a report
outside costs little near a window and more away from it, a window without a report costs one. One threshold for all
series; 0 is what a detector that never reports gets, 100 a perfect one.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, tzinfo=UTC)
FALSE = 0.11


@dataclass
class Labelled:
    """A series and where something happens in it."""

    name: str
    points: list[tuple[datetime, float]]
    marks: list[int]


def invented(seed: int, count: int = 3000) -> Iterator[Labelled]:
    """Each shape of series with each kind of anomaly."""
    rng = random.Random(seed)
    for shape in SHAPES:
        for kind in KINDS:
            values = [SHAPES[shape](rng, at) for at in range(count)]
            marks = sorted(rng.sample(range(int(0.25 * count), count - 200, 220), 2))
            for mark in marks:
                KINDS[kind](rng, values, mark)
            times = [START + timedelta(minutes=15 * at) for at in range(count)]
            yield Labelled(f"{shape}, {kind}", list(zip(times, values, strict=True)), marks)


def _daily(rng: random.Random, at: int) -> float:
    return 50 + 20 * math.sin(at / 96 * 2 * math.pi) + rng.gauss(0, 2)


def _spiky(rng: random.Random, at: int) -> float:
    busy = 30 if rng.random() < 0.03 else 0
    return 5 + busy + abs(rng.gauss(0, 1))


def _walk() -> Callable[[random.Random, int], float]:
    state = {"x": 100.0}

    def value(rng: random.Random, at: int) -> float:
        state["x"] += rng.gauss(0, 0.4) - 0.01 * (state["x"] - 100)
        return state["x"] + rng.gauss(0, 0.5)

    return value


def _counts(rng: random.Random, at: int) -> float:
    rate = 6 + 4 * math.sin(at / 96 * 2 * math.pi)
    return float(sum(rng.random() < rate / 20 for _one in range(20)))


def _level(rng: random.Random, at: int) -> float:
    return 80 + rng.gauss(0, 1)


SHAPES: dict[str, Callable[[random.Random, int], float]] = {
    "daily": _daily,
    "spiky": _spiky,
    "walk": _walk(),
    "counts": _counts,
    "level": _level,
}


def _range(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[int(0.98 * len(ordered))] - ordered[int(0.02 * len(ordered))]


def _spike(rng: random.Random, values: list[float], at: int) -> None:
    size = 1.5 * _range(values) * rng.choice((1, -1))
    for one in range(at, at + rng.randrange(1, 4)):
        values[one] += size


def _shift(rng: random.Random, values: list[float], at: int) -> None:
    size = 1.2 * _range(values) * rng.choice((1, -1))
    for one in range(at, len(values)):
        values[one] += size


def _stuck(rng: random.Random, values: list[float], at: int) -> None:
    for one in range(at, min(at + 120, len(values))):
        values[one] = values[at]


def _noise(rng: random.Random, values: list[float], at: int) -> None:
    size = 0.8 * _range(values)
    for one in range(at, min(at + 60, len(values))):
        values[one] += rng.gauss(0, size)


KINDS: dict[str, Callable[[random.Random, list[float], int], None]] = {
    "spikes": _spike,
    "shift": _shift,
    "stuck": _stuck,
    "noise": _noise,
}


def score(series: Sequence[Labelled], scored: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The best score over all thresholds and the threshold."""
    levels = sorted({round(one, 2) for row in scored for one in row if one > 0.2}, reverse=True)
    best = 0.0, 1.1
    windows = sum(len(one.marks) for one in series)
    for level in levels:
        raw = sum(_raw(one, row, level) for one, row in zip(series, scored, strict=True))
        best = max(best, (100 * (raw + windows) / (2 * windows), level))
    return best


def _raw(series: Labelled, row: Sequence[float], level: float) -> float:
    count = len(row)
    half = int(0.1 * count / len(series.marks) / 2)
    windows = [(max(0, mark - half), min(count - 1, mark + half)) for mark in series.marks]
    total, found = 0.0, set()
    for at in range(int(0.15 * count), count):
        if row[at] < level:
            continue
        inside = next((one for one in windows if one[0] <= at <= one[1]), None)
        if inside is not None:
            if inside not in found:
                total += _sigmoid((at - inside[1]) / (inside[1] - inside[0])) / _sigmoid(-1)
            found.add(inside)
            continue
        before = [one for one in windows if one[1] < at]
        away = (at - before[-1][1]) / (2 * half) if before else 9.0
        total += FALSE * (_sigmoid(away) if away < 3 else -1)
    return total - (len(windows) - len(found))


def _sigmoid(place: float) -> float:
    return 2 / (1 + math.exp(5 * place)) - 1
