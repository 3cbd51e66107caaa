"""`python -m scripts.bench.nab` scores as the Numenta benchmark's rules say: figures reckoned by hand on invented files."""

import json
import math
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scripts.bench import nab

ROOT = Path(__file__).resolve().parent.parent.parent
START = datetime(2026, 3, 2)  # noqa: DTZ001 - as the corpus writes its times


def _word(at: int) -> str:
    return (START + timedelta(minutes=5 * at)).isoformat(sep=" ")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two series of 100 points: one with a window from 50 to 59, one without."""
    for name in ("one.csv", "two.csv"):
        path = tmp_path / "data" / "invented" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [f"{_word(at)},{at % 7}" for at in range(100)]
        path.write_text("\n".join(["timestamp,value", *rows]) + "\n")
    labels = {
        "invented/one.csv": [[f"{_word(50)}.000000", f"{_word(59)}.000000"]],
        "invented/two.csv": [],
    }
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(labels))
    return tmp_path


def _scored(**at: float) -> list[float]:
    return [at.get(f"p{place}", 0.0) for place in range(100)]


def _sigmoid(place: float) -> float:
    return 2 / (1 + math.exp(5 * place)) - 1


def test_scores_by_hand(corpus: Path) -> None:
    """Nothing is 0, the window's first point 100; later less; false ones cost less behind a window; probation is free."""
    series = list(nab.read(corpus).values())
    assert [len(one.places) for one in series] == [85, 85]

    def score(one: list[float], two: list[float], profile: str = "standard") -> float:
        return nab.score(series, [one, two], profile)[0]

    nothing = _scored()
    assert score(nothing, nothing) == 0
    assert score(_scored(p50=0.9), nothing) == pytest.approx(100)
    assert score(_scored(p50=0.9, p3=0.9), _scored(p14=0.9)) == pytest.approx(100)
    late = _sigmoid(-0.5) / _sigmoid(-1)
    assert score(_scored(p55=0.9, p57=0.9), nothing) == pytest.approx(100 * (late + 1) / 2)
    assert score(_scored(p50=0.9), _scored(p15=0.9)) == pytest.approx(100 * (2 - 0.11) / 2)
    assert score(_scored(p50=0.9), _scored(p15=0.9), "reward_low_FP_rate") == pytest.approx(
        100 * (2 - 0.22) / 2
    )
    assert score(_scored(p55=0.9), nothing, "reward_low_FN_rate") == pytest.approx(
        100 * (late + 2) / 3
    )
    behind = _sigmoid(2 / 9)
    assert score(_scored(p50=0.9, p61=0.9), nothing) == pytest.approx(100 * (2 + 0.11 * behind) / 2)
    assert score(_scored(p50=0.9, p95=0.9), nothing) == pytest.approx(100 * (2 - 0.11) / 2)


def test_the_window_just_before_counts(corpus: Path) -> None:
    """Of two windows the later one says how far behind a false report is."""
    pairs = [[f"{_word(one)}.000000", f"{_word(end)}.000000"] for one, end in ((20, 23), (50, 59))]
    labels = {"invented/one.csv": pairs, "invented/two.csv": []}
    (corpus / "labels" / "combined_windows.json").write_text(json.dumps(labels))
    series = list(nab.read(corpus).values())
    found = nab.score(series, [_scored(p20=0.9, p50=0.9, p61=0.9), _scored()], "standard")[0]
    assert found == pytest.approx(100 * (4 + 0.11 * _sigmoid(2 / 9)) / 4)


def test_one_threshold_for_all(corpus: Path) -> None:
    """The best one is found: what is below it costs nothing, what is as high in another series does."""
    series = list(nab.read(corpus).values())
    assert nab.score(series, [_scored(p50=0.9), _scored(p20=0.8)], "standard") == (
        pytest.approx(100),
        0.9,
    )
    assert nab.score(series, [_scored(p50=0.8), _scored(p20=0.9)], "standard")[1] == 0.8


def test_command(corpus: Path) -> None:
    """It prints both halves and the whole."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.bench.nab", str(corpus)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "200 points" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == [
        "first",
        "second",
        "whole",
    ]
