"""Reads (time, value) series from CSV and writes them with scores; tolerant of gaps, odd clocks and no numbers."""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alerts.series import scoring

HEADER = ("timestamp", "value", "anomaly_score")


class SeriesError(ValueError):
    """The file is no series: says which and why."""


@dataclass(frozen=True, slots=True)
class Point:
    """A row of a file, as it was written and as it was understood."""

    words: tuple[str, str]
    at: datetime | None
    value: float | None


def read(path: Path) -> list[Point]:
    """The points of a file in its order; a header is known by its second column. Raises SeriesError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SeriesError(f"{path}: {error}") from error
    if any(len(row) < 2 for row in rows):
        raise SeriesError(f"{path}: a row has fewer than two columns (time, value)")
    if rows and _number(rows[0][1]) is None and rows[0][1].strip().lower() not in _NOTHING:
        rows = rows[1:]
    if not rows:
        raise SeriesError(f"{path}: there is no point in it")
    return [Point((row[0], row[1]), _time(row[0]), _number(row[1])) for row in rows]


_NOTHING = frozenset({"", "nan", "na", "null", "none", "-"})


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _time(text: str) -> datetime | None:
    """A moment as ISO or as seconds of the epoch; None for anything else."""
    word = text.strip()
    try:
        return datetime.fromisoformat(word)
    except ValueError:
        pass
    try:
        return datetime.fromtimestamp(float(word), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def scored(points: Sequence[Point]) -> Iterator[tuple[str, str, str]]:
    """Each point with its score, as rows of CSV."""
    series = ((point.at, point.value) for point in points)
    for point, score in zip(points, scoring.scores(series, len(points)), strict=True):
        yield (*point.words, f"{score:.6f}")
