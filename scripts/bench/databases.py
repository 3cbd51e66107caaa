"""Databases of one server that hold the same company with histories of different length.

They are made beside the database of DATABASE_URL, which stays as it is, and dropped at the end.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from scripts.bench import stations, world
from scripts.bench.world import World

_PREFIX = "inventory_bench_"
BUSY_DAYS = 60
SHORT, MIDDLE, LONG = (f"{_PREFIX}{name}" for name in ("short", "middle", "long"))


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    items: int
    short: int
    """Movements of the short history, over 60 days; half of them are the busy item's."""
    long: int
    """Movements of the long history, over 24 months; the middle one has a quarter in 6 months."""
    rounds: int
    seconds: float
    """Of a slice of posting."""
    documents: int
    """Documents per size on the short and the long history."""
    repeats: int
    """Readings of each page and question."""
    big: int
    """Lines of the big document."""
    bins: int
    """Places of the stocktake, with two items in each."""
    patience: float
    """Seconds that a round of posting waits for a quiet machine."""


FULL = Size(10_000, 1_000, 1_000_000, 7, 0.7, 120, 21, 10_000, 3_000, 1.0)
QUICK = Size(10_000, 1_000, 100_000, 5, 0.5, 60, 7, 10_000, 3_000, 1.0)
SMOKE = Size(200, 1_000, 8_000, 1, 0.05, 2, 1, 200, 60, 0.0)


@contextlib.contextmanager
def prepared(size: Size) -> Iterator[World]:
    """Make the three databases; this process is left connected to the long one."""
    home = settings.DATABASES["default"]["NAME"]
    base = f"{_PREFIX}base"
    names = (base, SHORT, MIDDLE, LONG)
    try:
        _drop(home, names)
        _run(home, f'CREATE DATABASE "{base}"')
        stations.use(base)
        call_command("migrate", verbosity=0)
        here = world.build(size.items)
        stations.use(home)
        for name in names[1:]:
            _run(home, f'CREATE DATABASE "{name}" TEMPLATE "{base}"')
        _fill(here, size)
        stations.use(LONG)
        yield here
    finally:
        stations.use(home)
        _drop(home, names)
        connections.close_all()


def _run(home: str, sql: str) -> None:
    stations.use(home)
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _drop(home: str, names: tuple[str, ...]) -> None:
    for name in names:
        _run(home, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _fill(here: World, size: Size) -> None:
    """Write the three histories; the busy item moves as often a day in each."""
    half = size.short // 2
    days = {SHORT: BUSY_DAYS, MIDDLE: 182, LONG: 730}
    for name, long in ((SHORT, size.short), (MIDDLE, size.long // 4), (LONG, size.long)):
        busy = half * days[name] // BUSY_DAYS
        started = time.perf_counter()
        stations.use(name)
        items = here.stocked[:half] if name == SHORT else here.items[1:]
        world.write_history(here, [here.busy], busy, days=days[name], lines=1)
        world.write_history(here, items, long - busy, days=days[name])
        world.settle(here)
        print(
            f"history of {long:,} movements over {days[name]} days: "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )
