"""Documents, lines, steps, files and entries as the API gives them; what may not be seen is left out."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.translation import get_language

from people.access import Access
from people.models import User
from workflows import door, failures, filling, queries, sight, states
from workflows.checks import Check
from workflows.models import Attachment, Document, Event, Line, StepRun, Task

Row = dict[str, Any]
_PLAIN = (
    "cost_object", "reference", "wanted_on", "created_at", "changed_at", "submitted_at", "posted_at",
)  # fmt: skip


def moved(document: Document) -> Row:
    """Where a document is."""
    return {
        "document": document.key,
        "number": document.number,
        "type": document.type,
        "state": document.state,
        "step": document.step,
        "version": document.version,
    }


def summary(document: Document, access: Access, hidden: Collection[str] = ()) -> Row:
    """A row of a list; ``document`` comes with its names (queries.with_names), ``hidden`` are left out."""
    found = moved(document)
    for name in ("warehouse", "target_warehouse", "partner", "department", "reason"):
        related = getattr(document, name)
        found[name] = related.code if related is not None else None
    found |= {name: getattr(document, name) for name in _PLAIN}
    found["asker"] = document.asker.username if document.asker else None
    if sight.sees_cost(document, access):
        found |= {"amount": document.amount, "posted_amount": document.posted_amount}
    return without(found, hidden)


def summaries(documents: Sequence[Document], user: User, access: Access) -> list[Row]:
    """Rows of a list, each without what the step that waits for the reader hides from him."""
    hidden = filling.hidden_among(documents, user)
    return [summary(one, access, hidden.get(one.pk, ())) for one in documents]


def without(row: Row, hidden: Collection[str]) -> Row:
    """The row without the fields that are hidden; a hidden currency takes its rate along."""
    gone = {*hidden, "rate"} if "currency" in hidden else hidden
    return {name: value for name, value in row.items() if name not in gone}


def whole(document: Document, user: User, access: Access) -> Row:
    """Everything about one document."""
    costs = sight.sees_cost(document, access)
    money = sight.sees_money(document, access, user)
    named = ("effective_at", "currency", "rate", "note", "override", "accept_expired")
    scope = document.warehouse.scope_id if document.warehouse else None
    writes = document.asker_id == user.pk or access.may("document.ask", scope)
    hidden = filling.hidden(document, user)
    found = summary(document, access) | {
        **{name: getattr(document, name) for name in (*named, "synced_at")},
        "posting": document.posting_id,
        "process_version": document.process.number if document.process else None,
        "lines": [line(one, money=money) for one in lines(document)],
        "steps": [_run(one, costs=costs) for one in _runs(document)],
        "editable": document.state in states.EDITABLE and writes,
        "possible": [verb.code for verb in door.possible(document, user, access)],
        "links": _links(document, user, access),
        "files": [file(one) for one in filling.shown_files(document, hidden)],
    }
    own = {f"custom:{key}": value for key, value in document.custom.items()}
    found["custom"] = {name[7:]: value for name, value in without(own, hidden).items()}
    return without(found, hidden)


def lines(document: Document) -> Iterable[Line]:
    """The lines in order, with what is shown of them."""
    related = ("item", "unit", "source", "target", "reason", "source_line")
    return document.lines.select_related(*related).order_by("position", "id")


def line(one: Line, *, money: bool) -> Row:
    """One line; prices only for those who may see them."""
    named = (
        "key", "position", "confirmed", "actual", "rejected", "rechecked", "side",
        "manufactured_on", "expires_on", "price_with_tax", "note",
    )  # fmt: skip
    found: Row = {name: getattr(one, name) for name in named}
    found |= {
        "item": one.item.code,
        "name": one.item.name,
        "unit": one.unit.code,
        "quantity": one.requested,
        "source": one.source.code if one.source else None,
        "target": one.target.code if one.target else None,
        "lot": one.lot_number,
        "target_lot": one.target_lot_number,
        "original": one.original_id,
        "made_from": one.source_line.key if one.source_line else None,
        "reason": one.reason.code if one.reason else None,
    }
    if money:
        found |= {name: getattr(one, name) for name in ("price", "tax_rate", "value")}
    return found


def warning(check: Check) -> Row:
    """What is said of a line."""
    field, instead = check.suggestion or (None, None)
    named = {"code": check.code, "text": check.text, "tone": check.tone}
    return named | {"field": field, "instead": instead, "acceptable": bool(check.accept)}


def _runs(document: Document) -> Iterable[StepRun]:
    people = Task.objects.select_related("user", "on_behalf_of").order_by("turn", "id")
    return document.runs.prefetch_related(Prefetch("tasks", people))


def step_name(run: StepRun) -> str:
    """What the step is called in the language active now."""
    zh = (get_language() or "").startswith("zh")
    return (run.name_zh if zh else run.name_en) or run.name_en or run.name_zh or run.step


def _run(run: StepRun, *, costs: bool) -> Row:
    named = ("step", "kind", "entered_at", "left_at", "outcome", "touch_seconds")
    found: Row = {name: getattr(run, name) for name in named}
    found |= {
        "name": step_name(run),
        "counts": run.valid,
        "people": [_asked(task) for task in run.tasks.all()],
    }
    return found | ({"trace": run.trace} if costs else {})


def _asked(task: Task) -> Row:
    named = ("state", "verdict", "why", "comment", "due_at", "decided_at")
    return {name: getattr(task, name) for name in named} | {
        "user": task.user.username,
        "on_behalf_of": task.on_behalf_of.username if task.on_behalf_of else None,
        "asked_at": task.created_at,
    }


def _links(document: Document, user: User, access: Access) -> list[Row]:
    """The documents beside it that may be seen as well."""
    up = {
        document.source_id: "source", document.rest_of_id: "rest_of", document.replaces_id: "replaces"
    }  # fmt: skip
    around = Q(pk__in=[pk for pk in up if pk]) | Q(source=document)
    around |= Q(rest_of=document) | Q(replaces=document)
    found = []
    for one in queries.visible(user, access).filter(around).order_by("pk"):
        down = "rest" if one.rest_of_id == document.pk else "made"
        down = "replacement" if one.replaces_id == document.pk else down
        row = {"how": up.get(one.pk, down), "document": one.key, "number": one.number}
        found.append(row | {"type": one.type, "state": one.state})
    return found


def files(document: Document, user: User) -> Iterable[Attachment]:
    """The photos and files that were not taken away and are not hidden from the reader."""
    return filling.shown_files(document, filling.hidden(document, user))


def file(one: Attachment) -> Row:
    """One photo or file."""
    named = ("name", "content_type", "size", "sha256", "field")
    return {name: getattr(one, name) for name in named} | {
        "file": one.key,
        "line": one.line.key if one.line else None,
        "user": one.user.username,
        "added_at": one.created_at,
    }


def event(one: Event, *, cost: bool, money: bool, hidden: frozenset[str]) -> Row:
    """One entry of the timeline, without the changes of ``hidden`` fields."""
    named = (
        "at", "verb", "old_state", "new_state", "content_version", "step", "reason", "text", "door",
    )  # fmt: skip
    data = failures.told(one.data) if one.verb == "post_failed" else one.data
    return {name: getattr(one, name) for name in named} | {
        "event": one.pk,
        "user": one.actor.username if one.actor else None,
        "on_behalf_of": one.on_behalf_of.username if one.on_behalf_of else None,
        "data": sight.without(data, hidden | sight.unseen(cost=cost, money=money)),
    }
