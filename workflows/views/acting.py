"""The doors of verbs: each shows a small form on GET and asks the one door on POST; what is refused is shown with what was typed."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import asked
from core.errors import DomainError
from people.access import Access
from people.models import User
from stock.models import Reason
from workflows import (
    amounts,
    candidates,
    door,
    line_rows,
    presenting,
    previewing,
    queries,
    route,
    sight,
    states,
    telling,
)
from workflows.errors import BookMoved, DocumentRefused
from workflows.models import Document, Task
from workflows.move import Move
from workflows.orders import costing, figures
from workflows.verbs import BY_CODE, EVENT_LABELS, Verb
from workflows.views import entry_form
from workflows.views.found import document_of

_ROW = (
    "quantity",
    "actual",
    "rejected",
    "rechecked",
    "lot",
    "expires_on",
    "source",
    "target",
    "confirmed",
)
_FORMLESS = frozenset({"comment", "record"})
"""Verbs whose form stands on the page itself."""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def do(request: HttpRequest, key: uuid.UUID, verb: str) -> HttpResponse:
    """The form of a verb, or the verb itself."""
    document, user, access = document_of(request, key)
    rule = BY_CODE.get(verb)
    if rule is None:
        raise DocumentRefused(_("There is no such action."), code="unknown_verb", status=404)
    if request.method != "POST":
        if verb in _FORMLESS:
            return redirect("workflows:page", key=document.key)
        return _form(request, document, user, access, rule)
    try:
        outcome = door.act(
            document.pk,
            verb,
            actor=user,
            access=access,
            reason=request.POST.get("reason", ""),
            text=_words_of(request.POST),
            data=data_of(request.POST, verb),
            version=version_of(request.POST),
            key=request.POST.get("key", ""),
        )
    except DomainError as error:
        return _refused(request, document, user, access, rule, error)
    if request.htmx:  # type: ignore[attr-defined]
        return _saved(outcome.document)
    return _done(request, outcome, rule)


def _words_of(data: QueryDict) -> str:
    """What was written; a chosen reason says itself where nothing was, except the one that says nothing."""
    words = str(data.get("text") or "").strip()
    code = str(data.get("reason") or "")
    if words or code in ("", "other"):
        return words
    reason = Reason.objects.filter(code=code, archived_at=None).first()
    return str(reason) if reason is not None else ""


def version_of(data: QueryDict) -> int | None:
    """The version that the person saw, None if the request says none; 0, which never is, for nonsense."""
    text = str(data.get("version") or "").strip()
    return (asked.whole(text) or 0) if text else None


def data_of(data: QueryDict, verb: str) -> dict[str, Any]:
    """What the form of a verb says beside reason and text."""
    read: dict[str, Any] = {}
    if (person := asked.whole(data.get("user"))) is not None:
        read["user"] = person
    read["users"] = asked.wholes(data.getlist("users"))
    for name in ("to", "where", "stamp"):
        if data.get(name):
            read[name] = data[name]
    for name in ("hold", "replace", "settle", "close_rest"):
        if data.get(name):
            read[name] = True
    fields = {name[6:]: str(value) for name, value in data.items() if name.startswith("field.")}
    if fields:
        read["fields"] = fields
    if verb == "reverse":
        read["request"] = data.get("key", "")
        read["override"] = data.get("override", "")
        if data.get("part") == "lines":
            read["lines"] = data.getlist("line")
    else:
        read["lines"] = lines_of(data)
    if verb == "close":
        read["lines"] = [row for row in read["lines"] if row.get("quantity")]
    return read


def lines_of(data: Mapping[str, str]) -> list[dict[str, str]]:
    """What was typed per line: fields are called ``NAME.KEY`` of the line."""
    rows: dict[str, dict[str, str]] = {}
    for name, value in data.items():
        field, dot, key = name.partition(".")
        if dot and field in _ROW:
            rows.setdefault(key, {"key": key})[field] = value.strip()
    return list(rows.values())


def _done(request: HttpRequest, outcome: door.Outcome, rule: Verb) -> HttpResponse:
    document = outcome.document
    if "held_until" not in outcome.result:  # a held verdict has its own bar, with the way back
        said = EVENT_LABELS.get(rule.code, rule.label)
        messages.success(request, f"{document.kind.label} {document}: {said}")
    if replacement := outcome.result.get("replacement"):
        return redirect("workflows:edit", key=replacement)
    back = request.POST.get("next", "")
    if back == "decide":
        return redirect(next_of(request, document))
    if back == "inbox":
        return redirect("workflows:inbox")
    return redirect(page_url(document) + ("#comment" if rule.code == "comment" else ""))


def next_of(request: HttpRequest, document: Document) -> str:
    """Where the next decision is: the following task of the person, or the list if there is none."""
    user = request.user
    following = (
        queries.to_do(user)  # type: ignore[arg-type]
        .filter(kind__in=["approve", "confirm"])
        .exclude(document=document)
        .first()
    )
    if following is None:
        return reverse("workflows:inbox")
    return reverse("workflows:decide", args=[following.document.key])


def page_url(document: Document) -> str:
    """The address of a document's page."""
    return reverse("workflows:page", args=[document.key])


