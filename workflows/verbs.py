"""Every verb of a document, as data: where it is possible, who may, and whether it needs a reason."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.states import (
    APPROVED,
    CLOSED,
    DRAFT,
    EDITABLE,
    IN_APPROVAL,
    IN_EXECUTION,
    POSTED,
    RETURNED,
    REVERSED,
    RUNNING,
    WITHDRAWN,
)

ANY_STATE = frozenset(
    {DRAFT, IN_APPROVAL, RETURNED, APPROVED, IN_EXECUTION, POSTED, WITHDRAWN, REVERSED, CLOSED}
)


@dataclass(frozen=True, slots=True)
class Verb:
    """``by`` is who may: asker (asked for it, or may ask in its warehouse), task (has an open task of one
    of ``kinds``), keeper (of the process), viewer (sees the document), right (has ``right`` there).
    """

    code: str
    label: str | Promise
    states: frozenset[str]
    by: str
    kinds: tuple[str, ...] = ()
    right: str = ""
    reason: bool = False
    settles: bool = True
    """Whether verdicts that can still be undone are settled first."""
    orders: bool = False
    """Whether it is about orders alone."""


VERBS: tuple[Verb, ...] = (
    Verb("submit", _("Submit"), EDITABLE, "asker", right="document.ask"),
    Verb("approve", _("Agree"), RUNNING, "task", ("approve", "confirm")),
    Verb(
        "refuse", _("Refuse"), frozenset({IN_APPROVAL}), "task", ("approve", "confirm"), reason=True
    ),
    Verb(
        "return",
        _("Return"),
        RUNNING,
        "task",
        ("approve", "confirm", "inspect", "execute", "post"),
        reason=True,
    ),
    Verb("withdraw", _("Withdraw"), frozenset({IN_APPROVAL, APPROVED, RETURNED}), "asker"),
    Verb("reopen", _("Edit again"), frozenset({WITHDRAWN}), "asker", right="document.ask"),
    Verb(
        "forward",
        _("Hand over"),
        RUNNING | {POSTED},
        "task",
        ("approve", "confirm", "inspect", "execute", "post", "finance"),
    ),
    Verb("add", _("Add an approver"), RUNNING, "task", ("approve", "confirm")),
    Verb("assign", _("Assign"), RUNNING | {POSTED}, "keeper"),
    Verb("remind", _("Urge"), RUNNING, "asker"),
    Verb("record", _("Enter quantities"), RUNNING, "task", ("inspect", "execute")),
    Verb("complete", _("Finish"), RUNNING | {POSTED}, "task", ("inspect", "execute", "finance")),
    Verb("post", _("Post"), frozenset({APPROVED, IN_EXECUTION}), "task", ("post",)),
    Verb("undo", _("Undo"), RUNNING, "viewer", settles=False),
    Verb("void", _("Void"), EDITABLE | RUNNING | {WITHDRAWN}, "asker", right="document.ask"),
    Verb("amend", _("Change the order"), frozenset({IN_EXECUTION}), "asker", orders=True),
    Verb(
        "close",
        _("Close what is open"),
        frozenset({IN_EXECUTION}),
        "asker",
        reason=True,
        orders=True,
    ),
    Verb("reserve", _("Reserve again"), frozenset({IN_EXECUTION}), "asker", orders=True),
    Verb("reverse", _("Reverse"), frozenset({POSTED}), "right", right="stock.reverse", reason=True),
    Verb("comment", _("Comment"), ANY_STATE, "viewer", settles=False),
    Verb("copy", _("Copy to"), ANY_STATE, "viewer", settles=False),
)
BY_CODE = {verb.code: verb for verb in VERBS}
EVENT_LABELS: dict[str, str | Promise] = {
    "create": _("created"),
    "edit": _("changed"),
    "submit": _("submitted"),
    "approve": _("agreed"),
    "confirm": _("confirmed"),
    "refuse": _("refused"),
    "return": _("returned"),
    "withdraw": _("withdrew"),
    "reopen": _("edits again"),
    "forward": _("handed over"),
    "add": _("added an approver"),
    "assign": _("assigned"),
    "remind": _("urged"),
    "record": _("entered quantities"),
    "complete": _("finished the step"),
    "post": _("posted"),
    "post_failed": _("could not post"),
    "undo": _("took the verdict back"),
    "void": _("voided"),
    "reverse": _("reversed"),
    "comment": _("commented"),
    "copy": _("copied to"),
    "pass": _("passed by rule"),
    "skip": _("not needed"),
    "nobody": _("nobody found"),
    "escalate": _("escalated"),
    "reminder": _("reminded"),
    "feedback": _("exception feedback"),
    "attach": _("added a file"),
    "detach": _("removed a file"),
    "rest": _("left a rest"),
    "void_approval": _("approval voided"),
    "sync": _("handed to finance"),
    "seal": _("sealed the book for counting"),
    "recount": _("sent lines back to be counted again"),
    "left": _("left lines uncounted"),
    "settle": _("the verdict took effect"),
    "open": _("put in force"),
    "make": _("made a document"),
    "make_failed": _("could not make a document"),
    "deliver": _("delivered"),
    "take_back": _("took back a delivery"),
    "amend": _("opened for changes"),
    "close": _("closed what was open"),
    "reserve": _("reserved again"),
}
"""What the timeline says somebody did."""
