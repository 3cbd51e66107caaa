"""Judges who, where and when: what is new to an item that is well known, and hours at which nobody writes. Pure."""

from collections.abc import Sequence
from datetime import datetime

from alerts.anomaly import robust
from alerts.anomaly.lines import HOURS, Judgement, Known, Seen, Typed

ATTRIBUTES = ("partner", "warehouse", "source", "target", "department", "reason")
"""What is compared with the other lines of the item; each with a warning of its own."""
OF_TYPE = ("person", "department", "reason")
"""What is compared with all lines of the type as well."""
RARE = 0.01
"""Something new is remarked on where fewer lines than this have something new."""
_RARE_HOUR = 0.002
_ENOUGH_OF_HOURS = 500
_RARE_LAG = 0.003
ENOUGH = 8
MOVES_OFTEN = 24
_ENOUGH_OF_TYPE = 60
LAGS = (-0.5, 1.5, 3.5, 8.5, 31.5, 93.0, 360.0)
"""Bounds of the classes of lag, in days: the future, today, three days, a week, a month, a quarter, a year."""


def hour_of(at: datetime) -> int:
    """The hour of the week, in the time zone of ``at``."""
    return at.weekday() * 24 + at.hour


def lag_of(days: float) -> int:
    """The class of a lag."""
    return sum(1 for bound in LAGS if days > bound)


def judge(typed: Typed, known: Known) -> list[Judgement]:
    """What is new or at an odd time."""
    found = _new(typed, known)
    found += _new_type(typed, known)
    found += _new_of_type(typed, known, {one.code for one in found})
    return found + _times(typed, known)


def values(rows: Sequence[Seen], name: str) -> list[object]:
    """What the lines say, those that say something."""
    return [value for one in rows if (value := getattr(one, name))]


def _new(typed: Typed, known: Known) -> list[Judgement]:
    found = []
    for name in ATTRIBUTES:
        mine = getattr(typed, name)
        seen = values(known.item, name)
        if not mine or len(seen) < ENOUGH or mine in seen:
            continue
        chance = robust.novelty(seen, known.limits.fresh.get(name, 0.05))
        if chance < RARE:
            facts = {"count": len(seen), "name": mine}
            strength = 1 - chance / RARE / 2
            found.append(
                Judgement(f"new_{name}", strength, facts, None, str(mine), None, RARE / chance)
            )
    return found


def _new_of_type(typed: Typed, known: Known, said: set[str]) -> list[Judgement]:
    """Somebody (or a department, a reason) that has never written such a line, where the same few always do."""
    found = []
    for name in OF_TYPE:
        mine = getattr(typed, name)
        counts = known.manners.counts.get(name, {})
        total = sum(counts.values())
        if not mine or f"new_{name}" in said or total < _ENOUGH_OF_TYPE or str(mine) in counts:
            continue
        once = sum(1 for count in counts.values() if count == 1)
        chance = (once + 0.2) / (total + 1)
        if chance < RARE:
            facts = {"count": total, "name": mine}
            code = f"new_{name}"
            found.append(Judgement(code, 0.6, facts, None, str(mine), None, RARE / chance))
    return found


def _new_type(typed: Typed, known: Known) -> list[Judgement]:
    """An item that moves often, and never in this way."""
    chance = known.limits.fresh.get("type", 1.0)
    if known.item or known.others < MOVES_OFTEN or chance > RARE:
        return []
    facts = {"count": known.others}
    return [Judgement("new_type", 0.6, facts, None, typed.type, None, RARE / chance)]


def _times(typed: Typed, known: Known) -> list[Judgement]:
    found = []
    manners = known.manners
    if manners.total < _ENOUGH_OF_TYPE:
        return []
    hour = hour_of(typed.at)
    if manners.total >= _ENOUGH_OF_HOURS:
        code = ""
        if not sum(manners.hours[hour // 24 * 24 : hour // 24 * 24 + 24]):
            code = "odd_day"
        elif robust.rarity(_smoothed(manners.hours), hour) < _RARE_HOUR:
            code = "odd_hour"
        if code:
            found.append(Judgement(code, 0.5, {"at": typed.at}, None, str(hour)))
    late = lag_of(typed.lag)
    if typed.lag < LAGS[0] and sum(manners.lags[:1]) <= _RARE_LAG * manners.total:
        found.append(Judgement("future", 0.9, {"days": -typed.lag}))
    elif late > 1 and sum(manners.lags[late:]) <= _RARE_LAG * manners.total:
        found.append(Judgement("old", 0.7, {"days": typed.lag}))
    return found


def _smoothed(hours: Sequence[int]) -> list[float]:
    """Lines by hour of the week; the hours beside one and the same hour of other days count a little."""
    daily = [sum(hours[one::24]) for one in range(24)]
    return [
        hours[one] + 0.25 * (hours[one - 1] + hours[(one + 1) % HOURS]) + 0.1 * daily[one % 24]
        for one in range(HOURS)
    ]
