"""One look at a file: read, mended, understood, resolved, checked. Nothing is written.

The same look is taken for the page, for the command, before the content is approved and again before it is written,
and gives the same entries as long as file, mends and master data are the same.
"""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from intake.importing import (
    checking,
    counting,
    keys,
    mastering,
    opening,
    ordering,
    signs,
    twice,
    understood,
    unusual,
)
from intake.importing.found import Prepared, Problem
from intake.importing.mends import Mends
from intake.importing.moving import Frame, Mover
from intake.importing.resolver import Resolver
from intake.models import HeaderWord, Import, RememberedMapping
from intake.reading.grid import Book
from intake.resolving.catalogue import Catalogue
from intake.resolving.records import WarehouseRef
from intake.understanding.dictionary import Dictionary, shipped
from intake.understanding.result import Understanding, Wish

Tell = Callable[[str, int, int], None]
"""Told what is done now (read, understand, check), how many rows of it are done, and how many cells are wrong."""
_TELL_ROWS = 500


def prepare(
    job: Import,
    *,
    book: Book | None = None,
    catalogue: Catalogue | None = None,
    against_book: bool = True,
    tell: Tell = signs.nobody,
) -> Prepared:
    """Look at the file of an import. Raises Refusal for a file that cannot be read.

    Without ``against_book`` nothing that other postings may change meanwhile is asked: a worker does so for
    content that was checked and approved, whose wrong rows are left out by name.
    """
    mends = Mends.read(job.mends)
    understanding = understood.understand(job, mends, wish_of(job), words(), book=book, tell=tell)
    tell(signs.CHECK, 0, len(understanding.wrong))
    known = catalogue or Catalogue(job.company, job.sender)
    out = Prepared(understanding, job.purpose or purpose_of(understanding))
    out.problems += [
        Problem(w.sheet, w.row, w.cell, w.field, w.code, w.message, w.raw, w.proposal)
        for w in understanding.wrong
    ]
    _resolve(out, job, known, mends, tell)
    _leave_out(out, mends)
    keys.give(out, job)
    keys.leave_out_known(out, job)
    if against_book:
        twice.check(out)
        checking.check(out, job, mends)
        unusual.check(out)
    else:
        opening.apply(out, mends.opened)
    tell(signs.CHECK, sum(table.rows for table in understanding.tables), len(out.problems))
    return out


def wish_of(job: Import) -> Wish:
    """What was said about the file, and what is remembered of its sender's sheets."""
    said = job.wish
    remembered = {
        row.fingerprint: dict(row.columns)
        for row in RememberedMapping.objects.filter(
            company_id=job.company_id, sender__in=["", job.sender]
        ).order_by("sender")
    }
    return Wish(
        purpose=job.purpose,
        columns=dict(said.get("columns") or {}),
        answers=dict(said.get("answers") or {}),
        remembered=remembered,
        year=int(said.get("year") or 0),
    )


def words() -> Dictionary:
    """The shipped dictionary of headers with what was changed on its page."""
    own: dict[str, list[str]] = {}
    off: set[tuple[str, str]] = set()
    for word in HeaderWord.objects.all():
        if word.off:
            off.add((word.word, word.field))
        else:
            own.setdefault(word.field, []).append(word.word)
    base = shipped()
    if off:
        kept = {
            text: tuple(code for code in codes if (text, code) not in off)
            for text, codes in base.words.items()
        }
        base = Dictionary({text: codes for text, codes in kept.items() if codes})
    return base.with_words(own) if own else base


def purpose_of(understanding: Understanding) -> str:
    """What the file is for: what its largest table is for."""
    tables = sorted(understanding.tables, key=lambda table: -table.rows)
    return next((table.purpose for table in tables if table.purpose), "")


def _resolve(out: Prepared, job: Import, known: Catalogue, mends: Mends, tell: Tell) -> None:
    resolver = Resolver(known, mends, out)
    if any(r.values.get("lot") or r.values.get("serial") for r in out.understanding.rows):
        known.read_lots({pk for pk, item in known.item_ids.items() if item.tracking != "none"})
    frame = Frame(
        ZoneInfo(job.company.time_zone),
        _usual(job, known),
        job.start_on or _start(out),
        job.company.currency_places,
    )
    rows = list(out.understanding.good_rows())
    if out.purpose in {"opening", "movements"}:
        mover = Mover(resolver, frame)
        for at, row in enumerate(rows):
            if at % _TELL_ROWS == 0:
                tell(signs.CHECK, at, len(out.problems))
            if out.purpose == "opening":
                out.entries += mover.opening(row)
            else:
                out.entries += mover.movements(row, out.table_of(row))
    elif out.purpose == "stocktake":
        counting.read(rows, resolver, frame)
    elif out.purpose in {"items", "partners"}:
        mastering.read(rows, resolver, out.purpose)
    elif out.purpose in {"orders", "boms"}:
        ordering.read(rows, resolver, frame)


def _usual(job: Import, known: Catalogue) -> WarehouseRef | None:
    """The warehouse of rows that name none: the chosen one, or the only one there is."""
    if job.warehouse_id is not None:
        return known.warehouses.get(job.warehouse_id)
    return next(iter(known.warehouses.values())) if len(known.warehouses) == 1 else None


def _start(out: Prepared) -> date | None:
    """The first day, where a line above the table says which day its balances are of: the day after."""
    for table in out.understanding.tables:
        said = table.constants.get("date")
        if said is not None and isinstance(said.value, date):
            return said.value + timedelta(days=1)
    return None


def _leave_out(out: Prepared, mends: Mends) -> None:
    """Rows that a person left out are neither imported nor wrong."""
    if not mends.left_out:
        return

    def stays(sheet: str, row: int) -> bool:
        return (sheet, row) not in mends.left_out

    out.left_out = len(mends.left_out)
    out.problems = [p for p in out.problems if not p.row or stays(p.sheet, p.row)]
    out.entries = [e for e in out.entries if stays(e.sheet, e.row.number)]
    out.records = [r for r in out.records if stays(r.sheet, r.row.number)]
