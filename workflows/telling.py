"""The timeline of a document in words: who did what, when and why, with diffs; only reads.

Entries are events (``#event-N``) and the beginnings of steps (``#step-N``: whom the system asked and told, and why).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.templatetags.ui import group
from core.words import listed
from stock.models import Reason
from workflows import document_types, failures, states, wording
from workflows.models import CustomField, Document, Event, StepRun
from workflows.verbs import EVENT_LABELS

LIMIT = 300
"""So many events are shown; older ones by asking for all."""
SYSTEM = "system"
_ICONS = {
    "create": "plus", "edit": "edit", "submit": "user", "approve": "check", "confirm": "check",
    "refuse": "x", "return": "back", "withdraw": "back", "reopen": "edit", "forward": "right",
    "add": "plus", "assign": "user", "remind": "bell", "record": "count", "complete": "check",
    "post": "check", "post_failed": "warn", "undo": "back", "void": "x", "reverse": "reverse",
    "comment": "chat", "copy": "copy", "pass": "right", "escalate": "clock", "reminder": "clock",
    "feedback": "adj", "attach": "clip", "detach": "x", "rest": "link", "nobody": "warn",
    "void_approval": "warn", "sync": "money", "open": "check", "make": "plus", "make_failed": "warn",
    "deliver": "truck", "take_back": "reverse", "amend": "edit", "close": "x", "reserve": "lock",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diff:
    """What became of one thing: lines taken away and lines put in their place."""

    head: str
    old: Sequence[str] = ()
    new: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``people`` says whether a person did it. ``links`` are (address, words)."""

    anchor: str
    at: datetime
    icon: str
    who: str
    text: str
    people: bool
    quote: str = ""
    notes: Sequence[str] = ()
    diffs: Sequence[Diff] = ()
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """What words need: names of steps and reasons, and which money may be shown."""

    document: Document
    steps: Mapping[str, str]
    reasons: Mapping[str, str]
    names: wording.Names
    prices: bool
    costs: bool
    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    """What custom fields (``custom:KEY``) are called, and what they hold."""
    hidden: frozenset[str]


def entries(
    document: Document,
    runs: Sequence[StepRun],
    *,
    prices: bool,
    costs: bool,
    hidden: frozenset[str] = frozenset(),
    only: str = "",
    limit: int = LIMIT,
) -> list[Entry]:
    """Newest first; ``only`` is people or system. Without ``prices`` those typed are left out, without
    ``costs`` what it is worth; ``hidden`` are fields that the reader's step does not show.
    """
    events = list(document.events.select_related("actor", "on_behalf_of").order_by("-id")[:limit])
    traces = [run.trace for run in runs] + [event.data.get("trace", []) for event in events]
    own = CustomField.objects.filter(type=document.type)
    reader = Reader(
        document,
        {run.step: wording.run_name(run) for run in runs},
        {reason.code: str(reason) for reason in Reason.objects.all()}
        if any(event.reason for event in events)
        else {},
        wording.code_names(traces),
        prices,
        costs,
        {f"custom:{one.key}": str(one) for one in own},
        {f"custom:{one.key}": one.kind for one in own},
        hidden,
    )
    found = [_of_event(event, reader) for event in events]
    since = events[-1].at if len(events) == limit else None
    silent = {StepRun.Outcome.SKIPPED, StepRun.Outcome.AUTO}
    begun = [
        run for run in runs if run.outcome not in silent and (run.kind != "post" or run.tasks.all())
    ]
    found += [_of_run(run, reader) for run in begun if since is None or run.entered_at >= since]
    order = {"step": 1, "event": 0}
    found.sort(
        key=lambda one: (one.at, order[one.anchor.split("-")[0]], _number(one)), reverse=True
    )
    if only == "people":
        return [entry for entry in found if entry.people]
    if only == SYSTEM:
        return [entry for entry in found if not entry.people]
    return found


def _number(entry: Entry) -> int:
    return int(entry.anchor.rpartition("-")[2])


def _of_run(run: StepRun, reader: Reader) -> Entry:
    """A step began: whom it asked."""
    name = wording.run_name(run)
    asked = listed(dict.fromkeys(str(task.user) for task in run.tasks.all()))
    text = (
        _("“%(step)s” began; asked and told: %(people)s") % {"step": name, "people": asked}
        if asked
        else _("“%(step)s” began") % {"step": name}
    )
    why = wording.because(run.trace, reader.names, money=reader.costs)
    notes = [_("Because: %(why)s") % {"why": listed(why)}] if why else []
    return Entry(f"step-{run.pk}", run.entered_at, "flow", "", text, False, notes=notes)


