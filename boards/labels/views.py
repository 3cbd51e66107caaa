"""The page on which labels are laid out, and their PDF."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.labels import content, paper
from boards.labels.content import Label
from boards.labels.pdf import pdf
from core import asked
from people.access import access_for
from people.doors import signed_in

_COPIES = 200
_SHEET = "sheet"


@require_safe
@login_required
def page(request: HttpRequest, kind: str) -> HttpResponse:
    """What will be printed of ``?id=`` or ``?ids=1.2.3``, and on which paper."""
    labels = _labels(request, kind)
    chosen = _paper(request)
    context = {
        "kind": kind,
        "labels": labels,
        "sheets": paper.SHEETS,
        "chosen": chosen,
        "ids": ".".join(str(pk) for pk in _asked(request)),
        "copies": _between(request.GET.get("copies"), 1, _COPIES, 1),
        "skip": _between(request.GET.get("skip"), 0, 200, 0),
    }
    return render(request, "boards/labels/page.html", context)


@require_safe
@login_required
def print_pdf(request: HttpRequest, kind: str) -> HttpResponse:
    """The labels as a PDF; the paper is remembered on this device."""
    labels = _labels(request, kind)
    chosen = _paper(request)
    copies = _between(request.GET.get("copies"), 1, _COPIES, 1)
    skip = _between(request.GET.get("skip"), 0, 200, 0)
    response = HttpResponse(
        pdf(labels, chosen, copies=copies, skip=skip), content_type="application/pdf"
    )
    response.headers["Content-Disposition"] = f'inline; filename="{kind}-{len(labels)}.pdf"'
    response.set_cookie(_SHEET, chosen.code, max_age=31_536_000, samesite="Lax")
    return response


def _labels(request: HttpRequest, kind: str) -> list[Label]:
    """Of those that may be seen; 404 if nothing is left."""
    user = signed_in(request)
    ids = _asked(request)
    make = content.KINDS.get(kind)
    found = make(ids, user, access_for(user)) if make else []
    if not found:
        raise Http404
    return found


def _asked(request: HttpRequest) -> list[int]:
    """The ids of the address, each once."""
    given = [*request.GET.getlist("id"), *request.GET.get("ids", "").split(".")]
    return list(dict.fromkeys(asked.wholes(given, most=content.MOST)))


def _paper(request: HttpRequest) -> paper.Sheet:
    code: Any = request.GET.get(_SHEET) or request.COOKIES.get(_SHEET)
    return paper.BY_CODE.get(code, paper.SHEETS[0])


def _between(text: str | None, least: int, most: int, usual: int) -> int:
    number = asked.whole(text)
    return usual if number is None else min(max(number, least), most)
