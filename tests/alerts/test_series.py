"""Scores of (time, value) series: found early, nothing ahead of its time, whatever the file looks like."""

import math
import random
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from alerts.series import scoring
from tests.alerts import nab


def test_invented_benchmark() -> None:
    """Far above what never reporting (0) earns, with one threshold for all shapes and kinds."""
    series = list(nab.invented(77))
    scored = [list(scoring.scores(one.points, len(one.points))) for one in series]
    best, level = nab.score(series, scored)
    assert best > 75, (best, level)
    assert all(0 <= one <= 1 for row in scored for one in row)


def test_a_score_knows_the_past_alone() -> None:
    """Cutting the series off changes no score before the cut."""
    points = next(nab.invented(5)).points
    whole = scoring.Scorer(100)
    part = scoring.Scorer(100)
    all_scores = [whole.score(at, value) for at, value in points]
    assert [part.score(at, value) for at, value in points[:1500]] == all_scores[:1500]


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_no_number_says_and_teaches_nothing(value: float | None) -> None:
    """A gap has score 0 and what follows is as if it had not been."""
    points = next(nab.invented(6)).points[:600]
    one, other = scoring.Scorer(50), scoring.Scorer(50)
    first = [one.score(at, v) for at, v in points]
    second = []
    for at, v in points:
        assert other.score(at, value) == 0.0
        second.append(other.score(at, v))
    assert first == second


def test_constant_series_then_a_step() -> None:
    """Nothing is said of what never changes; its first change is."""
    scorer = scoring.Scorer(50)
    calm = [scorer.score(None, 5.0) for _one in range(500)]
    assert max(calm) <= 0.8
    assert sum(1 for one in calm if one > 0.5) <= 1
    assert scorer.score(None, 6.0) > 0.9


def test_a_new_level_stands_out() -> None:
    """A shift of six times the noise is the most unusual thing there, within a few points of its beginning."""
    rng = random.Random(4)
    values = [50 + rng.gauss(0, 1) + (6 if at >= 2500 else 0) for at in range(4000)]
    scores = list(scoring.scores([(None, one) for one in values], len(values)))
    assert len(scores) == len(values)
    top = max(range(len(scores)), key=lambda at: scores[at])
    assert 2500 <= top <= 2510
    assert scores[top] > 0.75


def _week(noise: float, days: int = 20) -> list[float]:
    """Half-hour values of a day with its wave."""
    rng = random.Random(8)
    return [
        50 + 20 * math.sin(at / 48 * 2 * math.pi) + rng.gauss(0, noise) for at in range(48 * days)
    ]


def _scored(values: list[float]) -> list[float]:
    points = [(nab.START + timedelta(minutes=30 * at), value) for at, value in enumerate(values)]
    return list(scoring.scores(points, len(points)))


def _reported(scored: list[float]) -> list[int]:
    return [at for at, score in enumerate(scored) if score > LOUD]


LOUD = 0.55
"""An eighth of all that was seen before beyond it."""


def test_quiet_noise_is_quiet() -> None:
    """Nothing happens: hardly a report, and none that is loud, whatever the noise."""
    rng = random.Random(9)
    for series in (_week(2.0), _week(0.0), [5 + rng.gauss(0, 1) for _at in range(2000)]):
        scored = _scored(series)
        assert max(scored) < 0.6
        assert len(_reported(scored)) <= 2
        assert sum(score > 0.5 for score in scored) <= 0.02 * len(scored)