def _saved(document: Document) -> HttpResponse:
    """Autosave: nothing to draw, but the page learns the new version."""
    response = HttpResponse(status=204)
    response.headers["HX-Trigger"] = f'{{"documentSaved": {{"version": {document.version}}}}}'
    return response


# The form ----------------------------------------------------------------------------------------------


def _form(
    request: HttpRequest,
    document: Document,
    user: User,
    access: Access,
    rule: Verb,
    *,
    error: DomainError | None = None,
) -> HttpResponse:
    """The form of a verb; after a refusal with the error, the newest version and everything typed."""
    fresh = Document.objects.get(pk=document.pk) if error is not None else document
    possible = {verb.code for verb in door.possible(fresh, user, access)}
    context: dict[str, Any] = {
        "document": fresh,
        "verb": rule,
        "possible": rule.code in possible,
        "error": error,
        "typed": request.POST,
        "say": presenting.say(fresh, presenting.rows_of(fresh, access)),
        "fresh_key": uuid.uuid4(),
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
        "reasons": list(Reason.objects.filter(archived_at=None)),
        "asks_reason": rule.reason or (rule.code == "void" and fresh.number is not None),
    }
    if error is not None and error.status == 409:
        context["latest"] = telling.entries(
            fresh, [], prices=False, costs=False, only="people", limit=3
        )
    filler = _FILLERS.get(rule.code)
    if rule.code in {"approve", "complete", "post"}:
        context["asked_fields"] = entry_form.asked_fields(fresh, user, request.POST)
    if filler is not None and rule.code in possible:
        context |= filler(fresh, user, access)
    status = error.status if error is not None else 200
    return render(request, "workflows/page/do.html", context, status=status)


def _task(document: Document, user: User, rule: str) -> Task | None:
    kinds = BY_CODE[rule].kinds
    return (
        document.tasks.filter(user=user, state=Task.State.OPEN, kind__in=kinds)
        .select_related("run")
        .first()
    )


def _people_of_step(document: Document, user: User, access: Access) -> dict[str, Any]:
    run = document.runs.filter(left_at__isnull=True).order_by("kind").last()
    if run is None:
        return {"people": []}
    move = Move(document, user, access, "look", document.changed_at)
    return {"people": candidates.for_step(document, route.step_of(move, run.step), besides=user)}


def _copy(document: Document, user: User, _access: Access) -> dict[str, Any]:
    return {"people": candidates.for_copy(document, besides=user)}


