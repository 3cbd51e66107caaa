"""Journals what was posted while finance was not there: in batches, each whole; a second run finds nothing."""

from collections.abc import Iterator

from django.db import connection, transaction

from core.dialect import Dialect
from finance import entries, journal, moved
from finance.entries import Booked

BATCH = 2_000
"""Postings a batch."""

_MISSING = """
SELECT p.id, p.company_id FROM stock_posting p WHERE p.id > %s AND NOT EXISTS (
  SELECT 1 FROM finance_journalentry e WHERE e.posting_id = p.id) ORDER BY p.id LIMIT %s
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
    with connection.cursor() as cursor:
        found = moved.read(cursor, dialect, "m.posting_id", postings)
        booked = [Booked(one, journal.pairs(found.get(one, ()), rules)) for one in postings]
        if entries.book(cursor, dialect, booked, rules) is None:
            raise RuntimeError("the rules of accounts changed meanwhile; run it again")
