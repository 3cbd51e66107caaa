"""What the customers and departments of the demo usually ask for: each its own goods, in much the same quantities.

Without customs nothing is unusual: warnings while typing, forecasts and reorder points have nothing to learn.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from boards.demo.goods import Good

_ROUND = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300)
_TIMES = (1.0,) * 9 + (0.5, 1.5, 2.0)
"""How much of the usual quantity is asked for: mostly just that."""


class Custom(NamedTuple):
    """Goods, and how many of them are usual."""

    item: str
    usual: int


class Customs:
    """Who asks for what; the same for the same seed, whatever else is drawn."""

    def __init__(
        self, seed: int, askers: Sequence[str], goods: Sequence[Good], *, each: int, share: float
    ) -> None:
        """``each``: so many goods an asker knows; ``share``: of a good stock that is about usual to ask for."""
        rng = random.Random(f"customs {seed} {askers[0]}")  # noqa: S311 - a story, not a secret
        self.known = {
            asker: [
                Custom(good.code, round_number(good.level * share * rng.uniform(0.6, 1.4)))
                for good in rng.sample(goods, min(each, len(goods)))
            ]
            for asker in askers
        }

    def ask(self, asker: str, rng: random.Random, most: int) -> list[Custom]:
        """One to ``most`` of the asker's goods, as many as wanted this time."""
        mine = self.known[asker]
        some = rng.sample(mine, min(len(mine), rng.randint(1, most)))
        return [one._replace(usual=max(1, round(one.usual * rng.choice(_TIMES)))) for one in some]


def round_number(quantity: float) -> int:
    """The quantity that a person would say for it."""
    return min(_ROUND, key=lambda number: abs(number - quantity))
