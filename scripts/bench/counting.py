"""What a stocktake of many bins costs against hand-written SQL: snapshot, differences, posting; and one count.

Raw SQL writes the same rows into the same tables with the same indexes and triggers, or selects the same rows, and
checks nothing. What it wrote is rolled back.
"""

import json
import random
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.test import Client

from people.access import SYSTEM, access_for
from people.models import Company, Membership, Role, User
from scripts.bench import documents, posting
from scripts.bench.world import World
from stock import catalog, ledger, sealing
from stock.ledger import LineInput
from stock.models import Balance, Place, Warehouse
from workflows import door
from workflows.counting import causes, differences, planning, progress, variance
from workflows.counting.planning import Plan
from workflows.models import CountLine, CountSheet, Document

CODE = "BK"
PER_BIN = 2
WRONG = 12
"""Every so many lines differ: 8 %."""


@dataclass(frozen=True)
class Shelves:
    """The warehouse that is counted and its people."""

    warehouse: int
    planner: User
    counters: list[User]
    head: User


def build(world: World, bins: int) -> Shelves:
    """A warehouse with two items in every bin; made once per database."""
    company = Company.objects.get(pk=world.company)
    house = Warehouse.objects.filter(code=CODE).first()
    if house is None:
        house = catalog.create_warehouse(company=company, code=CODE, name="Counted")
        Place.objects.bulk_create(
            Place(
                company=company,
                warehouse=house,
                kind="storage",
                code=f"K-{number:05}",
                path=f"{CODE}/K-{number:05}",
            )
            for number in range(bins)
        )
        _fill(world, house)
    people = {}
    for name, role in (
        ("plan", "clerk"),
        ("c1", "clerk"),
        ("c2", "clerk"),
        ("boss", "warehouse_head"),
    ):
        user, made = User.objects.get_or_create(username=f"bench-{name}", defaults={"name": name})
        if made:
            member = Membership.objects.create(user=user, role=Role.objects.get(code=role))
            member.scopes.add(house.scope)
        people[name] = user
    return Shelves(house.pk, people["plan"], [people["c1"], people["c2"]], people["boss"])


