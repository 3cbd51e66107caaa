"""The only way to move an import: each act under its lock, with its version, its right and what it is bound to.

Nothing touches stock before ``write``. Approval is bound to a hash of all that would be written, by somebody else
than whoever imported, where the process of one of its types asks for it.
"""

import uuid
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError
from intake import telling
from intake.importing import changes, learning, looking, storing
from intake.importing.found import Prepared
from intake.importing.mends import Mends
from intake.models import GoingLive, Import
from intake.models.imports import Purpose
from intake.reading.grid import Book
from intake.resolving.records import PlaceRef
from people.access import Access, access_for
from people.models import Company, User
from stock.models import Warehouse
from workflows import shipped
from workflows.models import Process

RIGHT = "stock.import"
EDITABLE = frozenset({Import.State.DRAFT})
RUNNING = frozenset({Import.State.WRITING, Import.State.UNDOING})


class Unsuitable(DomainError):
    """The import is not where this can be done, or not ready for it."""

    code = "import_state"
    status = 409


class Moved(Conflict):
    """Somebody else changed the import meanwhile, or its content is no longer what was approved."""

    code = "changed"


def create(  # noqa: PLR0913 - one argument per fact of the import
    data: bytes,
    name: str,
    *,
    company: Company,
    actor: User | None,
    access: Access,
    purpose: str = "",
    warehouse: Warehouse | None = None,
    sender: str = "",
    start_on: date | None = None,
) -> Import:
    """Keep a file as an import that is not looked at yet. Raises DomainError (size), NotAllowed."""
    access.require(RIGHT, warehouse.scope_id if warehouse else None)
    if purpose and purpose not in Purpose.values:
        raise DomainError(_("A sheet cannot become “%s”.") % purpose[:20], code="purpose")
    live = GoingLive.objects.filter(company=company).first()
    return Import.objects.create(
        company=company,
        warehouse=warehouse,
        purpose=purpose,
        name=(name or "sheet")[-255:],
        sha256=storing.keep(data),
        size=len(data),
        sender=sender.strip()[:80],
        asker=actor,
        start_on=start_on or (live.start_on if live else None),
        created_at=timezone.now(),
    )


def look(job: Import, *, book: Book | None = None) -> Prepared:
    """Check the file anew and keep what was found; in any state before it is written."""
    found = looking.find(job, book=book)
    looking.keep(job, found)
    return found.out


def look_again(job: Import) -> None:
    """The same under the lock; a large file is left to a worker, which the caller starts where ``step`` says so."""
    if looking.is_large(job):
        looking.ask(job)
    else:
        look(job)


def lock(job_id: int, version: int | None = None) -> Import:
    """The import under its lock; raises Moved if somebody changed it since ``version``."""
    rows = Import.objects.select_for_update(of=("self",)).select_related("company")
    job = rows.get(pk=job_id)
    if version is not None and version != job.version:
        raise Moved(_("Somebody else has changed this import meanwhile. Look at it again."))
    return job


def _need(job: Import, access: Access, *, moves: bool = False) -> None:
    """The right in every warehouse that the sheet touches; whoever brought it needs it there only where stock ``moves``."""
    own = access.user_id is not None and access.user_id == job.asker_id
    scopes = telling.scopes_of(job)
    if own and not moves:
        scopes = [job.warehouse.scope_id if job.warehouse else None]
    for scope in scopes:
        access.require(RIGHT, scope)


def mend(
    job_id: int, change: changes.Change, *, access: Access, version: int | None = None
) -> Import:
    """Apply a change of mends or answers and look again; a large file is looked at by a worker."""
    with transaction.atomic():
        job = lock(job_id, version)
        _need(job, access)
        if job.state not in EDITABLE:
            raise Unsuitable(_("%s is not being mended: take it back first.") % job.name)
        mends = Mends.read(job.mends)
        change(job, mends)
        job.mends = Mends.read(mends.as_dict()).as_dict()
        job.wish = {name: value for name, value in job.wish.items() if name != "goal"}
        look_again(job)
    return job


def look_for(job_id: int) -> Import:
    """Look again for somebody who reads another language than the one who looked last."""
    with transaction.atomic():
        job = lock(job_id)
        if job.state in EDITABLE and not job.step:
            look_again(job)
    return job


