"""``manage.py score_detector FILE…``: one anomaly score per point of (time, value) series, as CSV."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.series import files


class Command(BaseCommand):
    """Scores are in [0, 1]; the one of a point knows the points up to it alone."""

    help = "Give every point of (time, value) CSV series an anomaly score in [0, 1]."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, and where to."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--out", type=Path, help="a folder: one file of scores per series")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Score every file, in order; a file that is no series ends the command with its reason."""
        paths: list[Path] = options["files"]
        out: Path | None = options["out"]
        if out is not None and len({path.name for path in paths}) < len(paths):
            raise CommandError("Two files have the same name; score them one after the other.")
        try:
            if out is None:
                self._print(paths)
            else:
                self._write(paths, out)
        except files.SeriesError as error:
            raise CommandError(str(error)) from error

    def _print(self, paths: list[Path]) -> None:
        """To standard output; with several files the first column says which."""
        writer = csv.writer(self.stdout, lineterminator="\n")
        many = len(paths) > 1
        writer.writerow((["file"] if many else []) + list(files.HEADER))
        for path in paths:
            for row in files.scored(files.read(path)):
                writer.writerow(([str(path)] if many else []) + list(row))

    def _write(self, paths: list[Path], out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        for path in paths:
            rows = list(files.scored(files.read(path)))
            with (out / path.name).open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(files.HEADER)
                writer.writerows(rows)
            self.stdout.write(f"{out / path.name}: {len(rows)}")
