"""The form in which documents are written: opened, saved bit by bit, looked ahead from, submitted.

Nothing is made until something is typed: the page of a new document holds the key under which the first
save makes it. Every door that writes goes through workflows.merging, drafting or the one door.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from core import asked
from core.api import parsers
from core.edge import scanning_page
from core.errors import DomainError
from core.templatetags import ui
from core.words import kept
from people.access import Access, access_for
from people.doors import signed_in
from people.models import Company, User
from workflows import (
    copying,
    document_types,
    door,
    drafting,
    merging,
    offers,
    previewing,
    queries,
    sight,
    states,
)
from workflows.checks import Check
from workflows.errors import DocumentRefused
from workflows.models import Document
from workflows.views import entry_form
from workflows.views.acting import version_of

PAGE = 200
"""Lines that a page opens with; the rest comes as one scrolls."""
ROOMY = 7
"""So many columns, and no prices among them, leave space."""
MOST_ROWS = 100
"""Lines of one request; the form sends as many as have changed, in turns."""


def page_url(document: Document) -> str:
    """The page of a document that is on its way."""
    return f"/documents/{document.key}/"


@require_safe
@login_required
@scanning_page
def new(request: HttpRequest, type_code: str) -> HttpResponse:
    """An empty form; it becomes a draft when something is typed."""
    kind = document_types.BY_CODE.get(type_code)
    if kind is None or not kind.by_hand:
        raise Http404(type_code)
    user = signed_in(request)
    access = access_for(user)
    if not access.may("document.ask"):
        raise PermissionDenied(_("You may not ask for changes of stock."))
    sight.require_value(kind, access, None)
    company = Company.objects.earliest("pk")
    document = Document(
        type=kind.code,
        key=uuid.uuid4(),
        company=company,
        asker=user,
        department=user.department,
        currency=company.currency,
        warehouse=drafting.usual_warehouse(access),
        version=0,
    )
    return _page(request, document, user, access)


@require_safe
@login_required
@scanning_page
def edit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A draft as it is saved."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    if document.state not in states.EDITABLE:
        return redirect(page_url(document))
    return _page(request, document, user, access)


def _document(key: uuid.UUID, user: User, access: Access) -> Document:
    found = queries.with_names(queries.visible(user, access)).filter(key=key).first()
    if found is None:
        raise Http404
    return found


def _lines(document: Document) -> Any:
    return document.lines.select_related(
        "item", "item__base_unit", "unit", "lot", "source", "target", "reason", "original__posting"
    ).order_by("position", "id")


def _page(
    request: HttpRequest,
    document: Document,
    user: User,
    access: Access,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    shape = _shape(document, access, user)
    lines = list(_lines(document)[: PAGE + 1]) if document.pk else []
    context = {
        "document": document,
        "kind": document.kind,
        "is_new": document.pk is None,
        "fresh_key": uuid.uuid4(),
        "fields": entry_form.header(document, access),
        "columns": shape,
        "rows": entry_form.rows(document, lines[:PAGE], shape, access),
        "more": lines[PAGE - 1].position if len(lines) > PAGE else None,
        "blank": entry_form.blank(shape),
        "plain": _plain_row(request, document, shape, access, typed),
        "errors": errors or {},
        "figures": _figures(document),
        "may_discard": document.number is None and _may_void(document, user, access),
        "roomy": _is_roomy(shape),
        "direction": document.kind.direction,
    }
    return render(request, "workflows/entry/form.html", context, status=status)


def _is_roomy(shape: Sequence[entry_form.Column]) -> bool:
    """Whether remarks and places may be wide; with more columns the item could not be read any more."""
    return len(shape) <= ROOMY and not any(column.name == "price" for column in shape)


def _may_void(document: Document, user: User, access: Access) -> bool:
    """Whether the user may discard it; what is not made yet will be the user's own."""
    if document.pk is None:
        return True
    return any(verb.code == "void" for verb in door.possible(document, user, access))


def _shape(document: Document, access: Access, user: User) -> list[entry_form.Column]:
    money = sight.sees_money(document, access, user)
    return entry_form.columns(document.kind, money=money)


def _plain_row(
    request: HttpRequest,
    document: Document,
    shape: list[entry_form.Column],
    access: Access,
    typed: Mapping[str, str] | None,
) -> entry_form.RowView:
    """The line of the form without script: the one of ``?line=``, else a new one; with what was typed."""
    asked = request.GET.get("line", "")
    row = entry_form.blank(shape)
    row.key = str(uuid.uuid4())
    if asked and document.pk:
        found = [line for line in _lines(document) if str(line.key) == asked]
        row = entry_form.rows(document, found, shape, access)[0] if found else row
    for cell in row.cells:
        cell.raw = (typed or {}).get(cell.column.name, cell.raw)
    return row


