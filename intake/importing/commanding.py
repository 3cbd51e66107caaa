"""What ``manage.py intake`` does beyond reading: the same import as the pages', for whoever runs commands on the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.collector import paused
from core.errors import DomainError
from intake.importing import door, planning, preparing, working
from intake.importing.found import Prepared, Problem
from intake.importing.mends import EVERYTHING, Mends
from intake.models import Import
from intake.reading.grid import Book
from intake.reading.launch import open_book
from intake.understanding import report
from intake.understanding.result import Caution
from people.access import SYSTEM
from people.models import Company, User
from stock.models import Warehouse

MADE = ("item", "unit", "warehouse", "place", "partner")
"""Kinds of records that a command may make."""


@dataclass(slots=True)
class Order:
    """What a command asks for; ``answers`` may hold ``mends`` beside answers of questions."""

    path: Path
    purpose: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    mends: Mapping[str, Any] = field(default_factory=dict)
    year: int = 0
    warehouse: str = ""
    start_on: date | None = None
    sender: str = ""
    user: str = ""
    create: tuple[str, ...] = ()
    skip_wrong: bool = False
    commit: bool = False


@dataclass(slots=True)
class Result:
    """What came of it: the look, the import where one was kept, and why nothing was written."""

    out: Prepared
    job: Import | None = None
    refused: str = ""


def has_books() -> bool:
    """Whether there is a company to check sheets against."""
    return Company.objects.exists()


@paused()
def run(order: Order) -> Result:
    """Look at a file and, if asked, write it. Raises DomainError for what cannot be read or is unknown.

    Without ``commit`` nothing is kept. Rows with something wrong keep everything from being written, unless they are
    to be left out.
    """
    warehouse = _warehouse(order.warehouse)
    company = warehouse.area.company if warehouse else Company.objects.earliest("pk")
    book = open_book(order.path)
    if not order.commit:
        job = Import(
            name=order.path.name,
            sha256=book.sha256,
            company=company,
            purpose=order.purpose,
            warehouse=warehouse,
            sender=order.sender,
            start_on=order.start_on,
        )
        _say(job, order)
        return Result(preparing.prepare(job, book=book), None)
    job = door.create(
        order.path.read_bytes(),
        order.path.name,
        company=company,
        actor=_user(order.user),
        access=SYSTEM,
        purpose=order.purpose,
        warehouse=warehouse,
        sender=order.sender,
        start_on=order.start_on,
    )
    _say(job, order)
    job.save()
    try:
        return _commit(job, order, book)
    except DomainError:
        if job.state == Import.State.DRAFT:
            Import.objects.filter(pk=job.pk).delete()
        raise


def _commit(job: Import, order: Order, book: Book) -> Result:
    out = door.look(job, book=book)
    refused = ""
    if out.blocked:
        refused = _("Something is asked or wrong with the file as a whole.")
    elif out.wrong_rows and not order.skip_wrong:
        refused = _("Rows are wrong: mend them, or leave them out with --skip-wrong.")
    if refused or not job.summary["good"]:
        Import.objects.filter(pk=job.pk).delete()
        return Result(out, None, refused)
    job = door.submit(job.pk, actor=job.asker, access=SYSTEM, version=job.version, found=out)
    if job.state == Import.State.WAITING:
        return Result(out, job, _("A second person has to approve it before it is written."))
    door.begin(job.pk, access=SYSTEM)
    done = working.run(job.pk, found=out)
    job = done or Import.objects.get(pk=job.pk)
    return Result(out, job, job.problem)


def _say(job: Import, order: Order) -> None:
    job.wish = {
        "columns": dict(order.columns),
        "answers": dict(order.answers),
        "year": order.year,
    }
    mends = Mends.read(order.mends)
    for kind in order.create:
        mends.create[kind] = [EVERYTHING]
    job.mends = mends.as_dict()


def _warehouse(code: str) -> Warehouse | None:
    if not code:
        return None
    found = Warehouse.objects.filter(code__iexact=code).first()
    if found is None:
        raise DomainError(_("There is no warehouse “%s”.") % code[:40], code="warehouse")
    return found


def _user(name: str) -> User | None:
    if not name:
        return None
    found = User.objects.filter(username=name).first()
    if found is None:
        raise DomainError(_("There is no user “%s”.") % name[:40], code="user")
    return found


def as_dict(result: Result) -> dict[str, Any]:
    """The answer: what was read as ever, and what the books say of it."""
    out = result.out
    facts = report.as_dict(out.understanding)
    entries, _records = out.good()
    said = [problem.as_dict() for problem in out.problems]
    own = len(out.understanding.wrong)
    warned = [*out.understanding.warnings, *(_caution(note) for note in out.notes)]
    job = result.job
    facts |= {
        "as": out.purpose or facts["as"],
        "wrong": said[:5_000],
        "wrong_count": len(said),
        "checks": said[own:][:5_000],
        "checks_count": max(len(said) - own, 0),
        "warnings": [one.as_dict() for one in warned[:5_000]],
        "warnings_count": len(warned),
        "known": out.known,
        "left_out": out.left_out,
        "writable": len({(one.sheet, one.row.number) for one in out.things}),
        "documents": written(job) if job else [d.as_dict() for d in planning.documents(entries)],
        "import": str(job.key) if job else "",
        "state": job.state if job else "",
        "written": job.written if job else 0,
        "refused": result.refused,
    }
    return facts


def _caution(note: Problem) -> Caution:
    """A note of the books in the form of a warning of the sheet."""
    return Caution(note.sheet, note.row, note.cell, note.code, note.message)


def written(job: Import) -> list[dict[str, object]]:
    """The documents of an import, with their rows."""
    found: dict[int, dict[str, Any]] = {}
    rows = job.rows.filter(document__isnull=False).select_related("document").order_by("pk")
    for row in rows:
        document = row.document
        if document is None:
            continue
        one = found.setdefault(
            document.pk,
            {
                "key": str(document.key),
                "number": document.number or "",
                "type": document.type,
                "state": document.state,
                "source": document.reference,
                "rows": [],
            },
        )
        one["rows"].append(row.row)
    return list(found.values())
