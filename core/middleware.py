"""The net under every page: an error a user can cause becomes an answer he can read, never a 500."""

import logging
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import logs
from core.errors import DomainError, busy_if_locked, unkeepable

log = logging.getLogger("inventory")


def _no_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Words for a person who opens the address of a form; browsers show an error of their own for an empty answer."""
    if request.method != "GET" or "text/html" not in request.headers.get("Accept", ""):
        return response
    said = _(
        "This address only takes a form. Nothing was changed; go back to the page you came from."
    )
    refused = DomainError(said, code="no_page", status=HTTPStatus.METHOD_NOT_ALLOWED)
    page = render(request, "core/refused.html", {"error": refused}, status=refused.status)
    page.headers["Allow"] = response.headers["Allow"]
    return page


class ReadableErrors:
    """Turns DomainError into a page, a fragment or JSON with its own status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give the request a number for the log and pass it on."""
        request.id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        logs.request_id.set(request.id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            response = _no_page(request, response)
        response.headers.setdefault("X-Request-Id", request.id)  # type: ignore[attr-defined]
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what a user can understand; leave the rest to Django."""
        exception = busy_if_locked(exception) or unkeepable(exception) or exception
        if not isinstance(exception, DomainError):
            return None
        log.info("refused %s %s: %s", request.method, request.path, exception.code)
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse(exception.as_dict(), status=exception.status)
        return render(request, "core/refused.html", {"error": exception}, status=exception.status)
