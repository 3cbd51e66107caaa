"""Printed forms: a page for the printer, or the same as a PDF, of one document or of many."""

import uuid
from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core.errors import DomainError
from people.access import access_for
from people.doors import signed_in
from workflows import queries
from workflows.errors import DocumentUnknown
from workflows.models import Document
from workflows.printing import form as forms
from workflows.printing.codes import picture
from workflows.printing.paper import PAPERS, paper

MOST = 50
"""Documents of one print."""


class PrintRefused(DomainError):
    """The address does not name what can be printed."""

    code = "print_refused"
    status = 400


@require_safe
@login_required
def print_one(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The form of one document."""
    return _answer(request, [key])


@require_safe
@login_required
def print_many(request: HttpRequest) -> HttpResponse:
    """The forms of the documents named by ``?key=…&key=…``, in this order."""
    try:
        keys = list(dict.fromkeys(uuid.UUID(text) for text in request.GET.getlist("key")))
    except ValueError as error:
        raise PrintRefused(_("That is not the key of a document.")) from error
    if not keys:
        raise PrintRefused(_("Choose the documents to print."))
    if len(keys) > MOST:
        message = ngettext(
            "At most %(n)d document is printed at once.",
            "At most %(n)d documents are printed at once.",
            MOST,
        )
        raise PrintRefused(message % {"n": MOST})
    return _answer(request, keys)


def _answer(request: HttpRequest, keys: list[uuid.UUID]) -> HttpResponse:
    """The page or the PDF; one document that may not be seen is as unknown as one that is not there."""
    size = paper(request.GET.get("size", ""))
    shape = request.GET.get("format") or "html"
    if shape not in ("html", "pdf"):
        raise PrintRefused(_("Forms are printed as html or pdf."))
    user = signed_in(request)
    access = access_for(user)
    rows = queries.visible(user, access).filter(key__in=keys)
    found: dict[uuid.UUID, Document] = {row.key: row for row in forms.ready(rows)}
    if len(found) < len(keys):
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    sheets = forms.forms([found[key] for key in keys], access)
    if shape == "pdf":
        # Fonts and images come with it, a quarter of a second that no other page needs.
        from workflows.printing.pdf import pdf

        answer = HttpResponse(pdf(sheets, size), content_type="application/pdf")
        name = sheets[0].number if len(sheets) == 1 and found[keys[0]].number else "documents"
        answer.headers["Content-Disposition"] = f'inline; filename="{_ascii(name)}.pdf"'
        return answer
    context = {
        "sheets": [(sheet, picture(sheet.link)) for sheet in sheets],
        "paper": size,
        "single": len(sheets) == 1,
        "papers": [(one, address(request.GET, size=one.code)) for one in PAPERS],
        "pdf_url": address(request.GET, format="pdf"),
        "back": "" if len(sheets) > 1 else reverse("workflows:page", args=keys),
    }
    return render(request, "workflows/print.html", context)


def many_url(documents: Sequence[Document]) -> str:
    """Where at most MOST of these documents are printed at once."""
    parameters = QueryDict(mutable=True)
    parameters.setlist("key", [str(one.key) for one in documents[:MOST]])
    return f"{reverse('workflows:print_many')}?{parameters.urlencode()}"


def address(parameters: QueryDict, **changes: str) -> str:
    """The query with some of it changed."""
    changed = parameters.copy()
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def _ascii(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)
