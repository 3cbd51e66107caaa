"""One anomaly score in [0, 1] for each point of a (time, value) series, from the points up to it alone. Pure.

Two forecasts run along: the smoothed level, and the median of what the last days had at this half hour. The
one that erred less lately is compared with the tail of its own recent errors: a single error, and the mean
of the last few (in the manner of the likelihood of Lavin and Ahmad). Beside them stands how far the median of
the last values has moved from what is usual. What lasts becomes usual: a new level is reported where it begins.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

PROBATION = 0.15
"""The share of a series in which nothing is reported while the usual is learned (at most that of 5,000 points)."""
_LONGEST = 750
_LEAST = 20
_WINDOW = 400
"""So many errors are remembered."""
_SHORT = 8
_TAIL = 0.99
"""What is larger than all but one of a hundred errors is in the tail."""
_QUIET = 12
"""After a report, so many points pass before another one that is no stronger reaches the top of the scale."""
_SLOTS = 48
_LATELY = 9
"""So many values together say that the level has moved."""
_ENOUGH = 100


class Recent:
    """The last ``size`` numbers with their median and spread; adding one costs the width of the window."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.queue: deque[float] = deque()
        self.ordered: list[float] = []

    def add(self, value: float) -> None:
        """Take one in, let the oldest go."""
        self.queue.append(value)
        insort(self.ordered, value)
        if len(self.queue) > self.size:
            old = self.queue.popleft()
            del self.ordered[_index(self.ordered, old)]

    def at(self, share: float) -> float:
        """The number at a share of the order; 0 without any."""
        if not self.ordered:
            return 0.0
        return self.ordered[min(len(self.ordered) - 1, int(share * len(self.ordered)))]


def _index(ordered: Sequence[float], value: float) -> int:
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


class Scorer:
    """Scores points one by one; never looks ahead, whatever their number. ``probation``: points to learn from first."""

    def __init__(self, probation: int = 150) -> None:
        self.probation = probation
        self.seen = 0
        self.last: float | None = None
        self.level: float | None = None
        self.days: dict[int, deque[float]] = {}
        self.errors = {"level": Recent(_WINDOW), "season": Recent(_WINDOW)}
        self.means = Recent(_WINDOW)
        self.values = Recent(2 * _WINDOW)
        self.short: deque[float] = deque(maxlen=_SHORT)
        self.lately: deque[float] = deque(maxlen=_LATELY)
        self.moves = Recent(_WINDOW)
        self.since = _QUIET
        self.told = 0.0
        self.flat = 0
        self.longest_flat = 0

    def score(self, at: datetime | None, value: float | None) -> float:
        """How unusual the point is; a value that is missing (or no number) says nothing and teaches nothing."""
        if value is None or not math.isfinite(value):
            return 0.0
        self.seen += 1
        strange = self._strange(at, value)
        self._learn(at, value)
        if self.seen <= self.probation:
            return 0.0
        self.since += 1
        if strange > 0.5 and self.since <= _QUIET and strange < self.told + 0.1:
            strange *= 0.5
        elif strange > 0.5:
            self.since, self.told = 0, strange
        return strange

    def _strange(self, at: datetime | None, value: float) -> float:
        if self.level is None:
            return 0.0
        chosen = self._chosen(at)
        error = abs(value - self._forecast(chosen, at))
        recent = self.errors[chosen]
        least = max(1.4826 * recent.at(0.5), self._grain())
        single = _beyond(error, max(recent.at(_TAIL), 1.5 * least))
        mean = self._mean_error(min(error, 4 * max(recent.at(_TAIL), least)))
        together = _beyond(mean, max(self.means.at(_TAIL), 1.2 * least))
        self.means.add(mean)
        return max(single, 0.95 * together, self._moved(at, value), self._stuck(value))

    def _moved(self, at: datetime | None, value: float) -> float:
        """The last few values all lie away from what is usual, though each follows from the one before."""
        usual = self.values.at(0.5)
        if at is not None and len(self.days.get(_slot(at), ())) >= 3:
            usual = self._forecast("season", at)
        self.lately.append(value - usual)
        if len(self.lately) < _LATELY or len(self.values.ordered) < _ENOUGH:
            return 0.0
        away = abs(sorted(self.lately)[_LATELY // 2])
        far = _beyond(away, max(1.3 * self.moves.at(_TAIL), 2 * self._grain()))
        self.moves.add(away)
        return 0.9 * far

    def _mean_error(self, error: float) -> float:
        """The mean of the last few errors, with this one (cut off, so that one alone cannot carry it)."""
        self.short.append(error)
        return sum(self.short) / len(self.short)

    def _stuck(self, value: float) -> float:
        """A value that always moved and has stood still far longer than ever before."""
        if self.last is not None and value == self.last:
            self.flat += 1
        else:
            if self.flat <= 3 * max(
                self.longest_flat, 3
            ):  # what was reported does not become usual
                self.longest_flat = max(self.longest_flat, self.flat)
            self.flat = 0
        usual = max(self.longest_flat, 3)
        if self.flat == 3 * usual and len(self.values.ordered) > 50:
            return 0.8
        return 0.0

    def _grain(self) -> float:
        """The smallest error that counts: a thousandth of the range."""
        return 1e-3 * (self.values.at(0.95) - self.values.at(0.05))

    def _chosen(self, at: datetime | None) -> str:
        """The forecast that erred less lately."""
        if at is None or len(self.days.get(_slot(at), ())) < 3:
            return "level"
        season, level = self.errors["season"], self.errors["level"]
        if len(season.ordered) < 30:
            return "level"
        return "season" if season.at(0.5) < level.at(0.5) else "level"

    def _forecast(self, name: str, at: datetime | None) -> float:
        if name == "season" and at is not None:
            rows = sorted(self.days[_slot(at)])
            return rows[len(rows) // 2]
        return self.level or 0.0

    def _learn(self, at: datetime | None, value: float) -> None:
        if self.level is None:
            self.level = value
        self.errors["level"].add(abs(value - self.level))
        self.level += 0.5 * (value - self.level)
        self.last = value
        self.values.add(value)
        if at is None:
            return
        rows = self.days.setdefault(_slot(at), deque(maxlen=7))
        if len(rows) >= 3:
            self.errors["season"].add(abs(value - self._forecast("season", at)))
        rows.append(value)


def _slot(at: datetime) -> int:
    """The half hour of the day."""
    return (at.hour * 60 + at.minute) * _SLOTS // 1440


def _beyond(error: float, tail: float) -> float:
    """An error against the tail of earlier ones → [0, 1): as large as the tail is little, three times it is a lot."""
    if error <= 0:
        return 0.0
    if tail <= 0:
        return 0.97
    ratio = error / tail
    return 0.3 * ratio if ratio <= 1 else 1 - 0.7 * math.exp(-(ratio - 1))


def probation_of(count: int) -> int:
    """How many points of a series of ``count`` are for learning only."""
    return max(min(int(PROBATION * count), _LONGEST), min(count, _LEAST))


def scores(points: Iterable[tuple[datetime | None, float | None]], count: int) -> Iterator[float]:
    """Each point's score, given as it comes; ``count`` is how many there will be (for the probation alone)."""
    scorer = Scorer(probation_of(count))
    for at, value in points:
        yield scorer.score(at, value)
