"""Language and time zone of a page by its reader's choice, and whose pages they are while somebody looks as another."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

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
