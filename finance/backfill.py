"""Journals what was posted while finance was not there: in batches, each whole; a second run finds nothing."""

from collections.abc import Iterator

from django.db import connection, transaction

from core.dialect import Dialect
from finance import entries, journal
from finance.entries import Booked
from finance.journal import Moved

BATCH = 2_000
"""Postings a batch."""

_MISSING = """
SELECT p.id, p.company_id FROM stock_posting p WHERE p.id > %s AND NOT EXISTS (
  SELECT 1 FROM finance_journalentry e WHERE e.posting_id = p.id) ORDER BY p.id LIMIT %s
"""
_MOVED = """
SELECT m.posting_id, m.id, m.type, m.item_id, i.category_id, s.kind, s.warehouse_id, t.kind,
  t.warehouse_id, m.quantity, m.value, m.partner_id, m.department_id, m.cost_object, m.reason, m.reversal
FROM stock_movement m JOIN stock_item i ON i.id = m.item_id
JOIN stock_place s ON s.id = m.source_id JOIN stock_place t ON t.id = m.target_id
WHERE {among} AND m.value <> 0 ORDER BY m.posting_id, m.line
"""


def run(batch: int = BATCH) -> int:
    """Journal every posting that has no entry; how many there were. Killed, it goes on where it was."""
    done, last = 0, 0
    while True:
        with transaction.atomic():
            postings = _missing(last, batch)
            for company, some in _by_company(postings):
                _journal(company, some)
        if not postings:
            return done
        last = postings[-1][0]
        done += len(postings)


def _missing(last: int, batch: int) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, [last, batch])
        return [(int(posting), int(company)) for posting, company in cursor.fetchall()]


def _by_company(postings: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    groups: dict[int, list[int]] = {}
    for posting, company in postings:
        groups.setdefault(company, []).append(posting)
    yield from groups.items()


def _journal(company: int, postings: list[int]) -> None:
    dialect = Dialect(connection.vendor)
    rules = journal.fresh(company)
    moved: dict[int, list[Moved]] = {posting: [] for posting in postings}
    with connection.cursor() as cursor:
        among, parameter = dialect.ids("m.posting_id", postings)
        cursor.execute(_MOVED.format(among=among), [parameter])
        for posting, *facts in cursor.fetchall():
            moved[posting].append(Moved._make((*facts[:-1], bool(facts[-1]))))
        booked = [Booked(posting, journal.pairs(rows, rules)) for posting, rows in moved.items()]
        if entries.book(cursor, dialect, booked, rules) is None:
            raise RuntimeError("the rules of accounts changed meanwhile; run it again")
