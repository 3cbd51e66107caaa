"""The differences of a stocktake: dearest first, with likely causes, what moved since, recount and cause per line."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from people.access import Access, access_for
from people.doors import needs, signed_in
from stock.models import Reason
from workflows import door, sight
from workflows.counting import accuracy as history
from workflows.counting import causes, planning, progress
from workflows.counting import variance as differences
from workflows.counting.variance import Figure
from workflows.models import CountLine, Document
from workflows.views.counting.found import stocktake_of

PAGE = 100


def _checked(document: Document, access: Access) -> None:
    if not differences.may_see(document, access):
        raise PermissionDenied(_("The differences are shown when counting is over."))


@require_safe
@login_required
def variance(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The page; ``show`` is beyond, stale or open (without a cause)."""
    document, user, access = stocktake_of(request, key)
    _checked(document, access)
    reckoned = differences.reckon(document)
    only = request.GET.get("show", "")
    shown = [one for one in reckoned if _fits(one, only)]
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    rows = differences.rows(document, list(page))
    likely = causes.of(document, [row.line for row in rows])
    verbs = {verb.code for verb in door.possible(document, user, access)}
    context = {
        "document": document,
        "summary": differences.summary(document, reckoned),
        "page": page,
        "rows": [(row, likely.get(row.line.pk, [])[:3]) for row in rows],
        "only": only,
        "chips": [
            ("", _("All"), len(reckoned)),
            ("beyond", _("Beyond tolerance"), sum(one.beyond for one in reckoned)),
            ("stale", _("Moved while counted"), sum(one.stale for one in reckoned)),
            ("open", _("Without a cause"), sum(_fits(one, "open") for one in reckoned)),
        ],
        "cost": sight.sees_cost(document, access),
        "reasons": Reason.objects.filter(archived_at=None),
        "running": progress.counting_step(document),
        "may_recount": bool(progress.counting_step(document)),
        "may_explain": document.posting_id is None and document.state != "posted",
        "may_approve": "approve" in verbs,
    }
    return render(request, "workflows/counting/variance.html", context)


def _fits(one: Figure, only: str) -> bool:
    if only == "beyond":
        return one.beyond
    if only == "stale":
        return one.stale
    if only == "open":
        return bool(one.difference) and not one.explained
    return True


@require_POST
@login_required
def cause(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Why a line differs."""
    document, user, access = stocktake_of(request, key)
    _checked(document, access)
    try:
        planning.explain(
            document.pk,
            request.POST.get("line", ""),
            request.POST.get("cause", ""),
            note=request.POST.get("note", ""),
            actor=user,
            access=access,
        )
    except DomainError as error:
        if request.htmx:  # type: ignore[attr-defined]
            raise
        messages.error(request, str(error))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return redirect("workflows:counting_variance", key=document.key)


@require_POST
@login_required
def again(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Have the chosen lines counted again by somebody else."""
    document, user, access = stocktake_of(request, key)
    _checked(document, access)
    try:
        asked = planning.recount(
            document.pk, request.POST.getlist("line"), actor=user, access=access
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        words = ngettext(
            "%d line is counted again by somebody else.",
            "%d lines are counted again by somebody else.",
            asked,
        )
        messages.success(request, words % asked)
    return redirect("workflows:counting_variance", key=document.key)


@require_safe
@login_required
def moved(request: HttpRequest, key: uuid.UUID, line: str) -> HttpResponse:
    """The movements of a line's goods in its place since the count before."""
    document, _user, access = stocktake_of(request, key)
    _checked(document, access)
    one = CountLine.objects.filter(document=document, key=line).first()
    if one is None:
        raise Http404(line)
    context: dict[str, Any] = {"line": one, "moved": history.moved_since(one)}
    return render(request, "workflows/counting/_moved.html", context)


@require_safe
@needs("stock.view")
def accuracy(request: HttpRequest) -> HttpResponse:
    """How right past counts were, by place, item and counter."""
    access = access_for(signed_in(request))
    context = {
        "tables": [
            (_("Places"), history.by_place(access)),
            (_("Items"), history.by_item(access)),
            (_("Counters"), history.by_counter(access)),
        ]
    }
    return render(request, "workflows/counting/accuracy.html", context)
