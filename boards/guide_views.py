"""Doors of the guides: all of them, one, the help of one page, and their pictures."""

import re

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards import guides

_IMAGE = re.compile(r"^[a-z0-9-]+\.(en|zh)\.png$")


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Every guide with its sections."""
    found = [one for name in guides.names() if (one := guides.guide(name)) is not None]
    return render(request, "boards/guides.html", {"guides": found})


@require_safe
@login_required
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One guide in the reader's language."""
    found = guides.guide(name)
    if found is None:
        raise Http404
    return render(request, "boards/guide.html", {"guide": found})


@require_safe
@login_required
def part(request: HttpRequest) -> HttpResponse:
    """The sections that help with ``?page=``, as a fragment for the help sheet."""
    page = request.GET.get("page", "")[:80]
    return render(request, "boards/_help.html", {"found": guides.help_for(page)})


@require_safe
@login_required
def image(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture of a guide."""
    path = guides.IMAGES / name
    if not _IMAGE.match(name) or not path.is_file():
        raise Http404
    answer = FileResponse(path.open("rb"), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=86400"
    return answer
