"""Posting through the ledger against one hand-written statement doing the same durable work."""

import multiprocessing
import random
import statistics
import time
import uuid
from collections.abc import Callable
from decimal import Decimal

from django.db import connection, connections

from core import outbox
from people.access import SYSTEM
from scripts.bench.world import World
from stock import ledger
from stock.ledger import LineInput

RAW = """
PREPARE raw_post (bigint[], bigint[], bigint, bigint, bigint, bigint, text, text[]) AS
WITH l AS (SELECT * FROM unnest($1, $2) WITH ORDINALITY AS t(item, quantity, line)),
p AS MATERIALIZED (SELECT c.id, c.item_id, c.quantity, c.value FROM stock_costpool c JOIN l
  ON c.item_id = l.item AND c.area_id = $4 AND c.lot_id = 0 AND c.shipment = ''
  ORDER BY c.item_id FOR UPDATE OF c),
b AS MATERIALIZED (SELECT b.id, b.item_id, b.on_hand FROM stock_balance b JOIN l
  ON b.item_id = l.item AND b.lot_id = 0 AND b.owner_id = 0 AND b.place_id = $5
  WHERE (SELECT count(*) FROM p) > 0 ORDER BY b.item_id FOR UPDATE OF b),
h AS (INSERT INTO stock_posting (company_id, document, effective_at, business_date, recorded_at, door,
  why, key, body_hash) VALUES ($3, '', now(), current_date, now(), 'raw', '', $7, '') RETURNING id),
m AS (INSERT INTO stock_movement (posting_id, line, line_key, type, item_id, lot_id, owner_id,
  source_id, target_id, quantity, value, effective_at, cost_object, reason, reversal)
  SELECT h.id, l.line, '', 'sales_out', l.item, 0, 0, $5, $6, l.quantity,
  round(p.value * l.quantity / p.quantity / 100.0) * 100, now(), '', '', false
  FROM h, l JOIN p ON p.item_id = l.item RETURNING item_id, quantity, value),
ub AS (UPDATE stock_balance SET on_hand = stock_balance.on_hand - m.quantity, latest_at = now()
  FROM m, b WHERE b.item_id = m.item_id AND stock_balance.id = b.id),
up AS (UPDATE stock_costpool SET quantity = stock_costpool.quantity - m.quantity,
  value = stock_costpool.value - m.value FROM m, p WHERE p.item_id = m.item_id
  AND stock_costpool.id = p.id),
o AS (INSERT INTO core_outboxrow (consumer, topic, subject, data, state, attempts, due_at, created_at,
  error) SELECT c, 'stock.posted', h.id, '{}', 'waiting', 0, now(), now(), '' FROM h, unnest($8) c)
SELECT id FROM h
"""


def raw_poster(world: World) -> Callable[[list[int]], None]:
    """One prepared statement per document, on Django's own connection."""
    connection.ensure_connection()
    raw = connection.connection
    raw.autocommit = True
    cursor = raw.cursor()
    cursor.execute("SELECT 1 FROM pg_prepared_statements WHERE name = 'raw_post'")
    if not cursor.fetchone():
        cursor.execute(RAW)
    consumers = list(outbox.consumers_of("stock.posted"))

    def post(items: list[int]) -> None:
        cursor.execute(
            "EXECUTE raw_post (%s::bigint[], %s::bigint[], %s, %s, %s, %s, %s, %s::text[])",
            [
                items,
                [1_000_000] * len(items),
                world.company.pk,
                world.warehouse.area_id,
                world.storage,
                world.customer,
                uuid.uuid4().hex,
                consumers,
            ],
        )

    return post


def ledger_poster(world: World) -> Callable[[list[int]], None]:
    """The product's own door, with every rule."""
    one = Decimal(1)

    def post(items: list[int]) -> None:
        ledger.post(
            [LineInput("sales_out", item, world.storage, world.customer, one) for item in items],
            company=world.company,
            key=uuid.uuid4().hex,
            actor=None,
            access=SYSTEM,
        )

    return post


POSTERS = {"raw": raw_poster, "ledger": ledger_poster}


