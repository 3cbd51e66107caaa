"""The data a benchmark runs on: one company, many items, and a book of any length made by plain SQL.

``write_history`` appends movements, ``settle`` derives from them what posting and the sealer would have
kept. Together they leave a book that ``verify_ledger`` accepts.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from people.models import Company, User
from stock import catalog
from stock.models import Category, Item, Place, Unit, Warehouse

PER_POSTING = 10


@dataclass(frozen=True)
class World:
    """What the benchmarks need to know; plain values, the same in every copy of the database."""

    company: int
    area: int
    zone: str
    storage: int
    supplier: int
    customer: int
    items: list[int]
    reader: int

    @property
    def busy(self) -> int:
        """The item whose card is read: many movements, most of the others have few."""
        return self.items[0]

    @property
    def stocked(self) -> list[int]:
        """The items that have stock in every database, however short its history."""
        return self.items[1 : max(len(self.items) // 20, 120) + 1]


def build(items: int) -> World:
    """Make the company with ``items`` items, no stock yet, and one reader who may see everything."""
    company = Company.objects.create(code="BENCH", name="Bench")
    warehouse: Warehouse = catalog.create_warehouse(company=company, code="BW", name="Bench")
    unit = Unit.objects.create(code="PCS", name="piece")
    category = Category.objects.create(code="BENCH", name="Bench")
    Item.objects.bulk_create(
        [
            Item(
                code=f"B{n:06}",
                name=f"Item {n}",
                category=category,
                base_unit=unit,
                search_key=f"|b{n:06}|item {n}|dianji{n}|dj{n}|电机 {n}|",
            )
            for n in range(items)
        ],
        batch_size=1_000,
    )
    virtual = dict(Place.objects.filter(company=company, warehouse=None).values_list("kind", "pk"))
    reader = User.objects.create_superuser("bench", name="Bench", password=None)
    return World(
        company=company.pk,
        area=warehouse.area_id,
        zone=company.time_zone,
        storage=catalog.default_place(warehouse).pk,
        supplier=virtual["supplier"],
        customer=virtual["customer"],
        items=list(
            Item.objects.filter(category=category).order_by("pk").values_list("pk", flat=True)
        ),
        reader=reader.pk,
    )


def write_history(
    world: World, items: list[int], movements: int, *, days: int, lines: int = PER_POSTING
) -> None:
    """Append postings of ``lines`` lines, spread evenly over the last ``days`` days.

    Each item is received first; then every fourth of its movements is an issue of 3, the others are
    receipts of 4,000, all at 2.50. Call ``settle`` once at the end.
    """
    now = datetime.now(UTC)
    begin = now - timedelta(days=days)
    step = (now - timedelta(minutes=5) - begin) / max(-(-movements // lines), 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM stock_posting")
        facts = {
            "offset": cursor.fetchone()[0],
            "company": world.company,
            "zone": world.zone,
            "begin": begin,
            "step": step,
            "lines": lines,
            "movements": movements,
            "postings": -(-movements // lines),
            "storage": world.storage,
            "supplier": world.supplier,
            "customer": world.customer,
            "items": items,
            "count": len(items),
        }
        cursor.execute(_POSTINGS, facts)
        cursor.execute("SELECT setval('stock_posting_id_seq', (SELECT MAX(id) FROM stock_posting))")
        cursor.execute(_MOVEMENTS, facts)


_POSTINGS = """
INSERT INTO stock_posting (id, company_id, document, effective_at, business_date, recorded_at, door, why,
  key, body_hash)
SELECT %(offset)s + n, %(company)s, 'H-' || (%(offset)s + n), at, (at AT TIME ZONE %(zone)s)::date, at,
  'bench', '', 'h' || (%(offset)s + n), ''
FROM (SELECT n, %(begin)s + %(step)s * n AS at FROM generate_series(1, %(postings)s) n) s
"""
_MOVEMENTS = """
INSERT INTO stock_movement (posting_id, line, line_key, type, item_id, lot_id, owner_id, source_id,
  target_id, quantity, value, effective_at, cost_object, reason, reversal)
