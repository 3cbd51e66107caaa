"""The data a benchmark runs on: one company, many items, and a history made by plain SQL."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from people.models import Company
from stock import catalog
from stock.models import Category, Item, Place, Unit, Warehouse


@dataclass(frozen=True)
class World:
    """What the benchmarks need to know."""

    company: Company
    warehouse: Warehouse
    storage: int
    supplier: int
    customer: int
    items: list[int]


def build(items: int = 10_000) -> World:
    """Make the company with ``items`` items and no stock yet."""
    company = Company.objects.create(code="BENCH", name="Bench")
    warehouse = catalog.create_warehouse(company=company, code="BW", name="Bench")
    unit = Unit.objects.create(code="PCS", name="piece")
    category = Category.objects.create(code="BENCH", name="Bench")
    Item.objects.bulk_create(
        [
            Item(code=f"B{n:06}", name=f"Item {n}", category=category, base_unit=unit)
            for n in range(items)
        ],
        batch_size=1_000,
    )
    virtual = dict(Place.objects.filter(company=company, warehouse=None).values_list("kind", "pk"))
    return World(
        company,
        warehouse,
        catalog.default_place(warehouse).pk,
        virtual["supplier"],
        virtual["customer"],
        list(Item.objects.filter(category=category).order_by("pk").values_list("pk", flat=True)),
    )


def add_history(world: World, movements: int, months: int = 24) -> float:
    """Append receipts and issues spread over ``months`` by plain SQL; returns the seconds it took.

    Balances, pools, seals and month balances are brought up with it, so the book stays provable. Three
    of four movements are receipts of 4,000, one an issue of 3, all at 2.50.
    """
    started = time.perf_counter()
    now = datetime.now(UTC)
    begin = now - timedelta(days=30 * months)
    step = (now - timedelta(minutes=5) - begin) / max(movements, 1)
    first, count = world.items[0], len(world.items)
    per_posting = 100
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM stock_posting")
        offset = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO stock_posting (id, company_id, document, effective_at, business_date, "
            "recorded_at, door, why, key, body_hash) "
            "SELECT %s + n, %s, 'H-' || n, %s + %s * (n * %s), "
            "((%s + %s * (n * %s)) AT TIME ZONE 'Asia/Shanghai')::date, %s + %s * (n * %s), "
            "'bench', '', 'h' || (%s + n), '' FROM generate_series(1, %s) n",
            [
                offset,
                world.company.pk,
                *(begin, step, per_posting) * 3,
                offset,
                (movements + per_posting - 1) // per_posting,
            ],
        )
        cursor.execute("SELECT setval('stock_posting_id_seq', (SELECT MAX(id) FROM stock_posting))")
        cursor.execute(
            "INSERT INTO stock_movement (posting_id, line, line_key, type, item_id, lot_id, owner_id, "
            "source_id, target_id, quantity, value, effective_at, cost_object, reason, reversal) "
            "SELECT %(offset)s + 1 + (n - 1) / %(size)s, 1 + (n - 1) %% %(size)s, '', "
            "CASE WHEN out THEN 'sales_out' ELSE 'purchase_in' END, item, 0, 0, "
            "CASE WHEN out THEN %(storage)s ELSE %(supplier)s END, "
            "CASE WHEN out THEN %(customer)s ELSE %(storage)s END, "
            "CASE WHEN out THEN 3000000 ELSE 4000000000 END, "
            "CASE WHEN out THEN 75000 ELSE 100000000 END, %(begin)s + %(step)s * n, '', '', false "
            "FROM (SELECT n, %(first)s + (n::bigint * 7919) %% %(count)s AS item, "
            "(n / %(count)s) %% 4 = 3 AS out FROM generate_series(1, %(movements)s) n) s",
            {
                "offset": offset,
                "size": per_posting,
                "storage": world.storage,
                "supplier": world.supplier,
                "customer": world.customer,
                "begin": begin,
                "step": step,
                "first": first,
                "count": count,
                "movements": movements,
            },
        )
        cursor.execute("DELETE FROM stock_balance")
        cursor.execute("DELETE FROM stock_costpool")
        legs = (
            "SUM(CASE WHEN target_id = %s THEN quantity ELSE -quantity END), "
            "SUM(CASE WHEN target_id = %s THEN value ELSE -value END)"
        )
        cursor.execute(
            "INSERT INTO stock_balance (item_id, lot_id, owner_id, place_id, on_hand, serial, "
            "below_zero, latest_at) SELECT item_id, 0, 0, %s, q, false, q < 0, at FROM ("
            f"SELECT item_id, {legs.split(', SUM', maxsplit=1)[0]} AS q, MAX(effective_at) AS at "
            "FROM stock_movement GROUP BY item_id) s",
            [world.storage, world.storage],
        )
        cursor.execute(
            "INSERT INTO stock_costpool (item_id, area_id, lot_id, shipment, method, quantity, value, "
            "last_quantity, last_value) SELECT item_id, %s, 0, '', 'average', q, v, 1000000, 25000 "
            "FROM (SELECT item_id, SUM(CASE WHEN target_id = %s THEN quantity ELSE -quantity END) q, "
            "SUM(CASE WHEN target_id = %s THEN value ELSE -value END) v "
            "FROM stock_movement GROUP BY item_id) s",
            [world.warehouse.area_id, world.storage, world.storage],
        )
        _seal_all(cursor)
        cursor.execute("ANALYZE")
    return time.perf_counter() - started


def _seal_all(cursor) -> None:
    """Seal every unsealed posting as one batch."""
    cursor.execute(
        "INSERT INTO stock_seal (number, sealed_at, postings) "
        "SELECT COALESCE((SELECT MAX(number) FROM stock_seal), 0) + 1, now(), count(*) "
        "FROM stock_posting p WHERE NOT EXISTS "
        "(SELECT 1 FROM stock_sealedposting s WHERE s.posting_id = p.id)"
    )
    cursor.execute(
        "INSERT INTO stock_sealedposting (posting_id, seal_id) SELECT p.id, "
        "(SELECT MAX(number) FROM stock_seal) FROM stock_posting p WHERE NOT EXISTS "
        "(SELECT 1 FROM stock_sealedposting s WHERE s.posting_id = p.id)"
    )
    cursor.execute("DELETE FROM core_outboxrow WHERE topic = 'stock.posted'")