# Approving and writing -------------------------------------------------------------------------------


def submit(
    job_id: int,
    *,
    actor: User | None,
    access: Access,
    version: int | None = None,
    found: Prepared | None = None,
) -> Import:
    """Bind the import to what it would write now; wrong rows are left out by name.

    Then it is approved, or waits for a second person where the process of one of its types asks for one.
    ``found`` is for whoever looked at this ``version`` a moment ago: it is not looked at again.
    """
    with transaction.atomic():
        job = _to_submit(job_id, access, version)
        seen = job.content_hash if version is not None else ""
        if found is None or version is None:
            found = look(job)
        bind(job, found, access=access, seen=seen)
    return job


def ask_to_write(job_id: int, *, actor: User, access: Access, version: int | None = None) -> Import:
    """The same for a large file: a worker looks once more, and submits and writes it if that is what the person saw."""
    with transaction.atomic():
        job = _to_submit(job_id, access, version)
        looking.ask(job, seen=job.content_hash, by=actor.pk)
    return job


def _to_submit(job_id: int, access: Access, version: int | None) -> Import:
    job = lock(job_id, version)
    _need(job, access)
    if job.state != Import.State.DRAFT:
        raise Unsuitable(_("%s was submitted before.") % job.name)
    if job.step:
        raise Unsuitable(_("%s is still being checked.") % job.name)
    if not job.content_hash:
        raise Unsuitable(_("There is nothing to write."), code="nothing")
    return job


def bind(job: Import, out: Prepared, *, access: Access, seen: str = "") -> None:
    """Submit what a look just found; ``seen`` is the content that the person saw, "" where nobody looked before."""
    if out.blocked:
        raise Unsuitable(_("Answer what is asked first: nothing can be written before."))
    if seen and seen != job.content_hash:
        raise Moved(_("The book or the master data has changed since. Look at the import again."))
    if not job.summary["good"]:
        raise Unsuitable(_("There is nothing to write."), code="nothing")
    _may_write(out, access)
    _may_record(job, out)
    mends = Mends.read(job.mends)
    mends.left_out |= out.wrong_rows
    job.mends = mends.as_dict()
    job.submitted_at = timezone.now()
    job.wish = {name: value for name, value in job.wish.items() if name != "sent_back"}
    if asks(job):
        job.ask()
        telling.waits(job)
    else:
        job.clear()
        job.approved_at = job.submitted_at
    job.version += 1
    job.save()
    learning.remember(job, out)


def _may_write(out: Prepared, access: Access) -> None:
    """The right holds in every warehouse of the sheet; records are made by those who may edit master data."""
    entries, records = out.good()
    for entry in entries:
        for end in (entry.source, entry.target):
            if isinstance(end, PlaceRef) and end.warehouse.scope is not None:
                access.require(RIGHT, end.warehouse.scope)
    made = any(things for kind, things in out.made.items() if kind != "lots")
    if made or any(record.kind in {"item", "partner", "bom"} for record in records):
        access.require("master.edit")


_OF_RECORDS = {
    "order": ("document.ask",),
    "count": ("document.ask", "document.execute", "count.enter"),
}
"""Records that are made with the rights of whoever imports, and those rights."""


def _may_record(job: Import, out: Prepared) -> None:
    """Orders and counts are made by the person: refuse now what would be refused when they are written."""
    kinds = {record.kind for record in out.good()[1]} & _OF_RECORDS.keys()
    if not kinds:
        return
    if job.asker is None:
        raise Unsuitable(_("Orders, counts and master data are written for a user."))
    own = access_for(job.asker)
    for kind in sorted(kinds):
        for right in _OF_RECORDS[kind]:
            own.require(right, job.warehouse.scope_id if job.warehouse else None)


def asks(job: Import) -> bool:
    """Whether a second person must approve: the import process of one of its types does not pass by itself."""
    for code in job.summary.get("documents", {}).get("types", {}):
        try:
            version = shipped.active_version(job.company, code, usage=Process.Usage.IMPORT)
        except KeyError:
            continue
        batch = next((step for step in version.read_steps() if step.key == "batch"), None)
        if batch is not None and not batch.auto:
            return True
    return False


