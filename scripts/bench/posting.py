"""Posting through the ledger against one hand-written statement doing the same durable work.

Raw SQL writes the same tables with the same indexes, triggers and foreign keys: header, lines at the
pool's average, balances and pools locked in the same order, the outbox rows. It is one prepared statement
in one round trip, and it checks nothing: that is the floor, and what the rules cost is the ratio. Neither
writes the journal there; what that costs is measured against the ledger without it.
"""

import itertools
import random
import resource
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import psycopg2
from django.db import connection

from core import outbox
from people.access import SYSTEM
from people.models import Company
from scripts.bench.databases import Size
from scripts.bench.noise import QUIET, Noise
from scripts.bench.stations import Station, together
from scripts.bench.world import World
from stock import ledger, writing
from stock.ledger import LineInput

Post = Callable[[Sequence[int]], None]
KINDS = ("raw", "ledger")
JOURNAL = ("ledger", "journal")
"""The ledger alone, and with the journal that follows it."""

RAW = """
PREPARE raw_post (bigint[], bigint[], bigint, bigint, bigint, bigint, text, text[]) AS
WITH l AS (SELECT * FROM unnest($1, $2) WITH ORDINALITY AS t(item, quantity, line)),
p AS MATERIALIZED (SELECT c.id, c.item_id, c.quantity, c.value FROM stock_costpool c JOIN l
  ON c.item_id = l.item AND c.area_id = $4 AND c.lot_id = 0 AND c.shipment = ''
  WHERE c.item_id = ANY($1) ORDER BY c.item_id FOR UPDATE OF c),
b AS MATERIALIZED (SELECT b.id, b.item_id FROM stock_balance b JOIN l
  ON b.item_id = l.item AND b.lot_id = 0 AND b.owner_id = 0 AND b.place_id = $5
  WHERE b.item_id = ANY($1) AND (SELECT count(*) FROM p) > 0 ORDER BY b.item_id FOR UPDATE OF b),
h AS (INSERT INTO stock_posting (company_id, document, effective_at, business_date, recorded_at, door,
  why, key, body_hash) VALUES ($3, '', now(), (now() AT TIME ZONE 'Asia/Shanghai')::date, now(), 'raw',
  '', $7, '') RETURNING id),
m AS (INSERT INTO stock_movement (posting_id, line, line_key, type, item_id, lot_id, owner_id,
  source_id, target_id, quantity, value, effective_at, cost_object, reason, reversal)
  SELECT h.id, l.line, '', 'sales_out', l.item, 0, 0, $5, $6, l.quantity,
  round(p.value * (l.quantity / p.quantity::numeric) / 100) * 100, now(), '', '', false
  FROM h, l JOIN p ON p.item_id = l.item RETURNING item_id, quantity, value),
ub AS (UPDATE stock_balance SET on_hand = stock_balance.on_hand - m.quantity,
  latest_at = GREATEST(latest_at, now()) FROM m, b
  WHERE b.item_id = m.item_id AND stock_balance.id = b.id),
up AS (UPDATE stock_costpool SET quantity = stock_costpool.quantity - m.quantity,
  value = stock_costpool.value - m.value FROM m, p WHERE p.item_id = m.item_id
  AND stock_costpool.id = p.id),
o AS (INSERT INTO core_outboxrow (consumer, topic, subject, data, state, attempts, due_at, created_at,
  error) SELECT c, 'stock.posted', h.id, '{}', 'waiting', 0, now(), now(), '' FROM h, unnest($8) c)
SELECT id FROM h
"""

_ready: dict[str, Post] = {}


def poster(kind: str, world: World) -> Post:
    """A function that posts one document of one piece of each item; made once per process."""
    if kind not in _ready:
        make = {"raw": _raw, "ledger": _bare, "journal": _ledger}
        _ready[kind] = make[kind](world)
    return _ready[kind]


def raw_of_many(world: World) -> Post:
    """Raw SQL for documents of hundreds of lines: planned for each, for a plan for any length takes four times as long."""
    return _raw(world, plans="force_custom_plan")


