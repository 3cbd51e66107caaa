"""Doors of the API to the rules: which types of document there are, and which way they go."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.operations import Operation, reads
from core.api.paging import Page
from core.api.shapes import INTEGER, OBJECT, TEXT, YES_NO, Field
from people.api.doors import Door
from people.models import User
from workflows import document_types
from workflows.api.shapes import CUSTOM
from workflows.conditions import Condition, Groups
from workflows.document_types import DocumentType
from workflows.models import CustomField, ProcessVersion
from workflows.steps import Step, Who

GROUP = _("Processes")
_SEES: dict[str, Any] = {"scope": "read", "right": "stock.view", "group": GROUP}
_TYPE = (
    Field("type", TEXT, _("Type of document")),
    Field("name", TEXT, _("Name")),
    Field("prefix", TEXT, _("What its numbers begin with")),
    Field(
        "group",
        TEXT,
        _("order, in, out, move, adjust"),
        choices=tuple(code for code, _label in document_types.GROUPS),
    ),
    Field("header", TEXT, _("Keys of the header that belong to it"), many=True),
    Field("required", TEXT, _("Those that must be filled before submitting"), many=True),
    Field("columns", TEXT, _("Keys of lines beside item, unit and quantity"), many=True),
    Field("shape", TEXT, _("How lines become movements: plain, conversion, relabel, value")),
    Field("source", TEXT, _("Kind of place it comes from, if no place is chosen"), nullable=True),
    Field("target", TEXT, _("Kind of place it goes to, if no place is chosen"), nullable=True),
    Field("made_from", TEXT, _("Types from whose posted documents it can be made"), many=True),
    Field("counts", YES_NO, _("What arrives is counted as accepted and rejected")),
    Field("by_hand", YES_NO, _("It can be begun from nothing")),
    Field("custom", OBJECT, _("Custom fields"), many=True, fields=CUSTOM),
)
_WHO = (
    Field("kind", TEXT, _("role, user, manager, asker, system")),
    Field("role", TEXT, _("Code of a role; empty for other kinds")),
    Field("user", TEXT, _("A person: the name with which he signs in"), nullable=True),
    Field("scope", TEXT, _("Of which warehouse: warehouse, target_warehouse, any")),
)
_GROUP = (
    Field(
        "all",
        OBJECT,
        _("What holds together"),
        many=True,
        fields=(
            Field("field", TEXT, _("What is asked")),
            Field("operator", TEXT, _("How it is compared")),
            Field("value", TEXT, _("With what; several are separated by commas")),
        ),
    ),
)
_STEP = (
    Field("step", TEXT, _("Key of the step")),
    Field("name", TEXT, _("Name of the step")),
    Field("kind", TEXT, _("approve, confirm, inspect, execute, post, finance")),
    Field("who", OBJECT, _("Who does it"), fields=_WHO),
    Field("fallback", OBJECT, _("Who does it if there is nobody"), nullable=True, fields=_WHO),
    Field("mode", TEXT, _("any, all, turn")),
    Field(
        "when", OBJECT, _("Needed if one of these holds; always if empty"), many=True, fields=_GROUP
    ),
    Field("auto", OBJECT, _("Passes by itself if one of these holds"), many=True, fields=_GROUP),
    Field("limit_hours", INTEGER, _("Working hours it may take"), nullable=True),
    Field("required", TEXT, _("Fields that it needs"), many=True),
)
_PROCESS = (
    Field("type", TEXT, _("Type of document")),
    Field("company", TEXT, _("Code of the company")),
    Field("usage", TEXT, _("standard, or import for trusted imports")),
    Field("name", TEXT, _("Name")),
    Field("version", INTEGER, _("Its version that new documents travel by")),
    Field("steps", OBJECT, _("Steps in their order"), many=True, fields=_STEP),
)


class Types(Door):
    """The types of documents."""

    @reads(
        Operation(
            "document_types",
            summary=_("Types of documents with their columns, header and custom fields"),
            answer=_TYPE,
            listed=True,
            **_SEES,
        )
    )
    def get(self, _values: dict[str, Any]) -> Page:
        """Every type."""
        custom: dict[str, list[CustomField]] = {}
        for field in CustomField.objects.filter(archived_at=None):
            custom.setdefault(field.type, []).append(field)
        kinds = document_types.DOCUMENT_TYPES
        return Page([_type(kind, custom.get(kind.code, [])) for kind in kinds])


def _type(kind: DocumentType, custom: list[CustomField]) -> dict[str, Any]:
    named = ("prefix", "group", "header", "required", "columns", "shape", "made_from", "counts")
    return {name: getattr(kind, name) for name in (*named, "by_hand")} | {
        "type": kind.code,
        "name": str(kind.label),
        "source": kind.source.virtual or None,
        "target": kind.target.virtual or None,
        "custom": [
            {
                "key": field.key,
                "kind": field.kind,
                "name": str(field),
                "choices": [str(one) for one in field.choices],
                "required": field.required,
            }
            for field in custom
        ],
    }


class Processes(Door):
    """The processes that new documents travel by."""

    @reads(
        Operation(
            "processes",
            summary=_("Processes in force: their steps"),
            answer=_PROCESS,
            listed=True,
            **_SEES,
        )
    )
    def get(self, _values: dict[str, Any]) -> Page:
        """The active version of every process."""
        versions = ProcessVersion.objects.filter(state=ProcessVersion.State.ACTIVE)
        versions = versions.select_related("process__company").order_by("process__type", "pk")
        steps = {version.pk: version.read_steps() for version in versions}
        names = _names(step for row in steps.values() for step in row)
        made = [
            {
                "type": version.process.type,
                "company": version.process.company.code,
                "usage": version.process.usage,
                "name": str(version.process),
                "version": version.number,
                "steps": [_step(step, names) for step in steps[version.pk]],
            }
            for version in versions
        ]
        return Page(made)


def _names(steps: Iterable[Step]) -> dict[int, str]:
    """The people that are named in steps."""
    named = {who.user for step in steps for who in (step.who, step.fallback) if who and who.user}
    return dict(User.objects.filter(pk__in=named).values_list("pk", "username"))


def _step(step: Step, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "step": step.key,
        "name": step.name,
        "kind": step.kind,
        "who": _who(step.who, names),
        "fallback": _who(step.fallback, names) if step.fallback else None,
        "mode": step.mode,
        "when": _groups(step.when),
        "auto": _groups(step.auto),
        "limit_hours": step.limit_hours,
        "required": step.required,
    }


def _who(who: Who, names: Mapping[int, str]) -> dict[str, Any]:
    user = names.get(who.user) if who.user else None
    return {"kind": who.kind, "role": who.role, "user": user, "scope": who.scope}


def _groups(groups: Groups) -> list[dict[str, Any]]:
    return [{"all": [_condition(one) for one in group]} for group in groups]


def _condition(one: Condition) -> dict[str, str]:
    several = isinstance(one.value, tuple | list)
    value = ", ".join(map(str, one.value)) if several else str(one.value or "")
    return {"field": one.field, "operator": one.op, "value": value}
