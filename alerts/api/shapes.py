"""What cases and rules consist of in answers; the keys are a contract."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from alerts import kinds, states, words
from alerts.models import Case, CaseEvent, Rule
from alerts.models.rules import Severity
from core.api.shapes import INTEGER, MOMENT, OBJECT, TEXT, YES_NO, Field
from people.access import Access
from workflows import moment
from workflows.api.shapes import UUID

CASE = (
    Field("case", UUID, _("Key of the case")),
    Field("number", INTEGER, _("Its number")),
    Field("rule", TEXT, _("Code of the rule")),
    Field("kind", TEXT, _("Kind of the rule")),
    Field("state", TEXT, _("State"), choices=tuple(states.BY_CODE)),
    Field("version", INTEGER, _("Raised by every change")),
    Field("severity", TEXT, _("How bad it is"), choices=tuple(Severity.values)),
    Field("reason", TEXT, _("Why it is there, in one sentence")),
    Field("figures", OBJECT, _("The figures behind it")),
    Field("subject", TEXT, _("What it is about: kind and key")),
    Field("item", TEXT, _("Code of the item"), nullable=True),
    Field("lot", TEXT, _("Number of the lot"), nullable=True),
    Field("warehouse", TEXT, _("Code of the warehouse"), nullable=True),
    Field("document", UUID, _("Key of the document"), nullable=True),
    Field("role", TEXT, _("Code of the role whose people look after it"), nullable=True),
    Field("owner", TEXT, _("Who looks after it"), nullable=True),
    Field("reporter", TEXT, _("Who reported it"), nullable=True),
    Field("times", INTEGER, _("How often it came")),
    Field("opened_at", MOMENT, _("When it was opened")),
    Field("due_at", MOMENT, _("When it is due"), nullable=True),
    Field("overdue", YES_NO, _("It is late")),
    Field("ended_at", MOMENT, _("When it ended"), nullable=True),
    Field("cause", TEXT, _("Code of the cause for which it came"), nullable=True),
    Field("closing", TEXT, _("What was done, or why nothing was")),
)
EVENT = (
    Field("at", MOMENT, _("When")),
    Field("who", TEXT, _("Who; empty for the system"), nullable=True),
    Field("verb", TEXT, _("What was done")),
    Field("old_state", TEXT, _("State before")),
    Field("new_state", TEXT, _("State after")),
    Field("text", TEXT, _("Text")),
)
WHOLE = (
    *CASE,
    Field("timeline", OBJECT, _("What happened, oldest first"), many=True, fields=EVENT),
)
RULE = (
    Field("rule", TEXT, _("Code of the rule")),
    Field("kind", TEXT, _("Kind of the rule")),
    Field("name", TEXT, _("Name")),
    Field("sentence", TEXT, _("The rule in one sentence")),
    Field("active", YES_NO, _("It is in force")),
    Field("item", TEXT, _("Code of the item"), nullable=True),
    Field("category", TEXT, _("Code of the category"), nullable=True),
    Field("warehouse", TEXT, _("Code of the warehouse"), nullable=True),
    Field("parameters", OBJECT, _("Its figures")),
    Field("severity", TEXT, _("How bad it is"), choices=tuple(Severity.values)),
    Field("role", TEXT, _("Code of the role whose people look after it"), nullable=True),
    Field("fallback", TEXT, _("Who gets it otherwise"), nullable=True),
    Field("deadline_hours", INTEGER, _("Working hours until it is due"), nullable=True),
    Field("hysteresis_percent", INTEGER, _("By how much it must be better to end")),
    Field("dwell_minutes", INTEGER, _("How long it must last to open")),
)


def case_row(one: Case, access: Access) -> dict[str, Any]:
    """A case as the reader may see it."""
    late = one.about.live and one.due_at is not None and one.due_at < moment.now()
    named = ("state", "version", "severity", "times", "opened_at", "due_at", "ended_at", "closing")
    return {name: getattr(one, name) for name in named} | {
        "case": one.key,
        "number": one.pk,
        "rule": one.rule.code,
        "kind": one.rule.kind,
        "reason": words.reason(one, access),
        "figures": one.figures if words.shows_figures(one, access) else {},
        "subject": f"{one.subject_kind}:{one.subject_key}",
        "item": one.item.code if one.item else None,
        "lot": one.lot.number if one.lot else None,
        "warehouse": one.warehouse.code if one.warehouse else None,
        "document": one.document.key if one.document else None,
        "role": one.role.code if one.role else None,
        "owner": one.owner.username if one.owner else None,
        "reporter": one.reporter.username if one.reporter else None,
        "overdue": late,
        "cause": one.cause.code if one.cause else None,
    }


def event_row(one: CaseEvent) -> dict[str, Any]:
    """An entry of the timeline."""
    named = ("at", "verb", "old_state", "new_state", "text")
    return {name: getattr(one, name) for name in named} | {
        "who": one.actor.username if one.actor else None
    }


def rule_row(one: Rule) -> dict[str, Any]:
    """A rule."""
    kind = kinds.get(one.kind)
    named = (
        "kind",
        "active",
        "parameters",
        "severity",
        "deadline_hours",
        "hysteresis_percent",
        "dwell_minutes",
    )
    return {name: getattr(one, name) for name in named} | {
        "rule": one.code,
        "name": str(one),
        "sentence": kind.says(one) if kind else "",
        "item": one.item.code if one.item else None,
        "category": one.category.code if one.category else None,
        "warehouse": one.warehouse.code if one.warehouse else None,
        "role": one.role.code if one.role else None,
        "fallback": one.fallback.username if one.fallback else None,
    }
