"""Pages of landed costs: the list, and a new one with its shares shown before anything is posted."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import asked
from core.errors import DomainError
from core.numbers import NumberError
from finance import landing
from finance.landing import Share
from finance.models import LandedCost
from finance.views import asking
from people.access import access_for
from people.doors import needs, signed_in
from people.models import Company
from stock.models import Partner

RIGHT = "finance.review"
COSTS = "cost.view"
"""Shares are shares of costs: without this right there is nothing to show."""
_SHOWN = 100


@require_safe
@needs(RIGHT)
@needs(COSTS)
def listing(request: HttpRequest) -> HttpResponse:
    """What was spread, newest first."""
    company = asking.company(request)
    rows = LandedCost.objects.filter(company=company).select_related("partner", "posting")
    context = {"company": company, "rows": rows.prefetch_related("shares")[:200]}
    return render(request, "finance/landed.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
@needs(COSTS)
def new(request: HttpRequest) -> HttpResponse:
    """Choose receipts, amount and basis; POST shows the shares, POST with ``do=post`` posts them."""
    company = asking.company(request)
    document = (request.POST.get("document") or request.GET.get("document") or "").strip()
    error: DomainError | None = None
    shares: dict[int, Share] = {}
    if request.method == "POST" and request.POST.get("do") in {"look", "post"}:
        try:
            given = _given(request)
            shares = {
                share.receipt.movement: share
                for share in landing.spread(
                    company, given["amount"], given["basis"], given["movements"], given["weights"]
                )
            }
            if request.POST["do"] == "post":
                return _post(request, company, given)
        except DomainError as refused:
            error = refused
    chosen = set(asked.wholes(request.POST.getlist("movement"), most=1000))
    context = {
        "company": company,
        "document": document,
        "rows": _rows(request, company, document, shares, chosen),
        "bases": LandedCost.Basis.choices,
        "partners": Partner.objects.exclude(pk=0).filter(archived_at=None).order_by("code"),
        "error": error,
        "typed": request.POST,
        "seen": bool(shares) and error is None,
        "key": request.POST.get("key") or str(uuid.uuid4()),
    }
    return render(request, "finance/new_landed.html", context, status=422 if error else 200)


def _rows(
    request: HttpRequest,
    company: Company,
    document: str,
    shares: dict[int, Share],
    chosen: set[int],
) -> list[dict[str, Any]]:
    """The receipts to choose from: of a document, else the latest."""
    found = landing.purchases(company, document)
    return [
        {
            "movement": one,
            "share": shares.get(one.pk),
            "amount": _money(shares[one.pk].change.amount) if one.pk in shares else None,
            "variance": _money(shares[one.pk].change.amount - shares[one.pk].change.stays)
            if one.pk in shares
            else None,
            "chosen": one.pk in chosen,
            "weight": request.POST.get(f"weight.{one.pk}", ""),
        }
        for one in found[:_SHOWN]
    ]


def _money(scaled: int) -> Decimal:
    return Decimal(scaled).scaleb(-4)


def _given(request: HttpRequest) -> dict[str, Any]:
    """What the form says. Raises NumberError."""
    movements = asked.wholes(request.POST.getlist("movement"), most=1000)
    weights = {
        key: asking.quantity(request.POST.get(f"weight.{key}", "")) or Decimal(0)
        for key in movements
    }
    return {
        "amount": asking.money(request.POST.get("amount", "")) or Decimal(0),
        "basis": request.POST.get("basis", ""),
        "movements": movements,
        "weights": weights,
    }


def _post(request: HttpRequest, company: Company, given: dict[str, Any]) -> HttpResponse:
    try:
        key = str(uuid.UUID(request.POST.get("key", "")))
    except ValueError as error:
        raise NumberError(_("This form is incomplete. Open it again.")) from error
    partner = Partner.objects.filter(pk=asked.whole(request.POST.get("partner")) or 0).first()
    made = landing.post(
        company,
        number=request.POST.get("number", ""),
        key=key,
        actor=signed_in(request),
        access=access_for(request.user),
        partner=partner if partner and partner.pk else None,
        **given,
    )
    messages.success(request, _("%(record)s is posted.") % {"record": made})
    return redirect("finance:landed")
