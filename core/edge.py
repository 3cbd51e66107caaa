"""The outermost layer: whose address a request has, and the headers that every answer carries."""

from collections.abc import Callable
from typing import Any, TypeVar

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

HEADERS = {
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Edge:
    """Stands before every other middleware, so that files and refusals are covered too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Behind our own proxy the address is the last one it names; what came before may be forged."""
        if settings.BEHIND_TLS_PROXY:
            named = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            request.META["REMOTE_ADDR"] = named or request.META.get("REMOTE_ADDR", "")
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def scanning_page(view: View) -> View:
    """Let the page compile the reader of codes (WebAssembly), which no other page may."""
    allowed: Any = csp_update({"script-src": [WASM_UNSAFE_EVAL]})
    found: View = allowed(view)
    return found
