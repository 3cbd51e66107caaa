"""Language and time zone of a page by its reader's choice, whose pages they are while somebody looks as another, and where
somebody goes on who had to sign in again."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from people import viewing
from people.models import User


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that name; None (the site's) for an empty or unknown one."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


class ReaderLanguage:
    """Runs after LocaleMiddleware (cookie, browser) and lets the user's own choice win."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate both for this request."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return self.get_response(request)
        if request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        with timezone.override(zone_of(request.user.time_zone)):
            return self.get_response(request)


class BackToThePage:
    """Whoever has to sign in while he sends a form comes back to the page where the form stands.

    The address of a form often answers to being sent only, so leading there would end in an error; what was sent
    is lost in any case, which is said. Runs after MessageMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; change where a redirect to the sign-in leads afterwards."""
        response = self.get_response(request)
        if request.method in {"GET", "HEAD"} or response.status_code != HTTPStatus.FOUND:
            return response
        door, _mark, then = response.headers["Location"].partition("?")
        if door != resolve_url(settings.LOGIN_URL) or REDIRECT_FIELD_NAME not in parse_qs(then):
            return response
        if not request.headers.get("HX-Request"):
            messages.warning(
                request,
                _("You had been signed out, so nothing was saved. Sign in and do it again."),
            )
        response.headers["Location"] = (
            f"{door}?{urlencode({REDIRECT_FIELD_NAME: _page_of(request)})}"
        )
        return response


def _page_of(request: HttpRequest) -> str:
    """The page from which the request was sent, as far as the browser says so; the home page else."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return "/"
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


class LookingAs:
    """Runs after ReaderLanguage: while a viewer looks as somebody, pages are that user's and nothing can be changed."""

    STOP = "/view-as/stop/"
    ALWAYS = (STOP, "/logout/", "/language/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the person; 403 for what would change something or is personal (204 to a part of a page)."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        viewer = request.user
        if not isinstance(viewer, User) or not viewer.is_authenticated:
            return self.get_response(request)
        person = viewing.person_of(request, viewer)
        if person is None or request.path in self.ALWAYS:
            return self.get_response(request)
        request.viewer = viewer  # type: ignore[attr-defined]
        request.user = person
        closed = request.path.startswith(viewing.PERSONAL)
        if request.method in {"GET", "HEAD"} and not closed:
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204)
        return render(request, "people/only_looking.html", {"closed": closed}, status=403)
