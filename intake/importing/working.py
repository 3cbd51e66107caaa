"""What a worker does with an import: it looks at it, writes or reverses it, says how far it is, and can be killed at any moment.

A worker claims the import by its name and gives a sign after each document, or while it looks at a large file; when
the signs stop for a while another one goes on. Two at once do no harm: every document is written under its key, with its rows, once.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.collector import paused
from core.errors import DomainError
from intake import telling
from intake.importing import door, looking, making, marking, planning, preparing, undoing
from intake.importing.found import Prepared
from intake.importing.recording import Recorder
from intake.importing.signs import Lost, Telling
from intake.importing.writing import Writer
from intake.models import Import
from intake.reading.grid import Book
from people.access import access_for
from people.models import User

SILENCE = timedelta(seconds=30)
"""After so long without a sign a worker is taken for dead."""
_EVERY = 0.3
_log = logging.getLogger("inventory.intake")


class Sign:
    """The signs of one worker for one import."""

    def __init__(self, job: Import, worker: str) -> None:
        self.job = job
        self.worker = worker
        self.last = 0.0

    def __call__(self, written: int) -> bool:
        """Say how far it is; False if somebody asked to stop. Raises Lost."""
        if time.monotonic() - self.last < _EVERY:
            return True
        self.last = time.monotonic()
        return self.now(written)

    def now(self, written: int) -> bool:
        """The same, whenever the last sign was."""
        mine = Import.objects.filter(pk=self.job.pk, worker=self.worker)
        if not mine.update(written=written, beat_at=timezone.now()):
            raise Lost(self.job.key)
        return not mine.values_list("stop_asked", flat=True).get()


def claim(job_id: int) -> Import | None:
    """Take an import to work on; None if there is nothing to do or another worker is alive."""
    worker = door.new_worker()
    now = timezone.now()
    free = Import.objects.filter(_work(), _quiet(), pk=job_id)
    if not free.update(worker=worker, beat_at=now):
        return None
    return Import.objects.select_related("company", "asker").get(pk=job_id)


def waiting() -> list[int]:
    """Imports that nobody works on: those that were begun, and those whose worker died."""
    return list(Import.objects.filter(_work(), _quiet()).values_list("pk", flat=True))


def _work() -> Q:
    """Imports with something to do: to be written or undone, or asked to be looked at."""
    return Q(state__in=door.RUNNING) | (Q(state=Import.State.DRAFT) & ~Q(step=""))


def _quiet() -> Q:
    return Q(beat_at__isnull=True) | Q(beat_at__lt=timezone.now() - SILENCE)


@paused()
def run(job_id: int, *, book: Book | None = None, found: Prepared | None = None) -> Import | None:
    """Work on an import until it is done or stopped; None if there was nothing to do.

    ``found`` is what whoever let it be written has just looked at: it is not looked at again if it is what was approved.
    """
    job = claim(job_id)
    if job is None:
        return None
    if job.state == Import.State.DRAFT:
        looked, found = _look(job, book)
        if looked is None or looked.state != Import.State.WRITING:
            return looked
        return run(job_id, found=found)
    sign = Sign(job, job.worker)
    try:
        if job.state == Import.State.WRITING:
            done, whole = _write(job, sign, book, found)
        else:
            done, whole = undoing.undo(job, sign)
        return _end(job, done, whole=whole)
    except Lost:
        return None
    except DomainError as refusal:
        return _end(job, None, problem=str(refusal))
    except Exception as error:
        _log.exception("import %s", job.key)
        _end(job, None, problem=_went_wrong(error))
        raise


def _look(job: Import, book: Book | None) -> tuple[Import | None, Prepared | None]:
    """Look at a file that nobody waits for, and go on with what its person asked to follow; with what was found."""
    with translation.override(job.wish.get("language") or settings.LANGUAGE_CODE):
        try:
            return _find(job, book)
        except Lost:
            return None, None
        except DomainError as refusal:
            return _not_looked(job, str(refusal)), None
        except Exception as error:
            _log.exception("look at import %s", job.key)
            _not_looked(job, _went_wrong(error))
            raise


def _find(job: Import, book: Book | None) -> tuple[Import, Prepared]:
    """Look, keep what was found, and put aside the sheet with its errors marked."""
    found = looking.find(job, book=book, tell=Telling(job))
    looked = _looked(job, found)
    if looked.state == Import.State.DRAFT and found.out.wrong_rows:
        marking.keep(looked, found.out)
    return looked, found.out


@transaction.atomic
def _looked(job: Import, found: looking.Look) -> Import:
    """Keep what was found, unless the import was changed meanwhile; submit and begin it where that was asked."""
    fresh = door.lock(job.pk)
    if fresh.worker != job.worker or fresh.state != Import.State.DRAFT:
        raise Lost
    goal = looking.goal_of(fresh)
    fresh.wish = {name: value for name, value in fresh.wish.items() if name != "goal"}
    looking.keep(fresh, found)
    if goal:
        user = User.objects.get(pk=goal["by"])
        try:
            with transaction.atomic():
                door.bind(fresh, found.out, access=access_for(user), seen=str(goal["seen"]))
                if fresh.state == Import.State.APPROVED:
                    door.let_write(fresh)
        except DomainError as refusal:
            fresh = door.lock(job.pk)
            fresh.problem = str(refusal)
            fresh.save(update_fields=["problem"])
    return fresh


@transaction.atomic
def _not_looked(job: Import, problem: str) -> Import | None:
    """The file cannot be read, or something broke: say so where it was dropped."""
    fresh = door.lock(job.pk)
    if fresh.worker != job.worker:
        return None
    fresh.problem, fresh.step, fresh.progress = problem, "", {}
    fresh.worker, fresh.beat_at = "", None
    fresh.wish = {name: value for name, value in fresh.wish.items() if name != "goal"}
    fresh.version += 1
    fresh.save()
    return fresh


def _went_wrong(error: Exception) -> str:
    return _("Something went wrong here: %(error)s") % {"error": type(error).__name__}


def _write(job: Import, sign: Sign, book: Book | None, found: Prepared | None) -> tuple[int, bool]:
    """Write what was approved; returns the rows written and whether that is all."""
    out = _approved(job, book, found)
    making.make(out, job.company, job.asker)
    entries, records = out.good()
    done = 0
    if entries:
        done = Writer(job).write(planning.documents(entries), sign)
    elif records:
        if job.asker is None:
            raise door.Unsuitable(_("Orders, counts and master data are written for a user."))
        done = Recorder(job, job.asker).write(records, sign)
    asked = not sign.now(done)
    return done, not (asked and done < job.total)


def _approved(job: Import, book: Book | None, found: Prepared | None) -> Prepared:
    """What was approved, as it was found. Raises Moved if the file or the master data say something else by now."""
    if found is not None and found.content_hash() == job.content_hash:
        return found
    out = preparing.prepare(job, book=book, against_book=False)
    if out.content_hash() == job.content_hash:
        return out
    if out.known:
        message = _(
            "Another import has written some of these rows meanwhile. Check the file again."
        )
    else:
        message = _(
            "What the file says is no longer what was approved: master data has changed meanwhile."
        )
    raise door.Moved(message)


@transaction.atomic
def _end(job: Import, done: int | None, *, whole: bool = False, problem: str = "") -> Import | None:
    """The import is done, or stopped and says why."""
    fresh = door.lock(job.pk)
    if fresh.worker != job.worker:
        return None
    writing = fresh.state == Import.State.WRITING
    if whole and writing:
        fresh.finish()
    elif whole:
        fresh.undone()
    elif writing:
        fresh.stop()
    else:
        fresh.stop_undoing()
    if done is not None:
        fresh.written = done
    fresh.problem = problem or ("" if whole else _("Stopped; what is written stays."))
    fresh.worker, fresh.beat_at, fresh.step, fresh.stop_asked = "", None, "", False
    fresh.finished_at = timezone.now()
    fresh.version += 1
    fresh.save()
    telling.ended(fresh)
    return fresh
