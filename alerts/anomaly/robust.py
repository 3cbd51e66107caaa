"""Robust figures of few numbers: median, spread, how far a value lies, how new a name is. Pure."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

NORMAL = 1.4826
"""Median absolute deviation × this = standard deviation of a normal distribution."""
_PRIOR = 4.0
"""The type's own spread weighs as much as so many lines of the item."""


def median(ordered: Sequence[float]) -> float:
    """Of numbers in order; raises IndexError without any."""
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def spread(values: Sequence[float], center: float) -> float:
    """The median distance from the centre, as a standard deviation."""
    return NORMAL * median(sorted(abs(value - center) for value in values))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that ``share`` of the ordered numbers do not exceed; 0 without any."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def score(value: float, logs: Sequence[float], usual_spread: float, floor: float) -> float:
    """How many spreads ``value`` lies from the median of ``logs``; less where values near it were seen.

    The spread is the item's and, as long as that is little known, the type's. A value that was seen before
    is never far, however skewed the distribution.
    """
    center = median(sorted(logs))
    own = spread(logs, center)
    count = len(logs)
    mixed = math.sqrt((count * own**2 + _PRIOR * usual_spread**2) / (count + _PRIOR))
    distance = abs(value - center) / max(mixed, floor)
    nearest = min(abs(value - one) for one in logs)
    return distance * min(1.0, nearest / (2 * floor))


def novelty(seen: Sequence[Hashable], usual: float, weight: float = _PRIOR) -> float:
    """The chance that the next value was never seen (Good and Turing: the share of those seen once).

    ``usual`` is the share known of other items; it weighs as much as ``weight`` lines.
    """
    once = sum(1 for count in Counter(seen).values() if count == 1)
    return (once + weight * usual) / (len(seen) + weight)


def rarity(counts: Sequence[float], index: int) -> float:
    """The share of lines in classes that are as rare as the one at ``index``, or rarer; smoothed by one line."""
    total = sum(counts) + 1
    mine = counts[index]
    return (sum(one for one in counts if one <= mine) + 1) / total
