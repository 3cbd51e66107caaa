"""Ways to forecast a demand series, each a pure function of the past: the expected demand of each coming period.

Quantities are floats per period, oldest first. Croston, its corrected form (Syntetos and Boylan) and TSB
(Teunter, Syntetos and Babai) are for demand with periods of nothing.
"""

from collections.abc import Callable, Sequence

Method = Callable[[Sequence[float], int], list[float]]

SEASON = 12


def smoothed(series: Sequence[float], alpha: float) -> float:
    """Simple exponential smoothing; starts at the mean of the first year."""
    first = series[:SEASON]
    level = sum(first) / len(first)
    for value in series:
        level += alpha * (value - level)
    return level


def croston(series: Sequence[float], alpha: float, correction: float = 1.0) -> float:
    """Size and interval of demand smoothed apart, their ratio times ``correction``."""
    size = interval = None
    gap = 1
    for value in series:
        if value <= 0:
            gap += 1
            continue
        if size is None or interval is None:
            size, interval = value, float(gap)
        else:
            size += alpha * (value - size)
            interval += alpha * (gap - interval)
        gap = 1
    return correction * size / interval if size is not None and interval else 0.0


def tsb(series: Sequence[float], alpha: float, beta: float) -> float:
    """Size and probability of demand smoothed apart, so that what is asked for no more fades."""
    size = next((value for value in series if value > 0), 0.0)
    first = series[:SEASON]
    chance = sum(1 for value in first if value > 0) / len(first)
    for value in series:
        chance += beta * ((value > 0) - chance)
        if value > 0:
            size += alpha * (value - size)
    return size * chance


def damped(series: Sequence[float], horizon: int) -> list[float]:
    """Holt's trend, damped; never below nothing."""
    alpha, beta, phi = 0.15, 0.05, 0.9
    first = series[:SEASON]
    level, trend = sum(first) / len(first), 0.0
    for value in series:
        before = level
        level += phi * trend
        level += alpha * (value - level)
        trend = phi * trend + beta * (level - before - phi * trend)
    coming, step = [], 1.0
    total = 0.0
    for _period in range(horizon):
        step *= phi
        total += step
        coming.append(max(0.0, level + total * trend))
    return coming


def seasonal(series: Sequence[float], horizon: int) -> list[float]:
    """The smoothed level times each season's usual share, which is drawn half-way to 1."""
    level = smoothed(series, 0.15)
    mean = sum(series) / len(series)
    if len(series) < 2 * SEASON or mean <= 0:
        return [level] * horizon
    coming = []
    for ahead in range(horizon):
        same = series[(len(series) + ahead) % SEASON :: SEASON]
        share = sum(same) / len(same) / mean
        coming.append(level * (1 + share) / 2)
    return coming


def _mean(series: Sequence[float], last: int) -> float:
    part = series[-last:]
    return sum(part) / len(part)


def _flat(level: Callable[[Sequence[float]], float]) -> Method:
    def method(series: Sequence[float], horizon: int) -> list[float]:
        return [level(series)] * horizon

    return method


def _combined(*levels: Callable[[Sequence[float]], float]) -> Method:
    def method(series: Sequence[float], horizon: int) -> list[float]:
        return [sum(one(series) for one in levels) / len(levels)] * horizon

    return method


METHODS: dict[str, Method] = {
    "ses_0.1": _flat(lambda s: smoothed(s, 0.1)),
    "ses_0.2": _flat(lambda s: smoothed(s, 0.2)),
    "mean_12": _flat(lambda s: _mean(s, SEASON)),
    "sba": _flat(lambda s: croston(s, 0.1, 0.95)),
    "tsb": _flat(lambda s: tsb(s, 0.1, 0.1)),
    "damped": damped,
    "seasonal": seasonal,
    "combined": _combined(
        lambda s: smoothed(s, 0.1), lambda s: _mean(s, SEASON), lambda s: tsb(s, 0.05, 0.15)
    ),
}
"""What is tried; the names are kept with forecasts."""

BASELINES: dict[str, Method] = {
    "naive_last": lambda series, horizon: [series[-1]] * horizon,
    "seasonal_naive_12": lambda series, horizon: [
        series[-SEASON + ahead % SEASON] for ahead in range(horizon)
    ],
    "mean_last_12": METHODS["mean_12"],
    "croston_a0.1": _flat(lambda s: croston(s, 0.1)),
    "sba_a0.1": _flat(lambda s: croston(s, 0.1, 0.95)),
}
"""What a forecast has to beat."""
