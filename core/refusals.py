"""Requests that Django itself turns away, as pages of ours in the reader's language (or as JSON)."""

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import DomainError


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form does not come from a page of this session."""
    return _answer(
        request,
        DomainError(
            _(
                "This page was open for too long, or your browser keeps no cookies. "
                "Nothing was changed: go back, load the page again and send it once more."
            ),
            code="csrf",
        ),
        403,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the address, the size or the shape of the request is not one that is read."""
    with translation.override(translation.get_language_from_request(request)):
        return _answer(request, _reason(exception), 400)


def _reason(exception: Exception) -> DomainError:
    if isinstance(exception, DisallowedHost):
        return DomainError(
            _(
                "This address is not known to the program. Use the one you were given; "
                "an administrator can allow another by the setting ALLOWED_HOSTS."
            ),
            code="host",
        )
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        return DomainError(
            _("The form has more than %(n)d fields. Send it in parts; nothing was changed.")
            % {"n": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS},
            code="too_many_fields",
        )
    if isinstance(exception, RequestDataTooBig):
        return DomainError(
            _("The request is larger than %(n)d MB. Send it in parts; nothing was changed.")
            % {"n": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024},
            code="too_large",
        )
    return DomainError(_("The request cannot be read."), code="bad_request")


def _answer(request: HttpRequest, error: DomainError, status: int) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(error.as_dict(), status=status)
    return render(request, "core/refused.html", {"error": error}, status=status)
