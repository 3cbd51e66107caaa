"""The only record of whether the book was proved right: every check is kept, and a bad one is reported."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import jobs, troubles
from core.models import JobRun
from people import access, notice_kinds, notices
from people.models import User
from stock import verify
from stock.verify import Report

JOB = "stock.verify"
NOTICE = "stock.book_wrong"

notice_kinds.register(
    notice_kinds.NoticeKind(
        NOTICE,
        _(
            "The check of the book found %(wrong)d broken laws. The system page names the first wrong rows."
        ),
        icon="warn",
    )
)


def check() -> JobRun | None:
    """Prove the book unless that is going on; people who may manage the system hear of a bad result."""
    record = jobs.run(JOB, _prove)
    if record is not None and not record.ok:
        wrong = len(record.detail["checks"])
        notices.notify(_managers(), NOTICE, {"wrong": wrong}, url="/system/")
    return record


def keep(report: Report) -> JobRun:
    """Record a check that somebody made by hand."""
    return jobs.note(JOB, ok=report.ok, detail=_short(report.as_dict()))


def last() -> JobRun | None:
    """The newest check."""
    return jobs.last(JOB)


def _prove() -> tuple[bool, Mapping[str, Any]]:
    report = verify.verify()
    return report.ok, _short(report.as_dict())


def _short(result: dict[str, Any]) -> dict[str, Any]:
    """What is worth keeping: the figures and the laws that are broken."""
    return {**result, "checks": [found for found in result["checks"] if found["wrong"]]}


def _managers() -> list[User]:
    users = User.objects.filter(is_active=True)
    return [user for user in users if access.access_for(user).may("system.manage")]


CHECK_AGE = timedelta(hours=49)
_WRONG = gettext_noop("The check of the book of %(at)s found %(wrong)s broken laws.")
_OLD = gettext_noop("The book was not checked since %(at)s.")


def troubles_now() -> list[troubles.Trouble]:
    """What is wrong with the book or with its check."""
    found = last()
    if found is None or found.finished_at is None:
        return []
    at = f"{timezone.localtime(found.finished_at):%Y-%m-%d %H:%M}"
    if not found.ok:
        wrong = len(found.detail.get("checks", ()))
        return [troubles.Trouble("book", {"said": _WRONG, "with": {"at": at, "wrong": wrong}})]
    if timezone.now() - found.finished_at > CHECK_AGE:
        return [troubles.Trouble("book", {"said": _OLD, "with": {"at": at}})]
    return []


troubles.register("book", "stock", troubles_now)