def _fill(world: World, house: Warehouse) -> None:
    places = list(
        Place.objects.filter(warehouse=house, code__startswith="K-").values_list("pk", flat=True)
    )
    opening = Place.objects.get(company=world.company, kind="opening").pk
    items = world.items[1:]
    lines = [
        LineInput(
            "opening",
            items[(number * PER_BIN + more) % len(items)],
            opening,
            place,
            Decimal(random.randint(20, 400)),
            unit_cost=Decimal("2.5"),
        )
        for number, place in enumerate(places)
        for more in range(PER_BIN)
    ]
    for start in range(0, len(lines), 1_000):
        ledger.post(
            lines[start : start + 1_000],
            company=Company.objects.get(pk=world.company),
            key=uuid.uuid4().hex,
            actor=None,
            access=SYSTEM,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


_BINS = """
INSERT INTO workflows_countbin (document_id, sheet_id, place_id, position)
SELECT %s, s.id, w.id, w.n FROM (SELECT p.id, row_number() OVER (ORDER BY p.walking_order, p.path) AS n,
  ntile(3) OVER (ORDER BY p.walking_order, p.path) AS t FROM stock_place p
  WHERE p.warehouse_id = %s AND p.kind = 'storage' AND NOT p.is_group) w
JOIN workflows_countsheet s ON s.document_id = %s AND s.number = w.t
"""
_LINES = """
INSERT INTO workflows_countline (document_id, bin_id, key, place_id, item_id, lot_id, owner_id, snapshot,
  added, mark, round, wanted, stale, asks, cause_note)
SELECT n.document_id, n.id, replace(gen_random_uuid()::text, '-', ''), b.place_id, b.item_id, b.lot_id,
  b.owner_id, b.on_hand, false, 0, 0, 1, false, 0, ''
FROM workflows_countbin n JOIN stock_balance b ON b.place_id = n.place_id
WHERE n.document_id = %s AND b.on_hand <> 0
"""
_COUNTED = """
WITH e AS (INSERT INTO workflows_countentry (key, document_id, line_id, round, counter_id, counted, book, mark,
  began_at, counted_at, until, received_at, doubtful, typed, door)
SELECT l.key || '-1', l.document_id, l.id, 1, %s, GREATEST(l.snapshot - CASE WHEN l.id %% %s = 0
  THEN 1000000 * (1 + l.id %% 3) ELSE 0 END, 0), l.snapshot, (SELECT MAX(id) FROM stock_movement),
  now(), now(), now(), now(), false, '', 'bench' FROM workflows_countline l WHERE l.document_id = %s
RETURNING line_id, counted, book, mark, until, counter_id)
SELECT count(*) FROM e
"""
_KEPT = """
UPDATE workflows_countline l SET counted = e.counted, book = e.book, mark = e.mark, until = e.until,
  counter_id = e.counter_id, counted_at = e.until, round = 1
FROM workflows_countentry e WHERE e.line_id = l.id AND l.document_id = %s
"""
_DIFFERENCES = """
WITH d AS (SELECT l.*, l.counted - l.book AS difference FROM workflows_countline l
  WHERE l.document_id = %s AND l.round > 0 AND l.counted <> l.book)
SELECT d.key, p.code, i.code, i.name, d.book, d.counted, d.difference,
  round(c.value * (d.difference / c.quantity::numeric)), u.username,
  EXISTS (SELECT 1 FROM stock_movement m WHERE m.item_id = d.item_id AND m.id > d.mark
    AND d.place_id IN (m.source_id, m.target_id) AND m.effective_at <= d.until)
FROM d JOIN stock_place p ON p.id = d.place_id JOIN stock_item i ON i.id = d.item_id
JOIN stock_costpool c ON c.item_id = d.item_id AND c.area_id = %s AND c.shipment = '' AND c.quantity > 0
LEFT JOIN people_user u ON u.id = d.counter_id
ORDER BY abs(c.value * (d.difference / c.quantity::numeric)) DESC
"""
_CAUSES = (
    """
SELECT l.item_id, d.number, COALESCE(l.actual, l.confirmed, l.requested) FROM workflows_line l
JOIN workflows_document d ON d.id = l.document_id WHERE l.item_id = ANY(%(items)s)
AND d.state IN ('draft', 'returned', 'in_approval', 'approved', 'in_execution') AND d.type <> 'stocktake'
""",
    """
SELECT * FROM (SELECT m.item_id, m.source_id, m.target_id, m.quantity, m.posting_id, m.effective_at - lag(
  m.effective_at) OVER (PARTITION BY m.item_id, m.source_id, m.target_id, m.type, m.quantity, m.partner_id
  ORDER BY m.id) AS gap FROM stock_movement m WHERE m.item_id = ANY(%(items)s)) s
WHERE gap < interval '1 day'
""",
    "SELECT item_id, unit_id, numerator, denominator FROM stock_itemunit WHERE item_id = ANY(%(items)s)",
    """
SELECT a.id, p.code, b.counted - b.book, abs(n.position - o.position) FROM workflows_countline a
JOIN workflows_countline b ON b.document_id = a.document_id AND b.counted <> b.book
  AND (b.item_id = a.item_id OR b.place_id = a.place_id) AND b.id <> a.id
JOIN workflows_countbin n ON n.id = a.bin_id JOIN workflows_countbin o ON o.id = b.bin_id
JOIN stock_place p ON p.id = b.place_id WHERE a.key = ANY(%(lines)s)
AND sign(b.counted - b.book) <> sign(a.counted - a.book)
""",
)
"""What likely causes of the first hundred are read from."""
_TALLY = """
SELECT count(*), count(*) FILTER (WHERE round > 0), count(*) FILTER (WHERE counted = book),
  count(*) FILTER (WHERE stale OR (wanted > 1 AND wanted > round)) FROM workflows_countline WHERE document_id = %s
"""


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _plan(shelves: Shelves) -> Document:
    user = shelves.planner
    return planning.create(
        CODE, Plan(limits={"tolerance_quantity": "1000"}), actor=user, access=access_for(user)
    )


def _seal(shelves: Shelves, document: Document) -> None:
    user = shelves.planner
    planning.seal(document.pk, actor=user, access=access_for(user), sheets=3)


def _raw_snapshot(shelves: Shelves, document: Document) -> None:
    with transaction.atomic():
        CountSheet.objects.bulk_create(
            CountSheet(document=document, number=number) for number in (1, 2, 3)
        )
        with connection.cursor() as cursor:
            cursor.execute(_BINS, [document.pk, shelves.warehouse, document.pk])
            cursor.execute(_LINES, [document.pk])
        transaction.set_rollback(True)


def count_all(shelves: Shelves, document: Document) -> None:
    """Everything is counted, 8 % of it wrong; no part of any figure."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [shelves.counters[0].pk, WRONG, document.pk])
        cursor.execute(_KEPT, [document.pk])


def _judge(document: Document) -> int:
    """What the page of differences asks: all figures, and of the first hundred what is shown and why."""
    reckoned = variance.reckon(document)
    variance.summary(document, reckoned)
    rows = variance.rows(document, reckoned[:100])
    causes.of(document, [row.line for row in rows])
    return len(reckoned)


def _raw_differences(area: int, document: Document) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, [document.pk, area])
        rows = cursor.fetchall()
        cursor.execute(_TALLY, [document.pk])
        cursor.fetchall()
        shown = [row[0] for row in rows[:100]]
        items = list(
            CountLine.objects.filter(key__in=shown).order_by().values_list("item_id", flat=True)
        )
        for sql in _CAUSES:
            cursor.execute(sql, {"items": items, "lines": shown})
            cursor.fetchall()
    return len(rows)


def _raw_posting(area: int, document: Document, post: Callable[[], None]) -> None:
    """Select what differs and whether it is stale, post as many lines, and say so on the document."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM workflows_document WHERE id = %s FOR UPDATE", [document.pk])
        cursor.execute(_DIFFERENCES, [document.pk, area])
        cursor.fetchall()
        post()
        cursor.execute(
            "UPDATE workflows_document SET changed_at = now() WHERE id = %s", [document.pk]
        )
        transaction.set_rollback(True)