@pytest.mark.parametrize(
    ("name", "late"),
    [
        ("spike", 0),
        ("at the wrong hour", 0),
        ("level", 2),
        ("flat line", 60),
        ("restless", 12),
        ("gone", 15),
    ],
)
def test_what_happens_is_reported_where_it_begins(name: str, late: int) -> None:
    """Each kind of change is the loudest point of the series, at most ``late`` points after its beginning."""
    values, rng, begin = _week(1.0), random.Random(3), 48 * 15 + 12
    changes: dict[str, Callable[[int, float], float]] = {
        "spike": lambda at, value: value + 60 if at == begin else value,
        "at the wrong hour": lambda at, value: value - 25 if at == begin else value,
        "level": lambda _at, value: value + 30,
        "flat line": lambda at, value: 50.0 if at < begin + 96 else value,
        "restless": lambda at, value: value + rng.gauss(0, 30) if at < begin + 48 else value,
        "gone": lambda at, value: 0.0 if at < begin + 48 else value,
    }
    scored = _scored(
        [changes[name](at, value) if at >= begin else value for at, value in enumerate(values)]
    )
    assert begin <= next(iter(_reported(scored))) <= begin + late
    top = max(range(len(scored)), key=lambda at: scored[at])
    assert begin <= top <= begin + late + 3


def test_a_season_that_moves_is_reported_within_a_day() -> None:
    """The same values six hours later: nothing is high or low, only at the wrong time."""
    values, begin = _week(1.0), 48 * 15
    moved = values[:begin] + [values[at - 12] for at in range(begin, len(values))]
    reported = _reported(_scored(moved))
    assert begin <= reported[0] <= begin + 48


def test_spikes_that_come_every_day_become_usual() -> None:
    """The first ones are learned; a later one is reported only if it is larger than they were."""
    rng = random.Random(6)
    values = [10 + rng.gauss(0, 1) for _at in range(1500)]
    for at in range(5, len(values), 37):
        values[at + rng.randrange(10)] += 40
    assert _reported(_scored(values)) == []
    values[1200] = 120.0
    assert _reported(_scored(values)) == [1200]


def test_what_goes_on_is_reported_once() -> None:
    """While a burst lasts only its begin is above one half, unless it becomes far stronger."""
    values, begin = _week(1.0), 48 * 15
    for at in range(begin, begin + 20):
        values[at] += 80
    scored = _scored(values)
    assert [at for at in range(begin, begin + 20) if scored[at] > 0.5] == [begin]
    values[begin + 10] += 4000
    assert _scored(values)[begin + 10] > scored[begin]


def test_scores_know_no_units() -> None:
    """Other units and another zero change nothing."""
    values = _week(1.0)
    values[800] += 50
    as_they_are = _scored(values)
    assert as_they_are[800] > LOUD
    for factor, zero in ((1e-3, 0.0), (1e6, 0.0), (-1.0, 0.0), (1.0, 1000.0)):
        other = _scored([factor * value + zero for value in values])
        assert other == pytest.approx(as_they_are, abs=1e-6)


def test_command(tmp_path: Path) -> None:
    """One row per point, in order, for files with odd times, gaps and no header."""
    one = tmp_path / "one.csv"
    one.write_text("timestamp,value\n2026-01-01 00:00:00,1\nlater,NaN\n2026-01-01T00:10,x\n,2\n")
    out = StringIO()
    call_command("score_detector", str(one), stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "timestamp,value,anomaly_score"
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["2026-01-01 00:00:00", "1"], ["later", "NaN"], ["2026-01-01T00:10", "x"], ["", "2"],
    ]  # fmt: skip
    two = tmp_path / "two.csv"
    two.write_text("1767225600,4\n1767225900,5\n")
    both = StringIO()
    call_command("score_detector", str(one), str(two), stdout=both)
    assert both.getvalue().splitlines()[5].startswith(f"{two},1767225600,4,")
    call_command("score_detector", str(one), str(two), "--out", str(tmp_path / "out"), stdout=out)
    assert (tmp_path / "out" / "two.csv").read_text().count("\n") == 3


def test_files_that_are_no_series(tmp_path: Path) -> None:
    """They end the command with the reason."""
    bad = tmp_path / "bad.csv"
    for text in ("", "only one column\n", "a,b\n"):
        bad.write_text(text)
        with pytest.raises(CommandError, match=r"bad\.csv"):
            call_command("score_detector", str(bad))
    with pytest.raises(CommandError):
        call_command("score_detector", str(tmp_path / "missing.csv"))
