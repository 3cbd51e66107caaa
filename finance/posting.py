"""The only door of finance to the book: it follows every posting with the journal, and posts changes of value."""

from collections.abc import Sequence
from datetime import datetime

from finance import journal
from people.access import Access
from people.models import Company, User
from stock import ledger
from stock.ledger import LineInput, Posted, Written


def follow() -> None:
    """Have the journal written in the transaction of every posting."""
    ledger.register_follower(_journal)


def _journal(written: Sequence[Written]) -> None:
    first = written[0]
    postings = [(one.posting_id, one.movements) for one in written]
    journal.write(first.company, postings, first.state)


def post(
    lines: Sequence[LineInput],
    *,
    company: Company,
    key: str,
    actor: User | None,
    access: Access,
    document: str,
    why: str,
    effective_at: datetime | None = None,
) -> Posted:
    """Post changes of value; once for the same key. Raises what the ledger raises."""
    return ledger.post(
        lines,
        company=company,
        key=key,
        actor=actor,
        access=access,
        effective_at=effective_at,
        document=document,
        why=why,
        door="finance",
    )


def reverse(posting_id: int, *, key: str, actor: User | None, access: Access, why: str) -> Posted:
    """Reverse changes of value that finance posted. Raises what the ledger raises."""
    return ledger.reverse(posting_id, key=key, actor=actor, access=access, why=why, door="finance")
