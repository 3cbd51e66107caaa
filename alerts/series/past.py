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

    def reach(self, aside: int = 0) -> tuple[float, float]:
        """The lowest and the highest figure, with ``aside`` on each side left out, but at most one of a thousand."""
        last = len(self.ordered) - 1
        out = min(aside, last // 1000)
        return self.ordered[out], self.ordered[last - out]

    def spread(self) -> float:
        """The width of the middle nine tenths, and never less than what is rounding for figures of this size."""
        last = len(self.ordered) - 1
        width = self.ordered[last - last // 20] - self.ordered[last // 20]
        least, most = self.reach()
        return max(width, 1e-9 * max(abs(least), abs(most)))
