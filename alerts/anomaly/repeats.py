"""When the same content twice is strange: standing orders repeat, and so do single pieces; odd figures do not. Pure."""

from collections.abc import Sequence

_SHARE = 0.25
_ENOUGH = 4


def striking(rows: Sequence[tuple[Sequence[float], float]], *, partner: bool) -> bool:
    """``rows``: for each line the item's remembered quantities and this one; ``partner``: both name the same one.

    A line is striking if fewer than a quarter of the remembered ones have its quantity. Two such lines make
    two documents of the same content strange; with the same partner one does.
    """
    marked = 0
    for seen, quantity in rows:
        same = sum(1 for one in seen if one == quantity)
        if len(seen) < _ENOUGH or quantity == 1:
            continue
        marked += same <= _SHARE * len(seen)
    return marked >= (1 if partner else 2)
