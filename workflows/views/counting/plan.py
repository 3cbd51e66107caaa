"""The list of stocktakes, the plan of one, and the seal that begins it."""

import re
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import asked
from core.errors import DomainError
from people.access import Access, access_for
from people.doors import needs, signed_in
from people.models import Membership, User
from stock.models import Category, Warehouse
from workflows import queries, states
from workflows.counting import planning, progress, snapshot
from workflows.counting.planning import Plan
from workflows.models import Document
from workflows.views.acting import version_of
from workflows.views.counting.found import stocktake_of

PAGE = 50
_LIST = re.compile(r"[\s,;，；、]+")


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Stocktakes that one may see, the newest first, with their progress."""
    user = signed_in(request)
    access = access_for(user)
    rows = queries.listed(user, access).filter(type="stocktake")
    rows = rows.select_related("warehouse", "asker", "process", "stocktake").order_by("-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = []
    for document in page:
        running = progress.counting_step(document)
        shown.append(
            {
                "document": document,
                "running": running,
                "progress": progress.progress(document) if running else None,
                "mine": bool(running) and progress.may_count(document, access),
            }
        )
    context = {"page": page, "rows": shown, "may_plan": access.may("document.ask")}
    context["may_set"] = access.may("process.manage")
    return render(request, "workflows/counting/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("document.ask")
def new(request: HttpRequest) -> HttpResponse:
    """An empty plan; sending it makes the stocktake."""
    user = signed_in(request)
    access = access_for(user)
    error = None
    if request.method == "POST":
        try:
            document = planning.create(
                request.POST.get("warehouse", ""),
                read(request.POST),
                actor=user,
                access=access,
                note=request.POST.get("note", ""),
                key=request.POST.get("key", ""),
            )
        except DomainError as refusal:
            error = refusal
        else:
            return redirect("workflows:counting_board", key=document.key)
    context = _form(request, access, typed=request.POST) | {"error": error}
    return render(
        request, "workflows/counting/plan.html", context, status=error.status if error else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The plan of a stocktake that is not sealed yet."""
    document, user, access = stocktake_of(request, key)
    error = None
    if request.method == "POST":
        try:
            planning.change(document.pk, read(request.POST), actor=user, access=access)
        except DomainError as refusal:
            error = refusal
        else:
            return redirect("workflows:counting_board", key=document.key)
    typed: Any = request.POST if request.method == "POST" else written(document)
    context = _form(request, access, typed=typed) | {"error": error, "document": document}
    return render(
        request, "workflows/counting/plan.html", context, status=error.status if error else 200
    )


@require_POST
@login_required
def seal(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Seal the book and hand out the sheets."""
    document, user, access = stocktake_of(request, key)
    counters = asked.wholes(request.POST.getlist("counter"))
    try:
        planning.seal(
            document.pk,
            actor=user,
            access=access,
            sheets=asked.whole(request.POST.get("sheets")) or len(counters) or 1,
            counters=counters,
            version=version_of(request.POST),
            key=request.POST.get("key", ""),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The book is sealed. Counting may begin."))
    return redirect("workflows:counting_board", key=document.key)


def read(data: QueryDict) -> Plan:
    """The plan that a form says: codes between blanks, commas or lines."""
    return Plan(
        zones=_codes(data.get("zones", "")),
        categories=[*data.getlist("category")],
        items=_codes(data.get("goods", "")),
        empty_places=bool(data.get("empty_places")),
        limits={name: data.get(name) for name in planning.LIMITS},
    )


def _codes(text: str) -> list[str]:
    return [code for code in _LIST.split(text) if code]


def written(document: Document) -> dict[str, Any]:
    """The plan as the form shows it."""
    from core.fields import plain

    known = document.stocktake
    limits = {name: getattr(known, name) for name in planning.LIMITS}
    return {
        "warehouse": document.warehouse.code if document.warehouse else "",
        "zones": " ".join(known.zones.values_list("code", flat=True)),
        "goods": " ".join(known.items.values_list("code", flat=True)),
        "chosen": set(known.categories.values_list("code", flat=True)),
        "empty_places": "1" if known.empty_places else "",
        **{name: "" if value is None else plain(value) for name, value in limits.items()},
    }


def _form(request: HttpRequest, access: Access, *, typed: Any) -> dict[str, Any]:
    scopes = access.scopes("document.ask")
    houses = Warehouse.objects.filter(archived_at=None)
    if scopes is not None:
        houses = houses.filter(scope__in=scopes)
    chosen = typed.getlist("category") if isinstance(typed, QueryDict) else typed.get("chosen", ())
    zones = snapshot.countable(houses[0].pk).filter(is_group=True)[:200] if len(houses) == 1 else ()
    return {
        "houses": houses,
        "categories": Category.objects.filter(archived_at=None),
        "typed": typed,
        "chosen": set(chosen),
        "zones": zones,
        "fresh": not typed,
        "fresh_key": uuid.uuid4(),
    }


def counters(document: Document) -> list[User]:
    """People who may count in the stocktake's warehouse."""
    scope = document.warehouse.scope_id if document.warehouse else None
    members = Membership.objects.filter(user__is_active=True).select_related("role")
    found = {
        member.user_id
        for member in members.prefetch_related("scopes")
        if "count.enter" in member.role.rights
        and (member.everywhere or scope in {one.pk for one in member.scopes.all()})
    }
    return list(User.objects.filter(pk__in=found).order_by("name"))


def editable(document: Document) -> bool:
    """Whether its plan may still be changed."""
    return document.state in states.EDITABLE and document.stocktake.sealed_at is None
