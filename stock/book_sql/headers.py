"""The headers of postings: written once a key, and never into a closed month."""

from collections.abc import Sequence
from typing import Any

from core.dialect import Cursor, Dialect

_POSTING_COLUMNS = {
    "company_id": "bigint",
    "document": "text",
    "effective_at": "timestamptz",
    "business_date": "date",
    "recorded_at": "timestamptz",
    "actor_id": "bigint",
    "door": "text",
    "why": "text",
    "key": "text",
    "body_hash": "text",
    "reverses_id": "bigint",
}


def postings_insert(
    dialect: Dialect, company: int, rows: Sequence[dict[str, Any]]
) -> tuple[str, list[Any]]:
    """The statement that writes headers unless their key exists or their month (or a later) is closed.

    It returns the id and key of each that was written; they get their ids in their order.
    """
    columns = [*_POSTING_COLUMNS.items(), ("month", "date"), ("n", "int")]
    table, parameters = dialect.rows(
        columns, [(*(row[name] for name, _kind in columns[:-1]), n) for n, row in enumerate(rows)]
    )
    names = ", ".join(_POSTING_COLUMNS)
    picked = ", ".join(f"r.{name}" for name in _POSTING_COLUMNS)
    sql = (
        f"INSERT INTO stock_posting ({names}) SELECT {picked} FROM {table} "
        "WHERE NOT EXISTS (SELECT 1 FROM stock_period e WHERE "
        f"e.company_id = {dialect.value('bigint')} AND e.month >= r.month "
        "AND e.state = 'closed') ORDER BY r.n ON CONFLICT (company_id, key) DO NOTHING "
        "RETURNING id, key"
    )
    return sql, [*parameters, company]


def find_posting(cursor: Cursor, company: int, key: str) -> tuple[int, str] | None:
    """The id and body hash of the posting with this key."""
    cursor.execute(
        "SELECT id, body_hash FROM stock_posting WHERE company_id = %s AND key = %s",
        [company, key],
    )
    return cursor.fetchone()
