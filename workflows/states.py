"""The states of a document and the graph between them, as data; the state machine and its guards read it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DRAFT = "draft"
IN_APPROVAL = "in_approval"
RETURNED = "returned"
APPROVED = "approved"
IN_EXECUTION = "in_execution"
POSTED = "posted"
WITHDRAWN = "withdrawn"
REJECTED = "rejected"
VOID = "void"
REVERSED = "reversed"
CLOSED = "closed"
"""An order of which nothing is open any more."""


@dataclass(frozen=True, slots=True)
class State:
    """``phase`` is the shape of its chip: open (nothing moved), moving, done, dead."""

    code: str
    label: str | Promise
    phase: str
    tone: str

    @property
    def css(self) -> str:
        """The class of its chip: shape by phase, colour by health."""
        if self.code == REVERSED:
            return "rev"
        if self.phase == "open":
            return {"warn": "wait", "bad": "back"}.get(self.tone, "")
        return {"moving": "go", "done": "post"}.get(self.phase, "dead")


STATES: tuple[State, ...] = (
    State(DRAFT, _("Draft"), "open", "neutral"),
    State(IN_APPROVAL, _("In approval"), "open", "warn"),
    State(RETURNED, _("Returned"), "open", "bad"),
    State(APPROVED, _("Approved"), "moving", "in"),
    State(IN_EXECUTION, _("In execution"), "moving", "in"),
    State(POSTED, _("Posted"), "done", "ok"),
    State(WITHDRAWN, _("Withdrawn"), "dead", "neutral"),
    State(REJECTED, _("Rejected"), "dead", "bad"),
    State(VOID, _("Void"), "dead", "neutral"),
    State(REVERSED, _("Reversed"), "dead", "bad"),
    State(CLOSED, pgettext_lazy("document", "Closed"), "done", "ok"),
)
BY_CODE = {state.code: state for state in STATES}
CHOICES = [(state.code, state.label) for state in STATES]
EDITABLE = frozenset({DRAFT, RETURNED})
"""The asker's content may be changed."""
UNSENT = frozenset({DRAFT, WITHDRAWN})
"""Nobody is asked about it; everything is looked at again when it is submitted."""
RUNNING = frozenset({IN_APPROVAL, APPROVED, IN_EXECUTION})
"""Somebody's step is open."""
FINAL = frozenset({REJECTED, VOID, REVERSED})

GRAPH: dict[str, tuple[str, ...]] = {
    DRAFT: (IN_APPROVAL, APPROVED, IN_EXECUTION, POSTED, VOID),
    IN_APPROVAL: (APPROVED, IN_EXECUTION, RETURNED, REJECTED, WITHDRAWN, VOID, POSTED, CLOSED),
    RETURNED: (IN_APPROVAL, APPROVED, IN_EXECUTION, POSTED, WITHDRAWN, VOID, CLOSED),
    APPROVED: (IN_EXECUTION, IN_APPROVAL, RETURNED, WITHDRAWN, VOID, POSTED, CLOSED),
    IN_EXECUTION: (IN_APPROVAL, RETURNED, VOID, POSTED, CLOSED),
    POSTED: (REVERSED,),
    WITHDRAWN: (DRAFT, VOID),
    REJECTED: (),
    VOID: (),
    REVERSED: (),
    CLOSED: (IN_EXECUTION,),
}
"""From each state, where a document may go. The database refuses every other change."""


def allowed(old: str, new: str) -> bool:
    """Whether a document may go from one state to the other."""
    return new in GRAPH.get(old, ())
