"""Remarks on lines while they are typed, and what is unusual about a document, for whoever looks at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from alerts.anomaly import judging, sentences
from alerts.anomaly.lines import Judgement
from alerts.anomaly.surrounding import Case, cases
from alerts.models import Acceptance
from core.said import Said, again
from people.access import Access
from people.models import User
from stock.plan import Plan
from workflows import checks, previewing, sight
from workflows.checks import Check
from workflows.models import Document, Line

_MOST = 200
"""Lines of a document that are judged in a preview."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A judgement on a line, in words."""

    line: Line
    found: Judgement
    text: Said
    type: str


def remarks(document: Document, lines: Sequence[Line], access: Access) -> list[Remark]:
    """What is unusual about the lines and may be told to whoever has this access."""
    return _of_cases(document, cases(document, lines, moved=True), access)


def _of_cases(document: Document, judged: Sequence[Case], access: Access) -> list[Remark]:
    user = User(pk=access.user_id) if access.user_id else None
    money = user is not None and sight.sees_money(document, access, user)
    return [
        Remark(case.line, one, sentences.say(one, case), case.typed.type)
        for case in judged
        for one in judging.judge(case.typed, case.around, case.known)
        if money or one.code not in sentences.MONEY
    ]


def rule(
    document: Document, lines: Sequence[Line], access: Access
) -> Mapping[int, Sequence[Check]]:
    """The remarks as the form shows them beside a line, each with what to take instead and a way to accept it."""
    found: dict[int, list[Check]] = {}
    address = reverse("alerts:accept", args=[document.key])
    for remark in remarks(document, lines, access):
        suggestion = remark.found.suggestion
        found.setdefault(remark.line.pk, []).append(
            Check(
                "warn",
                remark.found.code,
                str(remark.text),
                suggestion=(suggestion.field, suggestion.value) if suggestion else None,
                action=sentences.action(remark.found),
                accept=address,
                low=_too_little(remark.found),
            )
        )
    return found


def _too_little(found: Judgement) -> bool:
    """Whether the line would be right if only there were more."""
    value, least = found.facts.get("value"), found.facts.get("low", found.facts.get("left"))
    if found.code == "odd_step":
        return True
    return isinstance(value, float) and isinstance(least, float) and value < least


def panel(document: Document, _plan: Plan | None, access: Access) -> Mapping[str, object] | None:
    """What is unusual, what somebody said is right, and of which items too little is known."""
    lines = list(document.lines.select_related(*checks.NAMES).order_by("position", "id")[:_MOST])
    judged = cases(document, lines, moved=True)
    found = _of_cases(document, judged, access)
    kept = Acceptance.objects.filter(document=document).select_related("by", "item")
    costs = sight.sees_cost(document, access)
    accepted = [
        {"item": one.item, "by": one.by, "text": again(one.said)}
        for one in kept.order_by("pk")
        if costs or one.code not in sentences.MONEY
    ]
    unknown = [case.line.item.code for case in judged if judging.cold(case.typed, case.known)]
    if not (found or accepted or unknown):
        return None
    return {"remarks": found, "accepted": accepted, "unknown": sorted(set(unknown))}


def register() -> None:
    """Let the forms and previews of documents ask; called when the app starts."""
    checks.register("alerts.anomaly", rule)
    previewing.register_panel(
        previewing.Panel(
            "alerts.anomaly",
            _("What is unusual"),
            "alerts/anomaly/panel.html",
            panel,
            deciding=True,
        )
    )
