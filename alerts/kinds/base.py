"""What a kind of rule is: how it finds what it looks for, set-based, and how it says so.

``find(rule, touched, margin)`` looks at the subjects touched (None: everything) in a number of statements that does
not depend on how many there are, on either engine. With ``margin`` it uses the threshold widened by the rule's
hysteresis: what it finds then is not good enough for an open case to end.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.said import Noted

if TYPE_CHECKING:
    from alerts.models import Case, Rule


@dataclass(frozen=True, slots=True)
class Touched:
    """What may have changed; None means everything of that sort.

    Kinds that watch items look at ``items``, kinds that watch documents at ``documents``.
    """

    items: frozenset[int] | None = None
    documents: frozenset[int] | None = None


EVERYTHING = Touched()


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject for which the rule fires now. Keys are ids; figures are what JSON holds (quantities as text)."""

    subject_kind: str
    subject_key: str
    reason: Noted
    figures: Mapping[str, Any] = field(default_factory=dict)
    item: int | None = None
    lot: int | None = None
    warehouse: int | None = None
    partner: int | None = None
    document: int | None = None
    severity: str = ""
    """Where it is worse (or better) than the rule says."""

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about."""
        return self.subject_kind, self.subject_key


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a rule of this kind has; ``unit`` is said behind it."""

    name: str
    label: str | Promise
    default: Decimal
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1_000_000)
    unit: str | Promise = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """The next thing to do, one click away: an address of this site and what its button says.

    ``begins`` is a type of document that the button makes a draft of, with the item filled in.
    """

    url: str
    label: str | Promise
    begins: str = ""


Find = Callable[["Rule", Touched, bool], list[Finding]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule.

    ``watches``: ``items`` or ``documents`` — what must change for it to be looked at at once; ``clock`` — it is looked
    at by the sweep only. ``lasting``: its cases end by themselves when nothing is found any more; what has once
    happened does not go away. ``scopes``: what a rule may be limited to. ``says`` puts the rule into one sentence.
    """

    code: str
    label: str | Promise
    about: str | Promise
    group: str
    watches: str
    find: Find
    says: Callable[["Rule"], str]
    action: Callable[["Case"], Action | None]
    parameters: tuple[Parameter, ...] = ()
    scopes: tuple[str, ...] = ("item", "category", "warehouse")
    lasting: bool = True

    def value(self, rule: "Rule", name: str) -> Decimal:
        """A parameter of the rule, or what the kind takes instead."""
        given = rule.parameters.get(name)
        if given is None:
            return next(one.default for one in self.parameters if one.name == name)
        return Decimal(str(given))

    def problems(self, parameters: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with parameters: name → message in the active language."""
        known = {one.name: one for one in self.parameters}
        wrong = {name: _("There is no such parameter.") for name in parameters if name not in known}
        for name, one in known.items():
            if name in parameters and (message := _wrong(one, parameters[name])):
                wrong[name] = message
        return wrong


def _wrong(one: Parameter, value: Any) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return _("Enter a number.")
    if isinstance(value, bool) or not number.is_finite():
        return _("Enter a number.")
    if one.whole and number != number.to_integral_value():
        return _("Enter a whole number.")
    if not one.least <= number <= one.most:
        return _("Enter a number from %(least)s to %(most)s.") % {
            "least": one.least,
            "most": one.most,
        }
    return ""


def sentence(source: str, **values: Any) -> Noted:
    """A reason that every reader is told in his language; ``source`` is marked with ``gettext_noop`` where it stands."""
    return {"said": source, "with": values}


def keyed(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    """Findings by what they are about; the first of several counts."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        found.setdefault(finding.subject, finding)
    return found
