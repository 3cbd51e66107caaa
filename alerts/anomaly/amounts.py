"""Judges how much: against the source document, then against what is usual, with the mistake that explains it. Pure."""

import math
from collections.abc import Callable, Sequence

from alerts.anomaly import robust
from alerts.anomaly.lines import Around, Judgement, Known, Seen, Suggestion, Typed

FLOOR = 0.18
"""Quantities within a fifth of each other are the same for all purposes."""
ENOUGH = 5
"""Lines of the item (or of the item with the partner) from which on its own history judges."""
ENOUGH_OF_CATEGORY = 20
TENS = (10.0, 100.0, 1000.0)
_USUAL = 1.5
"""A corrected value explains a mistake if it lies within so many spreads."""
_FAR = 6.0
_EXPLAINED = 3.5
_MOST = 1e9


def plain(number: float) -> str:
    """As a person types it."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def basis(typed: Typed, known: Known) -> tuple[str, list[float]]:
    """Whose quantities judge the line (partner, item, category, or "" for a cold start), as logs."""
    mine = [one for one in known.item if one.quantity > 0]
    of_partner = [one for one in mine if typed.partner and one.partner == typed.partner]
    for name, rows, enough in (
        ("partner", of_partner, ENOUGH),
        ("item", mine, ENOUGH),
        ("category", known.category, ENOUGH_OF_CATEGORY),
    ):
        if len(rows) >= enough:
            return name, [math.log(one.quantity) for one in rows if one.quantity > 0]
    return "", []


def explanations(typed: Typed, around: Around) -> list[tuple[str, float, Suggestion]]:
    """Each usual mistake: its name, the quantity that was meant (base units), and what to take instead."""
    found: list[tuple[str, float, Suggestion]] = []
    units = [(around.base_unit, 1.0), *((one.unit, one.factor) for one in around.packs)]
    for unit, factor in units:
        if unit != typed.unit and factor != typed.factor:
            found.append(("unit", typed.number * factor, Suggestion("unit", unit)))
    for unit, factor in units:
        if factor != 1.0 and unit != typed.unit:
            # counted in pieces, written as if they were packs (or the other way round)
            meant = typed.quantity / factor
            if meant >= 1 and math.isclose(meant, round(meant)):
                found.append(("packs", meant, Suggestion("quantity", plain(meant / typed.factor))))
    for ten in TENS:
        found.extend(
            (
                ("digits", typed.quantity / ten, Suggestion("quantity", plain(typed.number / ten))),
                ("digits", typed.quantity * ten, Suggestion("quantity", plain(typed.number * ten))),
            )
        )
    if typed.price is not None and 0 < typed.price < _MOST:
        swapped = typed.price * typed.factor
        found.append(("swapped", swapped, Suggestion("quantity", plain(typed.price))))
    return found


def judge(typed: Typed, around: Around, known: Known) -> list[Judgement]:
    """What is odd about the quantity; at most one judgement, the surest."""
    if typed.quantity <= 0:
        return []
    if around.left is not None and around.left > 0:
        found = _against_source(typed, around)
        if found is not None or math.isclose(typed.quantity, around.left):
            return [found] if found else []
    name, logs = basis(typed, known)
    if not logs:
        return []
    usual = _usual(logs)
    value = math.log(typed.quantity)
    measure = _measure(known, name)
    distance = measure(value, logs)
    explained = _explain(typed, around, logs, distance, known, name)
    if explained is not None:
        return [explained]
    far = known.limits.far.get("quantity", _FAR)
    if distance > far:
        facts = {"basis": name, "low": usual[0], "high": usual[1], "value": typed.quantity}
        strength = _strength(distance)
        return [Judgement("quantity", strength, facts, None, "", typed.quantity, distance / far)]
    return _odd_step(typed, known)


def score_of(typed: Typed, known: Known) -> tuple[float, list[float]]:
    """The score of its quantity and the logs that it was compared with; 0 at a cold start."""
    name, logs = basis(typed, known)
    if not logs or typed.quantity <= 0:
        return 0.0, logs
    return _measure(known, name)(math.log(typed.quantity), logs), logs


def _measure(known: Known, name: str) -> Callable[[float, Sequence[float]], float]:
    """The score by whose quantities judge: a category is wider than an item."""
    usual = known.limits.spread.get("quantity", 0.8)
    floor = FLOOR if name != "category" else 3 * FLOOR

    def measure(value: float, logs: Sequence[float]) -> float:
        return robust.score(value, logs, usual, floor)

    return measure


def _usual(logs: Sequence[float]) -> tuple[float, float]:
    """Between which quantities nine of ten lie."""
    ordered = sorted(round(math.exp(one), 6) for one in logs)
    return robust.quantile(ordered, 0.05), robust.quantile(ordered, 0.95)


def _strength(distance: float) -> float:
    """A score as a strength between 0 and 1."""
    return 1 - 1 / (1 + distance / 4)


def _explain(
    typed: Typed, around: Around, logs: Sequence[float], distance: float, known: Known, name: str
) -> Judgement | None:
    """The mistake that makes an unusual quantity a usual one, if there is one."""
    limits = known.limits
    limit = min(limits.explained.get("quantity", _EXPLAINED), limits.far.get("quantity", _FAR))
    if distance <= limit:
        return None
    best: tuple[float, Judgement] | None = None
    measure = _measure(known, name)
    low, high = _usual(logs)
    whole = all(float(one.quantity).is_integer() for one in known.item or known.category)
    for kind, meant, suggestion in explanations(typed, around):
        if meant <= 0 or (whole and not math.isclose(meant, round(meant))):
            continue
        near = measure(math.log(meant), logs)
        if near < _USUAL and (best is None or near < best[0]):
            facts = {
                "basis": name, "mistake": kind, "low": low, "high": high,
                "value": typed.quantity, "meant": meant, "instead": suggestion.value,
            }  # fmt: skip
            strength = max(_strength(distance), 0.6)
            best = (
                near,
                Judgement(
                    "unit_mistake",
                    strength,
                    facts,
                    suggestion,
                    "",
                    typed.quantity,
                    distance / limit,
                ),
            )
    return best[1] if best else None


def digits_of(number: float) -> str:
    """The digits of a number without leading and trailing zeros of its fraction."""
    return plain(number).replace(".", "")


def slipped(one: float, other: float) -> str:
    """How a typist gets ``one`` when ``other`` was meant: transposed, one digit more or less, or another; "" if none."""
    mine, meant = digits_of(one), digits_of(other)
    if mine.rstrip("0") == meant.rstrip("0"):
        return "ten"
    if len(mine) == len(meant):
        places = [at for at, (a, b) in enumerate(zip(mine, meant, strict=True)) if a != b]
        if len(places) == 1:
            return "digit"
        if len(places) == 2 and mine[places[0]] == meant[places[1]]:
            return "transposed" if mine[places[1]] == meant[places[0]] else ""
        return ""
    longer, shorter = (mine, meant) if len(mine) > len(meant) else (meant, mine)
    if len(longer) - len(shorter) == 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    ):
        return "digits"
    return ""


def _against_source(typed: Typed, around: Around) -> Judgement | None:
    """More than its source document leaves open, or a slip of the fingers away from it."""
    left = around.left or 0.0
    if math.isclose(typed.quantity, left):
        return None
    meant = left / typed.factor
    facts = {"left": left, "value": typed.quantity, "instead": plain(meant)}
    suggestion = Suggestion("quantity", plain(meant))
    if typed.quantity > left:
        return Judgement("over_source", 0.95, facts, suggestion, "", typed.quantity)
    slip = slipped(typed.number, meant)
    if slip and (slip in {"transposed", "ten"} or (slip == "digit" and meant >= 1000)):
        facts["slip"] = slip
        return Judgement("source_slip", 0.75, facts, suggestion, "", typed.quantity)
    for pack in around.packs:
        if pack.factor > 1 and math.isclose(typed.quantity * pack.factor, left):
            suggestion = Suggestion("unit", pack.unit) if typed.factor == 1 else suggestion
            return Judgement("source_slip", 0.85, facts, suggestion, "", typed.quantity)
    return None


def _odd_step(typed: Typed, known: Known) -> list[Judgement]:
    """A quantity that is no multiple of what this item has always been moved in."""
    rows: Sequence[Seen] = known.item
    if len(rows) < 3 * ENOUGH:
        return []
    step = 0
    for one in rows:
        if not float(one.quantity).is_integer():
            return []
        step = math.gcd(step, int(one.quantity))
    if step < 2 or (float(typed.quantity).is_integer() and int(typed.quantity) % step == 0):
        return []
    facts = {"step": float(step), "value": typed.quantity}
    return [Judgement("odd_step", 0.5, facts, None, "", typed.quantity)]
