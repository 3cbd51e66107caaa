"""Learns from correct lines how far they go: every remembered line is judged by the others of its item. Pure.

So the share of correct lines that would be remarked on is set, not hoped for, whatever the distribution.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from alerts.anomaly import amounts, company, prices, robust
from alerts.anomaly.lines import Around, Known, Limits, Seen, Typed

FALSE_FAR = 0.003
FALSE_EXPLAINED = 0.006
"""Shares of correct lines that each of the two limits may remark on."""
_LEAST = {"quantity": (4.5, 2.5), "price": (4.5, 2.5)}
"""Limits are never lower than this, however regular the history (far, explained)."""
_FEW = 100
"""With fewer lines than this the limits are careful ones."""
_CAREFUL = {"quantity": (6.5, 4.0), "price": (8.0, 4.0)}
_NOON = datetime(2000, 1, 3, 12)  # noqa: DTZ001 - any moment: time is not judged here


def calibrate(
    habits: Sequence[tuple[Sequence[Seen], Around]], others: Sequence[int] = ()
) -> Limits:
    """The limits of one type from what is remembered of its items (with their units).

    ``others`` says for each item how many lines of other types it has.
    """
    spreads = {
        "quantity": _usual_spread(
            [[math.log(s.quantity) for s in h if s.quantity > 0] for h, _a in habits]
        ),
        "price": _usual_spread([[math.log(s.price) for s in h if s.price] for h, _a in habits]),
    }
    start = Limits(spread=spreads)
    far: dict[str, float] = {}
    explained: dict[str, float] = {}
    for name, scores in (
        ("quantity", _quantities(habits, start)),
        ("price", _prices(habits, start)),
    ):
        count = len(scores)
        if count < _FEW:
            far[name], explained[name] = _CAREFUL[name]
            continue
        least = _LEAST[name]
        plain_scores = sorted(score for score, _explained in scores)
        with_cause = sorted(score if has else 0.0 for score, has in scores)
        far[name] = max(least[0], robust.quantile(plain_scores, 1 - FALSE_FAR))
        explained[name] = max(least[1], robust.quantile(with_cause, 1 - FALSE_EXPLAINED))
    fresh = _fresh([h for h, _a in habits])
    return Limits(spreads, far, explained, fresh | _fresh_type(habits, others))


def _usual_spread(groups: Sequence[Sequence[float]]) -> float:
    """The spread that three quarters of items keep within."""
    found = sorted(
        robust.spread(one, robust.median(sorted(one)))
        for one in groups
        if len(one) >= amounts.ENOUGH
    )
    return robust.quantile(found, 0.75) if found else 0.8


def _typed(seen: Seen, around: Around) -> Typed:
    return Typed(
        item=0, type="", number=seen.quantity, at=_NOON, unit=around.base_unit, price=seen.price,
        partner=seen.partner,
    )  # fmt: skip


def _others(habit: Sequence[Seen], start: Limits) -> Iterator[tuple[Seen, Known]]:
    """Each line with what the others of its item teach."""
    for at, seen in enumerate(habit):
        yield seen, Known(item=[*habit[:at], *habit[at + 1 :]], limits=start)


def _quantities(
    habits: Sequence[tuple[Sequence[Seen], Around]], start: Limits
) -> list[tuple[float, bool]]:
    """Score of each line by the others of its item, and whether a mistake would explain it."""
    scores = []
    for habit, around in habits:
        if len(habit) <= amounts.ENOUGH:
            continue
        for seen, known in _others(habit, start):
            typed = _typed(seen, around)
            score, logs = amounts.score_of(typed, known)
            has = score > _LEAST["quantity"][1] and any(
                meant > 0
                and robust.score(math.log(meant), logs, start.spread["quantity"], amounts.FLOOR)
                < 1.5
                for _kind, meant, _s in amounts.explanations(typed, around)
            )
            scores.append((score, has))
    return scores


def _prices(
    habits: Sequence[tuple[Sequence[Seen], Around]], start: Limits
) -> list[tuple[float, bool]]:
    scores = []
    for habit, around in habits:
        priced = [one for one in habit if one.price]
        if len(priced) <= amounts.ENOUGH:
            continue
        for seen, known in _others(priced, start):
            typed = _typed(seen, around)
            logs = prices.logs_of(typed, known)
            if not logs or not seen.price:
                continue
            score = prices.score(seen.price, logs, known)
            has = score > _LEAST["price"][1] and any(
                factor > 0 and min(abs(math.log(seen.price / factor) - one) for one in logs) < 0.015
                for _name, factor in prices.ratios(typed, around)
            )
            scores.append((score, has))
    return scores


def _fresh(habits: Sequence[Sequence[Seen]]) -> dict[str, float]:
    """For each attribute, the share of lines that were alone with their value in a well-known item."""
    found = {}
    for name in company.ATTRIBUTES:
        once = total = 0
        for habit in habits:
            seen = company.values(habit, name)
            if len(seen) < company.ENOUGH:
                continue
            total += len(seen)
            once += sum(1 for count in Counter(seen).values() if count == 1)
        found[name] = (once + 0.5) / (total + 10)
    return found


def _fresh_type(
    habits: Sequence[tuple[Sequence[Seen], Around]], others: Sequence[int]
) -> dict[str, float]:
    """The share of lines that are the only one of the type for an item that moves often otherwise."""
    often = [
        len(habit)
        for (habit, _around), count in zip(habits, others, strict=False)
        if count >= company.MOVES_OFTEN
    ]
    total = sum(len(habit) for habit, _around in habits)
    once = sum(1 for count in often if count == 1)
    return {"type": (once + 0.5) / (total + 10)}
