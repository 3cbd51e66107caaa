"""Conditions of a process: sentences from pick-lists, evaluated over facts; pure, and every answer is kept.

A condition is (field, operator, value). A group holds if all of its conditions do; groups are alternatives.
There is no expression language: what the page offers is all there is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.numbers import NumberError, parse_decimal
from core.templatetags import ui
from core.words import listed


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a condition may ask of a document; ``kind`` is number, choice or flag."""

    code: str
    label: str | Promise
    kind: str
    unit: str | Promise = ""


FIELDS: tuple[Field, ...] = (
    Field("amount", gettext_lazy("Amount"), "number"),
    Field("quantity", gettext_lazy("Total quantity"), "number"),
    Field("lines", gettext_lazy("Number of lines"), "number"),
    Field("variance_percent", gettext_lazy("Difference to plan"), "number", "%"),
    Field("differences", gettext_lazy("Lines with a difference"), "number"),
    Field("recounts", gettext_lazy("Lines to count again"), "number"),
    Field("times_30_days", gettext_lazy("Times in 30 days"), "number"),
    Field("category", gettext_lazy("Item category"), "choice"),
    Field("warehouse", gettext_lazy("Warehouse"), "choice"),
    Field("target_warehouse", gettext_lazy("To warehouse"), "choice"),
    Field("reason", gettext_lazy("Reason"), "choice"),
    Field("partner", gettext_lazy("Partner"), "choice"),
    Field("department", gettext_lazy("Department"), "choice"),
    Field("asker_role", gettext_lazy("Role of the asker"), "choice"),
    Field("lot_expired", gettext_lazy("A lot has expired"), "flag"),
    Field("below_zero", gettext_lazy("Stock would go below zero"), "flag"),
    Field("without_original", gettext_lazy("A return without its original"), "flag"),
    Field("late", gettext_lazy("Dated in the past"), "flag"),
    Field("ordered", gettext_lazy("It delivers an approved order"), "flag"),
)
BY_CODE = {field.code: field for field in FIELDS}

