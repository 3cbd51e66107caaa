"""The page of search results, and the list that drops down under the search box."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from boards.search import asking
from people.access import access_for
from people.doors import signed_in

_PAGE = 40


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Everything that the text finds; what was named in full opens at once with ``?go=1``."""
    user = signed_in(request)
    text = request.GET.get("q", "")
    groups = asking.search(text, user, access_for(user), limit=_PAGE)
    hit = asking.single(groups) if request.GET.get("go") else None
    if hit is not None:
        return redirect(hit.url)
    return render(
        request, "boards/search/page.html", {"groups": groups, "text": text, "searched": text}
    )


@require_safe
@login_required
def palette(request: HttpRequest) -> HttpResponse:
    """The hits as options of the box."""
    user = signed_in(request)
    text = request.GET.get("q", "")
    groups = asking.search(text, user, access_for(user))
    return render(request, "boards/search/_options.html", {"groups": groups, "text": text})
