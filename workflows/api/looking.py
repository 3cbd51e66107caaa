"""Doors of the API to what lies around a document: what it would do, what happened."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import One, Operation, reads
from core.api.paging import Page
from core.api.shapes import INTEGER, OBJECT, QUANTITY, TEXT, VALUE, Field
from people.api.doors import Door
from workflows import filling, previewing, queries, sight
from workflows.api import found, rows
from workflows.api.documents import PATH, READ
from workflows.api.shapes import EVENT, STEP
from workflows.forecasting import Forecast
from workflows.previewing import Preview

PREVIEW = (
    Field(
        "stamp",
        TEXT,
        _("Send it along with post: it refuses when figures have moved; empty on errors"),
    ),
    Field(
        "stock",
        OBJECT,
        _("Stock before and after, in base units"),
        many=True,
        fields=(
            Field("item", TEXT, _("Code of the item")),
            Field("lot", TEXT, _("Number of the lot")),
            Field("place", TEXT, _("Code of the place")),
            Field("before", QUANTITY, _("What is there now")),
            Field("after", QUANTITY, _("What will be there")),
        ),
    ),
    Field(
        "value", VALUE, _("What it is worth, in the company's currency"), nullable=True, cost=True
    ),
    Field(
        "errors",
        OBJECT,
        _("Why it cannot be posted now, every bad line"),
        many=True,
        fields=(
            Field("line", INTEGER, _("Which line; 0 is the whole document")),
            Field("code", TEXT, _("Stable code")),
            Field("message", TEXT, _("What is wrong")),
            Field("data", OBJECT, _("Details")),
        ),
    ),
    Field(
        "route",
        OBJECT,
        _("Which way it would go, step by step"),
        many=True,
        fields=(
            *STEP,
            Field(
                "outcome",
                TEXT,
                _("What would become of it"),
                choices=("skip", "auto", "ask", "nobody", "system"),
            ),
            Field("people", TEXT, _("Who would be asked"), many=True),
            Field(
                "trace",
                OBJECT,
                _("Which rules were asked, with which values"),
                many=True,
                cost=True,
            ),
        ),
    ),
)


class Look(Door):
    """The preview."""

    @reads(
        Operation(
            "document_preview",
            summary=_("What posting it would do now: stock before and after, value, errors, way"),
            path=PATH,
            answer=PREVIEW,
            versioned=True,
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str) -> One:
        """The preview; nothing is written."""
        one = found.find(self, document)
        made = previewing.preview(one, actor=found.user_of(self), access=self.access)
        costs = sight.sees_cost(one, self.access)
        return One(_preview(made, costs=costs), costs=True, headers=found.tagged(one.version))


def _preview(made: Preview, *, costs: bool) -> dict[str, Any]:
    named = ("item", "lot", "place", "before", "after")
    return {
        "stamp": made.stamp,
        "stock": [{name: row[name] for name in named} for row in made.as_dict()["stock"]],
        "errors": [error.as_dict() for error in made.errors],
        "route": [_part(part, costs=costs) for part in made.route],
    } | ({"value": made.value} if costs else {})


def _part(part: Forecast, *, costs: bool) -> dict[str, Any]:
    return {
        "step": part.step.key,
        "name": part.step.name,
        "kind": part.step.kind,
        "outcome": part.outcome,
        "people": [asked.user.username for asked in part.people],
    } | ({"trace": part.trace} if costs else {})


class Timeline(Door):
    """What happened."""

    @reads(
        Operation(
            "document_timeline",
            summary=_("Everything that happened to a document, newest first"),
            path=PATH,
            answer=EVENT,
            paged=True,
            **READ,
        )
    )
    def get(self, values: dict[str, Any], document: str) -> Page:
        """Entries of the timeline."""
        one = found.find(self, document)
        page, following = paging.by_key(
            queries.timeline(one), cursor=values["cursor"], limit=values["limit"]
        )
        cost = sight.sees_cost(one, self.access)
        user = found.user_of(self)
        money, hidden = sight.sees_money(one, self.access, user), filling.hidden(one, user)
        shown = [rows.event(entry, cost=cost, money=money, hidden=hidden) for entry in page]
        return Page(shown, following)
