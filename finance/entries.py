"""The only writer of the journal: whole entries with their lines, any number in the same few statements.

On PostgreSQL entries and lines travel in one statement; on SQLite lines come first and the entry seals them
(``finance.guards``). Amounts are scaled integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.dialect import Cursor, Dialect
from finance.models import JournalEntry
from finance.resolving import Book

Review = JournalEntry.Review


@dataclass(slots=True)
class Pair:
    """A line: debit one account, credit another. A negative amount is red."""

    debit: int
    credit: int
    amount: int
    debit_rule: int | None = None
    credit_rule: int | None = None
    waiting: bool = False
    movement: int | None = None
    adjusts: int | None = None
    item: int | None = None
    partner: int | None = None
    department: int | None = None
    cost_object: str = ""
    quantity: int = 0


@dataclass(slots=True)
class Booked:
    """The money side of a posting that is in the book."""

    posting: int
    pairs: Sequence[Pair]


@dataclass(slots=True)
class Beside:
    """An entry of finance's own, with a key that lets it be written once."""

    company: int
    kind: str
    key: str
    date: date
    recorded_at: datetime
    actor: int | None
    document: str
    summary: str
    pairs: Sequence[Pair]


_LINE = [
    ("n", "bigint"),
    ("number", "int"),
    ("debit_account_id", "bigint"),
    ("credit_account_id", "bigint"),
    ("amount", "bigint"),
    ("debit_rule_id", "bigint"),
    ("credit_rule_id", "bigint"),
    ("waiting", "boolean"),
    ("movement_id", "bigint"),
    ("adjusts_id", "bigint"),
    ("item_id", "bigint"),
    ("partner_id", "bigint"),
    ("department_id", "bigint"),
    ("cost_object", "text"),
    ("quantity", "bigint"),
]
_LINE_COLUMNS = ", ".join(name for name, _kind in _LINE[1:])
_ENTRY_COLUMNS = (
    "company_id, posting_id, kind, key, date, recorded_at, actor_id, document, summary, lines, total, "
    "inventory, review"
)
_SUMS = [("lines", "int"), ("total", "bigint"), ("inventory", "bigint"), ("review", "text")]
_BOOKED = [("n", "bigint"), ("posting", "bigint"), *_SUMS]
_BESIDE = [
    ("n", "bigint"),
    ("company", "bigint"),
    ("kind", "text"),
    ("key", "text"),
    ("date", "date"),
    ("recorded_at", "timestamptz"),
    ("actor", "bigint"),
    ("document", "text"),
    ("summary", "text"),
    *_SUMS,
]


def book(
    cursor: Cursor, dialect: Dialect, entries: Sequence[Booked], rules: Book
) -> list[int] | None:
    """Write the entries of postings of one company; their ids.

    None, and nothing written, if the accounts were found by rules that are not those of now.
    """
    rows = [(n, one.posting, *_sums(one.pairs, rules)) for n, one in enumerate(entries)]
    table, parameters = dialect.rows(_BOOKED, rows)
    head = (
        "SELECT r.n, p.company_id, p.id AS posting_id, 'posting' AS kind, '' AS key, "
        "p.business_date AS date, p.recorded_at, p.actor_id, p.document, p.why AS summary, r.lines, "
        f"r.total, r.inventory, r.review FROM {table} JOIN stock_posting p ON p.id = r.posting"
    )
    return _write(cursor, dialect, head, parameters, entries, rules)


def beside(
    cursor: Cursor, dialect: Dialect, entries: Sequence[Beside], rules: Book
) -> list[int] | None:
    """Write entries of finance's own, all of one company; otherwise as ``book``."""
    rows = [
        (
            n,
            one.company,
            one.kind,
            one.key,
            one.date.isoformat(),
            dialect.moment(one.recorded_at),
            one.actor,
            one.document,
            one.summary[:300],
            *_sums(one.pairs, rules),
        )
        for n, one in enumerate(entries)
    ]
    table, parameters = dialect.rows(_BESIDE, rows)
    head = (
        "SELECT r.n, r.company AS company_id, CAST(NULL AS bigint) AS posting_id, r.kind, r.key, "
        "r.date, r.recorded_at, r.actor AS actor_id, r.document, r.summary, r.lines, r.total, "
        f"r.inventory, r.review FROM {table} WHERE true"
    )
    return _write(cursor, dialect, head, parameters, entries, rules)


