"""How long the judgement of a typed line takes on the server, over a realistic history: ``python -m scripts.bench.typing``.

Makes a database of its own on SQLite, or on the PostgreSQL server of DATABASE_URL (a database "bench_typing", dropped
again): items with habits of 64 lines each, categories, packs, lots and twins. Prints the distribution of process CPU
and wall time of what is asked for one line while it is typed (workflows.checks.look), of the judgement alone, and of
the judgement in memory.
"""

import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from statistics import quantiles
from typing import Any

ITEMS = 400
ROUNDS = 300
LIMIT_MS = 50.0


def main() -> int:
    """Build, measure, print; 1 if the p95 of CPU of a line is above the limit."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        world, items = _history(random.Random(11))
        slow = _measure(world, items, connection.vendor)
    finally:
        teardown_databases(made, verbosity=0)
    return 1 if slow > LIMIT_MS else 0


def _history(rng: random.Random) -> tuple[Any, list[Any]]:
    """A company whose items have moved often, in four types, with their own sizes."""
    from alerts.anomaly import lines
    from alerts.models import Habit, Manner
    from stock.models import ItemUnit, Unit
    from tests.workflows.world import World

    world = World("TY")
    box, _made = Unit.objects.get_or_create(code="BOX", defaults={"name": "box", "decimals": 0})
    items, habits = [], []
    for number in range(ITEMS):
        item = world.stocked(10_000) if number % 8 == 0 else world.item()
        ItemUnit.objects.create(item=item, unit=box, numerator=12, denominator=1)
        items.append(item)
        size = rng.uniform(0.5, 5)
        for kind in ("other_out", "purchase_in", "sales_out", "production_issue"):
            seen = [
                list(
                    lines.Seen(
                        number * 1000 + one,
                        float(round(10**size * rng.lognormvariate(0, 0.4)) or 1),
                        round(10 * rng.lognormvariate(0, 0.05), 2),
                        rng.randrange(1, 9),
                        world.ann.pk,
                        world.main.pk,
                        rng.randrange(1, 5),
                        0,
                        0,
                        "",
                    )
                )
                for one in range(64)
            ]
            habits.append(
                Habit(
                    level="item",
                    subject=item.pk,
                    type=kind,
                    seen=seen,
                    total=rng.randrange(64, 900),
                )
            )
    Habit.objects.bulk_create(habits, batch_size=200)
    for kind in ("other_out", "purchase_in", "sales_out", "production_issue"):
        counts = {"person": {str(world.ann.pk): 9_000}}
        hours = [rng.randrange(80) for _one in range(168)]
        Manner.objects.create(type=kind, hours=hours, lags=[13_000] + [20] * 7, counts=counts)
    return world, items


def _measure(world: Any, items: list[Any], engine: str) -> float:
    from alerts.anomaly import judging, remarking, surrounding
    from people.access import access_for
    from workflows import checks

    access = access_for(world.ann)
    rng = random.Random(12)
    document = world.draft(
        "other_out", *({"item": one.code, "quantity": "1"} for one in rng.sample(items, 40))
    )
    rows = list(document.lines.select_related(*checks.NAMES).order_by("position"))

    def typed() -> list[Any]:
        line = rng.choice(rows)
        line.requested = Decimal(rng.choice((1, 10, 100, 1_000, 12)))
        return [line]

    works: dict[str, Callable[[Any], Any]] = {
        "a line while it is typed (all checks)": lambda lines: checks.look(document, lines, access),
        "its judgement with what it reads": lambda lines: remarking.rule(document, lines, access),
    }
    print(
        f"{engine}: {len(items)} items, {len(items) * 4 * 64} remembered lines, {ROUNDS} rounds; ms"
    )
    print(f"{'':42} {'p50':>7} {'p95':>7} {'p99':>7} {'max':>7}")
    slow = 0.0
    for name, work in works.items():
        cpu, wall = _times(lambda work=work: work(typed()))  # type: ignore[misc]
        slow = max(slow, _print(f"{name}, CPU", cpu))
        _print(f"{name}, wall", wall)
    ready = [surrounding.cases(document, [row])[0] for row in rows]
    cpu, _wall = _times(lambda: [judging.judge(c.typed, c.around, c.known) for c in ready[:1]])
    _print("the judgement alone, in memory, CPU", cpu)
    return slow


def _times(work: Callable[[], Any]) -> tuple[list[float], list[float]]:
    for _warm in range(10):
        work()
    cpu, wall = [], []
    for _round in range(ROUNDS):
        before, began = time.process_time(), time.perf_counter()
        work()
        cpu.append(1000 * (time.process_time() - before))
        wall.append(1000 * (time.perf_counter() - began))
    return cpu, wall


def _print(name: str, taken: list[float]) -> float:
    cut = quantiles(taken, n=100)
    print(f"{name:42} {cut[49]:7.2f} {cut[94]:7.2f} {cut[98]:7.2f} {max(taken):7.2f}")
    return cut[94]


if __name__ == "__main__":
    sys.exit(main())
