"""Slips put into histories: most kinds are caught before posting, and correct lines are left alone."""

from pathlib import Path

import pytest

from alerts.anomaly import histories, measuring, slips
from alerts.anomaly.slips import KINDS
from tests.support.samples import sample

SEED = 5_150
"""A folder with online_retail_2010-12.csv and aw_transactionhistory_2013-08.csv, if somebody has it."""


@pytest.fixture(scope="module")
def result() -> measuring.Result:
    """What comes out for an invented company; neither seed was looked at while the limits were chosen."""
    told = histories.invented(SEED, items=160, days=150)
    return measuring.measure(told, seed=SEED + 1, per_kind=25)


def test_there_are_forty_kinds() -> None:
    """The generator knows at least forty kinds of slips, and nothing of what finds them."""
    assert len(KINDS) >= 40
    words = Path(slips.__file__).read_text(encoding="utf-8")
    assert "judging" not in words
    assert "measuring" not in words


def test_nine_of_ten_kinds_are_caught(result: measuring.Result) -> None:
    """At least 36 of every 40 kinds, more than half of each kind's slips."""
    tried = [kind for kind in KINDS if result.tried[kind]]
    assert len(tried) >= 45
    caught = result.kinds_caught()
    assert len(caught) >= 0.9 * len(tried), sorted(set(tried) - set(caught))
    assert sum(result.caught.values()) > 0.85 * sum(result.tried.values())


def test_correct_lines_are_left_alone(result: measuring.Result) -> None:
    """Fewer than two of a hundred correct lines are remarked on."""
    assert result.clean > 1000
    assert result.false_share < 0.02, result.false


def test_the_generator_is_fixed_by_its_seed() -> None:
    """The same seed tells the same history, another seed another one."""
    one, same, other = (histories.invented(seed, items=20, days=20) for seed in (3, 3, 4))
    assert one.lines == same.lines
    assert one.lines != other.lines


@pytest.mark.data
def test_real_histories() -> None:
    """Few correct lines of real quantities, prices and partners are remarked on."""
    told = histories.online_retail(str(sample("online_retail_2010-12.csv")))
    result = measuring.measure(told, seed=SEED, per_kind=20)
    assert result.false_share < 0.02
    assert len(result.kinds_caught()) >= 0.75 * sum(1 for kind in KINDS if result.tried[kind])
