"""Pages of periods: which months are closed, closing one and opening it again, with who, when and why."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import asked
from core.errors import DomainError
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from people.models import Company
from stock import closing, periods
from stock.queries import months

RIGHT = "period.close"


@require_safe
@needs(RIGHT)
def listing(request: HttpRequest) -> HttpResponse:
    """The months of every company."""
    books = [(one, months.months(one)) for one in Company.objects.order_by("pk")]
    return render(request, "stock/periods.html", {"books": books})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def month(request: HttpRequest, company: int, name: str) -> HttpResponse:
    """One month: what closing it looks at, and its history; POST ``do`` close or reopen."""
    owner = get_object_or_404(Company, pk=company)
    first = _first(name)
    error: DomainError | None = None
    reason = request.POST.get("reason", "").strip()
    if request.method == "POST":
        try:
            return _change(request, owner, first, reason)
        except DomainError as refused:
            error = refused
    found = next((one for one in months.months(owner) if one.first == first), None)
    if found is None:
        raise Http404(name)
    access = access_for(request.user)
    open_ = closing.look(owner, first) if found.may_close else []
    context: dict[str, Any] = {
        "company": owner,
        "month": found,
        "reason": reason,
        "error": error,
        "posted": months.posted(owner, first),
        "kept": [one for one in closing.kept(owner, first) if all(map(access.may, one.rights))],
        "below_zero": months.below_zero(owner),
        "found": [(one, all(map(access.may, one.rights))) for one in open_],
        "changes": changes_of([found.period]) if found.period else [],
    }
    return render(request, "stock/period.html", context, status=error.status if error else 200)


def _first(name: str) -> date:
    found = asked.day(f"{name}-01")
    if found is None or len(name) != len("2026-03"):
        raise Http404(name)
    return found


def _change(request: HttpRequest, company: Company, first: date, reason: str) -> HttpResponse:
    given: dict[str, Any] = {
        "actor": signed_in(request),
        "access": access_for(request.user),
        "reason": reason,
    }
    do = request.POST.get("do", "")
    if do == "close":
        periods.close(company, first, **given)
        said = _("The period %(month)s is closed.")
    elif do == "reopen":
        periods.reopen(company, first, **given)
        said = _("The period %(month)s is open again.")
    else:
        raise Http404(do)
    messages.success(request, said % {"month": first.strftime("%Y-%m")})
    return redirect("stock:periods")
