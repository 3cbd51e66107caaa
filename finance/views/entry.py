"""One entry: both sides, why each amount, what was said about it, and what finance does with it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from finance.models import JournalEntry
from finance.review import explaining, facts, papers, reviewing, states
from finance.views.books import Desk
from finance.views.review import chip_of, said
from people.doors import needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs("finance.review", "audit.view")
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows it; POST ``do`` is accept, reopen or question (with ``text``)."""
    desk = Desk(request)
    row = facts.entries(
        JournalEntry.objects.select_related("company", "posting", "actor", "reviewed_by")
    )
    found = row.filter(pk=pk).first()
    if found is None:
        raise Http404
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return _do(request, desk, found)
        except DomainError as refused:
            error = refused
    shows = desk.access.may("cost.view")
    legs = facts.legs(found.every_line.all())
    context: dict[str, Any] = {
        **desk.context(),
        "entry": found,
        "kind": facts.kind(found),
        "chip": chip_of(found),
        "red": facts.is_red(found),
        "legs": legs,
        "debit": sum(leg.amount for leg in legs if leg.debit),
        "credit": sum(leg.amount for leg in legs if not leg.debit),
        "whys": explaining.explain(found) if shows else [],
        "shows_cost": shows,
        "handed": found.on_voucher[0] if found.on_voucher else None,  # type: ignore[attr-defined]
        "related": explaining.reclassified(found),
        "notes": found.notes.select_related("user"),
        "may_accept": states.REVIEWED in states.GRAPH.get(found.review, ())
        and found.review != states.HANDED_OVER,
        "may_question": states.QUESTIONED in states.GRAPH.get(found.review, ()),
        "may_reopen": found.review in {states.REVIEWED, states.QUESTIONED},
        "missing_url": _missing_url(),
        "document_url": papers.url_of(found, desk.user, desk.access),
        "error": error,
        "text": request.POST.get("text", ""),
    }
    return render(request, "finance/entry.html", context, status=error.status if error else 200)


def _missing_url() -> str:
    try:
        return reverse("finance:missing")
    except NoReverseMatch:
        return ""


def _do(request: HttpRequest, desk: Desk, row: JournalEntry) -> HttpResponse:
    given: dict[str, Any] = {"actor": desk.user, "access": desk.access}
    do = request.POST.get("do", "")
    if do == "accept":
        said(request, reviewing.accept([row.pk], **given))
    elif do == "reopen":
        said(request, reviewing.reopen([row.pk], text=request.POST.get("text", ""), **given))
    elif do == "question":
        reviewing.question(row.pk, request.POST.get("text", ""), **given)
        messages.success(request, _("The question is on the document."))
    else:
        raise Http404
    return redirect("finance:entry", pk=row.pk)
