"""Judges the price of a unit: against the source document's and what is usual, with the mistake that explains it. Pure."""

import math
from collections.abc import Sequence

from alerts.anomaly import robust
from alerts.anomaly.amounts import ENOUGH, plain
from alerts.anomaly.lines import Around, Judgement, Known, Suggestion, Typed

FLOOR = 0.02
TAXES = (1.13, 1.09, 1.06, 1.2, 1.19)
"""Tax that is common enough to be mixed up: with it for without it, or the other way round."""
_NEAR = 0.015
_FAR = 8.0
_EXPLAINED = 4.0


def logs_of(typed: Typed, known: Known) -> list[float]:
    """Logs of the prices that judge it: the partner's for the item, else the item's; empty at a cold start."""
    rows = [one for one in known.item if one.price]
    mine = [one for one in rows if typed.partner and one.partner == typed.partner]
    chosen = mine if len(mine) >= ENOUGH else rows
    return [math.log(one.price) for one in chosen if one.price] if len(chosen) >= ENOUGH else []


def judge(typed: Typed, around: Around, known: Known) -> list[Judgement]:
    """What is odd about the price; at most one judgement."""
    price = typed.unit_price
    if price is None:
        return []
    if around.source_price:
        return _against_source(typed, around, price)
    logs = logs_of(typed, known)
    if not logs:
        return []
    center = robust.median(sorted(logs))
    usual = math.exp(center)
    if price <= 0:
        facts = {"usual": usual, "value": price}
        return [Judgement("price", 0.9, facts, _take(typed, usual), "", price)]
    distance = score(price, logs, known)
    explained = _explain(typed, around, known, distance, logs)
    if explained is not None:
        return [explained]
    far = known.limits.far.get("price", _FAR)
    if distance > far:
        facts = {"usual": usual, "value": price}
        strength = 1 - 1 / (1 + distance / 6)
        return [Judgement("price", strength, facts, None, "", price, distance / far)]
    return []


def score(price: float, logs: Sequence[float], known: Known) -> float:
    """How far a price lies from the usual ones, in spreads."""
    return robust.score(math.log(price), logs, known.limits.spread.get("price", 0.1), FLOOR)


def ratios(typed: Typed, around: Around) -> list[tuple[str, float]]:
    """Each usual mistake with the factor by which it makes a price too large."""
    found = [("digits", ten) for ten in (10.0, 100.0)]
    found += [("packs", one.factor) for one in around.packs if one.factor > 1]
    found += [("tax", tax) for tax in TAXES]
    found += [("currency", rate) for rate in around.rates if rate > 0]
    if typed.number > 0 and typed.price:
        found.append(("swapped", typed.price / typed.number))
    both = [(name, 1 / factor) for name, factor in found if name != "swapped" and factor]
    return found + both


def _explain(
    typed: Typed, around: Around, known: Known, distance: float, logs: Sequence[float]
) -> Judgement | None:
    limits = known.limits
    limit = min(limits.explained.get("price", _EXPLAINED), limits.far.get("price", _FAR))
    price = typed.unit_price or 0.0
    if distance <= limit:
        return None
    for name, factor in ratios(typed, around):
        if factor <= 0 or abs(math.log(factor)) < _NEAR:
            continue
        meant = price / factor
        if min(abs(math.log(meant) - one) for one in logs) < _NEAR:
            facts = {
                "usual": math.exp(robust.median(sorted(logs))),
                "value": price,
                "mistake": name,
            }
            suggestion = _take(typed, meant)
            strength = max(0.65, 1 - 1 / (1 + distance / 6))
            return Judgement(
                "price_mistake", strength, facts, suggestion, "", price, distance / limit
            )
    return None


def _against_source(typed: Typed, around: Around, price: float) -> list[Judgement]:
    usual = around.source_price or 0.0
    if price > 0 and abs(math.log(price / usual)) < 0.005:
        return []
    facts = {"usual": usual, "value": price}
    return [Judgement("source_price", 0.8, facts, _take(typed, usual), "", price)]


def _take(typed: Typed, price: float) -> Suggestion:
    return Suggestion("price", plain(round(price * typed.factor, 4)))
