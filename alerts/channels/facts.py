"""What a message says of its case besides the reason: what it is about, whose it is, by when; in the active language.

The time zone active is that of the reader.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from alerts import digest, kinds, queries, words
from alerts.models import Case, Message
from core.said import again
from core.templatetags.ui import moment as said_moment
from workflows import moment

_WEEK = "alerts.digest"
_PLAIN = frozenset({"alerts.opened", "alerts.again", "alerts.reminder", "alerts.overdue"})
"""Of these the reason is all there is to say under the head."""
Cases = Mapping[int, Case]


def cases_of(messages: Iterable[Message]) -> Cases:
    """The cases that these messages name, with names, in one statement."""
    wanted: set[int] = set()
    for message in messages:
        wanted |= {key for key in (message.data.get("case"),) if key}
        wanted |= set(message.data.get("cases", ()))
    return queries.with_names(Case.objects.all()).in_bulk(wanted) if wanted else {}


def of(message: Message, cases: Cases) -> Case | None:
    """The one case that a message is about."""
    return cases.get(message.data.get("case", 0))


def head(kind: str, data: Mapping[str, Any], case: Case | None) -> str:
    """What stands above the reason and in the subject of a letter; empty where the text says all."""
    if kind == _WEEK:
        return _("The week in alerts: %(open)s open, %(overdue)s overdue") % data
    return _head(kind, case) if case is not None else ""


def _head(kind: str, case: Case) -> str:
    about = words.subject(case)
    named = (
        _("%(rule)s: %(about)s") % {"rule": case.rule, "about": about} if about else str(case.rule)
    )
    if kind == "alerts.again":
        return _("Again: %(case)s") % {"case": named}
    if kind == "alerts.reminder":
        return _("Soon due: %(case)s") % {"case": named}
    if kind == "alerts.overdue":
        return _("Overdue: %(case)s") % {"case": named}
    return named


def text(kind: str, data: Mapping[str, Any], said: str) -> str:
    """What stands under the head: the reason alone where the head says the rest, else what the notice said."""
    if kind == _WEEK:
        return _("New: %(opened)s · ended: %(ended)s") % data
    return again(data["reason"]) if kind in _PLAIN and data.get("reason") else said


def lines(message: Message, cases: Cases) -> list[str]:
    """What follows the text: whose and by when; of a week its worst cases and its mistakes."""
    case = of(message, cases)
    if case is not None:
        return [_owed(case)]
    rows = [cases[key] for key in message.data.get("cases", ()) if key in cases]
    urgent = [
        _("%(case)s (%(owed)s)") % {"case": _head("", row), "owed": _owed(row)}
        for row in rows
        if row.about.live
    ]
    mistakes = [
        _("%(what)s × %(n)d") % {"what": one.said, "n": one.times}
        for one in digest.in_words(message.data.get("mistakes", ()))
    ]
    return [
        *([_("Open, the most urgent first:"), *urgent] if urgent else []),
        *([_("Mistakes of the week:"), *mistakes] if mistakes else []),
    ]


def for_programs(case: Case | None) -> dict[str, Any]:
    """The same as data, by the names and codes of the API."""
    if case is None:
        return {}
    return {
        "case": str(case.key),
        "rule": case.rule.code,
        "item": case.item.code if case.item else None,
        "warehouse": case.warehouse.code if case.warehouse else None,
        "owner": case.owner.username if case.owner else None,
        "due": case.due_at.isoformat() if case.due_at else None,
    }


def _owed(case: Case) -> str:
    who = words.whose(case)
    parts = [_("Owner: %(who)s") % {"who": who}] if who else []
    if case.due_at is not None and case.about.live:
        time = said_moment(case.due_at)
        late = case.due_at < moment.now()
        parts.append((_("Due: %(time)s, overdue") if late else _("Due: %(time)s")) % {"time": time})
    return " · ".join(parts) or str(kinds.label(case.rule.kind))
