"""The only place where the value of a pool is shared out to the rows that hold its goods."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.numbers import divide_half_up


def share_out(
    rows: Iterable[tuple[Any, int]],
    totals: Mapping[Any, tuple[int, int]],
    *,
    step: int,
) -> list[int]:
    """The value of each row (pool, quantity): its share of the pool's (quantity, value), in steps.

    Rounding is cumulative, so rows that make up a whole pool sum to exactly its value.
    """
    taken: dict[Any, tuple[int, int]] = {}
    shares = []
    for pool, quantity in rows:
        whole, value = totals.get(pool, (0, 0))
        so_far, paid = taken.get(pool, (0, 0))
        so_far += quantity
        if whole == so_far:
            upto = value
        elif whole:
            upto = divide_half_up(value * so_far, whole * step) * step
        else:
            upto = 0
        taken[pool] = (so_far, upto)
        shares.append(upto - paid)
    return shares
