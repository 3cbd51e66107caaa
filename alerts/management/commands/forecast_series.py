"""``manage.py forecast_series FILE``: forecast the last periods of demand series from those before, beside baselines."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.reorder import forecasting
from alerts.reorder.methods import BASELINES


class Command(BaseCommand):
    """Each row is an item and its demand per period; an empty cell is no demand."""

    help = "Print RMSE and bias of forecasts of the last periods, beside simple methods'."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and how much of it is held back."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--horizon", type=int, default=12, help="periods that are held back")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Choose on the earlier periods, then compare with the later ones."""
        rows = _read(options["file"])
        horizon: int = options["horizon"]
        if horizon < 1 or min(len(row) for row in rows) <= horizon + 12:
            raise CommandError("Each row needs the horizon and more than 12 periods before it.")
        past = [row[:-horizon] for row in rows]
        real = [row[-horizon:] for row in rows]
        self.stdout.write(f"{len(rows)} series, {len(past[0])} periods, then {horizon}")
        self.stdout.write(f"{'method':20} {'RMSE':>8} {'bias':>8}")
        for name, method in BASELINES.items():
            self._show(name, forecasting.figures([method(one, horizon) for one in past], real))
        choices = forecasting.choose(past, horizon)
        made = [forecasting.forecast(one, horizon, choices).coming for one in past]
        self._show("chosen per pattern", forecasting.figures(made, real))
        for name, choice in choices.items():
            count = sum(1 for one in past if forecasting.pattern(one) == name)
            if count and name != "none":
                self.stdout.write(f"{name}: {count} series, {choice.method} × {choice.factor:.3f}")

    def _show(self, name: str, figures: forecasting.Figures) -> None:
        self.stdout.write(f"{name:20} {figures.rmse:8.4f} {figures.bias:8.4f}")


def _read(path: Path) -> list[list[float]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row[1:] for row in csv.reader(file) if row][1:]
        return [[float(cell) if cell.strip() else 0.0 for cell in row] for row in rows]
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from error