def rate(post: Callable[[list[int]], None], items: list[int], lines: int, seconds: float) -> float:
    """Documents per second of one client posting random documents for some seconds."""
    dice = random.Random()
    count, end = 0, time.perf_counter() + seconds
    started = time.perf_counter()
    while time.perf_counter() < end:
        post(dice.sample(items, lines))
        count += 1
    return count / (time.perf_counter() - started)


def compare(world: World, lines: int, *, rounds: int = 5, seconds: float = 1.5) -> dict[str, float]:
    """Interleaved in one process: documents per second of both and the median ratio of their times."""
    posters = {name: make(world) for name, make in POSTERS.items()}
    for post in posters.values():
        rate(post, world.items, lines, 0.3)
    results: dict[str, list[float]] = {name: [] for name in posters}
    for _ in range(rounds):
        for name, post in posters.items():
            results[name].append(rate(post, world.items, lines, seconds))
    ratios = [raw / own for raw, own in zip(results["raw"], results["ledger"], strict=True)]
    return {
        "raw": statistics.median(results["raw"]),
        "ledger": statistics.median(results["ledger"]),
        "ratio": statistics.median(ratios),
    }


def _client(name: str, world: World, items: list[int], lines: int, seconds: float, pipe) -> None:
    connections.close_all()
    errors = 0
    post = POSTERS[name](world)
    started = time.perf_counter()
    count = 0
    while time.perf_counter() - started < seconds:
        try:
            post(random.sample(items, lines))
            count += 1
        except Exception:
            errors += 1
            connection.close()
            post = POSTERS[name](world)
    pipe.send((count / (time.perf_counter() - started), errors))
    connections.close_all()


def together(
    name: str, world: World, items: list[int], lines: int, clients: int, seconds: float
) -> tuple[float, int]:
    """Documents per second and failed documents of several client processes."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    jobs = []
    for _ in range(clients):
        ours, theirs = context.Pipe(duplex=False)
        job = context.Process(target=_client, args=(name, world, items, lines, seconds, theirs))
        job.start()
        jobs.append((job, ours))
    answers = [pipe.recv() for _job, pipe in jobs]
    for job, _pipe in jobs:
        job.join()
    return sum(speed for speed, _errors in answers), sum(errors for _speed, errors in answers)


def compare_together(
    world: World,
    items: list[int],
    lines: int,
    clients: int,
    *,
    rounds: int = 3,
    seconds: float = 3,
) -> dict[str, float]:
    """As ``compare`` with several clients; raw deadlocks and ours are counted as errors."""
    results: dict[str, list[float]] = {name: [] for name in POSTERS}
    failed = dict.fromkeys(POSTERS, 0)
    for _ in range(rounds):
        for name in POSTERS:
            speed, errors = together(name, world, items, lines, clients, seconds)
            results[name].append(speed)
            failed[name] += errors
    ratios = [raw / own for raw, own in zip(results["raw"], results["ledger"], strict=True)]
    return {
        "raw": statistics.median(results["raw"]),
        "ledger": statistics.median(results["ledger"]),
        "ratio": statistics.median(ratios),
        "errors": failed["ledger"],
    }


def big_document(world: World, lines: int = 10_000) -> dict[str, float]:
    """Milliseconds per line of one huge document against documents of 100 lines."""
    post = ledger_poster(world)
    times: dict[int, list[float]] = {100: [], lines: []}
    for _ in range(3):
        for size, taken in times.items():
            items = [world.items[n % len(world.items)] for n in range(size)]
            started = time.perf_counter()
            post(items)
            taken.append((time.perf_counter() - started) / size * 1000)
    small, large = (statistics.median(times[size]) for size in (100, lines))
    return {"small_ms": small, "large_ms": large, "ratio": large / small}


def alone(world: World) -> dict[int, float]:
    """Milliseconds of one posting by one client, for 1, 10 and 100 lines."""
    post = ledger_poster(world)
    result = {}
    for lines in (1, 10, 100):
        rate(post, world.items, lines, 0.5)
        result[lines] = 1000 / statistics.median(
            rate(post, world.items, lines, 1.0) for _ in range(5)
        )
    return result
