"""The judgement on a typed line: everything unusual, the strongest first, without what somebody has accepted before. Pure."""

import math

from alerts.anomaly import amounts, company, goods, prices
from alerts.anomaly.lines import Around, Judgement, Known, Typed

_SAME = 0.25
"""An amount that was accepted covers those within a quarter of it."""


def judge(typed: Typed, around: Around, known: Known) -> list[Judgement]:
    """What is unusual about the line; empty for most."""
    found = amounts.judge(typed, around, known)
    found += prices.judge(typed, around, known)
    found += company.judge(typed, known)
    found += goods.judge(typed, around, known)
    found = [
        one
        for one in found
        if one.excess > known.patience.get(one.code, 1.0) and not _accepted(one, known)
    ]
    return sorted(found, key=lambda one: -one.strength)


def cold(typed: Typed, known: Known) -> bool:
    """Whether there is too little history to judge the quantity."""
    return amounts.basis(typed, known)[0] == ""


def _accepted(found: Judgement, known: Known) -> bool:
    """Whether the same was accepted before: the same name, or an amount close to it."""
    return any(
        _close(found.amount, one.amount) if found.amount is not None else one.mark == found.mark
        for one in known.accepted
        if one.code == found.code
    )


def _close(amount: float, accepted: float | None) -> bool:
    if not accepted or amount <= 0:
        return amount == accepted
    return abs(math.log(amount / accepted)) <= _SAME