def _of_event(event: Event, reader: Reader) -> Entry:
    step = reader.steps.get(event.step, "")
    verb = str(EVENT_LABELS.get(event.verb, event.verb))
    say = _SAID.get(event.verb)
    text, diffs, links = say(event, reader) if say else ("", [], [])
    parts = [verb, text]
    if event.verb in {"approve", "confirm", "complete", "record", "undo", "sync"} and step:
        parts.append(f"({step})")
    notes = []
    if event.old_state != event.new_state and event.new_state in states.BY_CODE:
        old = states.BY_CODE.get(event.old_state)
        new = states.BY_CODE[event.new_state].label
        notes.append(f"{old.label if old else ''} → {new}")
    if event.reason:
        notes.insert(0, _("Reason: %(reason)s") % {"reason": reader.reasons.get(event.reason, "?")})
    who = str(event.actor or _("the system"))
    if event.on_behalf_of is not None:
        who = _("%(who)s for %(whom)s") % {"who": who, "whom": event.on_behalf_of}
    return Entry(
        f"event-{event.pk}",
        event.at,
        _ICONS.get(event.verb, "info"),
        who,
        " ".join(part for part in parts if part),
        event.actor_id is not None,
        event.text if event.verb != "post_failed" else "",
        notes,
        diffs,
        links,
    )


Said = tuple[str, list[Diff], list[tuple[str, str]]]


def _edit(event: Event, reader: Reader) -> Said:
    data = dict(event.data)
    if "header" in data:
        return "", [_diff(_("Header"), data["header"], reader)], []
    item = data.get("item", "")
    if not isinstance(item, list):
        data.pop("item", None)
    head = _("Line %(line)s %(item)s") % {
        "line": data.pop("line", "?"),
        "item": item[-1] if isinstance(item, list) else item,
    }
    if data.pop("removed", False):
        return "", [Diff(head, [_("removed")])], []
    new = data.pop("new", False)
    if new:
        data.pop("item", None)
    made = _diff(head, data, reader)
    return "", [Diff(head, (), made.new) if new else made], []


def _diff(head: str, changed: Mapping[str, Any], reader: Reader) -> Diff:
    old, new = [], []
    for name, values in changed.items():
        if (name in wording.MONEY and not reader.prices) or not isinstance(values, list):
            continue
        if name in reader.hidden:
            continue
        label = reader.labels.get(name) or str(wording.FIELDS.get(name, name))
        before, after = (_shown(name, value, reader) for value in values)
        if before:
            old.append(f"{label} {before}")
        if after:
            new.append(f"{label} {after}")
    return Diff(head, old, new)


def _shown(name: str, value: Any, reader: Reader) -> str:
    """A value as the reader calls it: names of codes, dates and moments as pages write them."""
    if value in (None, ""):
        return ""
    text = wording.header_value(name, str(value), reader.kinds.get(name, ""))
    return text if len(text) < 200 else text[:200] + "…"


def _record(event: Event, reader: Reader) -> Said:
    diffs = []
    for row in event.data.get("lines", ()):
        changed = {name: value for name, value in row.items() if name != "line"}
        diffs.append(_diff(_("Line %(line)s") % {"line": row.get("line")}, changed, reader))
    return "", diffs, []


def _create(event: Event, reader: Reader) -> Said:
    data = event.data
    if "copy_of" in data:
        return _("as a copy of %(document)s") % {"document": data["copy_of"]}, [], []
    if "made_from" in data:
        return _("from %(document)s") % {"document": data["made_from"]}, [], []
    if "origin" in data:
        return "", [], [(data["origin"], event.document.note or _("from a sheet"))]
    return "", [], []


def _submit(event: Event, reader: Reader) -> Said:
    text = _("version %(number)d") % {"number": event.content_version}
    amount = event.data.get("amount")
    if reader.costs and amount not in (None, "0", "0.0000"):
        text += " · " + group(Decimal(amount), 2)
    return text, [], []


def _to(event: Event, _reader: Reader) -> Said:
    names = event.data.get("name") or listed(event.data.get("to") or ())
    where = {"before": _("before"), "after": _("after"), "beside": _("beside")}
    place = where.get(str(event.data.get("where", "")), "")
    return f"{place} → {names}".strip() if names else "", [], []


def _return(event: Event, reader: Reader) -> Said:
    to = event.data.get("to")
    return (
        (_("to “%(step)s”") % {"step": reader.steps.get(to, to)} if to else _("to the asker")),
        [],
        [],
    )


def _post(event: Event, reader: Reader) -> Said:
    links = []
    if posting := event.data.get("posting"):
        links.append(
            (reverse("stock:posting", args=[posting]), _("Posting %(id)s") % {"id": posting})
        )
    return "", [], links


