"""What a step of a process is: its kind, who does it, in which mode, when, until when; pure rules.

A process version keeps its steps as plain data (``Step.as_dict``); ``problems`` says what is wrong with
them, in words for the person who edits them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.errors import LineError
from workflows import conditions
from workflows.conditions import Groups


@dataclass(frozen=True, slots=True)
class StepKind:
    """``right`` is what somebody needs to do such a step; ``writes`` which figures it may enter."""

    code: str
    label: str | Promise
    right: str
    writes: str = ""
    decides: bool = False
    """An approval in the sense of four eyes: neither the asker nor an editor of the content."""


STEP_KINDS: tuple[StepKind, ...] = (
    StepKind("approve", gettext_lazy("Approval"), "document.approve", decides=True),
    StepKind("confirm", gettext_lazy("Confirmation"), "document.ask", writes="confirmed"),
    StepKind("inspect", gettext_lazy("Inspection"), "document.execute", writes="actual"),
    StepKind("execute", gettext_lazy("Execution"), "document.execute", writes="actual"),
    StepKind("post", gettext_lazy("Posting"), "document.execute"),
    StepKind("finance", gettext_lazy("Finance"), "finance.review"),
)
KINDS = {kind.code: kind for kind in STEP_KINDS}
KIND_CHOICES = [(kind.code, kind.label) for kind in STEP_KINDS]

MODES: tuple[tuple[str, str | Promise], ...] = (
    ("any", gettext_lazy("any one of them")),
    ("all", gettext_lazy("all of them")),
    ("turn", gettext_lazy("all, in turn")),
)
WHO: tuple[tuple[str, str | Promise], ...] = (
    ("role", gettext_lazy("a role")),
    ("user", gettext_lazy("a person")),
    ("manager", gettext_lazy("the asker's manager")),
    ("asker", gettext_lazy("the asker")),
    ("system", gettext_lazy("the system")),
)
SCOPES: tuple[tuple[str, str | Promise], ...] = (
    ("warehouse", gettext_lazy("of the document's warehouse")),
    ("target_warehouse", gettext_lazy("of the receiving warehouse")),
    ("any", gettext_lazy("of any warehouse")),
)
ACTIONS: tuple[tuple[str, str | Promise], ...] = (
    ("forward", gettext_lazy("hand over")),
    ("add", gettext_lazy("add an approver")),
    ("return", gettext_lazy("return")),
    ("batch", gettext_lazy("approve in a batch")),
)
LATE: tuple[tuple[str, str | Promise], ...] = (
    ("remind", gettext_lazy("remind only")),
    ("escalate", gettext_lazy("remind, then ask somebody else as well")),
    ("reassign", gettext_lazy("remind, then give it to somebody else")),
)


RECHECKS: tuple[tuple[str, str | Promise], ...] = (
    ("", gettext_lazy("What was picked is not checked again.")),
    ("any", gettext_lazy("What was picked is checked a second time.")),
    ("other", gettext_lazy("What was picked is checked a second time by another person.")),
)
FILLED = ("note", "reference", "wanted_on")
"""Fields of the header that a step may ask its person to fill in; the others are frozen content by then."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who does a step: ``kind`` of WHO, with a role's code or a user's id, and whose warehouse counts."""

    kind: str = "role"
    role: str = ""
    user: int | None = None
    scope: str = "warehouse"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``when`` and ``auto`` are groups of conditions: any group whose parts are all true.

    Without ``when`` the step is always there; where ``auto`` holds it passes by itself. Hours are
    working hours. ``late_to`` is who is asked when the limit is over, ``fallback`` who if there is nobody.
    """

    key: str
    kind: str
    name_en: str
    name_zh: str
    who: Who = Who()
    mode: str = "any"
    when: Groups = ()
    auto: Groups = ()
    limit_hours: int | None = None
    remind_hours: int | None = None
    late: str = "remind"
    late_to: Who | None = None
    fallback: Who | None = None
    required: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    actions: tuple[str, ...] = ("forward", "add", "return")
    recheck: str = ""
    """Whether what was picked is checked a second time: a code of RECHECKS."""
    copy_to: tuple[str, ...] = ()
    """Codes of roles that get a copy when the step begins."""

    @property
    def name(self) -> str:
        """Its name in the language active now."""
        zh = (get_language() or "").startswith("zh")
        return (self.name_zh if zh else self.name_en) or self.name_en or self.name_zh

    @property
    def about(self) -> StepKind:
        """Its kind."""
        return KINDS[self.kind]

    @property
    def automatic(self) -> bool:
        """Whether the system does it."""
        return self.who.kind == "system"

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as kept in a version."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Step":
        """The step that ``as_dict`` wrote."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        for name in ("who", "late_to", "fallback"):
            if known.get(name) is not None:
                known[name] = Who(**known[name])
        for name in ("when", "auto"):
            known[name] = conditions.from_data(known.get(name) or ())
        for name in ("required", "hidden", "actions", "copy_to"):
            if name in known:
                known[name] = tuple(known[name])
        if isinstance(
            known.get("recheck"), bool
        ):  # as versions kept it when there was one kind of check
            known["recheck"] = "any" if known["recheck"] else ""
        return cls(**known)


