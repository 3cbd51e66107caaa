"""Judges which goods: lots that should not go first, expiry that cannot be right, a source that has no such item. Pure."""

from datetime import timedelta

from alerts.anomaly.lines import Around, Judgement, Known, Suggestion, Typed

_LONG = timedelta(days=366 * 15)
_SHELF = 1.5
_TOO_SHORT = 0.25


def judge(typed: Typed, around: Around, known: Known) -> list[Judgement]:
    """What is odd about the goods."""
    found = []
    if not around.partner_fits:
        found.append(Judgement("partner_kind", 0.9, {}, None, str(typed.partner)))
    if around.foreign:
        found.append(Judgement("not_in_source", 0.9))
    if around.twin:
        found.append(Judgement("twin", 0.9, {"document": around.twin}, None, around.twin))
    elif around.twin_reference:
        facts = {"document": around.twin_reference}
        found.append(Judgement("twin_reference", 0.9, facts, None, around.twin_reference))
    found += _first(typed, around)
    found += _expiry(typed, around)
    return found


def _first(typed: Typed, around: Around) -> list[Judgement]:
    """Goods that expire earlier lie there (first expired, first out)."""
    if not typed.source or not typed.lot or typed.expires is None or typed.type in _FREE:
        return []
    today = typed.at.date()
    earlier = [
        one
        for one in around.lots
        if one.number != typed.lot and one.expires and today <= one.expires < typed.expires
    ]
    if not earlier or typed.expires < today:
        return []
    first = min(earlier, key=lambda one: (one.expires, one.number))
    facts = {"lot": first.number, "expires": first.expires}
    return [Judgement("not_first", 0.6, facts, Suggestion("lot", first.number), typed.lot)]


_FREE = frozenset(
    {
        "scrap",
        "hold",
        "lot_correction",
        "bin_move",
        "purchase_return",
        "stocktake_loss",
        "other_out",
    }
)
"""Types that take a certain lot for a reason."""


_FRESH = frozenset({"purchase_in", "production_receipt"})
"""Types whose goods are new."""


def _expiry(typed: Typed, around: Around) -> list[Judgement]:
    """What arrives has expired, or lives much longer or shorter than the item does."""
    if typed.type not in _FRESH or typed.expires is None or typed.returns:
        return []
    today = typed.at.date()
    if typed.expires < today:
        return [Judgement("arrives_expired", 0.95, {"expires": typed.expires}, None, typed.lot)]
    life = (typed.expires - today).days
    usual = around.shelf_life
    if usual and not usual * _TOO_SHORT <= life <= usual * _SHELF + 30:
        facts = {"life": life, "usual": usual}
        return [Judgement("odd_expiry", 0.7, facts, None, typed.lot)]
    if not usual and typed.expires - today > _LONG:
        facts = {"life": life, "usual": 0}
        return [Judgement("odd_expiry", 0.6, facts, None, typed.lot)]
    return []
