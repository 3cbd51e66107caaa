"""What scores of series are made of: the past of a figure, what is usual at an hour, and that each view is heard by itself."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from alerts.series.past import Past
from alerts.series.scoring import Scorer, View
from alerts.series.season import Season

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
VIEWS = ("apart", "outside", "drift", "floor", "ceiling", "unrest")


class Deaf(View):
    """A view that never says anything."""

    def beyond(self, figure: float, least: float, up: bool = True, down: bool = True) -> float:
        """Nothing."""
        return 0.0


def _scorer(only: str) -> Scorer:
    scorer = Scorer(100)
    for name in VIEWS:
        if name != only:
            setattr(scorer, name, Deaf())
    return scorer


@pytest.mark.parametrize(
    ("view", "size", "length", "noise"),
    [
        ("apart", 30.0, 1, 0.0),
        ("apart", -30.0, 1, 0.0),
        ("outside", 30.0, 1, 0.0),
        ("outside", -30.0, 1, 0.0),
        ("drift", 30.0, 15, 0.0),
        ("drift", -30.0, 15, 0.0),
        ("floor", 30.0, 15, 0.0),
        ("ceiling", -30.0, 15, 0.0),
        ("unrest", 0.0, 50, 30.0),
    ],
)
def test_each_view_is_heard(view: str, size: float, length: int, noise: float) -> None:
    """Alone, each reports its kind of change within as many points as it looks at, and nothing loud before."""
    rng, scorer, begin = random.Random(2), _scorer(view), 700
    scores = []
    for at in range(begin + length):
        value = 50 + 5 * math.sin(at / 24 * math.pi) + rng.gauss(0, 1)
        if at >= begin:
            value += size + rng.gauss(0, noise)
        scores.append(scorer.score(MIDNIGHT + timedelta(minutes=30 * at), value))
    assert max(scores[:begin]) < 0.6
    assert max(scores[begin:]) > 0.6


@pytest.mark.parametrize(("view", "size"), [("floor", -30.0), ("ceiling", 30.0)])
def test_a_floor_is_no_ceiling(view: str, size: float) -> None:
    """One value below is no new floor of the last ones, and one above no new ceiling."""
    rng, scorer = random.Random(2), _scorer(view)
    scores = [
        scorer.score(None, rng.gauss(50, 1) + (size if at >= 700 else 0)) for at in range(720)
    ]
    assert max(scores[690:]) < 0.55


def test_what_lies_beyond_the_past_is_told_in_its_widths() -> None:
    """A figure as far above 0 to 10 as 5 is half a width; within it nothing; the least width and the slack count."""
    for one in (View(), View(slack=0.2)):
        for at in range(60):
            assert one.beyond(float(at % 11), 1.0) <= 0
        assert one.beyond(15.0, 1.0) == pytest.approx(0.5 - one.slack)
    wide = View()
    for at in range(60):
        wide.beyond(float(at % 11), 1.0)
    assert wide.beyond(-20.0, 40.0) == pytest.approx(0.5)
    assert wide.beyond(40.0, 1.0, up=False) <= 0
    assert wide.beyond(-90.0, 1.0, down=False) <= 0


def test_single_accidents_are_no_past() -> None:
    """Of 5,000 figures the three greatest do not count, of 1,000 all do."""
    past = Past()
    for at in range(5000):
        past.add(float(at))
        if at == 999:
            assert past.reach(3) == (0.0, 999.0)
    assert past.reach(3) == (3.0, 4996.0)
    assert past.reach() == (0.0, 4999.0)
    assert past.reach(30) == (4.0, 4995.0)


def test_the_oldest_leaves() -> None:
    """Not the newest, and not another one of the same size."""
    past = Past(4)
    for figure in (9.0, 1.0, 5.0, 5.0, 2.0, 3.0):
        past.add(figure)
    assert list(past.queue) == [5.0, 5.0, 2.0, 3.0]
    assert past.ordered == [2.0, 3.0, 5.0, 5.0]


def test_rounding_is_no_spread() -> None:
    """A constant is as wide as what calculations with it get wrong."""
    past = Past()
    for _one in range(30):
        past.add(3e9)
    assert past.spread() == pytest.approx(3.0)
    for figure in range(100):
        past.add(float(figure))
    assert past.spread() >= 90


def test_usual_is_what_was_within_half_an_hour() -> None:
    """Also across midnight; other hours do not count, and what its hour had counts for as long as the series runs."""
    season = Season()
    for day in range(60):
        for minutes, value in ((0, 10.0), (15, 12.0), (30, 11.0), (1410, 9.0), (720, 500.0)):
            extra = 5.0 if day == 0 else 0.0
            season.add(MIDNIGHT + timedelta(days=day, minutes=minutes), value + extra)
    at = MIDNIGHT + timedelta(days=60)
    assert season.apart(at, 13.0) == pytest.approx(3.0, abs=0.6)
    assert season.outside(at, 20.0) == 3.0
    assert season.outside(at, 5.0) == -4.0
    assert season.outside(at, 16.0) == 0.0
    assert season.outside(at + timedelta(minutes=60), 8.5) == -2.5
    assert season.apart(at + timedelta(hours=12), 510.0) == pytest.approx(10.0)
    assert season.apart(at + timedelta(hours=5), 1.0) is None
    assert season.outside(None, 1.0) is None
