"""The signature boxes of a form, filled with whom the process knows: asker, approvers, executors, finance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags import ui
from core.words import listed
from people.models import User
from workflows import states
from workflows.models import Document, StepRun, Task

_KINDS = {"approved": ("approve", "confirm"), "warehouse": ("inspect", "execute", "post")}
_UNSURE = states.EDITABLE | {states.WITHDRAWN, states.REJECTED, states.VOID}
"""In these states nobody's signature holds: what was agreed to may still change, or will not be done."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: who signed and when; empty ones are signed by hand."""

    label: str
    names: str = ""
    at: str = ""


def boxes(document: Document, tasks: Sequence[Task], runs: Iterable[StepRun]) -> list[Box]:
    """The four boxes; ``tasks`` are the decided ones of runs that still count."""
    asked = document.submitted_at or document.created_at
    prepared = Box(_("Prepared by"), str(document.asker or ""), ui.moment(asked))
    if document.state in _UNSURE:
        tasks, runs = (), ()
    approved = _box(_("Approved by"), [t for t in tasks if t.kind in _KINDS["approved"]])
    if not approved.names and any(
        run.kind in _KINDS["approved"] and run.outcome == StepRun.Outcome.AUTO for run in runs
    ):
        approved = Box(approved.label, _("passed by rule"))
    return [
        prepared,
        approved,
        _box(_("Warehouse keeper"), [t for t in tasks if t.kind in _KINDS["warehouse"]]),
        _box(_("Accounting"), [t for t in tasks if t.kind == "finance"]),
    ]


def _box(label: str, tasks: Sequence[Task]) -> Box:
    names = dict.fromkeys(_name(task.decided_by, task.on_behalf_of) for task in tasks)
    moments: list[datetime] = [task.decided_at for task in tasks if task.decided_at]
    return Box(label, listed(names), ui.moment(max(moments, default=None)))


def _name(who: User | None, instead_of: User | None) -> str:
    if instead_of is None or instead_of == who:
        return str(who or "")
    return pgettext("who signed, and for whom", "%(who)s for %(other)s") % {
        "who": who,
        "other": instead_of,
    }
