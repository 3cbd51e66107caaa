"""The tiles of the phone: which tasks there are, for whom, which documents wait in each, what one can begin."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from people.access import Access
from people.models import User
from workflows import document_types, queries, states
from workflows.models import Document, Task


@dataclass(frozen=True, slots=True)
class Job:
    """One tile. ``types`` are those whose open steps wait there; ``begins`` is the type one may start there."""

    code: str
    label: str | Promise
    icon: str
    rights: tuple[str, ...]
    types: tuple[str, ...] = ()
    begins: str = ""
    url_name: str = ""
    """Where the tile leads if it is no list of ours."""


def _of(group: str) -> tuple[str, ...]:
    return tuple(kind.code for kind in document_types.DOCUMENT_TYPES if kind.group == group)


_WORK = ("document.execute", "document.ask")
JOBS: tuple[Job, ...] = (
    Job("receive", _("Receive"), "in", _WORK, _of("in"), "purchase_in"),
    Job("put-away", _("Put away"), "shelf", _WORK, (), "bin_move"),
    Job("pick", _("Pick and issue"), "out", _WORK, _of("out"), "department_issue"),
    Job("transfer", _("Transfer"), "truck", _WORK, ("transfer", "transfer_out", "transfer_in"), "transfer"),
    Job("move", _("Move"), "move", _WORK, ("bin_move", "hold", "release"), "bin_move"),
    Job("count", pgettext_lazy("of the phone", "Count"), "count", ("count.enter",), url_name="workflows:counting"),
    Job("look-up", _("Look up"), "scan", ("stock.view",), url_name="boards:scan"),
    Job("problem", _("Report a problem"), "warn", ("document.ask",), url_name="boards:problem"),
    Job("approve", _("Approve"), "check", ("document.approve",), url_name="workflows:inbox"),
)  # fmt: skip
BY_CODE = {job.code: job for job in JOBS}


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile as it is drawn: how many wait there."""

    job: Job
    url: str
    waiting: int


def shown(user: User, access: Access) -> list[Shown]:
    """The tiles that the person may use."""
    open_ = list(
        Task.objects.filter(user=user, state=Task.State.OPEN).values_list("kind", "document__type")
    )
    counts: dict[str, Callable[[Job], int]] = {
        "approve": lambda _job: sum(kind in {"approve", "confirm"} for kind, _type in open_),
    }
    found = []
    for job in JOBS:
        if not any(access.may(right) for right in job.rights):
            continue
        count = counts.get(job.code, lambda one: sum(_carried(kind, one, of) for kind, of in open_))
        url = (
            reverse(job.url_name) if job.url_name else reverse("boards:phone_job", args=[job.code])
        )
        found.append(Shown(job, url, count(job)))
    return found


def _carried(kind: str, job: Job, type_code: str) -> bool:
    return kind in {"inspect", "execute"} and type_code in job.types


def waiting(job: Job, user: User) -> QuerySet[Document]:
    """Documents that wait for the person to carry them out, overdue first."""
    keys = queries.to_do(user).filter(kind__in=["inspect", "execute"], document__type__in=job.types)
    rows = Document.objects.filter(pk__in=keys.order_by().values("document"))
    return queries.with_names(rows).order_by("id")


def drafts(job: Job, user: User) -> QuerySet[Document]:
    """The person's own drafts of what is begun there."""
    rows = Document.objects.filter(asker=user, type=job.begins, state__in=states.EDITABLE)
    return queries.with_names(rows).order_by("-id")