def _return(document: Document, user: User, access: Access) -> dict[str, Any]:
    """The steps before this one."""
    task = _task(document, user, "return")
    move = Move(document, user, access, "look", document.changed_at)
    steps = list(move.steps)
    keys = [step.key for step in steps]
    here = keys.index(task.run.step) if task is not None and task.run.step in keys else len(keys)
    been = set(document.runs.exclude(outcome="skipped").values_list("step", flat=True))
    return {"back": [step for step in steps[:here] if step.kind != "post" and step.key in been]}


def _post(document: Document, user: User, access: Access) -> dict[str, Any]:
    """What posting would do, with its stamp."""
    preview = previewing.preview(document, actor=user, access=access)
    seen = line_rows.seen_places(document, user, access)
    short = any(
        line.actual is not None and line.actual < amounts.planned(line)
        for line in document.lines.all()
    )
    return {
        "preview": preview,
        "stock": [row for row in preview.stock if row.place.warehouse_id in seen],
        "short": short,
        "settles": short and document.type == "transfer_in",
    }


def _reverse(document: Document, user: User, access: Access) -> dict[str, Any]:
    undone = line_rows.reversed_lines(document)
    lines = document.lines.select_related("item", "unit").order_by("position", "id")
    rows = line_rows.rows(lines, {}, {}, undone)
    scope = document.warehouse.scope_id if document.warehouse else None
    return {
        "rows": [row for row in rows if not row.reversed],
        "may_ask": access.may("document.ask", scope),
        "may_override": access.may("stock.override", scope),
        "left": document.rests.exclude(state__in=states.FINAL),
    }


def _confirm(document: Document, user: User, access: Access) -> dict[str, Any]:
    task = _task(document, user, "approve")
    if task is None or task.kind != "confirm":
        return {}
    lines = document.lines.select_related("item", "unit").order_by("position", "id")
    return {"confirm": line_rows.rows(lines, {}, {}, set())}


def _close(document: Document, _user: User, access: Access) -> dict[str, Any]:
    """What is open, and what the order would leave in production."""
    left = costing.open_value(document) if sight.sees_cost(document, access) else None
    return {
        "open_lines": [far for far in figures.lines(document) if far.open],
        "value_left": left,
    }


_FILLERS = {
    "close": _close,
    "forward": _people_of_step,
    "add": _people_of_step,
    "assign": _people_of_step,
    "copy": _copy,
    "return": _return,
    "post": _post,
    "reverse": _reverse,
    "approve": _confirm,
}


def _refused(
    request: HttpRequest,
    document: Document,
    user: User,
    access: Access,
    rule: Verb,
    error: DomainError,
) -> HttpResponse:
    """Say what is wrong where it was typed; nothing that was typed is lost."""
    if request.htmx:  # type: ignore[attr-defined]
        return _refused_line(request, document, error)
    carries = rule.code == "record" or (
        rule.code == "complete" and bool(lines_of(request.POST)) and not _over(document)
    )
    if not carries and rule.code != "comment":
        return _form(request, document, user, access, rule, error=error)
    from workflows.views.page import show

    fresh, user, access = document_of(request, document.key)
    typed = {name: request.POST[name] for name in request.POST}
    return show(request, fresh, user, access, status=error.status, error=error, typed=typed)


def _over(document: Document) -> bool:
    return Document.objects.filter(pk=document.pk, state__in=states.FINAL).exists()


def _refused_line(request: HttpRequest, document: Document, error: DomainError) -> HttpResponse:
    """An autosave that failed: the message goes to the note above the lines; fields keep what they say."""
    context = {"error": error, "moved": isinstance(error, BookMoved)}
    response = render(request, "workflows/page/_carry_note.html", context, status=error.status)
    response.headers["HX-Retarget"] = "#carry-note"
    response.headers["HX-Reswap"] = "innerHTML"
    if error.code == "changed":
        version = Document.objects.values_list("version", flat=True).get(pk=document.pk)
        response.headers["HX-Trigger"] = f'{{"documentChanged": {{"version": {version}}}}}'
    return response
