"""Door of the API to what waits for whoever asks, and what he did, asked for or got copied."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import Operation, reads
from core.api.paging import Page
from core.api.parameters import choice
from core.api.shapes import MOMENT, OBJECT, TEXT, YES_NO, Field
from people.api.doors import Door
from workflows import moment, queries
from workflows.api import found, rows
from workflows.api.documents import READ
from workflows.api.shapes import STEP, SUMMARY
from workflows.models import Document, Task

_NAMES = tuple(f"document__{name}" for name in queries.NAMES)
BOXES = ("to_do", "done", "asked", "copied")
_TASK = (
    *STEP,
    Field("why", TEXT, _("Why he is asked: role, user, manager, fallback, stand_in, …")),
    Field("on_behalf_of", TEXT, _("For whom he stands in"), nullable=True),
    Field("verdict", TEXT, _("approved, refused, returned, done; empty before")),
    Field("asked_at", MOMENT, _("When he was asked")),
    Field("due_at", MOMENT, _("When it is due"), nullable=True),
    Field("overdue", YES_NO, _("It is late")),
    Field("decided_at", MOMENT, _("When he decided"), nullable=True),
)
_ENTRY = (
    *SUMMARY,
    Field("task", OBJECT, _("What is or was asked of you"), nullable=True, fields=_TASK),
    Field("copied_at", MOMENT, _("When it was copied to you"), nullable=True),
)


class Inbox(Door):
    """What waits for me, and what I did."""

    @reads(
        Operation(
            "inbox",
            summary=_("What waits for you, overdue first; or what you did, asked for, got copied"),
            parameters=(choice("box", _("Which of them"), BOXES, default="to_do"),),
            answer=_ENTRY,
            paged=True,
            **READ,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Entries of one box."""
        user, box = found.user_of(self), values["box"]
        entries: list[dict[str, Any]]
        if box in {"to_do", "done"}:
            tasks = queries.to_do(user) if box == "to_do" else queries.decided(user)
            tasks = tasks.select_related(*_NAMES, "run", "on_behalf_of")
            page, following = _tasks(tasks, values, decided=box == "done")
            entries = self._entries([(task.document, {"task": _task(task)}) for task in page])
        elif box == "asked":
            asked, following = _pages(queries.asked_by(user), values)
            entries = self._entries([(one, {}) for one in asked])
        else:
            copied = queries.copied_to(user).select_related(*_NAMES)
            copies, following = _pages(copied, values)
            entries = self._entries(
                [(one.document, {"copied_at": one.created_at}) for one in copies]
            )
        return Page(entries, following, costs=True)

    def _entries(self, told: Sequence[tuple[Document, dict[str, Any]]]) -> list[dict[str, Any]]:
        blank = {"task": None, "copied_at": None}
        shown = rows.summaries([one for one, _more in told], found.user_of(self), self.access)
        return [row | blank | more for row, (_one, more) in zip(shown, told, strict=True)]


def _pages(asked: QuerySet[Any], values: dict[str, Any]) -> tuple[list[Any], str]:
    return paging.by_key(asked, cursor=values["cursor"], limit=values["limit"])


def _tasks(
    asked: QuerySet[Task], values: dict[str, Any], *, decided: bool
) -> tuple[Sequence[Task], str]:
    """A page in the order of the query: due first (without a limit last), or decided last first."""
    start = paging.decode(values["cursor"], str, int)
    if start is not None:
        at = paging.moment_of(start[0]) if start[0] else None  # none: a task without a limit
        pk = start[1]
        if decided:
            asked = asked.filter(Q(decided_at__lt=at) | Q(decided_at=at, pk__lt=pk))
        elif at is None:
            asked = asked.filter(due_at=None, pk__gt=pk)
        else:
            later = Q(due_at__gt=at) | Q(due_at=at, pk__gt=pk) | Q(due_at=None)
            asked = asked.filter(later)
    found_ = list(asked[: values["limit"] + 1])
    if len(found_) <= values["limit"]:
        return found_, ""
    last = found_[values["limit"] - 1]
    at = last.decided_at if decided else last.due_at
    return found_[: values["limit"]], paging.encode(at.isoformat() if at else "", last.pk)


def _task(task: Task) -> dict[str, Any]:
    run = task.run
    return {
        "step": run.step,
        "name": rows.step_name(run),
        "kind": task.kind,
        "why": task.why,
        "on_behalf_of": task.on_behalf_of.username if task.on_behalf_of else None,
        "verdict": task.verdict,
        "asked_at": task.created_at,
        "due_at": task.due_at,
        "overdue": bool(
            task.due_at and task.state == Task.State.OPEN and task.due_at < moment.now()
        ),
        "decided_at": task.decided_at,
    }