def compare(world: World, bins: int, rounds: int) -> dict[str, tuple[float, float, float, int]]:
    """Name → seconds of raw SQL and of ours, their ratio, and how many lines it is about."""
    shelves = build(world, bins)
    house = Warehouse.objects.get(pk=shelves.warehouse)
    raw_post = posting.raw_of_many(world)
    stocked = list(
        Balance.objects.filter(place=world.storage, on_hand__gt=0).values_list("item_id", flat=True)
    )
    took: dict[str, list[tuple[float, float]]] = {"snapshot": [], "differences": [], "posting": []}
    many: dict[str, int] = {}
    for number in range(rounds + 1):
        document = _plan(shelves)
        sealing.seal()  # what the worker has done by then
        raw = _timed(lambda document=document: _raw_snapshot(shelves, document))  # type: ignore[misc]
        own = _timed(lambda document=document: _seal(shelves, document))  # type: ignore[misc]
        lines = CountLine.objects.filter(document=document).count()
        count_all(shelves, document)
        document.refresh_from_db()
        _raw_differences(house.area_id, document)
        raw_read = _timed(lambda document=document: _raw_differences(house.area_id, document))  # type: ignore[misc]
        own_read = _timed(lambda document=document: _judge(document))  # type: ignore[misc]
        differing = len(differences.movements(document))
        door.act(document.pk, "complete", actor=shelves.counters[0], data={"leave": True})
        items = random.sample(stocked, min(differing, len(stocked)))
        raw_book = _timed(
            lambda document=document, items=items: _raw_posting(  # type: ignore[misc]
                house.area_id, document, lambda: raw_post(items)
            )
        )
        own_book = _timed(
            lambda document=document: door.act(document.pk, "approve", actor=shelves.head)  # type: ignore[misc]
        )
        document.refresh_from_db()
        if document.state != "posted":
            raise RuntimeError(f"the stocktake is {document.state}")
        many = {"snapshot": lines, "differences": differing, "posting": differing}
        if number:
            took["snapshot"].append((raw, own))
            took["differences"].append((raw_read, own_read))
            took["posting"].append((raw_book, own_book))
    return {name: (*_middle(pairs), many[name]) for name, pairs in took.items()}


def _middle(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    raw, own = (statistics.median(column) for column in zip(*pairs, strict=True))
    return raw, own, statistics.median(one / other for other, one in pairs)


def one_count(world: World, bins: int, rounds: int) -> tuple[float, float, float]:
    """Seconds of a trivial page and of a count from the phone, and their ratio; neighbours are compared."""
    shelves = build(world, bins)
    document = _plan(shelves)
    _seal(shelves, document)
    counter = shelves.counters[0]
    page = Client(headers={"host": "localhost"})
    page.force_login(counter, backend="django.contrib.auth.backends.ModelBackend")
    url = f"/counting/{document.key}/count/send/"
    lines = list(progress.blind_lines(document)[: rounds + 3])
    took = []
    for number, line in enumerate(lines):
        body: dict[str, Any] = {
            "counts": [{"line": line.key, "quantity": "7", "key": uuid.uuid4().hex}]
        }
        text = json.dumps(body)
        before = _timed(lambda: documents._open(page))
        own = _timed(
            lambda text=text: documents._ok(page.post(url, text, content_type="application/json"))  # type: ignore[misc]
        )
        after = _timed(lambda: documents._open(page))
        if number >= 3:
            took.append(((before + after) / 2, own))
    return _middle(took)