Operator = Callable[[Any, Any], bool]
OPERATORS: dict[str, tuple[tuple[str, str | Promise, Operator], ...]] = {
    "number": (
        ("gt", gettext_lazy("is more than"), lambda actual, value: actual > value),
        ("gte", gettext_lazy("is at least"), lambda actual, value: actual >= value),
        ("lt", gettext_lazy("is less than"), lambda actual, value: actual < value),
        ("lte", gettext_lazy("is at most"), lambda actual, value: actual <= value),
    ),
    "choice": (
        ("in", gettext_lazy("is one of"), lambda actual, value: bool(set(actual) & set(value))),
        ("not_in", gettext_lazy("is none of"), lambda actual, value: not set(actual) & set(value)),
    ),
    "flag": (
        ("yes", gettext_lazy("holds"), lambda actual, _value: bool(actual)),
        ("no", gettext_lazy("does not hold"), lambda actual, _value: not actual),
    ),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One sentence: the value is a number in digits, a tuple of codes, or nothing for flags."""

    field: str
    op: str
    value: Any = None


Groups = tuple[tuple[Condition, ...], ...]


def from_data(data: Iterable[Iterable[Any]]) -> Groups:
    """Groups from plain data (dicts or conditions)."""
    return tuple(tuple(_condition(row) for row in group) for group in data)


def _condition(row: Any) -> Condition:
    if isinstance(row, Condition):
        return row
    value = row.get("value")
    return Condition(row["field"], row["op"], tuple(value) if isinstance(value, list) else value)


def any_of(*conditions: Condition) -> Groups:
    """Groups that hold when one of the conditions does."""
    return tuple((condition,) for condition in conditions)


def kind_of(field: str) -> str:
    """number, choice or flag; custom fields are asked as ``custom:KEY:KIND``."""
    if field in BY_CODE:
        return BY_CODE[field].kind
    parts = field.split(":")
    return parts[2] if len(parts) == 3 and parts[0] == "custom" else ""


def problems(groups: Groups) -> list[str]:
    """What is wrong with conditions, in words."""
    found = []
    for condition in (c for group in groups for c in group):
        kind = kind_of(condition.field)
        known = {code for code, _label, _test in OPERATORS.get(kind, ())}
        if not kind:
            found.append(_("Unknown field “%(field)s”.") % {"field": condition.field})
        elif condition.op not in known:
            found.append(_("“%(op)s” does not fit this field.") % {"op": condition.op})
        elif kind == "number":
            try:
                parse_decimal(str(condition.value), places=6)
            except NumberError as error:
                found.append(str(error))
        elif kind == "choice" and not condition.value:
            found.append(_("Choose at least one value."))
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the groups hold, and every condition that was asked with what was found."""

    holds: bool
    trace: list[dict[str, Any]]


def evaluate(
    groups: Groups, facts: Mapping[str, Any], *, empty: bool, part: str = "when"
) -> Verdict:
    """Ask the groups of the facts; ``empty`` is the answer where there are none.

    ``part`` says in the trace what was asked: whether a step is needed (``when``), or passes (``auto``).
    """
    if not groups:
        return Verdict(empty, [])
    trace: list[dict[str, Any]] = []
    holds = False
    for number, group in enumerate(groups):
        outcomes = []
        for condition in group:
            actual = facts.get(condition.field)
            outcome = _holds(condition, actual)
            outcomes.append(outcome)
            trace.append(
                {
                    "part": part,
                    "group": number,
                    "field": condition.field,
                    "op": condition.op,
                    "value": _plain(condition.value),
                    "actual": _plain(actual),
                    "outcome": outcome,
                }
            )
        holds = holds or all(outcomes)
    return Verdict(holds, trace)


def _holds(condition: Condition, actual: Any) -> bool:
    kind = kind_of(condition.field)
    test = next(test for code, _label, test in OPERATORS[kind] if code == condition.op)
    if kind == "number":
        if actual is None:
            return False
        return test(Decimal(actual), Decimal(str(condition.value)))
    if kind == "choice":
        there = actual if isinstance(actual, list | tuple | set | frozenset) else [actual]
        return test([str(one) for one in there if one not in (None, "")], condition.value or ())
    return test(actual, None)


def _plain(value: Any) -> Any:
    """Plain data of a value, in the same order every time."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, set | frozenset | tuple | list):
        return sorted(str(one) for one in value)
    return value


def words(condition: Condition | Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    """The sentence of a condition; ``names`` are the names of chosen codes, and of a custom field by its code."""
    if isinstance(condition, Mapping):
        condition = Condition(condition["field"], condition["op"], condition.get("value"))
    names = names or {}
    kind = kind_of(condition.field)
    label = _label(condition.field, names)
    if kind == "flag":
        return label if condition.op == "yes" else _("not: %(what)s") % {"what": label}
    operators = OPERATORS.get(kind, ())
    operator = next((str(text) for code, text, _test in operators if code == condition.op), "?")
    return f"{label} {operator} {shown(condition.field, condition.value, names)}"


def shown(field: str, value: Any, names: Mapping[str, str] | None = None) -> str:
    """A value of a field as people read it: figures in groups with their unit, names of codes, yes or no."""
    kind = kind_of(field)
    if kind == "flag":
        return _("yes") if value else _("no")
    if kind == "choice":
        codes = value if isinstance(value, list | tuple) else [value]
        return listed((names or {}).get(str(code), code) for code in codes if code) or "–"
    try:
        text = ui.group(round(Decimal(str(value)), 6))
    except InvalidOperation:
        return str(value)
    return f"{text}{BY_CODE[field].unit if field in BY_CODE else ''}"


def _label(field: str, names: Mapping[str, str]) -> str:
    if field in BY_CODE:
        return str(BY_CODE[field].label)
    return names.get(field) or field.split(":")[1 if field.count(":") == 2 else 0]
