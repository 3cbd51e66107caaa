"""What only the pages of documents need in templates."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import fields, words
from workflows import wording
from workflows.models import StepRun, Task

register = template.Library()
_VERDICTS: dict[str, str | Promise] = {
    "approved": gettext_lazy("agreed"),
    "refused": gettext_lazy("refused"),
    "returned": gettext_lazy("returned"),
    "done": gettext_lazy("done"),
}


@register.filter
def plain(number: Decimal | None) -> str:
    """Bare digits, as an input takes them."""
    return "" if number is None else fields.plain(number)


@register.simple_tag(takes_context=True)
def typed(context: dict[str, Any], name: str, key: str, value: Any) -> str:
    """What stands in the field ``NAME.KEY``: what was typed before a refusal, else what is kept."""
    before = context.get("typed") or {}
    if f"{name}.{key}" in before:
        return str(before[f"{name}.{key}"])
    return plain(value) if isinstance(value, Decimal) else str(value or "")


@register.filter
def run_name(run: StepRun) -> str:
    """What the step of a run is called."""
    return wording.run_name(run)


@register.filter
def listed(parts: list[object]) -> str:
    """The parts one after another."""
    return words.listed(parts)


@register.filter
def verdict(task: Task) -> str:
    """What somebody decided in a task, in words."""
    held = " · " + _("can still be undone") if task.state == Task.State.HELD else ""
    return str(_VERDICTS.get(task.verdict, task.verdict)) + held
