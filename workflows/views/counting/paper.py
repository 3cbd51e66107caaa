"""Count sheets for the printer, as a page or PDF: blind, or with the book for those who may know it."""

import uuid

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import asked
from workflows.counting import variance
from workflows.printing import count_sheet
from workflows.printing.codes import picture
from workflows.printing.paper import PAPERS, paper
from workflows.views.counting.found import stocktake_of
from workflows.views.printing import PrintRefused, address


@require_safe
@login_required
def paper_sheets(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """All sheets, or the one that ``sheet`` names; ``book=1`` with the book, by right."""
    document, _user, access = stocktake_of(request, key)
    book = request.GET.get("book") == "1"
    if book and not variance.may_see(document, access):
        raise PermissionDenied(_("Whoever counts must not know the book."))
    size = paper(request.GET.get("size", ""))
    made = count_sheet.forms(document, book=book, sheet=asked.whole(request.GET.get("sheet")))
    if not made:
        raise PrintRefused(_("There are no count sheets before the book is sealed."))
    if request.GET.get("format") == "pdf":
        from workflows.printing.pdf import pdf

        answer = HttpResponse(pdf(made, size), content_type="application/pdf")
        answer.headers["Content-Disposition"] = 'inline; filename="count-sheets.pdf"'
        return answer
    context = {
        "sheets": [(one, picture(one.link)) for one in made],
        "paper": size,
        "single": len(made) == 1,
        "papers": [(one, address(request.GET, size=one.code)) for one in PAPERS],
        "pdf_url": address(request.GET, format="pdf"),
        "back": reverse("workflows:counting_board", args=[document.key]),
        "book_url": address(request.GET, book="" if book else "1")
        if variance.may_see(document, access)
        else "",
        "book": book,
    }
    return render(request, "workflows/print.html", context)
