"""One anomaly score in [0, 1] for each point of a (time, value) series, from the points up to it alone. Pure.

A point is unusual if something about it was never seen before. Six views of the series run along: how far the value
is from the usual one of its hour, the mean of that over the last values, how far it is outside of all that its hour
had, the least and the greatest of the last values (a new floor or ceiling), and how much the values vary. Each view is
compared with the extremes of its own past, in units of the width of that past. So what spikes every day, or varies a
lot, must do more to stand out, and a score means the same for any series. What goes on is reported where it begins.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from alerts.series.past import Past
from alerts.series.season import Season

PROBATION = 0.15
"""The share of a series in which nothing is reported while the usual is learned (at most that of 5,000 points)."""
_LONGEST = 750
_LEAST = 20
_REST = 4
"""After a report it rests for so many parts of the probation, unless something ``_STRONGER`` times as strong comes."""
_SHORTEST_REST = 10
_STRONGER = 2.0
_KNOWN = 50
"""With fewer figures a past says nothing."""
_FEW = 15
"""So many values together say that the level has moved."""
_MANY = 50
"""So many values say how much they vary."""
_ASIDE = 3
"""So many single points of a past may have been accidents; they do not become usual at once."""
_GRAIN = 0.2
"""The past of a view counts as at least this part of the spread of the values wide."""
_SLACK = 0.05
"""So much farther outside of its hour than ever (in the same units) a value must be; being just outside is common."""


class View:
    """One figure about the series, against its own past; ``aside``: so many extremes of the past do not count."""

    def __init__(self, aside: int = 0, slack: float = 0.0) -> None:
        self.past = Past()
        self.aside = aside
        self.slack = slack

    def beyond(self, figure: float, least: float, up: bool = True, down: bool = True) -> float:
        """How far the figure is beyond its past, in widths of it (at least ``least``); not positive within it. Learns it."""
        found = 0.0
        if len(self.past) >= _KNOWN:
            low, high = self.past.reach(self.aside)
            over = max(figure - high if up else 0.0, low - figure if down else 0.0)
            found = over / max(high - low, least) - self.slack if over > 0 else 0.0
        self.past.add(figure)
        return found


class Scorer:
    """Scores points one by one; never looks ahead, whatever their number. ``probation``: points to learn from first."""

    def __init__(self, probation: int = 150) -> None:
        self.probation = probation
        self.rest = max(_SHORTEST_REST, probation // _REST)
        self.seen = 0
        self.season = Season()
        self.values = Past()
        self.apart = View(_ASIDE)
        self.drift = View()
        self.outside = View(_ASIDE, _SLACK)
        self.floor = View()
        self.ceiling = View()
        self.unrest = View(_ASIDE)
        self.lately_apart: deque[float] = deque(maxlen=_FEW)
        self.few: deque[float] = deque(maxlen=_FEW)
        self.many: deque[float] = deque(maxlen=_MANY)
        self.told_at = -math.inf
        self.told = 0.0

    def score(self, at: datetime | None, value: float | None) -> float:
        """0: nothing new; above 0.5: to be reported; between: more of what was just reported. No number: 0, and learns nothing."""
        if value is None or not math.isfinite(value):
            return 0.0
        self.seen += 1
        strange = self._strange(at, value)
        self.season.add(at, value)
        self.values.add(value)
        if self.seen <= self.probation or strange <= 0:
            return 0.0
        strength = strange / (1 + strange)
        if self.seen - self.told_at <= self.rest and strange <= _STRONGER * self.told:
            return 0.5 * strength
        self.told_at, self.told = self.seen, strange
        return 0.5 + 0.5 * strength

    def _strange(self, at: datetime | None, value: float) -> float:
        """The farthest that any view is beyond its past."""
        least = max(_GRAIN * self.values.spread(), 1e-300) if len(self.values) else 1.0
        found = [0.0]
        apart, outside = self.season.apart(at, value), self.season.outside(at, value)
        if apart is not None and outside is not None:
            found.append(self.apart.beyond(apart, least))
            found.append(self.outside.beyond(outside, least))
            self.lately_apart.append(apart)
            if len(self.lately_apart) == _FEW:
                found.append(self.drift.beyond(sum(self.lately_apart) / _FEW, least))
        self.few.append(value)
        self.many.append(value)
        if len(self.few) == _FEW:
            found.append(self.floor.beyond(min(self.few), least, down=False))
            found.append(self.ceiling.beyond(max(self.few), least, up=False))
        if len(self.many) == _MANY:
            found.append(self.unrest.beyond(_deviation(self.many), least))
        return max(found)


def _deviation(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def probation_of(count: int) -> int:
    """How many points of a series of ``count`` are for learning only."""
    return max(min(int(PROBATION * count), _LONGEST), min(count, _LEAST))


def scores(points: Iterable[tuple[datetime | None, float | None]], count: int) -> Iterator[float]:
    """Each point's score, given as it comes; ``count`` is how many there will be (for the probation alone)."""
    scorer = Scorer(probation_of(count))
    for at, value in points:
        yield scorer.score(at, value)
