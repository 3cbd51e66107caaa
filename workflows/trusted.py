"""The only door of trusted imports: whole documents, written and posted at once, approved as one batch.

Sheets that were checked as a whole (legacy movements, the demo's history) come in here. They are documents
like all others, on the import process of their type; what the book refuses leaves nothing behind. Many documents
share their statements, and one alone is many of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from core import bulk, histories
from people.models import Company
from stock.errors import Apart
from stock.models import Posting
from workflows import content, moment, numbering, posting, saving, told
from workflows.models import Document, Line
from workflows.posting import Posted
from workflows.told import Standing, Told

__all__ = ["Apart", "Standing", "Told", "Written", "post", "post_many"]


@dataclass(frozen=True, slots=True)
class Written:
    """The document and what posting did; ``created`` is False if the key had been posted before."""

    document: Document | None
    posted: Posted
    line_keys: Sequence[str] = ()
    """The key of the line of each told movement."""


@dataclass(slots=True)
class _Paper:
    """A document while it is written: its lines, and for each movement the line that it belongs to."""

    told: Told
    document: Document
    lines: list[Line]
    owners: list[Line]


def post(one: Told, *, company: Company, standing: Standing | None = None) -> Written:
    """Write and post one document; a run of many gives all of them one ``standing``. Raises what the ledger raises, with the numbers of the told lines.

    Nothing is written for a key that was posted before; at once with another run it raises KeyReused.
    """
    known = () if one.fresh else _posted(one, company)
    if known:
        return Written(None, Posted(known[0], created=False, movement_ids=()))
    with transaction.atomic(savepoint=not one.fresh):
        return _write([one], standing or Standing(company))[0]


def post_many(documents: Sequence[Told], *, standing: Standing) -> list[Written]:
    """Write and post documents in their order, all or none, with as many statements as for one.

    Whoever tells them has begun a transaction, knows that no key was posted, and undoes all if anything is
    raised: Apart where they have to go one by one, because one of them is refused for example.
    """
    return _write(documents, standing) if documents else []


def _posted(one: Told, company: Company) -> list[int]:
    """The posting of this key, if there is one."""
    rows = Posting.objects.filter(company=company, key=one.key)
    return list(rows.values_list("pk", flat=True))


def _write(documents: Sequence[Told], standing: Standing) -> list[Written]:
    """Drafts with their lines, the postings, and then what the documents are because of them."""
    papers = _drafts(documents, standing)
    posted = posting.post_told([_told(paper) for paper in papers], company=standing.company)
    for paper, done in zip(papers, posted, strict=True):
        document = paper.document
        document.book()
        document.posting_id = done.posting_id
        document.posted_at = document.created_at
        if done.plan is not None:
            document.amount = document.posted_amount = done.plan.total_value
    bulk.insert([run for paper in papers for run in told.runs(paper.document, standing)])
    saving.save_booked(
        [paper.document for paper in papers],
        [
            event
            for paper in papers
            for event in told.events(paper.document, paper.told, len(paper.lines))
        ],
    )
    return [
        Written(paper.document, done, [str(line.key) for line in paper.owners])
        for paper, done in zip(papers, posted, strict=True)
    ]


def _drafts(documents: Sequence[Told], standing: Standing) -> list[_Paper]:
    """The documents with their lines, written as drafts that have their numbers."""
    now = moment.now()
    standing.expect(documents)
    papers = [
        _Paper(one, told.header(one, standing, now), *told.lines_of(one, standing))
        for one in documents
    ]
    nameless = [paper.document for paper in papers if not paper.told.number]
    numbers = iter(numbering.give_many(nameless) if nameless else ())
    for paper in papers:
        paper.document.number = paper.told.number or next(numbers)
        paper.document.content_hash = content.hashed(paper.document, paper.lines)
    bulk.insert_keyed([paper.document for paper in papers])
    for paper in papers:
        for line in paper.lines:
            line.document_id = paper.document.pk
    bulk.insert([line for paper in papers for line in paper.lines])
    keys = [paper.document.pk for paper in papers]
    written = bulk.those(Line.objects.all(), "document_id", keys)
    histories.begin(written, at="document__created_at", user="document__asker_id")
    return papers


def _told(paper: _Paper) -> posting.PostingInput:
    """The posting of a document, exactly as told."""
    one, document = paper.told, paper.document
    return posting.PostingInput(
        [
            movement._replace(line_key=str(line.key))
            for movement, line in zip(one.lines, paper.owners, strict=True)
        ],
        key=one.key,
        actor=one.asker,
        effective_at=one.effective_at,
        document=one.reference or document.number or "",
        why=one.note,
        door=one.door,
        override=document.override,
        accept_expired=document.accept_expired,
    )