SELECT %(offset)s + 1 + n / %(lines)s, 1 + n %% %(lines)s, '',
  CASE WHEN out THEN 'sales_out' ELSE 'purchase_in' END, item, 0, 0,
  CASE WHEN out THEN %(storage)s ELSE %(supplier)s END,
  CASE WHEN out THEN %(customer)s ELSE %(storage)s END,
  CASE WHEN out THEN 3000000 ELSE 4000000000 END, CASE WHEN out THEN 75000 ELSE 100000000 END,
  %(begin)s + %(step)s * (1 + n / %(lines)s), '', '', false
FROM (SELECT n, (%(items)s::bigint[])[1 + (n::bigint * 7919) %% %(count)s] AS item,
  (n / %(count)s) %% 4 = 3 AS out FROM generate_series(0, %(movements)s - 1) n) s
"""
"""7,919 is prime and no divisor of the counts used, so each round visits every item once."""


def settle(world: World) -> None:
    """Write balances, pools, one seal and the month balances of the movements, then tidy the tables."""
    facts = {"storage": world.storage, "area": world.area}
    with connection.cursor() as cursor:
        for sql in (_BALANCES, _POOLS, _SEAL, _SEALED, _MONTHS):
            cursor.execute(sql, facts)
        for table in ("stock_posting", "stock_movement", "stock_balance", "stock_costpool"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("VACUUM (ANALYZE) stock_sealedposting")
        cursor.execute("VACUUM (ANALYZE) stock_monthbalance")
        cursor.execute("ANALYZE")
        cursor.execute("CHECKPOINT")


_QUANTITY = "SUM(CASE WHEN target_id = %(storage)s THEN quantity ELSE -quantity END)"
_VALUE = "SUM(CASE WHEN target_id = %(storage)s THEN value ELSE -value END)"
_BALANCES = f"""
INSERT INTO stock_balance (item_id, lot_id, owner_id, place_id, on_hand, serial, below_zero, latest_at)
SELECT item_id, 0, 0, %(storage)s, {_QUANTITY}, false, false, MAX(effective_at)
FROM stock_movement GROUP BY item_id
"""
_POOLS = f"""
INSERT INTO stock_costpool (item_id, area_id, lot_id, shipment, method, quantity, value, last_quantity,
  last_value)
SELECT item_id, %(area)s, 0, '', 'average', {_QUANTITY}, {_VALUE}, 1000000, 25000
FROM stock_movement GROUP BY item_id
"""
_SEAL = """
INSERT INTO stock_seal (number, sealed_at, postings) SELECT 1, now(), COUNT(*) FROM stock_posting
"""
_SEALED = "INSERT INTO stock_sealedposting (posting_id, seal_id) SELECT id, 1 FROM stock_posting"
_MONTHS = f"""
WITH moved AS (
  SELECT date_trunc('month', p.business_date)::date AS month, m.item_id, {_QUANTITY} AS q, {_VALUE} AS v
  FROM stock_movement m JOIN stock_posting p ON p.id = m.posting_id GROUP BY 1, 2),
months AS (SELECT generate_series(MIN(month), MAX(month), interval '1 month')::date AS month FROM moved),
every AS (SELECT months.month, i.item_id FROM months CROSS JOIN (SELECT DISTINCT item_id FROM moved) i)
INSERT INTO stock_monthbalance (month, item_id, lot_id, owner_id, place_id, quantity, value)
SELECT month, item_id, 0, 0, %(storage)s, q, v FROM (
  SELECT e.month, e.item_id, SUM(m.q) OVER past AS q, SUM(m.v) OVER past AS v
  FROM every e LEFT JOIN moved m USING (month, item_id)
  WINDOW past AS (PARTITION BY e.item_id ORDER BY e.month)) s
WHERE q <> 0 OR v <> 0
"""
