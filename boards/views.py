"""The home pages, and the two lists that only they lead to."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from boards.homes import first_day, page, reorder
from boards.homes import handling as handling_time
from core import tables
from core.templatetags.ui import day
from people import homes
from people.access import access_for
from people.doors import needs, signed_in
from people.homes import Asked
from people.models import User


@never_cache
@require_safe
@login_required
def home(request: HttpRequest, code: str = "") -> HttpResponse:
    """The reader's own home, or the one of ``code`` if he may open it."""
    user = signed_in(request)
    access = access_for(user)
    chosen = homes.home_of(user, access)
    if code:
        offered = {one.code: one for one in homes.homes_of(access)}
        if code not in offered:
            raise Http404
        chosen = offered[code]
    context: dict[str, Any] = {"page": page.page(user, access, chosen)}
    if request.GET.get("part"):
        return render(request, "boards/homes/_body.html", context)
    context["first"] = first_day.shown(user, access)
    return render(request, "boards/home.html", context | _hello(user))


@require_POST
@login_required
def first_step(request: HttpRequest, code: str) -> HttpResponse:
    """Go to one of the first steps, or put them away (``away``)."""
    user = signed_in(request)
    if code == "away":
        first_day.put_away(user)
        return redirect("boards:home")
    try:
        return redirect(first_day.go(user, code))
    except LookupError as error:
        raise Http404 from error


def _hello(user: User) -> dict[str, str]:
    """How the reader is greeted, and which day it is."""
    now = timezone.localtime()
    data = {"name": str(user)}
    if now.hour < 11:
        greeting = _("Good morning, %(name)s") % data
    elif now.hour < 18:
        greeting = _("Good afternoon, %(name)s") % data
    else:
        greeting = _("Good evening, %(name)s") % data
    return {"greeting": greeting, "today": f"{day(now)} {date_format(now, 'l')}"}


@require_safe
@needs("stock.view")
def reorder_list(request: HttpRequest) -> HttpResponseBase:
    """What is below its reorder point, and how much of it is on order."""
    asked = _asked(request)
    return tables.respond(request, reorder.table(asked, asked.access.may))


@require_safe
@needs("stock.view")
def handling(request: HttpRequest) -> HttpResponseBase:
    """How long documents and their steps take."""
    asked = _asked(request)
    return tables.respond(request, handling_time.table(asked, asked.access.may))


def _asked(request: HttpRequest) -> Asked:
    return Asked(signed_in(request), access_for(request.user), timezone.now())
