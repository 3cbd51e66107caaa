"""Clears away what imports leave behind: marked workbooks, forgotten drafts, files that nothing needs. Records of what was written stay.

What went is noted with the run of the job, so that a missing file can be explained.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.models import JobRun
from intake.importing import door
from intake.models import Import

MARKED = timedelta(days=7)
"""Marked workbooks are kept so long; they are made again from the file when they are asked for."""
WISHES = timedelta(days=1)
"""A wish to write what somebody saw holds so long, if no worker came to it."""
DRAFTS = timedelta(days=90)
"""Drafts that nobody finished are cancelled after so long."""
UPLOADS = timedelta(days=30)
"""Files of cancelled imports, and files that no import is about, are kept so long."""
_NAMED = 50
"""So many names are noted of each kind."""


def run() -> JobRun | None:
    """Tidy up, unless that is under way; the record says what went."""
    return jobs.run("intake.tidy", lambda: (True, tidy(timezone.now())))


def tidy(now: datetime) -> Mapping[str, Any]:
    """What went: marked workbooks, wishes, drafts and uploads, each with its number and names."""
    return {
        "marked": _told(_marked(now)),
        "wishes": _told(_wishes(now)),
        "drafts": _told(_drafts(now)),
        "uploads": _told(_uploads(now)),
    }


def _told(names: list[str]) -> dict[str, Any]:
    return {"count": len(names), "names": names[:_NAMED]}


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def _is_old(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _marked(now: datetime) -> list[str]:
    """Marked workbooks that are old, or whose import is mended no more."""
    mended = {
        str(key) for key in Import.objects.filter(state="draft").values_list("key", flat=True)
    }
    gone = []
    for path in (_folder() / "marked").glob("*.xlsx"):
        if path.name[:36] not in mended or _is_old(path, now - MARKED):
            path.unlink(missing_ok=True)
            gone.append(path.name)
    return gone


def _touched(job: Import) -> datetime:
    """When somebody last said something about it."""
    said = job.wish.get("touched_at", "")
    return datetime.fromisoformat(said) if said else job.created_at


def _wishes(now: datetime) -> list[str]:
    """Wishes to write that no worker came to."""
    gone = []
    waiting = Import.objects.filter(state=Import.State.DRAFT).exclude(step="")
    for pk in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            job = door.lock(pk)
            if not job.wish.get("goal") or _touched(job) > now - WISHES:
                continue
            job.wish = {name: value for name, value in job.wish.items() if name != "goal"}
            job.problem = str(_("It was asked to be written too long ago. Look at it again."))
            job.version += 1
            job.save()
            gone.append(job.name)
    return gone


def _drafts(now: datetime) -> list[str]:
    """Drafts that nobody finished; nothing of them was ever written."""
    gone = []
    old = Import.objects.filter(state=Import.State.DRAFT, created_at__lt=now - DRAFTS)
    for pk in old.filter(rows=None).values_list("pk", flat=True):
        with transaction.atomic():
            job = door.lock(pk)
            if job.state != Import.State.DRAFT or _touched(job) > now - DRAFTS:
                continue
            job.cancel()
            job.step, job.worker, job.finished_at = "", "", now
            job.problem = str(_("Nobody finished it for %(days)d days.") % {"days": DRAFTS.days})
            job.version += 1
            job.save()
            gone.append(job.name)
    return gone


def _uploads(now: datetime) -> list[str]:
    """Files that no import needs: those of cancelled ones after a while, and those whose upload was refused."""
    before = now - UPLOADS
    needed = set(
        Import.objects.exclude(state=Import.State.CANCELLED, created_at__lt=before).values_list(
            "sha256", flat=True
        )
    )
    gone = []
    for path in _folder().glob("[0-9a-f][0-9a-f]/*"):
        # A file that is kept again is touched: its age is looked at last.
        if path.name not in needed and _is_old(path, before):
            path.unlink(missing_ok=True)
            gone.append(path.name)
    return gone
