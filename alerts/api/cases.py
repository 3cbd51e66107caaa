"""Doors of the API to cases and rules: what there is, one case with its timeline, and every verb."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from alerts import door, queries, states
from alerts.api import shapes
from alerts.errors import CaseUnknown
from alerts.models import Case, Cause, Rule
from alerts.states import Verb
from core.api import paging
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import choice, text, yes_no
from core.api.shapes import INTEGER, TEXT, Field
from people.api.doors import Door
from people.models import User
from workflows.api.shapes import given

GROUP = _("Alerts")
_READ: dict[str, Any] = {"group": GROUP, "scope": "read", "right": "stock.view"}
_CASE = {"case": _("Key of the case")}


def _user(self: Door) -> User:
    return cast(User, self.request.user)


def _rows(self: Door) -> QuerySet[Case]:
    return queries.with_names(queries.visible(_user(self), self.access))


def _one(self: Door, key: str) -> Case:
    found = _rows(self).filter(key=key).first()
    if found is None:
        raise CaseUnknown(_t("There is no such case, or you may not see it."))
    return found


class Cases(Door):
    """The cases that one may see."""

    @reads(
        Operation(
            "cases",
            summary=_("Cases: what rules found and people reported"),
            parameters=(
                choice("state", _("State; may be repeated"), tuple(states.BY_CODE), many=True),
                text("rule", _("Code of a rule")),
                text("item", _("Code of an item")),
                text("warehouse", _("Code of a warehouse")),
                yes_no("mine", _("Only those that you own")),
                yes_no("overdue", _("Only open ones whose time is over")),
            ),
            answer=shapes.CASE,
            paged=True,
            **_READ,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Newest first."""
        rows = _rows(self)
        if values["state"]:
            rows = rows.filter(state__in=values["state"])
        for name, path in (
            ("rule", "rule__code"),
            ("item", "item__code"),
            ("warehouse", "warehouse__code"),
        ):
            if values[name]:
                rows = rows.filter(**{path: values[name]})
        if values["mine"]:
            rows = rows.filter(owner=_user(self))
        if values["overdue"]:
            rows = queries.overdue(rows)
        page, following = paging.by_key(rows, cursor=values["cursor"], limit=values["limit"])
        return Page([shapes.case_row(one, self.access) for one in page], following)


class OneCase(Door):
    """One case."""

    @reads(
        Operation(
            "case",
            summary=_("One case with its timeline"),
            path=_CASE,
            answer=shapes.WHOLE,
            **_READ,
        )
    )
    def get(self, _values: dict[str, Any], case: str) -> One:
        """The case."""
        return One(_whole(self, _one(self, case)))


def _whole(self: Door, one: Case) -> dict[str, Any]:
    events = queries.timeline(one).order_by("pk")
    return shapes.case_row(one, self.access) | {
        "timeline": [shapes.event_row(event) for event in events]
    }


_VERSION = given("version", INTEGER, _("The version that you saw"))
_TEXT = given("text", TEXT, _("What you have to say about it"), longest=4000)
_MORE: dict[str, tuple[Field, ...]] = {
    "solve": (Field("cause", TEXT, _("Code of the cause (see causes)")),),
    "dismiss": (given("silent_days", INTEGER, _("Days in which it shall not come again")),),
    "assign": (Field("user", TEXT, _("Whom: the name with which he signs in")),),
}


def _verb_door(verb: Verb) -> type[Door]:
    class Act(Door):
        """One verb."""

        @writes(
            Operation(
                f"case_{verb.code}",
                group=GROUP,
                scope="documents.write",
                right="stock.view",
                summary=verb.label,
                path=_CASE,
                body=(_TEXT, _VERSION, *_MORE.get(verb.code, ())),
                answer=shapes.WHOLE,
                refusals=(403, 404, 409),
            )
        )
        def post(self, body: dict[str, Any], case: str) -> One:
            """The case after it."""
            data: dict[str, Any] = {}
            if body.get("silent_days") is not None:
                data["silent_days"] = body["silent_days"]
            if "user" in body:
                user = User.objects.filter(username=body["user"]).first()
                data["user"] = user.pk if user else ""
            door.act(
                case,
                verb.code,
                actor=_user(self),
                access=self.access,
                text=body.get("text") or "",
                cause=body.get("cause") or "",
                data=data,
                version=body.get("version"),
                door="api",
            )
            return One(_whole(self, _one(self, case)))

    Act.__name__ = Act.__qualname__ = f"Case{verb.code.capitalize()}"
    return Act


VERBS = {
    verb.code: _verb_door(verb) for verb in states.VERBS if not verb.system and verb.code != "photo"
}


class Causes(Door):
    """Why cases come."""

    @reads(
        Operation(
            "case_causes",
            summary=_("Causes for which cases are solved"),
            answer=(
                Field("cause", TEXT, _("Code of the cause")),
                Field("name", TEXT, _("Name")),
            ),
            listed=True,
            **_READ,
        )
    )
    def get(self, _values: dict[str, Any]) -> Page:
        """Those in use."""
        rows = Cause.objects.filter(archived_at=None)
        return Page([{"cause": one.code, "name": str(one)} for one in rows])


class Rules(Door):
    """What is looked for."""

    @reads(
        Operation(
            "alert_rules",
            summary=_("Rules by which cases are opened"),
            answer=shapes.RULE,
            listed=True,
            **_READ,
        )
    )
    def get(self, _values: dict[str, Any]) -> Page:
        """All of them."""
        rows = Rule.objects.select_related("item", "category", "warehouse", "role", "fallback")
        return Page([shapes.rule_row(one) for one in rows])
