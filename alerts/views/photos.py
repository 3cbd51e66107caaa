"""The doors of the photos of a case: add, read; only for those who may see the case."""

import uuid
from typing import BinaryIO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from alerts import addresses, photos, queries
from alerts.errors import CaseRefused
from alerts.models import CasePhoto
from people.access import access_for
from people.doors import signed_in
from workflows import serving


@require_POST
@login_required
def add(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Keep what was sent along; a device that asks for JSON is told how many."""
    user = signed_in(request)
    sent = request.FILES.getlist("files")
    if not sent:
        raise CaseRefused(_("Choose a file first."), code="file")
    whole = str(request.POST.get("key", ""))
    case = None
    for number, file in enumerate(sent):
        made = photos.add(
            key,
            cast(BinaryIO, file.file),
            file.name or "",
            actor=user,
            access=access_for(user),
            key=_key(whole, number),
        )
        case = made.case
    if case is None or "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"kept": len(sent)})
    messages.success(request, _("Added."))
    return redirect(addresses.case(case))


def _key(whole: str, number: int) -> str:
    """A key for each file, from that of the request."""
    try:
        return str(uuid.uuid5(uuid.UUID(whole), str(number))) if whole else ""
    except ValueError as error:
        raise CaseRefused(_("The request cannot be read."), code="key") from error


@require_safe
@login_required
def read(request: HttpRequest, key: uuid.UUID, photo: uuid.UUID) -> HttpResponseBase:
    """The content; ``?small`` is the thumbnail."""
    user = signed_in(request)
    case = queries.visible(user).filter(key=key).first()
    found = CasePhoto.objects.filter(case=case, key=photo).first() if case is not None else None
    if found is None:
        raise Http404
    return serving.answer(found, small="small" in request.GET, download="download" in request.GET)
