"""What is usual at this time of the day: the median and the extremes of earlier values within half an hour of it.

A series without times is one long moment: then the usual is the median of the last values.
"""

from collections import deque
from datetime import datetime

SLOTS = 48
"""Half hours of a day."""
_KEPT = 42
"""So many values per slot: a week of five-minute values, six weeks of hourly ones."""
_LEAST = 9
"""With fewer values nothing is usual yet."""
_TIMELESS = -2
"""The slot of values without a time; it has no neighbours among those of the day."""


class Slot:
    """The last values of one half hour, and the extremes of all of them."""

    def __init__(self) -> None:
        self.values: deque[float] = deque(maxlen=_KEPT)
        self.count = 0
        self.low = float("inf")
        self.high = float("-inf")

    def add(self, value: float) -> None:
        """Take one in."""
        self.values.append(value)
        self.count += 1
        self.low = min(self.low, value)
        self.high = max(self.high, value)


class Season:
    """The day as slots; each is read together with the one before and the one after it."""

    def __init__(self) -> None:
        self.slots: dict[int, Slot] = {}

    def apart(self, at: datetime | None, value: float) -> float | None:
        """The value less the usual one of its hour; None while nothing is usual."""
        values = sorted(value for slot in self._near(at) for value in slot.values)
        if len(values) < _LEAST:
            return None
        half = len(values) // 2
        return value - (values[half] + values[-half - 1]) / 2

    def outside(self, at: datetime | None, value: float) -> float | None:
        """How far the value lies above (+) or below (-) all that its hour ever had, 0 within it; None while that is little."""
        near = self._near(at)
        if sum(slot.count for slot in near) < _LEAST:
            return None
        low, high = min(slot.low for slot in near), max(slot.high for slot in near)
        return max(value - high, 0.0) + min(value - low, 0.0)

    def add(self, at: datetime | None, value: float) -> None:
        """Learn a value."""
        self.slots.setdefault(_slot(at), Slot()).add(value)

    def _near(self, at: datetime | None) -> list[Slot]:
        here = _slot(at)
        around = (here,) if at is None else ((here - 1) % SLOTS, here, (here + 1) % SLOTS)
        return [self.slots[one] for one in around if one in self.slots]


def _slot(at: datetime | None) -> int:
    return _TIMELESS if at is None else (at.hour * 60 + at.minute) * SLOTS // 1440
