"""Scores of (time, value) series: found early, nothing ahead of its time, whatever the file looks like."""

import math
import random
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
