"""How much to have and to order, from a forecast: reorder point, safety stock, whole packs. Pure.

Quantities are floats of the base unit; a period is a week.
"""

import math
from dataclasses import dataclass

from alerts.reorder.forecasting import Forecast

PERIOD = 7
"""Days of a period of demand."""
SERVICE = 1.645
"""95 of 100 deliveries come before the stock is used up (as standard deviations)."""
REVIEW = 7
"""Days from one look at the suggestions to the next."""
LEAD = 7
"""Days of delivery where the item does not say."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is known of an item in a warehouse."""

    forecast: Forecast
    available: float
    coming: float
    """On order, and requested already."""
    lead: int = LEAD
    pack: float = 1.0
    point: float | None = None
    """What a set reorder point and maximum leave for this warehouse; they hold instead of what is reckoned."""
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What to order in packs, and why."""

    per_day: float
    safety: float
    point: float
    packs: float
    days_left: float | None


def reckon(need: Need) -> Answer:
    """Order up to the demand of lead time and review with safety, when what is there and coming is at the point."""
    per_day = need.forecast.level / PERIOD
    deviation = need.forecast.deviation
    safety = SERVICE * deviation * math.sqrt((need.lead + REVIEW) / PERIOD) if per_day else 0.0
    point = per_day * need.lead + safety if need.point is None else need.point
    target = max(point, per_day * (need.lead + REVIEW) + safety)
    if need.maximum is not None:
        target = need.maximum
    there = need.available + need.coming
    packs = 0.0
    if there <= point and target > there:
        packs = float(math.ceil(round((target - there) / need.pack, 6)))
    days = max(need.available, 0.0) / per_day if per_day else None
    return Answer(per_day, safety, point, packs, days)