def _failed(event: Event, _reader: Reader) -> Said:
    told = failures.told(event.data)
    messages = [str(line["message"]) for line in told["lines"]]
    return "", [Diff(_("Why"), messages or [told["message"] or event.text])], []


def _feedback(event: Event, _reader: Reader) -> Said:
    lines = event.data.get("lines", ())
    if not lines:
        return _("as planned"), [], []
    return (
        "",
        [
            Diff(
                _("Line %(line)s %(item)s") % {"line": row["line"], "item": row["item"]},
                [_("planned %(quantity)s") % {"quantity": row["planned"]}],
                [_("actual %(quantity)s") % {"quantity": row["actual"]}],
            )
            for row in lines
        ],
        [],
    )


def _rest(event: Event, _reader: Reader) -> Said:
    key, number = event.data.get("rest"), event.data.get("number") or "…"
    return "", [], [(reverse("workflows:page", args=[key]), str(number))] if key else []


def _reverse(event: Event, _reader: Reader) -> Said:
    """What replaces it, the rest that goes on, and why stock may have gone below zero."""
    data, said, links = event.data, [], []
    if why := data.get("override"):
        said.append(_("below zero because: %(why)s") % {"why": why})
    if key := data.get("replacement"):
        said.append(_("replaced by a draft with what was moved"))
        links.append((reverse("workflows:page", args=[key]), str(data.get("name") or "…")))
    if left := data.get("rests"):
        said.append(_("the rest goes on: %(rests)s") % {"rests": listed(left)})
    return " · ".join(said), [], links


def _pass(event: Event, reader: Reader) -> Said:
    why = wording.because(event.data.get("trace", ()), reader.names, money=reader.costs)
    step = reader.steps.get(event.step, "")
    return f"{step} · {listed(why)}" if why else step, [], []


def _file(event: Event, reader: Reader) -> Said:
    name, key = str(event.data.get("name", "")), event.data.get("file")
    if event.verb == "detach" or not key:
        return name, [], []
    return "", [], [(reverse("workflows:file", args=[reader.document.key, key]), name)]


def _late(event: Event, _reader: Reader) -> Said:
    late, to = event.data.get("late") or [], event.data.get("to") or []
    return listed(late) + (" → " + listed(to) if to else ""), [], []


def _promises(event: Event, _reader: Reader) -> Said:
    """What could be kept for an order, line by line, and what could not."""
    diffs = []
    for row in event.data.get("promises", ()):
        kept = [_("reserved %(quantity)s") % {"quantity": row["reserved"]}]
        short = (
            [] if row["short"] == "0" else [_("short %(quantity)s") % {"quantity": row["short"]}]
        )
        diffs.append(Diff(_("Line %(line)s") % {"line": row["line"]}, short, kept))
    return "", diffs, []


def _made(event: Event, _reader: Reader) -> Said:
    data = event.data
    made = Document.objects.filter(key=data["made"]).first()
    link = (reverse("workflows:page", args=[data["made"]]), str(made or "…"))
    return document_types.label(str(data.get("type", ""))), [], [link]


def _delivered(event: Event, _reader: Reader) -> Said:
    data = event.data
    new = [
        _("Line %(line)s: %(quantity)s, still open %(open)s")
        % {"line": row["line"], "quantity": row["quantity"], "open": row["open"]}
        for row in data.get("lines", ())
    ]
    link = (reverse("workflows:page", args=[data["key"]]), str(data.get("document") or "…"))
    return "", [Diff(_("Quantities"), (), new)] if new else [], [link]


def _closed(event: Event, reader: Reader) -> Said:
    data = event.data
    old = [
        _("Line %(line)s: %(quantity)s not delivered")
        % {"line": row["line"], "quantity": row["quantity"]}
        for row in data.get("lines", ())
    ]
    said = ""
    if reader.costs and (value := data.get("value_left")):
        said = _("%(value)s is left in production") % {"value": group(Decimal(value), 2)}
    return said, [Diff(_("Quantities"), old)] if old else [], []


_SAID: dict[str, Callable[[Event, Reader], Said]] = {
    "edit": _edit, "record": _record, "create": _create, "submit": _submit, "forward": _to,
    "add": _to, "assign": _to, "remind": _to, "copy": _to, "reminder": _to, "return": _return,
    "post": _post, "post_failed": _failed, "feedback": _feedback, "rest": _rest, "reverse": _reverse, "pass": _pass,
    "attach": _file, "detach": _file, "escalate": _late, "open": _promises, "reserve": _promises,
    "make": _made, "make_failed": _failed, "deliver": _delivered, "take_back": _delivered, "close": _closed,
}  # fmt: skip
