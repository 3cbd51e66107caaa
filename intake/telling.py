"""Notices about imports: who may approve one that waits, its asker when it is approved, sent back, written or stopped."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.models import Import
from people import notices
from people.models import User
from people.notice_kinds import NoticeKind, register
from workflows.staff import Everybody

APPROVE = "document.approve"
_NOTICED = timedelta(seconds=20)
"""Whoever waited less than this saw the end on the page."""


def register_all() -> None:
    """Make the kinds known."""
    for code, text, icon in (
        (
            "intake.waits",
            _("%(by)s asks you to approve the import %(file)s, %(rows)s rows."),
            "check",
        ),
        (
            "intake.approved",
            _("%(by)s approved the import %(file)s: it can be written now."),
            "check",
        ),
        ("intake.sent_back", _("%(by)s sent the import %(file)s back: %(text)s"), "back"),
        ("intake.done", _("The import %(file)s is written: %(rows)s rows."), "check"),
        ("intake.stopped", _("The import %(file)s was stopped: %(text)s"), "warn"),
    ):
        register(NoticeKind(code, text, icon))


def approvers(job: Import) -> list[User]:
    """Whoever may approve everything that the import writes, but its asker."""
    people = Everybody()
    scopes = scopes_of(job)
    return [
        user
        for user in people.holding([APPROVE], everywhere=False)
        if user.pk != job.asker_id and all(people.may(user, APPROVE, scope) for scope in scopes)
    ]


def scopes_of(job: Import) -> list[int | None]:
    """The scopes of the warehouses that the import touches; [None] where it touches none that exists."""
    own = {job.warehouse.scope_id} if job.warehouse else set()
    return sorted(own | set(job.summary.get("scopes", ()))) or [None]


def waits(job: Import) -> None:
    """Ask those who may approve it."""
    rows = job.summary.get("good", 0)
    notices.notify(
        approvers(job), "intake.waits", _facts(job, job.asker) | {"rows": rows}, _url(job)
    )


def answered(job: Import, kind: str, by: User, text: str = "") -> None:
    """Tell the asker that it was approved or sent_back."""
    if job.asker_id:
        data = _facts(job, by) | {"text": text}
        notices.notify([job.asker_id], f"intake.{kind}", data, _url(job))


def ended(job: Import) -> None:
    """Tell the asker that it is written, or stopped, if that took so long that nobody watches any more."""
    took = timezone.now() - job.began_at if job.began_at else timedelta(0)
    if (
        not job.asker_id
        or took < _NOTICED
        or job.state not in {Import.State.DONE, Import.State.STOPPED}
    ):
        return
    kind = "intake.done" if job.state == Import.State.DONE else "intake.stopped"
    data = _facts(job, None) | {"rows": job.written, "text": job.problem[:200]}
    notices.notify([job.asker_id], kind, data, _url(job))


def _facts(job: Import, by: User | None) -> dict[str, object]:
    return {"by": str(by or ""), "file": job.name[:80]}


def _url(job: Import) -> str:
    return f"/intake/{job.key}/"
