"""Doors of the API to the tasks that follow a posting: dispatch and settlement."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import choice
from core.api.shapes import INTEGER, MOMENT, TEXT, YES_NO, Field
from people.api.doors import Door
from workflows import followups, moment
from workflows.api import found
from workflows.api.shapes import UUID, given
from workflows.models import FollowUp

GROUP = _("Tasks after posting")
_SHOWN = (
    Field("task", UUID, _("Key of the task")),
    Field("kind", TEXT, _("What is to be done"), choices=tuple(FollowUp.Kind.values)),
    Field("state", TEXT, _("State"), choices=tuple(FollowUp.State.values)),
    Field("version", INTEGER, _("Raised by every change")),
    Field("document", UUID, _("Key of the document")),
    Field("number", TEXT, _("Number of the document")),
    Field("type", TEXT, _("Type of document")),
    Field("posting", INTEGER, _("Number of its posting in the book")),
    Field("warehouse", TEXT, _("Code of the warehouse")),
    Field("partner", TEXT, _("Code of the supplier or customer"), nullable=True),
    Field("role", TEXT, _("Whose people are told of it")),
    Field("due_at", MOMENT, _("When it is due"), nullable=True),
    Field("overdue", YES_NO, _("It is late")),
    Field("carrier", TEXT, _("Carrier")),
    Field("tracking", TEXT, _("Tracking number")),
    Field("note", TEXT, _("Note")),
    Field("done_at", MOMENT, _("When it was done"), nullable=True),
    Field("done_by", TEXT, _("Who did it"), nullable=True),
)


class Tasks(Door):
    """The tasks of one's department."""

    @reads(
        Operation(
            "tasks",
            group=GROUP,
            scope="read",
            right="stock.view",
            summary=_("Tasks after postings that you may do or look after"),
            parameters=(
                choice("kind", _("What is to be done"), tuple(FollowUp.Kind.values)),
                choice(
                    "state", _("State; may be repeated"), tuple(FollowUp.State.values), many=True
                ),
            ),
            answer=_SHOWN,
            paged=True,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Rows in the order in which they were raised."""
        rows = followups.visible(self.access)
        if values["kind"]:
            rows = rows.filter(kind=values["kind"])
        if values["state"]:
            rows = rows.filter(state__in=values["state"])
        page, following = paging.by_key(
            rows, cursor=values["cursor"], limit=values["limit"], newest_first=False
        )
        return Page([_row(one) for one in page], following)


class OneTask(Door):
    """One task."""

    @writes(
        Operation(
            "task_write",
            group=GROUP,
            scope="documents.write",
            right="stock.view",
            summary=_("Enter carrier, number, note, and what was done"),
            help=_(
                "A dispatch goes from open to handed_over to done, a settlement from open to done."
            ),
            path={"task": _("Key of the task")},
            body=(
                Field(
                    "state",
                    TEXT,
                    _("The state that it is in now"),
                    optional=True,
                    choices=("open", "handed_over", "done"),
                ),
                given("carrier", TEXT, _("Carrier"), longest=80),
                given("tracking", TEXT, _("Tracking number"), longest=80),
                given("note", TEXT, _("Note"), longest=300),
                given("version", INTEGER, _("The version that you saw")),
            ),
            answer=_SHOWN,
        )
    )
    def patch(self, body: dict[str, Any], task: str) -> One:
        """The task after the change."""
        values = {name: body[name] for name in body if name != "version"}
        one = followups.write(
            task,
            values,
            actor=found.user_of(self),
            access=self.access,
            version=body.get("version"),
        )
        return One(_row(one))


def _row(one: FollowUp) -> dict[str, Any]:
    named = ("kind", "state", "version", "role", "due_at", "carrier", "tracking", "note", "done_at")
    late = one.state in followups.OPEN and one.due_at is not None and one.due_at < moment.now()
    return {name: getattr(one, name) for name in named} | {
        "task": one.key,
        "document": one.document.key,
        "number": str(one.document),
        "type": one.document.type,
        "posting": one.posting_id,
        "warehouse": one.warehouse.code,
        "partner": one.document.partner.code if one.document.partner else None,
        "overdue": late,
        "done_by": one.done_by.username if one.done_by else None,
    }
