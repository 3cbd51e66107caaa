"""Pages of purchase invoices: the list, a new one from what is open, and one invoice."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import asked
from core.errors import DomainError, LineError
from core.numbers import NumberError
from finance import invoicing, receipts, voiding
from finance.invoice_matching import InvoiceRefused, match
from finance.invoicing import LineGiven
from finance.models import LandedCost, PurchaseInvoice
from finance.receipts import Receipt
from finance.views import asking
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from people.models import Company
from stock.models import Item, Partner

RIGHT = "finance.review"
COSTS = "cost.view"
"""Invoices and receipts are amounts all over: without this right there is nothing to show."""
_SHOWN = 300


def _shown(found: list[Receipt], today: date) -> list[dict[str, Any]]:
    items = Item.objects.select_related("base_unit").in_bulk({one.item for one in found})
    names = Partner.objects.in_bulk({one.partner for one in found if one.partner})
    return [
        {
            "receipt": one,
            "item": items[one.item],
            "partner": names.get(one.partner or 0),
            "age": one.age(today),
            "quantity": one.number("open_quantity"),
            "value": one.number("open_value"),
        }
        for one in found
    ]


@require_safe
@needs(RIGHT)
@needs(COSTS)
def listing(request: HttpRequest) -> HttpResponse:
    """The invoices, newest first."""
    company = asking.company(request)
    rows = PurchaseInvoice.objects.filter(company=company).select_related("partner")
    state = request.GET.get("state", "")
    if state in PurchaseInvoice.State.values:
        rows = rows.filter(state=state)
    context = {
        "company": company,
        "rows": [(one, _total(one)) for one in rows.prefetch_related("lines")[:_SHOWN]],
        "states": PurchaseInvoice.State.choices,
        "state": state,
    }
    return render(request, "finance/invoices.html", context)


def _total(one: PurchaseInvoice) -> Decimal:
    return sum((line.amount for line in one.lines.all()), Decimal(0)) + one.tax


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
@needs(COSTS)
def new(request: HttpRequest) -> HttpResponse:
    """A new invoice: choose the supplier, then what of it is invoiced."""
    company = asking.company(request)
    partner = _supplier(request)
    error: DomainError | None = None
    if request.method == "POST" and partner is not None:
        try:
            made = _save(request, company, partner)
            return redirect("finance:invoice", made.key)
        except DomainError as refused:
            error = refused
    rows = receipts.open_receipts(company.pk, partner.pk)[:_SHOWN] if partner else []
    today = timezone.localdate(timezone=ZoneInfo(company.time_zone))
    shown = _shown(rows, today)
    for row in shown:
        key = row["receipt"].movement
        row["typed_quantity"] = request.POST.get(f"quantity.{key}", "")
        row["typed_amount"] = request.POST.get(f"amount.{key}", "")
    landed = [
        one for one in invoicing.landed_open(company) if partner and one.partner_id == partner.pk
    ]
    context = {
        "company": company,
        "partner": partner,
        "partners": _waiting_suppliers(company),
        "rows": shown,
        "landed": [(one, request.POST.get(f"landed.{one.pk}", "")) for one in landed],
        "error": error,
        "typed": request.POST,
        "today": today.isoformat(),
    }
    return render(request, "finance/new_invoice.html", context, status=422 if error else 200)


def _supplier(request: HttpRequest) -> Partner | None:
    number = asked.whole(request.POST.get("partner") or request.GET.get("partner"))
    return Partner.objects.filter(pk=number).exclude(pk=0).first() if number else None


def _waiting_suppliers(company: Company) -> list[Partner]:
    """Suppliers of whom something is open."""
    waiting = {one.partner for one in receipts.open_receipts(company.pk) if one.partner}
    waiting |= {one.partner_id for one in invoicing.landed_open(company) if one.partner_id}
    return list(Partner.objects.filter(pk__in=waiting).order_by("code"))


def _save(request: HttpRequest, company: Company, partner: Partner) -> PurchaseInvoice:
    """The draft of a form; every number that cannot be read is named by its line."""
    errors: list[LineError] = []
    lines: list[LineGiven] = []
    for name, value in request.POST.items():
        text = str(value)
        kind, _dot, key = name.partition(".")
        number = asked.whole(key)
        if kind not in {"amount", "landed"} or number is None or not text.strip():
            continue
        try:
            amount = asking.money(text) or Decimal(0)
            wanted = asking.quantity(request.POST.get(f"quantity.{key}", "")) or Decimal(0)
        except NumberError as wrong:
            errors.append(LineError(len(lines) + len(errors) + 1, "number", str(wrong)))
            continue
        if kind == "landed":
            lines.append(LineGiven(amount, landed=number))
        else:
            lines.append(LineGiven(amount, movement=number, quantity=wanted))
    if errors:
        raise InvoiceRefused(errors[0].message, lines=errors)
    day = asked.day(request.POST.get("date"))
    if day is None:
        raise InvoiceRefused(_("Enter the date of the invoice."), code="date")
    landed = {line.landed for line in lines if line.landed}
    if landed - set(LandedCost.objects.filter(company=company).values_list("pk", flat=True)):
        raise Http404("landed")
    return invoicing.save(
        company,
        partner=partner,
        number=request.POST.get("number", ""),
        day=day,
        tax=asking.money(request.POST.get("tax", "")) or Decimal(0),
        lines=lines,
        actor=signed_in(request),
        access=access_for(request.user),
        note=request.POST.get("note", "")[:300],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
@needs(COSTS)
def invoice(request: HttpRequest, key: str) -> HttpResponse:
    """One invoice beside what was estimated; POST ``do``: post, discard or void."""
    found = get_object_or_404(PurchaseInvoice.objects.select_related("company", "partner"), key=key)
    access, actor = access_for(request.user), signed_in(request)
    error: DomainError | None = None
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "post":
                version = asked.whole(request.POST.get("version"))
                invoicing.post(found, actor=actor, access=access, version=version)
                messages.success(request, _("%(record)s is posted.") % {"record": found})
            elif do == "discard":
                invoicing.discard(found, access=access)
                messages.success(request, _("%(record)s is deleted.") % {"record": found})
                return redirect("finance:invoices")
            elif do == "void":
                reason = request.POST.get("reason", "")
                voiding.void(found, reason=reason, actor=actor, access=access)
                messages.success(request, _("%(record)s is void.") % {"record": found})
            else:
                raise Http404(do)
            return redirect("finance:invoice", key)
        except DomainError as refused:
            error = refused
            found.refresh_from_db()
    rows, problem = _lines(found)
    context = {
        "invoice": found,
        "rows": rows,
        "error": error or problem,
        "total": _total(found),
        "may_post": invoicing.may_post(found, actor),
        "changes": changes_of([found]),
    }
    return render(request, "finance/invoice.html", context, status=error.status if error else 200)


def _lines(found: PurchaseInvoice) -> tuple[list[dict[str, Any]], DomainError | None]:
    """The lines; of a draft with what posting would settle, or why it cannot."""
    lines = list(
        found.lines.select_related("movement__item__base_unit", "movement__posting", "landed")
    )
    seen: dict[int, tuple[Decimal, Decimal, Decimal]] = {}
    problem: DomainError | None = None
    if found.state == PurchaseInvoice.State.DRAFT:
        try:
            for row in match(found):
                stays = row.change.stays if row.change else 0
                seen[row.line.pk] = (
                    _money(row.estimated),
                    _money(row.difference),
                    _money(row.difference - stays),
                )
        except InvoiceRefused as refused:
            problem = refused
    rows = [
        {
            "line": line,
            "figures": seen.get(line.pk, (line.estimated, line.difference, line.variance)),
        }
        for line in lines
    ]
    return rows, problem


def _money(scaled: int) -> Decimal:
    return Decimal(scaled).scaleb(-4)
