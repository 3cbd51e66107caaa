"""A sweep of the low-stock rule over many items × places, against the SQL that finds what is below its point.

Runs by itself on a PostgreSQL of its own: ``python -m scripts.bench.alerts [BALANCES]``. The hand-written statement
adds up shelves and promises and compares them with the reorder point; it knows nothing of orders, cases or people. Ten
of a hundred items are below their point. The first sweep opens the cases, the ones measured find them open.
"""

import os
import sys
import tempfile
import time
from decimal import Decimal
from statistics import median
from typing import Any

import django

HAND = """
SELECT i.id, i.code, s.on_hand - COALESCE(r.reserved, 0) FROM stock_item i
LEFT JOIN (SELECT b.item_id, SUM(b.on_hand) AS on_hand FROM stock_balance b JOIN stock_place p ON p.id = b.place_id
  WHERE p.kind = 'storage' AND b.owner_id = 0 GROUP BY b.item_id) s ON s.item_id = i.id
LEFT JOIN (SELECT a.item_id, SUM(a.reserved) AS reserved FROM stock_availability a GROUP BY a.item_id) r ON r.item_id = i.id
WHERE i.archived_at IS NULL AND i.reorder_point > 0 AND COALESCE(s.on_hand, 0) - COALESCE(r.reserved, 0) < i.reorder_point
"""
PLACES, LOW = 10, 10
"""Places in which each item lies; items in a hundred that are below their point."""
ROUNDS = 7
LIMIT = 3.0


def _world(balances: int) -> None:
    """Items with a reorder point, each in ten places."""
    from people.models import Company
    from stock import catalog
    from stock.models import Balance, Category, Item, Place, Unit

    company = Company.objects.create(code="BA", name="BA")
    house = catalog.create_warehouse(company=company, code="BA", name="BA")
    unit = Unit.objects.create(code="PCS", name="piece")
    category = Category.objects.create(code="BA", name="BA")
    places = [
        Place(company=company, warehouse=house, kind="storage", code=f"P{n}", path=f"BA/P{n}")
        for n in range(PLACES)
    ]
    Place.objects.bulk_create(places)
    items = [
        Item(
            code=f"B{n:06}",
            name=f"Item {n}",
            category=category,
            base_unit=unit,
            reorder_point=Decimal(100 if n % 100 < LOW else 10),
        )
        for n in range(balances // PLACES)
    ]
    Item.objects.bulk_create(items, batch_size=2_000)
    Balance.objects.bulk_create(
        (Balance(item=item, place=place, on_hand=Decimal(5)) for item in items for place in places),
        batch_size=5_000,
    )


def _hand() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(HAND)
        return len(cursor.fetchall())


def _sweep() -> tuple[int, int]:
    """Subjects found, and the statements it took."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from alerts import evaluating

    with CaptureQueriesContext(connection) as asked:
        found = evaluating.sweep(["low-stock"]).found
    return found, len(asked)


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _run(balances: int) -> bool:
    from django.db import connection

    from alerts import evaluating

    _world(balances)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    first = _timed(lambda: evaluating.sweep(["low-stock"]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _sweep(), _hand()
    ours, theirs = [], []
    for _round in range(ROUNDS):
        theirs.append(_timed(_hand))
        ours.append(_timed(lambda: evaluating.sweep(["low-stock"])))
    found, statements = _sweep()
    ratio = median(ours) / median(theirs)
    print(
        f"{balances:,} balances, {balances // PLACES:,} items, {found:,} below their point: hand-written "
        f"{median(theirs) * 1000:.0f} ms, sweep {median(ours) * 1000:.0f} ms in {statements} statements, "
        f"ratio {ratio:.2f} (limit {LIMIT}); the first sweep, which opened the cases, {first:.1f} s"
    )
    return found == _hand() and ratio <= LIMIT


def main() -> int:
    """Make a database, sweep it, print the ratio; 1 if the limit was missed."""
    balances = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    from scripts import servers

    with servers.postgres() as url, tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = url
        os.environ["INVENTORY_VAR"] = folder
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return 0 if _run(balances) else 1


if __name__ == "__main__":
    sys.exit(main())
