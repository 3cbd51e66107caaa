"""The page of a document: its way, its lines, what it did to stock, its history; and what one can do now. Reads only."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.edge import scanning_page
from people.access import Access
from people.models import User
from stock.models import Place, Reason
from stock.views.book import other_end
from workflows import (
    actions,
    candidates,
    document_types,
    door,
    fields,
    filling,
    hands,
    line_rows,
    presenting,
    previewing,
    route,
    sight,
    states,
    stock_changes,
    telling,
)
from workflows.models import Document, Task
from workflows.presenting import Way
from workflows.previewing import Preview
from workflows.views import entry_form, order_panel
from workflows.views.found import document_of, held_by

_PREVIEWED = states.EDITABLE | states.RUNNING


@require_safe
@login_required
@scanning_page
def page(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The document as it is now; 304 to an open page that shows this version."""
    document, user, access = document_of(request, key)
    if request.headers.get("If-None-Match") == f'"{document.version}"':
        return HttpResponse(status=304)
    return show(request, document, user, access)


def show(
    request: HttpRequest,
    document: Document,
    user: User,
    access: Access,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the page; ``more`` are what a refused request adds: the error, and what was typed."""
    way = Way.read(document, user, access)
    preview = (
        previewing.preview(document, actor=user, access=access)
        if document.state in _PREVIEWED
        else None
    )
    cost = sight.sees_cost(document, access)
    only = request.GET.get("history", "")
    hidden = filling.hidden(document, user)
    context = {
        "document": document,
        "steps": presenting.steps_line(way, money=cost),
        "times": presenting.times(way),
        "preview": preview,
        "hindrances": stock_changes.serious(document, preview.errors) if preview else [],
        "facts": facts(document, user, access, hidden),
        "custom": custom(document, hidden),
        "note": "" if "note" in hidden else document.note,
        "history": telling.entries(
            document,
            way.runs,
            prices=sight.sees_money(document, access, user),
            costs=cost,
            hidden=hidden,
            only=only,
            limit=100_000 if request.GET.get("all") else telling.LIMIT,
        ),
        "whose": only,
        "files": list(filling.shown_files(document, hidden)),
        "links": links(document),
        "held": held_by(user),
        "live_url": "" if more else _own_url(request, document),
        "seen_url": bool(_unseen(document, user)),
        **_stock(request, document, user, access, preview),
        **order_panel.of(document, access),
        **_doing(document, user, access, way),
        **more,
    }
    return render(request, "workflows/page/page.html", context, status=status)


def _own_url(request: HttpRequest, document: Document) -> str:
    """The page with what its address asks for, also where it answers another one."""
    query = request.GET.urlencode()
    return reverse("workflows:page", args=[document.key]) + (f"?{query}" if query else "")


def _stock(
    request: HttpRequest, document: Document, user: User, access: Access, preview: Preview | None
) -> dict[str, Any]:
    """Lines, movements, and the sentence about them."""
    seen = line_rows.seen_places(document, user, access)
    cost = sight.sees_cost(document, access)
    moved = presenting.rows_of(document, access)
    undone = line_rows.reversed_lines(document) if document.posting_id else set()
    if preview is not None:
        stock, values = line_rows.stock_of_preview(preview, seen), preview.line_values
    else:
        stock = line_rows.stock_of_posting(document, seen)
        values = line_rows.costs(document) if cost and document.posting_id else {}
    queryset = document.lines.select_related(
        "item", "item__base_unit", "unit", "lot", "source", "target", "reason"
    ).order_by("position", "id")
    lines = Paginator(queryset, line_rows.PAGE).get_page(request.GET.get("lines"))
    picked_later = line_rows.unpicked(document, lines, access)
    rows = line_rows.rows(lines, stock, values, undone, picked_later)
    priced = sight.sees_money(document, access, user) and any(
        row.line.price is not None or row.line.value is not None for row in rows
    )
    ordered = priced and document.kind.orders
    whole = not lines.has_other_pages()
    return {
        "lines": lines,
        "rows": rows,
        "totals": line_rows.totals(rows) if whole else "",
        "total_cost": sum(values.values()) if values else None,
        "total_amount": sum(row.amount or 0 for row in rows) if ordered and whole else None,
        "movements": [(row, other_end(row, "source"), other_end(row, "target")) for row in moved],
        "say": presenting.say(document, moved, undone=len(undone)),
        "shows_cost": cost,
        "shows": {
            "confirmed": any(row.line.confirmed is not None for row in rows),
            "actual": any(row.line.actual is not None for row in rows),
            "rejected": document.kind.counts and any(row.line.actual is not None for row in rows),
            "rechecked": any(row.line.rechecked is not None for row in rows),
            "lot": any(row.line.lot_number for row in rows),
            "places": any(row.line.source_id or row.line.target_id for row in rows),
            "stock": any(row.stock for row in rows),
            "price": priced,
            "amount": ordered,
            "cost": bool(values),
        },
    }


def _doing(document: Document, user: User, access: Access, way: Way) -> dict[str, Any]:
    """What the person can do now, and the form of carrying out if that is his."""
    tasks = list(
        document.tasks.filter(user=user, state=Task.State.OPEN).select_related(
            "run", "on_behalf_of"
        )
    )
    asked = entry_form.asked_fields(document, user, {})
    place = (
        reverse("workflows:counting_board", args=[document.key])
        if document.kind.shape == "count"
        else "#carry-out"
    )
    found = actions.of(door.possible(document, user, access), tasks, asks=bool(asked), at=place)
    task = next((task for task in tasks if task.kind in {"inspect", "execute"}), None)
    if document.kind.shape == "count":
        task = None
    carry: dict[str, Any] = {}
    if task is not None:
        step = route.step_of(way.move, task.run.step)
        houses = {
            end: getattr(document, kind.warehouse + "_id")
            for end, kind in (("source", document.kind.source), ("target", document.kind.target))
            if kind.chosen
        }
        places = Place.objects.filter(
            warehouse__in=[pk for pk in houses.values() if pk], is_group=False, archived_at=None
        )
        carry = {
            "step": step,
            "counts": document.kind.counts,
            "recheck": step.recheck,
            "mine": _picked_by(user, way) if step.recheck == "other" else (),
            "rest": _rest(document, way),
            "ends": houses,
            "places": list(places.order_by("path").values_list("code", flat=True)[:500]),
        }
    return {
        "actions": found,
        "tasks": tasks,
        "carry": carry,
        "asked_fields": asked,
        "may_edit": line_rows.editable(document) and any(one.code == "submit" for one in found),
        "reasons": list(Reason.objects.filter(archived_at=None)),
        "makes": _makes(document, access),
        "may_copy": not document.kind.made_by and access.may("document.ask", _scope(document)),
        "fresh_key": uuid.uuid4(),
        "count_url": place if document.kind.shape == "count" else "",
    }


def _picked_by(user: User, way: Way) -> set[int]:
    """Positions of the lines that the person picked: somebody else checks them."""
    return {line for line, pk in hands.last(way.move, "actual").items() if pk == user.pk}


def _rest(document: Document, way: Way) -> str:
    """What finishing may say about the part that was not carried out; nothing if a person posts later."""
    if not any(step.kind == "post" and step.who.kind == "system" for step in way.move.steps):
        return ""
    if document.type == "transfer_in":
        return "settle"
    return "close_rest" if way.move.options.rest == "document" else ""


def _scope(document: Document) -> int | None:
    return document.warehouse.scope_id if document.warehouse else None


def _makes(document: Document, access: Access) -> list[document_types.DocumentType]:
    """Types of documents that can be made from it, with what remains of its lines."""
    if document.state != (states.IN_EXECUTION if document.kind.orders else states.POSTED):
        return []
    house = document.target_warehouse if document.type == "transfer_out" else document.warehouse
    if not access.may("document.ask", house.scope_id if house else None):
        return []
    scope = house.scope_id if house else None
    return [
        kind
        for kind in document_types.DOCUMENT_TYPES
        if document.type in kind.made_from and sight.may_begin(kind, access, scope)
    ]


def _unseen(document: Document, user: User) -> bool:
    open_ = document.tasks.filter(user=user, state=Task.State.OPEN)
    return (
        open_.filter(seen_at=None).exists()
        or document.copies.filter(user=user, seen_at=None).exists()
    )


def facts(
    document: Document, user: User, access: Access, hidden: frozenset[str] = frozenset()
) -> list[tuple[str, str, str]]:
    """The header as (label, value, address), without the ``hidden`` fields."""
    from core.templatetags.ui import day, moment, money

    company = document.company
    rows: list[tuple[str, Any, str]] = [
        (_("Asked by"), document.asker, ""),
        (_("Department"), document.department, ""),
        (str(document.kind.word_of("partner")), document.partner, ""),
        (
            _("Warehouse"),
            document.warehouse and (document.warehouse.name or document.warehouse),
            "",
        ),
        (
            _("To warehouse"),
            document.target_warehouse
            and (document.target_warehouse.name or document.target_warehouse),
            "",
        ),
        (_("Reason"), document.reason, ""),
        (_("Work order"), document.cost_object, ""),
        (_("Source document"), document.reference, ""),
        (_("Wanted on"), day(document.wanted_on), ""),
        (_("Happened"), moment(document.effective_at), ""),
    ]
    if sight.sees_cost(document, access):
        amount = document.posted_amount if document.posted_amount is not None else document.amount
        if document.submitted_at is not None:
            rows.append(
                (_("Amount"), f"{company.currency} {money(amount, company.currency_places)}", "")
            )
    if document.currency and document.currency != company.currency:
        rows.append((_("Currency"), document.currency, ""))
    rows.append((_("Reason for going below zero"), document.override, ""))
    rows.append((_("Reason for issuing an expired lot"), document.accept_expired, ""))
    gone = {
        str(document.kind.word_of(name)) for name in hidden if name in document_types.HEADER_FIELDS
    }
    return [(label, str(value), url) for label, value, url in rows if value and label not in gone]


def custom(document: Document, hidden: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Custom fields with what was entered, without the ``hidden`` ones."""
    found = []
    for field in fields.of_type(document.type):
        value = document.custom.get(field.key)
        if value in (None, "") or f"custom:{field.key}" in hidden:
            continue
        if field.kind == field.Kind.FLAG:
            value = _("yes") if value else _("no")
        elif field.kind == field.Kind.USER:
            value = User.objects.filter(pk=value).first() or value
        found.append((str(field), str(value)))
    return found


def links(document: Document) -> list[tuple[str, Document]]:
    """Where it came from and what came of it, as (word, document)."""
    found: list[tuple[str, Document]] = []
    for word, other in (
        (_("made from"), document.source),
        (_("rest of"), document.rest_of),
        (_("replaces"), document.replaces),
    ):
        if other is not None:
            found.append((word, other))
    for word, others in (
        (_("made from it"), document.made.all()),
        (_("rest of it"), document.rests.all()),
        (_("replaced by"), document.replacements.all()),
    ):
        found += [(word, other) for other in others.order_by("id")[:50]]
    return found


@require_POST
@login_required
def seen(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The person has the document before him: from now on his time counts as work, not as waiting."""
    document, user, _access = document_of(request, key)
    now = timezone.now()
    document.tasks.filter(user=user, state=Task.State.OPEN, seen_at=None).update(seen_at=now)
    document.copies.filter(user=user, seen_at=None).update(seen_at=now)
    return HttpResponse(status=204)


@require_safe
@login_required
def people(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    """People to mention, for the box of comments."""
    document, _user, _access = document_of(request, key)
    found = candidates.for_mention(document, request.GET.get("q", "")[:40])
    return JsonResponse(
        {"people": [{"username": one.username, "name": one.name or one.username} for one in found]}
    )