def approve(
    job_id: int, *, actor: User, access: Access, content: str, version: int | None = None
) -> Import:
    """Approve all of it; ``content`` is the hash of what the person saw."""
    with transaction.atomic():
        job = lock(job_id, version)
        _may_answer(job, actor, access)
        if content != job.content_hash:
            raise Moved(_("The import has changed since you looked at it."))
        job.approver, job.approved_at = actor, timezone.now()
        job.clear()
        job.version += 1
        job.save()
        telling.answered(job, "approved", actor)
    return job


def _may_answer(job: Import, actor: User, access: Access) -> None:
    """Somebody else than the asker, with the right in every warehouse that is touched."""
    for scope in telling.scopes_of(job):
        access.require(telling.APPROVE, scope)
    if job.state != Import.State.WAITING:
        raise Unsuitable(_("%s does not wait for approval.") % job.name)
    if job.asker_id == actor.pk:
        raise Unsuitable(
            _("Somebody else than whoever imported it has to approve."), code="four_eyes"
        )


def send_back(job_id: int, *, actor: User, access: Access, text: str) -> Import:
    """Give it back to be mended, saying why; its asker is told."""
    text = " ".join(text.split())[:300]
    with transaction.atomic():
        job = lock(job_id)
        _may_answer(job, actor, access)
        if not text:
            raise DomainError(_("Say why you send it back."), code="reason")
        job.send_back()
        job.submitted_at = None
        job.wish = {**job.wish, "sent_back": {"by": str(actor), "text": text}}
        telling.answered(job, "sent_back", actor, text)
        look_again(job)
    return job


def take_back(job_id: int, *, access: Access) -> Import:
    """Mend it again; an approval is void."""
    with transaction.atomic():
        job = lock(job_id)
        _need(job, access)
        if job.state not in {Import.State.WAITING, Import.State.APPROVED, Import.State.STOPPED}:
            raise Unsuitable(_("%s cannot be taken back now.") % job.name)
        if job.rows.filter(undone_at=None).exists():
            raise Unsuitable(_("Rows of %s are written: undo it first, or go on.") % job.name)
        job.send_back()
        job.approver = job.approved_at = job.submitted_at = None
        job.version += 1
        job.save()
        look_again(job)
    return job


def begin(job_id: int, *, access: Access) -> Import:
    """Let it be written from now on (again after it was stopped)."""
    with transaction.atomic():
        job = lock(job_id)
        _need(job, access, moves=True)
        let_write(job)
    return job


def let_write(job: Import) -> None:
    """Let a worker write it, under the lock of the caller."""
    if job.state not in {Import.State.APPROVED, Import.State.STOPPED}:
        raise Unsuitable(_("%s cannot be written now.") % job.name)
    job.begin()
    job.began_at = job.began_at or timezone.now()
    _working(job, "write")


def undo(job_id: int, *, actor: User, access: Access) -> Import:
    """Let all of it be reversed, as one act."""
    with transaction.atomic():
        job = lock(job_id)
        _need(job, access, moves=True)
        if job.state not in {Import.State.DONE, Import.State.STOPPED}:
            raise Unsuitable(_("%s cannot be undone now.") % job.name)
        locked = GoingLive.objects.filter(company=job.company, locked_at__isnull=False).exists()
        if locked and job.purpose == "opening":
            raise Unsuitable(
                _("Opening stock is locked: the company is live."), code="opening_locked"
            )
        job.undo()
        job.wish = {**job.wish, "undone_by": actor.pk}
        _working(job, "undo")
    return job


def _working(job: Import, step: str) -> None:
    job.step, job.problem, job.stop_asked = step, "", False
    job.worker, job.beat_at = "", None
    job.version += 1
    job.save()


def stop(job_id: int, *, access: Access) -> Import:
    """Cancel it before it is written; while it is written, stop after the document at hand."""
    with transaction.atomic():
        job = lock(job_id)
        _need(job, access)
        if job.state in RUNNING:
            job.stop_asked = True
        elif job.state in {Import.State.DRAFT, Import.State.WAITING, Import.State.APPROVED}:
            job.cancel()
            job.step, job.worker = "", ""
        else:
            raise Unsuitable(_("%s cannot be cancelled now.") % job.name)
        job.version += 1
        job.save()
    return job


def new_worker() -> str:
    """A name for a run of a worker."""
    return str(uuid.uuid4())
