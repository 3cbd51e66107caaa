"""One seeded run, and what it leaves as canonical JSON; by itself: ``python -m tests.laws.story 300 7``.

Ids differ between engines, so the export names goods and places by their codes and movements by their
posting's key and line; everything else is written exactly as it is kept.
"""

import json
import os
import random
import sys
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, TypeVar

T = TypeVar("T")


class Seeded:
    """Decisions by a seeded random source."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.source.randrange(len(options))]


def run(count: int, seed: int) -> Any:
    """Take ``count`` steps from ``seed`` in the database at hand; returns the actor."""
    from stock import sealing
    from tests.laws import compare, steps
    from tests.laws.actor import Actor

    actor, choice = Actor(), Seeded(seed)
    try:
        for number in range(count):
            actor.tick()
            name = "receive" if number < 5 else choice.pick([*steps.OFTEN, *steps.STEPS])
            steps.STEPS[name](actor, choice)
            if number % 20 == 19:
                actor.check()
                compare.adds_up(actor.book)
                actor.ask_again()
        sealing.seal()
        actor.check()
        actor.ask_again()
    finally:
        actor.stop()
    return actor


TABLES = {
    "movements": (
        "Movement",
        ("posting__key", "line", "type", "item__code", "lot__number", "owner__code", "source__code",
         "target__code", "quantity", "value", "effective_at", "partner", "department", "cost_object",
         "reason", "original__posting__key", "original__line", "reversal"),
    ),
    "postings": (
        "Posting",
        ("key", "document", "effective_at", "business_date", "recorded_at", "door", "why",
         "reverses__key", "sealed__seal"),
    ),
    "balances": (
        "Balance",
        ("item__code", "lot__number", "owner__code", "place__code", "on_hand", "below_zero", "latest_at"),
    ),
    "pools": (
        "CostPool",
        ("item__code", "area__code", "lot__number", "shipment", "method", "quantity", "value",
         "last_quantity", "last_value"),
    ),
    "layers": (
        "CostLayer",
        ("pool__item__code", "pool__area__code", "pool__lot__number", "pool__shipment",
         "movement__posting__key", "movement__line", "quantity", "value"),
    ),
    "months": (
        "MonthBalance",
        ("month", "item__code", "lot__number", "owner__code", "place__code", "quantity", "value"),
    ),
    "promises": (
        "Reservation",
        ("item__code", "warehouse__code", "lot__number", "place__code", "quantity", "remaining",
         "state", "created_at", "expires_at", "ended_at"),
    ),
}  # fmt: skip


def export() -> str:
    """The ledger and all that is derived from it, the same text on every engine."""
    from stock import models

    result = {}
    for table, (model, columns) in TABLES.items():
        rows = getattr(models, model).objects.values_list(*columns)
        result[table] = sorted([str(value) for value in row] for row in rows)
    return json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def main() -> None:
    """In a database of its own: migrate, tell the story, print how many movements and the hash."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    actor = run(int(sys.argv[1]), int(sys.argv[2]))
    text = export()
    print(json.dumps({"movements": len(actor.pks), "sha256": sha256(text.encode()).hexdigest()}))


if __name__ == "__main__":
    main()
