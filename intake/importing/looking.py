"""A look at an import: at once for a small file, by a worker for a large one; what it found is kept with the import.

A large file is asked for with ``ask`` and then looked at by ``intake.importing.working``: it can be cancelled, and
another worker begins anew when one dies. A mend made meanwhile takes the import away from its worker.
"""

import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from core import archives
from core.collector import paused
from intake.importing import grouping, preparing, signs, storing, summing
from intake.importing.found import Prepared
from intake.importing.mends import Mends
from intake.importing.preparing import Tell
from intake.models import Import
from intake.reading.grid import Book
from intake.resolving.catalogue import Catalogue

PACKED_BYTES = 3_000_000
"""A workbook whose parts are larger than this unpacked is looked at by a worker: about 6,000 rows of ten columns."""
PLAIN_BYTES = 400_000
"""The same for files that are not packed."""


@dataclass(slots=True)
class Look:
    """What a look found, and the facts of the import that it settles."""

    out: Prepared
    facts: dict[str, Any]


def is_large(job: Import) -> bool:
    """Whether nobody should wait for a look at this file; what an archive says of itself is enough to tell."""
    try:
        with storing.path_of(job).open("rb") as file:
            return sum(part.file_size for part in archives.parts(file)) > PACKED_BYTES
    except (OSError, zipfile.BadZipFile):
        return job.size > PLAIN_BYTES


def find(job: Import, *, book: Book | None = None, tell: Tell = signs.nobody) -> Look:
    """Look at the file; nothing is kept. Raises Refusal for one that cannot be read, and what ``tell`` raises."""
    with paused():
        return _find(job, book, tell)


def _find(job: Import, book: Book | None, tell: Tell) -> Look:
    known = Catalogue(job.company, job.sender)
    if job.warehouse_id is None and len(known.warehouses) == 1:
        job.warehouse_id = next(iter(known.warehouses))
    mends = Mends.read(job.mends)
    out = preparing.prepare(job, book=book, catalogue=known, tell=tell)
    if mends.groups:
        for group in mends.groups:
            mends.left_out |= {
                (p.sheet, p.row) for p in grouping.rows_of(out.problems, *group) if p.row
            }
        mends.groups.clear()
        job.mends = mends.as_dict()
        known = Catalogue(job.company, job.sender)
        out = preparing.prepare(job, book=book, catalogue=known, tell=tell)
    if mends.opened != out.opened:
        # What is missing is of this look: exactly that is written.
        mends.opened = out.opened
        job.mends = mends.as_dict()
    job.purpose = job.purpose or out.purpose
    summary = {**summing.summary(out, job, known), "language": get_language()}
    facts = {
        "warehouse_id": job.warehouse_id,
        "purpose": job.purpose,
        "mends": job.mends,
        "summary": summary,
        "total": summary["moves"],
        "content_hash": out.content_hash(),
    }
    return Look(out, facts)


def keep(job: Import, look: Look) -> None:
    """Keep what was found with the import; whoever calls holds its lock, or is the only one who knows it."""
    for name, value in look.facts.items():
        setattr(job, name, value)
    job.problem, job.step, job.progress = "", "", {}
    job.worker, job.beat_at = "", None
    job.wish = {**job.wish, "touched_at": timezone.now().isoformat()}
    job.version += 1
    job.save()


def ask(job: Import, **goal: Any) -> None:
    """Leave the look to a worker; ``goal`` is what follows it. The caller holds the lock, and starts a worker afterwards."""
    touched = {"touched_at": timezone.now().isoformat()}
    job.wish = {**job.wish, **touched, "language": get_language(), "goal": goal}
    job.step, job.problem, job.progress = signs.READ, "", {}
    job.worker, job.beat_at, job.stop_asked = "", None, False
    job.version += 1
    job.save()


def goal_of(job: Import) -> dict[str, Any]:
    """What follows the look that a worker takes: {} or who writes what they saw."""
    return dict(job.wish.get("goal") or {})


def percent(job: Import) -> int | None:
    """How far a look is, in hundredths; None while nobody knows how many rows there are."""
    facts = job.progress or {}
    rows = facts.get("read", 0)
    if job.step == signs.READ or not rows:
        return None
    weights = (("understood", 45), ("checked", 35))
    done = 20 + sum(min(facts.get(name, 0) / rows, 1) * weight for name, weight in weights)
    return min(99, int(done))


def seconds_left(job: Import) -> int | None:
    """How long a look still takes at its pace; None while that is not known."""
    done = percent(job)
    began = (job.progress or {}).get("began")
    if not done or not began:
        return None
    passed = (timezone.now() - datetime.fromisoformat(began)).total_seconds()
    return max(1, round(passed * (100 - done) / done))
