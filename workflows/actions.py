"""What a person can do with a document now, as buttons: exactly what the door says is possible, in a fixed order."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.models import Task
from workflows.verbs import Verb

_ORDER = (
    "undo", "approve", "complete", "post", "submit", "reopen", "refuse", "return", "remind", "reserve", "amend", "close",
    "forward", "add", "assign", "withdraw", "reverse", "void", "copy",
)  # fmt: skip
_PRIMARY = frozenset({"approve", "complete", "post", "submit", "reopen"})
_OUTSIDE = frozenset({"refuse", "return", "remind", "reverse", "undo", "amend", "close"})
"""Beside the first button; the rest is in the menu."""
_AT_ONCE = frozenset({"submit", "reopen", "remind", "undo", "reserve"})
"""Nothing is asked: one press does it."""
_ICONS = {
    "undo": "back", "approve": "check", "complete": "check", "post": "check", "submit": "check",
    "reopen": "edit", "refuse": "x", "return": "back", "remind": "bell", "forward": "right",
    "add": "plus", "assign": "user", "withdraw": "back", "reverse": "reverse", "void": "x",
    "copy": "copy", "reserve": "lock", "amend": "edit", "close": "x",
}  # fmt: skip
_CONFIRM = _("Confirm")


@dataclass(frozen=True, slots=True)
class Action:
    """One button: ``at_once`` posts, others open the form of the verb; ``href`` leads elsewhere on the page."""

    code: str
    label: str | Promise
    icon: str
    primary: bool
    outside: bool
    danger: bool
    at_once: bool
    href: str = ""


def of(
    verbs: Sequence[Verb], tasks: Sequence[Task], *, asks: bool = False, at: str = "#carry-out"
) -> list[Action]:
    """The buttons for what is possible; ``tasks`` are the person's open ones; ``asks`` for fields needs the form.

    ``at`` is where carrying out is done.
    """
    possible = {verb.code: verb for verb in verbs}
    kinds = {task.kind for task in tasks}
    found = []
    for code in _ORDER:
        if code not in possible:
            continue
        confirms = code == "approve" and "confirm" in kinds
        carries = code == "complete" and bool(kinds & {"inspect", "execute"})
        found.append(
            Action(
                code,
                _CONFIRM if confirms else possible[code].label,
                _ICONS[code],
                code in _PRIMARY,
                code in _PRIMARY | _OUTSIDE,
                code in {"refuse", "reverse"},
                code in _AT_ONCE
                or (code == "approve" and not confirms and not asks)
                or (code == "complete" and not carries and not asks),
                at if carries else "",
            )
        )
    return found
