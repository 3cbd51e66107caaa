"""A sheet on the desk: its lines as a grid to type into; works without a script. Blind like every sheet."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core import asked
from core.errors import DomainError
from people.access import Access
from people.models import User
from workflows.counting import entering, progress
from workflows.counting.entering import Given
from workflows.models import CountBin, CountSheet, Document
from workflows.views.counting.found import stocktake_of

PAGE = 200


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sheet(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """The sheet; sending it counts what was typed and leaves blank what is blank."""
    document, user, access = stocktake_of(request, key)
    one = CountSheet.objects.filter(document=document, number=number).first()
    if one is None:
        raise Http404(number)
    if request.method == "POST":
        _keep(request, document, user, access)
        page = asked.whole(request.GET.get("page")) or 1
        url = reverse("workflows:counting_sheet", args=[document.key, number])
        return redirect(f"{url}?page={page}")
    rows = progress.blind_lines(document).filter(bin__sheet=one)
    page_ = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    empties = CountBin.objects.filter(sheet=one, lines__isnull=True).select_related("place")
    context = {
        "document": document,
        "sheet": one,
        "page": page_,
        "rows": [(line, progress.shown_count(line, user)) for line in page_],
        "empties": empties.order_by("position"),
        "running": progress.counting_step(document),
        "may_count": progress.may_count(document, access),
    }
    return render(request, "workflows/counting/sheet.html", context)


def _keep(request: HttpRequest, document: Document, user: User, access: Access) -> None:
    """Every line that was typed by itself, so that one bad figure does not lose the others."""
    kept, wrong = 0, []
    for name in request.POST:
        value = str(request.POST[name])
        if not name.startswith("q.") or value == request.POST.get(f"was.{name[2:]}", ""):
            continue
        if not value.strip():
            continue
        try:
            entering.count(
                document.pk, [Given(name[2:], value)], actor=user, access=access, door="form"
            )
            kept += 1
        except DomainError as error:
            lines = getattr(error, "lines", ())
            wrong.append(str(lines[0].message) if lines else str(error))
    for place in request.POST.getlist("empty"):
        try:
            entering.empty(document.pk, place, actor=user, access=access)
            kept += 1
        except DomainError as error:
            wrong.append(str(error))
    for words in list(dict.fromkeys(wrong))[:5]:
        messages.error(request, words)
    if kept:
        words = ngettext("%d count is kept.", "%d counts are kept.", kept)
        messages.success(request, words % kept)
    elif not wrong:
        messages.info(request, _("Nothing was typed."))
