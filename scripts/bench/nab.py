"""Scores our detector, or results on file, on the Numenta Anomaly Benchmark: ``python -m scripts.bench.nab FOLDER``.

FOLDER is a checkout of github.com/numenta/NAB; nothing of it is kept here. Written from the paper (Lavin and Ahmad 2015)
and its scoring rules. Around each anomaly lies a window; the earliest report in it earns up to 1, a window without one costs
1 (2 where misses weigh), a report outside costs little close behind a window and up to 0.11 (0.22 where false ones weigh)
far from it. The best threshold, the same for all series, counts; 0 is no report at all, 100 a perfect detector.
"""

import argparse
import csv
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from alerts.series import files

PROFILES = {
    "standard": (0.11, 1.0),
    "reward_low_FP_rate": (0.22, 1.0),
    "reward_low_FN_rate": (0.11, 2.0),
}
"""What a false report far from all windows, and a window without a report, cost."""

Window = tuple[str, int]
"""The series and the index at which a window begins."""


class Place(NamedTuple):
    """What a report at a point is worth: within a window (0 to 1), or outside (-1 to 0)."""

    window: Window | None
    worth: float


class Series(NamedTuple):
    """The places of the points after the probation, the index of the first, and how many windows the whole has."""

    places: list[Place]
    first: int
    windows: int


def read(folder: Path) -> dict[str, Series]:
    """The labelled series of a checkout by name, e.g. ``realTweets/Twitter_volume_AAPL.csv``."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text())
    return {name: _series(folder / "data" / name, name, labels[name]) for name in sorted(labels)}


def _series(path: Path, name: str, labels: Sequence[Sequence[str]]) -> Series:
    with path.open(newline="") as file:
        times = [datetime.fromisoformat(row[0]) for row in list(csv.reader(file))[1:]]
    index = {at: place for place, at in reversed(list(enumerate(times)))}
    windows = [tuple(index[datetime.fromisoformat(word)] for word in pair) for pair in labels]
    places = []
    for at in range(len(times)):
        within = next((one for one in windows if one[0] <= at <= one[1]), None)
        before = [one for one in windows if one[1] < at]
        if within is not None:
            begin, end = within
            early = _sigmoid((at - end - 1) / (end - begin + 1)) / _sigmoid(-1)
            places.append(Place((name, begin), early))
        elif before:
            begin, end = before[-1]
            places.append(Place(None, _sigmoid((at - end) / (end - begin))))
        else:
            places.append(Place(None, -1.0))
    first = math.ceil(min(math.floor(0.15 * len(times)), 0.15 * 5000))
    return Series(places[first:], first, len(windows))


def _sigmoid(place: float) -> float:
    """1 well before the end of a window, 0 at its end, -1 well behind it."""
    return -1.0 if place > 3 else 2 / (1 + math.exp(5 * place)) - 1


def score(
    series: Iterable[Series], scored: Iterable[Sequence[float]], profile: str
) -> tuple[float, float]:
    """The normalised score with the best threshold, and that threshold; ``scored``: all scores of each series."""
    cost, miss = PROFILES[profile]
    pairs = list(zip(series, scored, strict=True))
    points = sorted(
        (
            (value, place)
            for one, row in pairs
            for value, place in zip(row[one.first :], one.places, strict=True)
        ),
        key=lambda pair: -pair[0],
    )
    found = {place.window: -miss for _value, place in points if place.window is not None}
    nothing = now = best = -miss * len(found)
    threshold = level = 1.1
    for value, place in points:
        if value != level:
            if now > best:
                best, threshold = now, level
            level = value
        if place.window is None:
            now += cost * place.worth
        elif place.worth > found[place.window]:
            now += place.worth - found[place.window]
            found[place.window] = place.worth
    if now > best:
        best, threshold = now, level
    perfect = sum(one.windows for one, _row in pairs) or 1
    return 100 * (best - nothing) / (perfect - nothing), threshold


def halves(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Every other series of each folder, and the others: on the first half the detector was developed."""
    folders: dict[str, list[str]] = {}
    for name in sorted(names):
        folders.setdefault(name.partition("/")[0], []).append(name)
    first = [name for one in folders.values() for name in one[::2]]
    return first, [name for one in folders.values() for name in one[1::2]]


def _ours(folder: Path) -> Callable[[str], list[float]]:
    return lambda name: [float(row[2]) for row in files.scored(files.read(folder / "data" / name))]


def _results(folder: Path) -> Callable[[str], list[float]]:
    """Scores on file as NAB leaves them: ``results/DETECTOR/realTweets/DETECTOR_Twitter_volume_AAPL.csv``."""

    def one(name: str) -> list[float]:
        part, _slash, file = name.partition("/")
        with (folder / part / f"{folder.name}_{file}").open(newline="") as lines:
            return [float(row["anomaly_score"]) for row in csv.DictReader(lines)]

    return one


def table(series: Mapping[str, Series], scored: Mapping[str, Sequence[float]]) -> Iterable[str]:
    """Lines with the scores of the three profiles for both halves and the whole."""
    yield f"{'':8}" + "".join(f"{profile:>28}" for profile in PROFILES)
    first, second = halves(series)
    for title, names in (("first", first), ("second", second), ("whole", sorted(series))):
        rows = [series[name] for name in names], [scored[name] for name in names]
        found = (score(*rows, profile) for profile in PROFILES)
        yield f"{title:8}" + "".join(f"{value:>14.2f} (from {level:.4f})" for value, level in found)


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a checkout of github.com/numenta/NAB")
    parser.add_argument(
        "--results",
        type=Path,
        help="score a folder of results instead, e.g. FOLDER/results/numentaTM",
    )
    options = parser.parse_args()
    series = read(options.folder)
    began = time.process_time()
    by_name = _ours(options.folder) if options.results is None else _results(options.results)
    scored = {name: by_name(name) for name in series}
    print(
        f"{sum(map(len, scored.values())):,} points in {time.process_time() - began:.1f} s of the processor"
    )
    print("\n".join(table(series, scored)))


if __name__ == "__main__":
    main()