def _sums(pairs: Sequence[Pair], rules: Book) -> tuple[int, int, int, str]:
    """Lines, total, change of the inventory accounts, and whether there is anything to review."""
    holding = rules.holding
    inventory = sum(
        pair.amount * ((pair.debit in holding) - (pair.credit in holding)) for pair in pairs
    )
    review = Review.UNREVIEWED if pairs else Review.NONE
    return len(pairs), sum(abs(pair.amount) for pair in pairs), inventory, review.value


def _line_rows(entries: Sequence[Booked | Beside]) -> list[tuple[Any, ...]]:
    return [
        (
            n,
            number,
            pair.debit,
            pair.credit,
            pair.amount,
            pair.debit_rule,
            pair.credit_rule,
            pair.waiting,
            pair.movement,
            pair.adjusts,
            pair.item,
            pair.partner,
            pair.department,
            pair.cost_object,
            pair.quantity,
        )
        for n, one in enumerate(entries)
        for number, pair in enumerate(one.pairs, 1)
    ]


def _write(
    cursor: Cursor,
    dialect: Dialect,
    head: str,
    parameters: list[Any],
    entries: Sequence[Booked | Beside],
    rules: Book,
) -> list[int] | None:
    lines = _line_rows(entries)
    if dialect.postgresql:
        return _together(cursor, dialect, head, parameters, lines, rules)
    cursor.execute(
        "SELECT (SELECT COALESCE(MAX(id), 0) FROM finance_journalentry) FROM finance_books "
        "WHERE company_id = %s AND version = %s",
        [rules.company, rules.version],
    )
    row = cursor.fetchone()
    if row is None:
        return None
    first = int(row[0]) + 1
    if lines:
        table, values = dialect.rows(_LINE, lines)
        cursor.execute(
            f"INSERT INTO finance_journalline (entry_id, {_LINE_COLUMNS}) "
            f"SELECT r.n + %s, {_picked()} FROM {table} WHERE true",
            [first, *values],
        )
    cursor.execute(
        f"INSERT INTO finance_journalentry (id, {_ENTRY_COLUMNS}) "
        f"SELECT h.n + %s, {_ENTRY_COLUMNS} FROM ({head}) h",
        [first, *parameters],
    )
    return list(range(first, first + len(entries)))


def _together(
    cursor: Cursor,
    dialect: Dialect,
    head: str,
    parameters: list[Any],
    lines: Sequence[tuple[Any, ...]],
    rules: Book,
) -> list[int] | None:
    """One statement on PostgreSQL."""
    sql = (
        f"WITH h AS MATERIALIZED (SELECT x.*, nextval('finance_journalentry_id_seq') AS id "
        f"FROM ({head}) x WHERE EXISTS (SELECT 1 FROM finance_books b "
        "WHERE b.company_id = %s::bigint AND b.version = %s::bigint)), "
    )
    parameters = [*parameters, rules.company, rules.version]
    if lines:
        table, values = dialect.rows(_LINE, lines)
        sql += (
            f"l AS (INSERT INTO finance_journalline (entry_id, {_LINE_COLUMNS}) "
            f"SELECT h.id, {_picked()} FROM h JOIN {table} ON r.n = h.n), "
        )
        parameters += values
    sql += (
        f"e AS (INSERT INTO finance_journalentry (id, {_ENTRY_COLUMNS}) "
        f"SELECT id, {_ENTRY_COLUMNS} FROM h) SELECT id FROM h ORDER BY n"
    )
    dialect.run(cursor, sql, parameters, rows=len(lines))
    ids = [int(key) for (key,) in cursor.fetchall()]
    return ids or None


def _picked() -> str:
    return ", ".join(f"r.{name}" for name, _kind in _LINE[1:])