def _raw(world: World, *, plans: str = "auto") -> Post:
    """On a connection of its own, with what the server sets by default."""
    own = psycopg2.connect(**connection.get_connection_params())
    own.autocommit = True
    cursor = own.cursor()
    cursor.execute("SET plan_cache_mode = %s", [plans])
    cursor.execute(RAW)
    consumers = list(outbox.consumers_of("stock.posted"))
    company, area, storage, customer = world.company, world.area, world.storage, world.customer

    def post(items: Sequence[int]) -> None:
        wanted = "{" + ",".join(map(str, items)) + "}"
        pieces = "{" + ",".join(["1000000"] * len(items)) + "}"
        cursor.execute(
            "EXECUTE raw_post (%s, %s, %s, %s, %s, %s, %s, %s)",
            [wanted, pieces, company, area, storage, customer, uuid.uuid4().hex, consumers],
        )

    return post


def _bare(world: World) -> Post:
    """The ledger with nobody who follows."""
    full = _ledger(world)

    def post(items: Sequence[int]) -> None:
        followers = writing.followers[:]
        writing.followers.clear()
        try:
            full(items)
        finally:
            writing.followers.extend(followers)

    return post


def _ledger(world: World) -> Post:
    company = Company.objects.get(pk=world.company)
    one = Decimal(1)

    def post(items: Sequence[int]) -> None:
        ledger.post(
            [LineInput("sales_out", item, world.storage, world.customer, one) for item in items],
            company=company,
            key=uuid.uuid4().hex,
            actor=None,
            access=SYSTEM,
        )

    return post


def timed(kind: str, world: World, items: Sequence[int], lines: int, seconds: float) -> list[float]:
    """Post documents of random ``items`` for some seconds; the seconds that each took."""
    post = poster(kind, world)
    took = []
    end = time.perf_counter() + seconds
    while True:
        chosen = random.sample(items, lines)
        started = time.perf_counter()
        post(chosen)
        now = time.perf_counter()
        took.append(now - started)
        if now >= end:
            return took


def _in_turns(
    kinds: Sequence[str], world: World, items: Sequence[int], lines: int, seconds: float
) -> dict[str, list[float]]:
    """Post documents of random ``items``, one of each kind in turns; the seconds that each took."""
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    posters = {kind: poster(kind, world) for kind in kinds}
    orders = itertools.cycle((kinds, kinds[::-1]))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for kind in next(orders):
            chosen = random.sample(items, lines)
            started = time.perf_counter()
            posters[kind](chosen)
            took[kind].append(time.perf_counter() - started)
    return took


def with_journal(
    clients: list[Station], world: World, items: Sequence[int], lines: int, size: Size
) -> tuple[float, float, float, float]:
    """Milliseconds of a document without and with its journal, document by document in turns.

    The medians of both; the third is their ratio, the fourth the ratio of the means, where rare slow documents count.
    Slices of one kind each cannot tell a third of a document's time from what a checkpoint or vacuum takes meanwhile.
    """
    together(clients, _in_turns, JOURNAL, world, items, lines, size.seconds)
    answers = together(
        clients, _in_turns, JOURNAL, world, items, lines, 2 * size.seconds * size.rounds
    )
    bare, full = (
        [second * 1000 for answer in answers for second in answer[kind]] for kind in JOURNAL
    )
    middle = statistics.median(bare), statistics.median(full)
    return *middle, middle[1] / middle[0], statistics.fmean(full) / statistics.fmean(bare)


@dataclass(frozen=True)
class Comparison:
    """Raw SQL and the ledger in one run: documents per second, the slowest 1 % in ms, ratio of times."""

    raw: float
    ledger: float
    raw_p99: float
    ledger_p99: float
    ratio: float
    work: float
    """The ratio of the processor time a document takes in clients and server, which noise changes little."""
    spread: tuple[float, float]
    """The lowest and highest ratio of a round that counts."""
    foreign: float


