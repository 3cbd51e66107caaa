"""The doors of photos and files: add, read, take away. Content is read only by those who may see the document."""

import uuid
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from people.models import User
from workflows import attachments, filling, reading, serving
from workflows.errors import DocumentRefused
from workflows.models import Document
from workflows.views.found import document_of


@require_POST
@login_required
def add(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Keep the photos and files sent along; what cannot be kept is named, the rest is kept."""
    document, user, access = document_of(request, key)
    sent = request.FILES.getlist("files")
    keys = _keys(request, len(sent))
    errors: list[str] = []
    kept = 0
    for number, file in enumerate(sent):
        try:
            attachments.add(
                document.pk,
                cast(BinaryIO, file.file),
                file.name or "",
                actor=user,
                access=access,
                key=keys[number],
                line=request.POST.get("line", ""),
                field=request.POST.get("field", ""),
            )
        except DomainError as refusal:
            errors.append(str(refusal))
        else:
            kept += 1
    if not sent:
        errors.append(_("Choose a file first."))
    if request.htmx:  # type: ignore[attr-defined]
        return _part(request, document, user, errors)
    if kept:
        said = ngettext("%(number)d file added.", "%(number)d files added.", kept)
        messages.success(request, said % {"number": kept})
    if errors and not kept:
        raise DocumentRefused(errors[0], code="file")
    for error in errors:
        messages.error(request, error)
    return redirect(_back(document))


def _keys(request: HttpRequest, count: int) -> list[str]:
    """One key per file: made by the device, or from that of the form, so that a second tap keeps nothing twice."""
    made = request.POST.getlist("keys")
    if len(made) == count:
        return made
    whole = str(request.POST.get("key", ""))
    if not whole:
        return [""] * count
    return [str(uuid.uuid5(reading.read_key(whole), str(number))) for number in range(count)]


def _part(request: HttpRequest, document: Document, user: User, errors: list[str]) -> HttpResponse:
    context: dict[str, Any] = {
        "document": document,
        "files": list(filling.shown_files(document, filling.hidden(document, user))),
        "file_errors": errors,
    }
    return render(request, "workflows/page/_files.html", context)


def _back(document: Document) -> str:
    from workflows.views.acting import page_url

    return page_url(document) + "#files"


@require_safe
@login_required
def read(request: HttpRequest, key: uuid.UUID, file: uuid.UUID) -> HttpResponseBase:
    """The content: photos to look at, everything else to download; ``?small`` is the thumbnail."""
    document, user, _access = document_of(request, key)
    return serving.answer(
        serving.find(document, str(file), user),
        small="small" in request.GET,
        download="download" in request.GET,
    )


@require_POST
@login_required
def remove(request: HttpRequest, key: uuid.UUID, file: uuid.UUID) -> HttpResponse:
    """Take a file away, until the document is posted."""
    document, user, access = document_of(request, key)
    attachments.remove(document.pk, str(file), actor=user, access=access)
    return redirect(_back(document))
