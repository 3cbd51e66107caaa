"""Words for what processes keep as codes: why a document is at a step, how long something lasted, fields."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.numbers import NumberError, parse_decimal
from core.templatetags.ui import day, group, moment
from people.models import Department, Role, User
from stock.models import Category, Partner, Reason, Warehouse
from workflows import conditions, document_types
from workflows.models import StepRun

_NAMED: dict[str, Any] = {
    "category": Category,
    "warehouse": Warehouse,
    "target_warehouse": Warehouse,
    "reason": Reason,
    "partner": Partner,
    "department": Department,
    "asker_role": Role,
}
"""Fields of conditions whose values are codes of records."""
MONEY = frozenset({"price", "tax_rate", "value", "rate", "currency"})
"""Fields that only those see who may see what things cost."""

FIELDS: dict[str, str | Promise] = {
    **document_types.HEADER_FIELDS,
    "item": gettext_lazy("Item"),
    "quantity": gettext_lazy("Quantity"),
    "unit": gettext_lazy("Unit"),
    "lot": gettext_lazy("Lot"),
    "source": gettext_lazy("From"),
    "target": gettext_lazy("To"),
    "price": gettext_lazy("Price"),
    "tax_rate": gettext_lazy("Tax rate"),
    "value": gettext_lazy("Value"),
    "rate": gettext_lazy("Exchange rate"),
    "effective_at": gettext_lazy("Happened"),
    "override": gettext_lazy("Reason for going below zero"),
    "accept_expired": gettext_lazy("Reason for issuing an expired lot"),
    "custom": gettext_lazy("Own fields"),
    "actual": gettext_lazy("Actual"),
    "rejected": gettext_lazy("Not accepted"),
    "rechecked": gettext_lazy("Second check"),
}
"""What fields of a document and its lines are called on its page."""
WHY: dict[str, str | Promise] = {
    "role": gettext_lazy("your role"),
    "user": gettext_lazy("you are named"),
    "manager": gettext_lazy("you manage the asker's department"),
    "asker": gettext_lazy("you asked for it"),
    "fallback": gettext_lazy("nobody else is there"),
    "forwarded": gettext_lazy("handed over to you"),
    "added": gettext_lazy("you were added"),
    "stand_in": gettext_lazy("you stand in"),
    "escalated": gettext_lazy("it was not done in time"),
}
"""Why a task came to a person."""

Names = Mapping[tuple[str, str], str]


def code_names(traces: Iterable[Iterable[Mapping[str, Any]]]) -> Names:
    """(field, code) → name of every record that traces mention; one statement per kind of record."""
    wanted: dict[str, set[str]] = {}
    for trace in traces:
        for row in trace:
            field = str(row.get("field", ""))
            if field in _NAMED:
                codes = [*_many(row.get("value")), *_many(row.get("actual"))]
                wanted.setdefault(field, set()).update(codes)
    names = {}
    for field, asked in wanted.items():
        for record in _NAMED[field].objects.filter(code__in=asked):
            names[field, record.code] = _name(record)
    return names


def _name(record: Any) -> str:
    return str(record) if isinstance(record, Reason | Role) else str(record.name or record.code)


def _many(value: Any) -> list[str]:
    if value in (None, ""):
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def because(trace: Iterable[Mapping[str, Any]], names: Names, *, money: bool = True) -> list[str]:
    """The conditions that were true (or kept it from passing by itself), with what was found.

    Empty where a step is always there. Without ``money`` the rule is named and the amount is not.
    """
    rows = list(trace)
    passed = passed_by_rule(rows)
    found = []
    for row in rows:
        if "rest_of" in row:
            found.append(_("approved with %(document)s") % {"document": row["rest_of"]})
        elif spoke(row, passed=passed):
            said = sentence(row, names, money=money)
            missed = row.get("part") == "auto" and not passed
            found.append(_("not within “%(rule)s”") % {"rule": said} if missed else said)
    return list(dict.fromkeys(found))


def passed_by_rule(trace: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the groups that let a step pass by itself holds."""
    groups: dict[Any, list[bool]] = {}
    for row in trace:
        if row.get("part") == "auto":
            groups.setdefault(row.get("group"), []).append(bool(row.get("outcome")))
    return any(all(outcomes) for outcomes in groups.values())


def spoke(row: Mapping[str, Any], *, passed: bool) -> bool:
    """Whether a condition is the reason: it asked for the step, let it pass, or kept it from passing."""
    if row.get("part") == "auto" and not passed:
        return not row.get("outcome")
    return bool(row.get("outcome"))


def sentence(row: Mapping[str, Any], names: Names, *, money: bool) -> str:
    """A condition with what was found; without ``money`` an amount is not said."""
    field = str(row["field"])
    called = {code: name for (of, code), name in names.items() if of == field}
    kind = conditions.kind_of(field)
    if kind == "flag" and row.get("op") == "yes" and field in conditions.BY_CODE:
        return str(conditions.BY_CODE[field].label)
    shown = {**row, "value": _grouped(row.get("value")) if kind == "number" else row.get("value")}
    said = conditions.words(shown, called)
    if kind == "number" and (money or field != "amount"):
        return _("%(said)s (%(actual)s)") % {"said": said, "actual": _grouped(row.get("actual"))}
    return said


def _grouped(value: Any) -> str:
    """Digits as a page writes them."""
    try:
        number = parse_decimal(str(value), places=12)
    except NumberError:
        return str(value)
    return group(round(number, 2))


def header_value(name: str, value: str, kind: str = "") -> str:
    """A field of the header as the timeline keeps it, in words; ``kind`` is that of a custom field."""
    if name in _NAMED and (record := _NAMED[name].objects.filter(code=value).first()):
        return _name(record)
    if kind == "user" and value.isdecimal():
        return str(User.objects.filter(pk=int(value)).first() or value)
    if kind == "flag":
        return _("yes") if value == "True" else _("no")
    try:
        if name == "effective_at":
            return moment(datetime.fromisoformat(value))
        if name == "wanted_on" or kind == "date":
            return day(date.fromisoformat(value))
    except ValueError:
        return value
    return value


def run_name(run: StepRun) -> str:
    """The name of a step that was run, in the language active now."""
    from django.utils.translation import get_language

    zh = (get_language() or "").startswith("zh")
    return (run.name_zh if zh else run.name_en) or run.name_en or run.step


def lasted(time: timedelta, *, short: bool = False) -> str:
    """A length of time in the two units that matter (``short``: in one): 2 d 4 h, 3 h 5 min, 3 h, 12 min, 40 s."""
    seconds = int(time.total_seconds())
    minutes = seconds // 60
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    if short and (days or hours):
        return _("%(days)d d") % {"days": days} if days else _("%(hours)d h") % {"hours": hours}
    if (days and not hours) or (hours and not left and not days):
        return _("%(days)d d") % {"days": days} if days else _("%(hours)d h") % {"hours": hours}
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": left}
    if minutes:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(seconds)d s") % {"seconds": seconds}
