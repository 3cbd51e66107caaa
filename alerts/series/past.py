"""What a figure has been so far: its extremes, and how far a new one lies beyond them."""

from bisect import bisect_left, insort
from collections import deque

LONGEST = 20_000
"""So many earlier figures are remembered."""


class Past:
    """The last ``size`` figures, in order of time and of size; adding one costs the logarithm and a move of memory."""

    def __init__(self, size: int = LONGEST) -> None:
        self.size = size
        self.queue: deque[float] = deque()
        self.ordered: list[float] = []

    def __len__(self) -> int:
        return len(self.ordered)

    def add(self, figure: float) -> None:
        """Take one in, let the oldest go."""
        self.queue.append(figure)
        insort(self.ordered, figure)
        if len(self.queue) > self.size:
            del self.ordered[bisect_left(self.ordered, self.queue.popleft())]

    def reach(self, share: float) -> tuple[float, float]:
        """The lowest and the highest figure, without the ``1 - share`` most extreme ones on each side. Not of nothing."""
        last = len(self.ordered) - 1
        high = min(last, int(share * len(self.ordered)))
        return self.ordered[last - high], self.ordered[high]

    def spread(self) -> float:
        """The width of the middle nine tenths, and never less than what is rounding for figures of this size."""
        low, high = self.reach(0.95)
        least, most = self.ordered[0], self.ordered[-1]
        return max(high - low, 1e-9 * max(abs(least), abs(most)))
