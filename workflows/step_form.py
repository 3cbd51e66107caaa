"""A step and its conditions between the designer's form and the rules: what is chosen now, what was sent.

Nothing is refused here but what cannot be kept at all: an unfinished step stays in the draft, and
``steps.problems`` says what is missing.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core import asked
from core.fields import plain
from core.numbers import NumberError, parse_decimal
from core.words import one_line
from workflows import conditions
from workflows.conditions import OPERATORS, Condition, Groups
from workflows.errors import ProcessRefused
from workflows.picks import Pair, Picks
from workflows.steps import (
    ACTIONS,
    KINDS,
    LATE,
    MAKES,
    MODES,
    RECHECKS,
    SCOPES,
    WHO,
    Options,
    Step,
    Who,
)

MOST_HOURS = 999
MOST_CONDITIONS = 20
MOST_VALUES = 500
_ROW = re.compile(r"(when|auto)-(\d{1,3})-(\d{1,3})-field")
PARTS = ("when", "auto")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as controls: ``name`` is what its controls' names begin with."""

    name: str
    field: str
    op: str
    value: Any
    kind: str
    unit: str
    operators: list[Pair]
    offered: list[Pair]


@dataclass(frozen=True, slots=True)
class People:
    """A choice of people as controls: who, and whose warehouse counts."""

    name: str
    chosen: str
    scope: str


def code_of(who: Who | None) -> str:
    """A choice of people as one value of a pick-list: ``role:clerk``, ``user:3``, ``manager``."""
    if who is None:
        return ""
    if who.kind == "role":
        return f"role:{who.role}" if who.role else ""
    return f"user:{who.user}" if who.kind == "user" else who.kind


def rows_of(groups: Groups, part: str, picks: Picks) -> list[list[Row]]:
    """The groups of conditions as controls."""
    return [
        [_row(condition, f"{part}-{g}-{n}", picks) for n, condition in enumerate(group)]
        for g, group in enumerate(groups)
    ]


def _row(condition: Condition, name: str, picks: Picks) -> Row:
    kind = conditions.kind_of(condition.field)
    chosen = condition.value if isinstance(condition.value, tuple) else ()
    return Row(
        name=name,
        field=condition.field,
        op=condition.op,
        value=condition.value,
        kind=kind,
        unit=next((str(one.unit) for one in picks.asked if one.code == condition.field), "")
        if kind == "number"
        else "",
        operators=[(code, str(label)) for code, label, _test in OPERATORS.get(kind, ())],
        offered=picks.values(condition.field, chosen) if kind == "choice" else [],
    )


def context(step: Step, picks: Picks) -> dict[str, Any]:
    """Everything that the form of a step shows."""
    systems = ("system",) if step.kind == "post" else ()
    askers = () if step.about.decides else ("asker",)
    single = [(code, str(label)) for code, label in WHO if code in {"manager", *askers, *systems}]
    return {
        "step": step,
        "kinds": [(code, str(kind.label)) for code, kind in KINDS.items()],
        "people": People("who", code_of(step.who), step.who.scope),
        "late_people": _people("late_to", step.late_to),
        "fallback_people": _people("fallback", step.fallback),
        "single": single,
        "roles": picks.roles,
        "users": picks.users,
        "scopes": [(code, str(label)) for code, label in SCOPES],
        "modes": [(code, str(label)) for code, label in MODES],
        "rechecks": [(code, str(label)) for code, label in RECHECKS],
        "lates": [(code, str(label)) for code, label in LATE],
        "parts": [
            ("when", rows_of(step.when, "when", picks)),
            ("auto", rows_of(step.auto, "auto", picks)),
        ],
        "may_pass": step.about.decides or step.kind == "confirm",
        "asked": [(field.code, str(field.label)) for field in picks.asked],
        "form_fields": [(code, str(label), _need(step, code)) for code, label in picks.form_fields],
        "actions": [(code, str(label), code in step.actions) for code, label in ACTIONS],
        "copies": [(code, label, code in step.copy_to) for code, label in picks.roles],
        "most_hours": MOST_HOURS,
    }


def _people(name: str, who: Who | None) -> People:
    return People(name, code_of(who), who.scope if who else "any")


def _need(step: Step, name: str) -> str:
    if name in step.required:
        return "required"
    return "hidden" if name in step.hidden else ""


def read(step: Step, data: QueryDict, picks: Picks) -> Step:
    """The step as the form says; raises ProcessRefused for hours that are none."""
    kind = data.get("kind", step.kind)
    fields = {code: data.get(f"field-{code}", "") for code, _label in picks.form_fields}
    return replace(
        step,
        kind=kind if kind in KINDS else step.kind,
        name_en=one_line(data.get("name_en", ""), 80),
        name_zh=one_line(data.get("name_zh", ""), 80),
        who=_who(data, "who", picks) or Who("role"),
        mode=_one_of(data.get("mode"), MODES),
        when=_groups(data, "when", picks),
        auto=_groups(data, "auto", picks),
        limit_hours=_hours(data.get("limit_hours", "")),
        remind_hours=_hours(data.get("remind_hours", "")),
        late=_one_of(data.get("late"), LATE),
        late_to=_who(data, "late_to", picks),
        fallback=_who(data, "fallback", picks),
        required=tuple(code for code, need in fields.items() if need == "required"),
        hidden=tuple(code for code, need in fields.items() if need == "hidden"),
        actions=tuple(code for code, _label in ACTIONS if code in data.getlist("actions")),
        recheck=_one_of(data.get("recheck"), RECHECKS),
        copy_to=tuple(code for code, _label in picks.roles if code in data.getlist("copy_to")),
    )