def compare(
    clients: list[Station],
    world: World,
    items: Sequence[int],
    lines: int,
    size: Size,
) -> Comparison:
    """Alternate raw SQL and the ledger in short slices; noisy rounds count only if too few quiet ones remain."""
    base, other = kinds = KINDS
    for kind in kinds:
        together(clients, timed, kind, world, items, lines, size.seconds / 2)
    noise = Noise()
    rounds = [
        _round(clients, world, items, lines, size, noise, kinds if number % 2 else kinds[::-1])
        for number in range(size.rounds)
    ]
    quiet = [one for one in rounds if one[base].foreign + one[other].foreign <= 2 * QUIET]
    kept = quiet if len(quiet) >= min(3, size.rounds) else rounds
    ratios = [one[base].rate / one[other].rate for one in kept]
    slices = {kind: [one[kind] for one in kept] for kind in kinds}
    rates = {kind: statistics.median(part.rate for part in slices[kind]) for kind in kinds}
    slow = {kind: _p99([took for part in slices[kind] for took in part.took]) for kind in kinds}
    work = [one[other].work / max(one[base].work, 1e-9) for one in kept]
    return Comparison(
        raw=rates[base],
        ledger=rates[other],
        raw_p99=slow[base],
        ledger_p99=slow[other],
        ratio=statistics.median(ratios),
        work=statistics.median(work),
        spread=(min(ratios), max(ratios)),
        foreign=statistics.median(part.foreign for kind in kinds for part in slices[kind]),
    )


@dataclass(frozen=True)
class _Slice:
    rate: float
    took: list[float]
    work: float
    """Processor seconds a document."""
    foreign: float


def _round(
    clients: list[Station],
    world: World,
    items: Sequence[int],
    lines: int,
    size: Size,
    noise: Noise,
    order: Sequence[str],
) -> dict[str, _Slice]:
    """One slice of each kind."""
    noise.wait(size.patience)
    result = {}
    for kind in order:
        noise.start()
        answers = together(clients, timed, kind, world, items, lines, size.seconds)
        foreign, spent = noise.share(), noise.spent()
        took = [second for answer in answers for second in answer]
        rate = sum(len(answer) / sum(answer) for answer in answers)
        result[kind] = _Slice(rate, took, spent / len(took), foreign)
    return result


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] * 1000


def deadlocks() -> int:
    """How many deadlocks the database has broken so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT SUM(deadlocks) FROM pg_stat_database")
        return int(cursor.fetchone()[0])


def post_chosen(world: World, items: Sequence[int]) -> float:
    """Seconds that one document of these items takes through the ledger."""
    post = poster("journal", world)
    started = time.perf_counter()
    post(items)
    return time.perf_counter() - started


def by_history(
    short: Station, long: Station, world: World, lines: int, *, documents: int
) -> tuple[float, float, float]:
    """Milliseconds of a document on a short and on a long history, document by document in turns.

    The third is the median of the ratios of neighbours.
    """
    took: dict[Station, list[float]] = {short: [], long: []}
    for station in took:
        for start in range(0, len(world.stocked), 100):
            station.do(post_chosen, world, world.stocked[start : start + 100])
    for number in range(documents):
        chosen = random.sample(world.stocked, lines)
        for station in (short, long) if number % 2 else (long, short):
            took[station].append(station.do(post_chosen, world, chosen) * 1000)
    before, after = took.values()
    return (
        statistics.median(before),
        statistics.median(after),
        statistics.median(b / a for a, b in zip(before, after, strict=True)),
    )


def big_document(world: World, lines: int, times: int) -> tuple[float, float, float]:
    """Milliseconds per line of documents of 100 and of ``lines`` lines, and what the memory grew by in MB.

    Both are posted in turns; the growth is that of the process's peak while the largest was posted.
    """
    post_chosen(world, world.items[:100])
    before = _peak(reset=True)
    small, large = [], []
    for number in range(times):
        large.append(post_chosen(world, world.items[:lines]) / lines * 1000)
        for part in range(10):
            start = (number * 10 + part) * 100 % max(len(world.items) - 100, 1)
            small.append(post_chosen(world, world.items[start : start + 100]) / 100 * 1000)
    return statistics.median(small), statistics.median(large), _peak() - before


def _peak(*, reset: bool = False) -> float:
    """The most memory that the process has had in RAM, in MB; ``reset`` starts anew from now."""
    status = Path("/proc/self/status")
    if reset and status.exists():
        Path("/proc/self/clear_refs").write_text("5")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