def _figures(document: Document) -> dict[str, Any]:
    """How many lines, and their quantities by unit."""
    if document.pk is None:
        return {"lines": 0, "sums": []}
    sums = document.lines.order_by().values_list("unit__code").annotate(Sum("requested"))
    found = [(code, ui.quantity(total)) for code, total in sums if total]
    return {"lines": document.lines.count(), "sums": sorted(found)}


@require_safe
@login_required
def more_rows(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The next lines of a long draft, after the position ``?after=``."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    after = asked.whole(request.GET.get("after")) or 0
    lines = list(_lines(document).filter(position__gt=after)[: PAGE + 1])
    shape = _shape(document, access, user)
    context = {
        "document": document,
        "columns": shape,
        "rows": entry_form.rows(document, lines[:PAGE], shape, access),
        "more": lines[PAGE - 1].position if len(lines) > PAGE else None,
    }
    return render(request, "workflows/entry/_rows.html", context)


# Saving ----------------------------------------------------------------------------------------------


@require_POST
@login_required
def save(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Save what was typed: JSON from the grid, an ordinary form without script."""
    if request.content_type != "application/json":
        return _save_plain(request, key)
    user = signed_in(request)
    access = access_for(user)
    body = _body(request)
    document = _known_or_made(key, str(body.get("type") or ""), user, access)
    version = body.get("version")
    outcome = merging.save(
        document.pk,
        actor=user,
        access=access,
        version=version if isinstance(version, int) and version else document.version,
        header=_mapping(body.get("header")),
        header_was=_mapping(body.get("was")),
        rows=_rows_of(body),
    )
    return JsonResponse(_answer(outcome, access, user))


def _body(request: HttpRequest) -> dict[str, Any]:
    body = parsers.parse(request.body)
    if not isinstance(body, dict):
        raise DocumentRefused(_("The request cannot be read."), code="json")
    return body


def _mapping(value: Any) -> dict[str, str]:
    """Field → text; anything else in a request is refused."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise DocumentRefused(_("The request cannot be read."), code="json")
    return cast(dict[str, str], value)


def _rows_of(body: dict[str, Any]) -> list[merging.Row]:
    given = body.get("rows") or []
    if not isinstance(given, list) or len(given) > MOST_ROWS:
        raise DocumentRefused(_("The request cannot be read."), code="json")
    rows = []
    for row in given:
        if not isinstance(row, dict):
            raise DocumentRefused(_("The request cannot be read."), code="json")
        values, was = _mapping(row.get("values")), _mapping(row.get("was"))
        rows.append(merging.Row(str(row.get("line")), values, was, bool(row.get("known"))))
    return rows


def _known_or_made(key: uuid.UUID, type_code: str, user: User, access: Access) -> Document:
    known = Document.objects.filter(key=key).first()
    if known is not None:
        return _document(key, user, access)
    return drafting.create(type_code, actor=user, access=access, key=str(key))


def _answer(outcome: merging.Outcome, access: Access, user: User) -> dict[str, Any]:
    """What the grid needs to know: the version, the time, and each part as it is now."""
    document = outcome.document
    shape = _shape(document, access, user)
    keys = [key for key, saved in outcome.rows if saved.line is not None]
    lines = list(_lines(document).filter(key__in=keys))
    views = {row.key: row for row in entry_form.rows(document, lines, shape, access)}
    header = {one.name: [one.raw, one.shown] for one in entry_form.header(document, access)}
    figures = _figures(document)
    return {
        "version": document.version,
        "saved": f"{timezone.localtime():%H:%M:%S}",
        "by": outcome.by,
        "stale": outcome.stale,
        "edit": reverse("workflows:edit", args=[document.key]),
        "lines": figures["lines"],
        "sums": figures["sums"],
        "header": {
            "values": header,
            "errors": outcome.header.errors,
            "clashes": outcome.header.clashes,
        },
        "rows": [_row(key, saved, views.get(key)) for key, saved in outcome.rows],
    }


def _row(key: str, saved: merging.Saved, view: entry_form.RowView | None) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "line": key,
        "errors": saved.errors,
        "clashes": saved.clashes,
        "gone": saved.gone,
    }
    if view is not None:
        answer |= {
            "position": view.position,
            "cells": {cell.column.name: [cell.raw, cell.shown] for cell in view.cells},
            "units": [
                code for c in view.cells if c.column.name == "unit" for code, _l in c.options
            ],
            "available": view.available,
            "tracked": view.tracked,
            "checks": [_check(check) for check in view.checks],
        }
    return answer


def _check(check: Check) -> list[Any]:
    """Tone and text; what can be done about it, if anything can."""
    if not check.accept:
        return [check.tone, check.text]
    field, value = check.suggestion or ("", "")
    more = {"field": field, "value": value, "action": check.action}
    return [check.tone, check.text, more | {"accept": check.accept, "code": check.code}]


def _save_plain(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Without script: one part of the page, the header or one line."""
    user = signed_in(request)
    access = access_for(user)
    document = _known_or_made(key, request.POST.get("type", ""), user, access)
    own = {"csrfmiddlewaretoken", "type", "version", "line"}
    values = {n: kept(str(value)) for n, value in request.POST.items() if n not in own}
    if offers.find_partner(values.get("partner", "")) is None and "partner" in values:
        values["partner"] = values["partner"].partition(" ")[0]
    line = request.POST.get("line", "")
    version = asked.whole(request.POST.get("version")) or 0
    try:
        merging.check_version(document, version)
        outcome = merging.save(
            document.pk,
            actor=user,
            access=access,
            version=version or document.version,
            header=None if line else values,
            rows=[merging.Row(line, values)] if line else (),
        )
        saved = outcome.rows[0][1] if line else outcome.header
        errors, document = saved.errors, outcome.document
    except DomainError as error:
        errors = {"": str(error)}
    if errors:
        return _page(request, document, user, access, errors=errors, typed=values, status=422)
    messages.success(request, _("Saved."))
    return redirect("workflows:edit", document.key)


@require_POST
@login_required
def remove(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Take a line out; saving it again with the same key brings it back."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    drafting.remove_line(document.pk, request.POST.get("line", ""), actor=user, access=access)
    document = _document(key, user, access)
    figures = _figures(document)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"version": document.version, **figures})
    return redirect("workflows:edit", key)


# Looking ahead and submitting ------------------------------------------------------------------------


@require_GET
@login_required
def preview(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What will happen, as a part of the form; empty while there is no line."""
    user = signed_in(request)
    access = access_for(user)
    document = queries.with_names(queries.visible(user, access)).filter(key=key).first()
    ahead = None
    if document is not None and document.state in states.EDITABLE:
        ahead = previewing.preview(document, actor=user, access=access)
    context = {
        "document": document,
        "ahead": ahead,
        "costs": document is not None and sight.sees_cost(document, access),
        "now": timezone.localtime(),
    }
    return render(request, "workflows/entry/_preview.html", context)


@require_POST
@login_required
def submit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Let the draft go on its way; what is wrong comes back with its lines."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    version = version_of(request.POST)
    once = request.POST.get("key", "")
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        door.act(
            document.pk,
            "submit",
            actor=user,
            access=access,
            version=version,
            key=f"submit:{once}" if once else "",
            text=request.POST.get("text", ""),
        )
    except DomainError as error:
        if wants_json:
            raise
        lines = {f"{e.line}": str(e.message) for e in error.lines if e.line}
        errors = {"": str(error), **lines}
        return _page(request, document, user, access, errors=errors, status=error.status)
    document.refresh_from_db()
    messages.success(request, _("%s is submitted.") % document)
    if wants_json:
        return JsonResponse({"url": page_url(document)})
    return redirect(page_url(document))


# Other ways to a draft -------------------------------------------------------------------------------


@require_POST
@login_required
def discard(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Void a draft that was never submitted; a message offers to take it back."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    door.act(document.pk, "void", actor=user, access=access, key=f"discard:{document.key}")
    request.session["discarded"] = str(document.key)
    return redirect("workflows:documents")


@require_POST
@login_required
def restore(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A discarded draft again: the same content under a new key, for the void one stays void."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    if document.state != states.VOID or document.number is not None:
        raise DocumentRefused(_("Only a draft that was discarded can be restored."), code="restore")
    again = uuid.uuid5(document.key, "restored")
    made = copying.copy(document, actor=user, access=access, key=str(again))
    request.session.pop("discarded", None)
    messages.success(request, _("The draft is back."))
    return redirect("workflows:edit", made.key)


@require_POST
@login_required
def copy(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A draft with the same content; ``key`` of the form makes a second tap harmless."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    wished = request.POST.get("key", "")
    made = copying.copy(document, actor=user, access=access, key=wished)
    return redirect("workflows:edit", made.key)


@require_POST
@login_required
def make(request: HttpRequest, key: uuid.UUID, type_code: str) -> HttpResponse:
    """A draft of another type with what remains of this document's lines."""
    user = signed_in(request)
    access = access_for(user)
    document = _document(key, user, access)
    wished = request.POST.get("key", "")
    made = copying.make_from(document.pk, type_code, actor=user, access=access, key=wished)
    return redirect("workflows:edit", made.key)