def _one_of(value: str | None, choices: tuple[tuple[str, Any], ...]) -> str:
    codes = [code for code, _label in choices]
    return value if value in codes else codes[0]


def _hours(text: str) -> int | None:
    if not text.strip():
        return None
    hours = asked.whole(text)
    if hours is None or not 0 < hours <= MOST_HOURS:
        raise ProcessRefused(
            _("“%(text)s” is no number of hours: use whole hours from 1 to %(most)d.")
            % {"text": text[:20], "most": MOST_HOURS},
            code="hours",
        )
    return hours


def _who(data: QueryDict, name: str, picks: Picks) -> Who | None:
    kind, _colon, value = data.get(name, "").partition(":")
    scope = _one_of(data.get(f"{name}_scope"), SCOPES)
    if kind == "role" and value in dict(picks.roles):
        return Who("role", role=value, scope=scope)
    if kind == "user" and value in dict(picks.users):
        return Who("user", user=int(value), scope=scope)
    if kind in {"manager", "asker", "system"}:
        return Who(kind, scope=scope)
    return None


def _groups(data: QueryDict, part: str, picks: Picks) -> Groups:
    """The conditions that were sent, with what a button asked for: one more, or one less."""
    found: dict[int, dict[int, Condition]] = defaultdict(dict)
    for name in data:
        match = _ROW.fullmatch(name)
        if match and match[1] == part:
            found[int(match[2])][int(match[3])] = _condition(data, name[: -len("-field")], picks)
    do = data.get("do", "").split("-")
    new = Condition(picks.asked[0].code, OPERATORS[picks.asked[0].kind][0][0], "")
    if do[0] == part and len(found) + sum(map(len, found.values())) <= MOST_CONDITIONS:
        if do[1:] == ["add"]:
            found[max(found, default=-1) + 1][0] = new
        elif len(do) == 3 and do[2] == "add" and asked.whole(do[1]) in found:
            group = found[asked.whole(do[1]) or 0]
            group[max(group) + 1] = new
    if do[0] == part and len(do) == 4 and do[3] == "drop":
        found.get(asked.whole(do[1]) or 0, {}).pop(asked.whole(do[2]) or 0, None)
    return tuple(
        tuple(group[n] for n in sorted(group)) for _g, group in sorted(found.items()) if group
    )


def _condition(data: QueryDict, name: str, picks: Picks) -> Condition:
    """One sentence; what does not fit the field any more (it was changed) begins anew."""
    field = data.get(f"{name}-field", "")
    if field not in {one.code for one in picks.asked}:
        field = picks.asked[0].code
    kind = conditions.kind_of(field)
    op = data.get(f"{name}-op", "")
    known = [code for code, _label, _test in OPERATORS[kind]]
    stays = op in known and data.get(f"{name}-was", field) == field
    if kind == "flag":
        return Condition(field, op if stays else known[0])
    if kind == "choice":
        chosen = tuple(one_line(code, 80) for code in data.getlist(f"{name}-value")[:MOST_VALUES])
        return Condition(field, op if stays else known[0], chosen if stays else ())
    return Condition(field, op if op in known else known[0], _number(data.get(f"{name}-value", "")))


def _number(text: str) -> str:
    """Digits as they are kept; what is no number stays as it was typed and is complained of."""
    try:
        return plain(parse_decimal(text, places=6, lenient=True))
    except NumberError:
        return one_line(text, 40)


def read_options(data: Mapping[str, str], old: Options) -> Options:
    """The options as the form says; raises ProcessRefused for percentages that are none."""
    return replace(
        old,
        over_percent=_percent(data.get("over_percent", "")),
        amount_percent=_percent(data.get("amount_percent", "")),
        rest="close" if data.get("rest") == "close" else "document",
        feedback="feedback" in data,
        confirmed="confirmed" in data,
        makes=data["makes"] if data.get("makes") in dict(MAKES) else old.makes,
        start_name_en=one_line(data.get("start_name_en", ""), 80) or old.start_name_en,
        start_name_zh=one_line(data.get("start_name_zh", ""), 80) or old.start_name_zh,
    )


def _percent(text: str) -> str:
    try:
        number = parse_decimal(text or "0", places=2, lenient=True)
    except NumberError as error:
        raise ProcessRefused(str(error), code="percent") from error
    if not 0 <= number <= 1000:
        raise ProcessRefused(_("A tolerance lies between 0 and 1000 %."), code="percent")
    return plain(number)
