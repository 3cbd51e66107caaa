"""The one shape of every refusal of the API: code, message, lines, data."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.api.shapes import Schema
from core.errors import Conflict, DomainError, NotAllowed, busy_if_locked

log = logging.getLogger("inventory")

SHAPE: Schema = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "line": {"type": "integer"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "data": {"type": "object"},
                },
                "required": ["line", "code", "message", "data"],
                "additionalProperties": False,
            },
        },
        "data": {"type": "object"},
    },
    "required": ["code", "message", "lines", "data"],
    "additionalProperties": False,
}
"""The schema of every refusal."""

_KNOWN: Mapping[type[Exception], tuple[str, Any]] = {
    exceptions.NotAuthenticated: (
        "not_authenticated",
        _("Say who you are: send a token in the header “Authorization: Bearer …”."),
    ),
    exceptions.MethodNotAllowed: (
        "method_not_allowed",
        _("This method is not offered here; the header Allow names those that are."),
    ),
    exceptions.NotAcceptable: ("not_acceptable", _("Answers are application/json only.")),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        _(
            "Send the body as the description of the API says: application/json, or a file as it is."
        ),
    ),
    exceptions.ParseError: ("json", _("The body is not JSON that is read here.")),
}


class NotFound(DomainError):
    """There is nothing at this address, or it may not be seen; which of both is not told."""

    code = "not_found"
    status = 404


class Throttled(DomainError):
    """Too many requests in too short a time; ``seconds`` says how long to wait."""

    code = "throttled"
    status = 429


def as_domain_error(error: Exception) -> DomainError | None:
    """What went wrong as a DomainError; None if it is our mistake and not the caller's."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404 | exceptions.NotFound):
        return NotFound(_("There is nothing here that you may see."))
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return NotAllowed(str(error) or _("You may not do this."))
    if isinstance(error, exceptions.Throttled):
        seconds = int(error.wait or 1)
        return Throttled(
            _("Too many requests. Wait %(n)d seconds.") % {"n": seconds}, seconds=seconds
        )
    if isinstance(error, exceptions.APIException):
        code, message = _KNOWN.get(type(error), (str(error.default_code), str(error.detail)))
        found = DomainError(message, code=code)
        found.status = error.status_code
        return found
    return busy_if_locked(error)


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: the refusal as JSON with its status and headers; None for a real failure."""
    found = as_domain_error(error)
    if found is None:
        return None
    set_rollback()
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(found, Throttled):
        headers["Retry-After"] = str(found.data["seconds"])
    elif found.status in {Conflict.status, 503}:
        headers["Retry-After"] = "1"
    if tag := found.data.get("etag"):
        headers["ETag"] = tag
    request = context.get("request")
    if request is not None:
        log.info("refused %s %s: %s", request.method, request.path, found.code)
    return Response(found.as_dict(), status=found.status, headers=headers)