def read(data: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of a version."""
    return tuple(Step.from_dict(row) for row in data)


@dataclass(frozen=True, slots=True)
class Options:
    """What a process says beside its steps.

    ``over_percent`` is how much more than confirmed may be executed; ``amount_percent`` how far the amount
    may move from what was approved; ``rest`` is what becomes of what was not executed: a linked rest
    document (``document``), nothing (``close``).
    """

    over_percent: str = "0"
    amount_percent: str = "10"
    rest: str = "document"
    expects_count: bool = True
    start_name_en: str = "Request"
    start_name_zh: str = "申请"
    feedback: bool = False
    """Planned against actual is a step of its own on the document."""
    makes: str = "submitted"
    """Orders: what becomes of the documents that deliver them (MAKES)."""
    confirmed: bool = False
    """The version after this one is proposed by one person and activated by another."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Options":
        """The options that ``as_dict`` wrote."""
        return cls(**{name: data[name] for name in cls.__slots__ if name in data})


MAKES: tuple[tuple[str, str | Promise], ...] = (
    ("submitted", gettext_lazy("are made and submitted")),
    ("draft", gettext_lazy("are made as drafts")),
    ("none", gettext_lazy("are made by hand")),
)
RESTS: tuple[tuple[str, str | Promise], ...] = (
    ("document", gettext_lazy("becomes a rest document")),
    ("close", gettext_lazy("is closed")),
)


def problems(steps: Sequence[Step]) -> list[LineError]:
    """What is wrong with the steps as such; ``line`` is the step, counted from 1, 0 the whole."""
    found: list[LineError] = []
    keys = [step.key for step in steps]
    posts = [number for number, step in enumerate(steps, 1) if step.kind == "post"]
    if len(posts) != 1:
        found.append(LineError(0, "post_once", _("A process has exactly one posting step.")))
    for number, step in enumerate(steps, 1):
        found += [LineError(number, code, text) for code, text in _problems_of(step)]
        if keys.count(step.key) > 1:
            found.append(LineError(number, "key_twice", _("Two steps have the same key.")))
        if posts and step.kind == "finance" and number < posts[0]:
            found.append(
                LineError(number, "finance_first", _("A finance step comes after posting."))
            )
        if posts and step.kind not in {"finance", "post"} and number > posts[0]:
            found.append(
                LineError(number, "after_post", _("After posting only finance steps follow."))
            )
    return found


def _problems_of(step: Step) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if step.kind not in KINDS:
        return [("kind", _("Unknown kind of step."))]
    if not (step.name_en and step.name_zh):
        found.append(("name", _("A step needs a name in both languages.")))
    if step.who.kind == "role" and not step.who.role:
        found.append(("who", _("Choose the role that does this step.")))
    if step.who.kind == "user" and not step.who.user:
        found.append(("who", _("Choose the person who does this step.")))
    if step.who.kind == "asker" and step.about.decides:
        found.append(("four_eyes", _("The asker cannot approve his own document.")))
    if step.automatic and step.kind != "post":
        found.append(("who", _("Only posting is done by the system.")))
    if step.about.decides and step.fallback is None:
        found.append(("fallback", _("Say who approves when nobody is found.")))
    if step.late in {"escalate", "reassign"} and step.limit_hours and step.late_to is None:
        found.append(("late_to", _("Say who is asked when the time is over.")))
    found += [("condition", text) for text in conditions.problems((*step.when, *step.auto))]
    return found
