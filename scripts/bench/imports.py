"""A sheet of movements from XLSX to the posted book, against reading and validating it plus hand-written SQL for its lines.

Runs by itself on a PostgreSQL of its own: ``python -m scripts.bench.imports [ROWS]``. The SQL writes the same postings,
movements, balances and pools under the same indexes and triggers, a document in one round trip, and checks nothing.
"""

import os
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

RAW = """
WITH l AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY AS t(item, quantity, value, line)),
h AS (INSERT INTO stock_posting (company_id, document, effective_at, business_date, recorded_at, door, why, key, body_hash)
  VALUES (%s, %s, %s, %s, now(), 'raw', '', %s, '') RETURNING id),
m AS (INSERT INTO stock_movement (posting_id, line, line_key, type, item_id, lot_id, owner_id, source_id, target_id,
  quantity, value, effective_at, cost_object, reason, reversal)
  SELECT h.id, l.line, '', 'purchase_in', l.item, 0, 0, %s, %s, l.quantity, l.value, %s, '', '', false FROM h, l),
s AS (SELECT item, sum(quantity)::bigint AS quantity, sum(value)::bigint AS value FROM l GROUP BY item ORDER BY item),
b AS (INSERT INTO stock_balance (item_id, lot_id, owner_id, place_id, on_hand, serial, below_zero, latest_at)
  SELECT item, 0, 0, %s, quantity, false, false, %s FROM s
  ON CONFLICT (item_id, lot_id, owner_id, place_id) DO UPDATE SET on_hand = stock_balance.on_hand + excluded.on_hand)
INSERT INTO stock_costpool (item_id, area_id, lot_id, shipment, quantity, value, last_quantity, last_value, method)
  SELECT item, %s, 0, '', quantity, value, 0, 0, 'average' FROM s
  ON CONFLICT (item_id, area_id, lot_id, shipment)
  DO UPDATE SET quantity = stock_costpool.quantity + excluded.quantity, value = stock_costpool.value + excluded.value
"""
ITEMS, PARTNERS = 3_000, 50
LIMIT, AIM = 5.0, 3.0
MEMORY = 500
"""Megabytes."""


def _world() -> Any:
    """A warehouse, and everything that the sheet of scripts.bench.sheets names."""
    from people.models import Company
    from stock import catalog
    from stock.models import Category, Item, Partner, Unit

    company = Company.objects.create(code="BI", name="BI")
    warehouse = catalog.create_warehouse(company=company, code="BI", name="BI")
    unit, _made = Unit.objects.get_or_create(code="个", defaults={"name": "个"})
    category = Category.objects.create(code="BI", name="BI")
    Item.objects.bulk_create(
        Item(
            code=f"A{n:05}",
            name=f"物料{n}",
            specification=f"M{n % 20}",
            category=category,
            base_unit=unit,
        )
        for n in range(ITEMS)
    )
    Partner.objects.bulk_create(
        Partner(code=f"S{n}", name=f"供应商{n}", is_supplier=True) for n in range(PARTNERS)
    )
    return warehouse


def _by_hand(path: Path, warehouse: Any) -> tuple[float, float]:
    """Seconds of reading and validating, and of hand-written SQL for the same lines."""
    from django.db import connection

    from intake.understanding.understand import understand
    from stock import catalog
    from stock.models import Item

    began = time.perf_counter()
    out = understand(path)
    items = dict(Item.objects.values_list("code", "pk"))
    documents: dict[tuple[Any, Any], list[tuple[int, int, int]]] = {}
    for row in out.good_rows():
        quantity, amount = row.get("quantity_in"), row.get("amount")
        item = items[str(row.get("item"))]
        line = (item, int(Decimal(quantity) * 10**6), int(Decimal(amount) * 10**4))  # type: ignore[arg-type]
        documents.setdefault((row.get("source"), row.get("date")), []).append(line)
    read = time.perf_counter() - began
    place = catalog.default_place(warehouse).pk
    source = catalog.virtual_place(warehouse.area.company, "supplier").pk
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for number, ((name, day), lines) in enumerate(documents.items()):
            columns = [list(column) for column in zip(*lines, strict=True)]
            cursor.execute(
                RAW,
                [
                    *columns, warehouse.area.company_id, name, day, day, f"raw{number}", source, place,
                    day, place, day, warehouse.area_id,
                ],
            )  # fmt: skip
    return read, time.perf_counter() - began


def _imported(path: Path, warehouse: Any) -> tuple[float, float, int]:
    """Seconds of the look and of writing it, and the movements."""
    from intake.importing import door, working
    from people.access import SYSTEM
    from stock.models import Movement

    before = Movement.objects.count()
    began = time.perf_counter()
    job = door.create(
        path.read_bytes(), path.name, company=warehouse.area.company, actor=None, access=SYSTEM,
        purpose="movements", warehouse=warehouse,
    )  # fmt: skip
    door.look(job)
    looked = time.perf_counter() - began
    door.submit(job.pk, actor=None, access=SYSTEM)
    door.begin(job.pk, access=SYSTEM)
    done = working.run(job.pk)
    if done is None or done.state != "done":
        raise SystemExit(f"the import was not written: {done and done.problem}")
    return looked, time.perf_counter() - began, Movement.objects.count() - before


def main() -> int:
    """Print the table; 1 if rows are missing or a limit was missed."""
    from scripts import servers

    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    with servers.postgres() as url, tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = url
        os.environ["INVENTORY_VAR"] = folder
        django.setup()
        return _measure(rows, Path(folder))


def _measure(rows: int, folder: Path) -> int:
    import resource

    from django.core.management import call_command

    from scripts.bench.sheets import write
    from stock.models import Movement

    call_command("migrate", verbosity=0)
    path = folder / "movements.xlsx"
    write(path, rows)
    warehouse = _world()
    read, sql = _by_hand(path, warehouse)
    by_hand = Movement.objects.count()
    looked, total, imported = _imported(path, warehouse)
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    ratio = total / (read + sql)
    print(f"{rows:,} rows: read and validated {read:.1f} s, hand-written SQL {sql:.1f} s")
    print(
        f"import: looked at in {looked:.1f} s, posted after {total:.1f} s; ratio {ratio:.2f} (aim {AIM:g}, limit {LIMIT:g})"
    )
    print(
        f"memory at its peak, MB: {here}, child {child} (limit {MEMORY}); load {os.getloadavg()[0]:.1f}"
    )
    whole = by_hand == imported == rows
    return 0 if whole and ratio <= LIMIT and here <= MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
