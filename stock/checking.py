"""The only record of whether the book was proved right: every check is kept, and a bad one is reported."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import jobs
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
