"""The page that turns a sheet of purchase invoices into drafts: the file, what is proposed, what is missing, the drafts."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core import asked
from core.errors import DomainError
from finance import invoicing
from finance.views import asking
from intake.importing import storing
from intake.invoices import making, matching, reading
from intake.invoices.lines import Sheet, SheetInvoice, grouped
from intake.invoices.matching import Said
from intake.reading.launch import Refusal
from people.access import access_for
from people.doors import needs, signed_in
from people.models import Company
from stock.models import Partner

COSTS = "cost.view"
MOST_BYTES = 4 << 20
"""Somebody waits for the look at the file."""
_SALT = "intake.invoices"
_DAY = 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
@needs(invoicing.RIGHT)
@needs(COSTS)
def page(request: HttpRequest) -> HttpResponse:
    """Drop a file; POST shows what it holds, POST with ``do=make`` makes the drafts."""
    company = asking.company(request)
    context: dict[str, Any] = {"company": company, "most": MOST_BYTES >> 20}
    if request.method != "POST":
        return render(request, "intake/invoices.html", context)
    try:
        token, digest, name = _file(request)
        sheet = reading.read(digest, name)
    except (DomainError, Refusal, signing.BadSignature) as refused:
        words = (
            _("This form is incomplete. Open it again.")
            if isinstance(refused, signing.BadSignature)
            else str(refused)
        )
        return render(request, "intake/invoices.html", {**context, "problem": words}, status=422)
    said = _said(request, sheet)
    matching.match(sheet, company, said)
    if request.POST.get("do") == "make":
        answer = _make(request, sheet, company, said)
        if answer is not None:
            return answer
    context |= _shown(sheet) | {"sheet": sheet, "token": token, "name": name, "said": said}
    bad = not sheet.invoices or request.POST.get("do") == "make"
    return render(request, "intake/invoices.html", context, status=422 if bad else 200)


def _file(request: HttpRequest) -> tuple[str, str, str]:
    """(token, hash, name) of a file that is dropped, or of the one that the page before was about."""
    user = signed_in(request)
    given = request.POST.get("token", "")
    if given:
        digest, name, owner = signing.loads(given, salt=_SALT, max_age=_DAY)
        if owner != user.pk:
            raise signing.BadSignature
        return given, digest, name
    file = request.FILES.get("file")
    if file is None:
        raise DomainError(_("Choose a file."), code="file")
    if (file.size or 0) > MOST_BYTES:
        message = _(
            "The file is larger than %(limit)d MB. Split it, or save only the sheet that is needed."
        )
        raise DomainError(message % {"limit": MOST_BYTES >> 20}, code="too_large")
    digest = storing.keep(file.read())
    name = (file.name or "sheet")[-255:]
    return signing.dumps([digest, name, user.pk], salt=_SALT), digest, name


def _said(request: HttpRequest, sheet: Sheet) -> Said:
    """What was chosen: suppliers by their place among the invoices, receipts by the row of their line."""
    suppliers = {
        one.supplier: code
        for at, one in enumerate(sheet.invoices)
        if (code := request.POST.get(f"supplier.{at}", "").strip())
    }
    lines = {
        number: value
        for name, value in request.POST.items()
        if name.startswith("line.") and value
        if (number := asked.whole(name.removeprefix("line."))) is not None
    }
    return Said(suppliers, {row: str(value) for row, value in lines.items()})


def _make(request: HttpRequest, sheet: Sheet, company: Company, said: Said) -> HttpResponse | None:
    """Make what is whole; None if nothing of it was, so that the page says why."""
    made = making.make(
        sheet, company, said, actor=signed_in(request), access=access_for(request.user)
    )
    if not made.drafts and not (made.known and not made.left):
        messages.error(request, _("No invoice of this sheet is complete yet."))
        return None
    number = len(made.drafts)
    if number:
        words = ngettext("%(n)d draft is made.", "%(n)d drafts are made.", number)
        messages.success(request, words % {"n": number})
    else:
        messages.info(
            request, _("All invoices of this sheet are entered already; nothing was made.")
        )
    if made.left:
        words = ngettext(
            "%(n)d invoice was left: it is not complete.",
            "%(n)d invoices were left: they are not complete.",
            made.left,
        )
        messages.warning(request, words % {"n": made.left})
    return redirect(f"{reverse('finance:invoices')}?state=draft")


def _shown(sheet: Sheet) -> dict[str, Any]:
    """What the page shows of a sheet: invoices with what is to do first, and faults that are alike together."""
    return {
        "rows": [(at, one, _differs(one)) for at, one in enumerate(sheet.invoices)],
        "faults": grouped([*sheet.faults, *(f for one in sheet.invoices for f in one.faults)]),
        "left_out": grouped(sheet.left_out),
        "partners": list(
            Partner.objects.exclude(pk=0)
            .filter(archived_at=None, is_supplier=True)
            .order_by("code")
        ),
    }


def _differs(one: SheetInvoice) -> bool:
    """Whether an invoice that is entered already has other amounts than the sheet says."""
    if one.known is None:
        return False
    entered = sum((line.amount for line in one.known.lines.all()), one.known.tax)
    return entered != one.net + one.tax
