"""Demand forecasts: the pattern, the way chosen for it, and figures beside simple methods."""

import math
import random
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from alerts.reorder import forecasting, methods
from tests.support.samples import sample


def test_patterns() -> None:
    """Even, uneven, with gaps, both, nothing."""
    assert forecasting.pattern([5, 6, 5, 4, 5, 6]) == "smooth"
    assert forecasting.pattern([1, 30, 2, 25, 1, 60]) == "erratic"
    assert forecasting.pattern([0, 5, 0, 0, 5, 0, 6, 0]) == "intermittent"
    assert forecasting.pattern([0, 1, 0, 0, 40, 0, 2, 0]) == "lumpy"
    assert forecasting.pattern([0, 0, 0]) == "none"


def test_croston_and_tsb_by_hand() -> None:
    """Two of demand every second period are one per period; what is asked for no more fades with TSB alone."""
    regular = [0.0, 2.0] * 10
    assert methods.croston(regular, 0.1) == pytest.approx(1.0)
    assert methods.tsb(regular, 0.1, 0.1) == pytest.approx(1.0, abs=0.15)
    over = [*regular, *[0.0] * 40]
    assert methods.croston(over, 0.1) == pytest.approx(1.0)
    assert methods.tsb(over, 0.1, 0.1) < 0.05


def invented(seed: int, count: int = 300, periods: int = 48) -> list[list[float]]:
    """Spare parts whose demand fades by a hundredth each period."""
    rng = random.Random(seed)
    rows = []
    for _part in range(count):
        often, size = rng.uniform(0.1, 0.6), rng.uniform(1, 4)
        rows.append(
            [
                float(max(1, round(rng.expovariate(1 / size))))
                if rng.random() < often * 0.99**p
                else 0.0
                for p in range(periods)
            ]
        )
    return rows


def test_better_than_simple_methods_on_fading_demand() -> None:
    """The way chosen on the earlier periods has less error and less bias on the later ones."""
    rows = invented(8)
    past, real = [row[:-12] for row in rows], [row[-12:] for row in rows]
    choices = forecasting.choose(past, 12)
    ours = forecasting.figures([forecasting.forecast(p, 12, choices).coming for p in past], real)
    for name in ("naive_last", "seasonal_naive_12", "croston_a0.1"):
        made = [methods.BASELINES[name](p, 12) for p in past]
        other = forecasting.figures(made, real)
        assert ours.rmse < other.rmse, name
        assert abs(ours.bias) < abs(other.bias) or name == "naive_last", name


def test_choice_does_not_know_the_future() -> None:
    """What is forecast depends on the earlier periods alone."""
    rows = invented(9, 60)
    past = [row[:36] for row in rows]
    choices = forecasting.choose(past, 12)
    again = forecasting.choose([list(row) for row in past], 12)
    assert choices == again


def test_short_and_empty_series() -> None:
    """A short or empty series gets a forecast, never an error."""
    choices = forecasting.choose([[1.0], [0.0, 2.0]], 3)
    assert forecasting.forecast([], 3, choices).coming == [0.0, 0.0, 0.0]
    assert forecasting.forecast([4.0], 3, choices).level == pytest.approx(4.0)
    assert all(math.isfinite(x) for x in forecasting.forecast([0.0, 2.0], 3, choices).coming)


def test_command(tmp_path: Path) -> None:
    """It prints our figures beside the baselines'; a file it cannot read says why."""
    file = tmp_path / "demand.csv"
    rows = invented(3, 40)
    head = ",".join(["item", *map(str, range(48))])
    lines = [",".join(["p", *("" if v == 0 else f"{v:g}" for v in row)]) for row in rows]
    file.write_text("\n".join([head, *lines]))
    out = StringIO()
    call_command("forecast_series", str(file), stdout=out)
    assert "chosen per pattern" in out.getvalue()
    file.write_text("a,b\nx,y\n")
    with pytest.raises(CommandError, match=r"demand\.csv"):
        call_command("forecast_series", str(file))


@pytest.mark.data
def test_carparts() -> None:
    """Better than naive and Croston in RMSE and in bias."""
    out = StringIO()
    call_command("forecast_series", str(sample("carparts.csv")), stdout=out)
    found = {line[:20].strip(): line.split()[-2:] for line in out.getvalue().splitlines()[2:8]}
    rmse, bias = map(float, found["chosen per pattern"])
    for name in ("naive_last", "seasonal_naive_12", "croston_a0.1"):
        assert rmse < float(found[name][0])
        assert abs(bias) < abs(float(found[name][1]))
