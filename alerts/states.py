"""The states of a case and what leads from one to another, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

OPEN, ACKNOWLEDGED, IN_WORK, SOLVED, DISMISSED = (
    "open",
    "acknowledged",
    "in_work",
    "solved",
    "dismissed",
)


@dataclass(frozen=True, slots=True)
class State:
    """One state; ``tone`` is the colour of its chip, ``live`` whether somebody has still to do with it."""

    code: str
    label: str | Promise
    tone: str
    live: bool


STATES: tuple[State, ...] = (
    State(OPEN, pgettext_lazy("case", "Open"), "bad", live=True),
    State(ACKNOWLEDGED, pgettext_lazy("case", "Acknowledged"), "warn", live=True),
    State(IN_WORK, pgettext_lazy("case", "In work"), "go", live=True),
    State(SOLVED, pgettext_lazy("case", "Solved"), "ok", live=False),
    State(DISMISSED, pgettext_lazy("case", "Dismissed"), "off", live=False),
)
BY_CODE = {state.code: state for state in STATES}
CHOICES = [(state.code, state.label) for state in STATES]
LIVE = tuple(state.code for state in STATES if state.live)
OVER = tuple(state.code for state in STATES if not state.live)

GRAPH: Mapping[str, tuple[str, ...]] = {
    OPEN: (ACKNOWLEDGED, IN_WORK, SOLVED, DISMISSED),
    ACKNOWLEDGED: (OPEN, IN_WORK, SOLVED, DISMISSED),
    IN_WORK: (OPEN, SOLVED, DISMISSED),
    SOLVED: (OPEN,),
    DISMISSED: (OPEN,),
}


@dataclass(frozen=True, slots=True)
class Verb:
    """What people (or, ``system``, the program) do with a case: from which states, to which one.

    ``to`` is empty where the state stays. ``own``: only for those whose case it is; others may see it and say something.
    """

    code: str
    label: str | Promise
    told: str | Promise
    """What the timeline calls it."""
    sources: tuple[str, ...]
    to: str = ""
    own: bool = True
    system: bool = False


VERBS: tuple[Verb, ...] = (
    Verb("acknowledge", _("Take it"), _("took it"), (OPEN,), ACKNOWLEDGED),
    Verb("start", _("Start work"), _("started work"), (OPEN, ACKNOWLEDGED), IN_WORK),
    Verb("release", _("Give it back"), _("gave it back"), (ACKNOWLEDGED, IN_WORK), OPEN),
    Verb("assign", _("Hand it to somebody"), _("handed it on"), LIVE),
    Verb("solve", pgettext_lazy("case", "Solved"), _("solved it"), LIVE, SOLVED),
    Verb("dismiss", _("Dismiss"), _("dismissed it"), LIVE, DISMISSED),
    Verb("reopen", _("Open again"), _("opened it again"), OVER, OPEN),
    Verb("comment", _("Comment"), _("commented"), (*LIVE, *OVER), own=False),
    Verb("photo", _("Add a photo"), _("added a photo"), (*LIVE, *OVER), own=False),
    Verb("fire", "", _("was opened"), (OPEN,), system=True),
    Verb("again", "", _("came again"), OVER, OPEN, system=True),
    Verb("gone", "", _("ended: its cause is gone"), LIVE, SOLVED, system=True),
    Verb("clear", "", _("saw that the cause is gone"), OVER, system=True),
    Verb("remind", "", _("reminded"), LIVE, system=True),
    Verb("escalate", "", _("told those above: it is overdue"), LIVE, system=True),
)
VERB_BY_CODE = {verb.code: verb for verb in VERBS}
