"""The pages on which a verb is done to several documents: first what it would do to each, then each by itself."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core import asked, choosing
from core.choosing import One, Outcome
from core.columns import Action
from people.access import access_for
from people.doors import signed_in
from workflows import many, queries
from workflows.models import Document
from workflows.verbs import BY_CODE
from workflows.views import printing


def actions() -> list[Action]:
    """What the list of documents offers for rows that are chosen."""
    return [
        Action("submit", BY_CODE["submit"].label, _asks("submit"), "right", "document.ask", many.MOST),
        Action("approve", BY_CODE["approve"].label, _asks("approve"), "check", "document.approve", many.MOST),
        Action("post", BY_CODE["post"].label, _asks("post"), "shelf", "document.execute", many.MOST),
        Action("print", _("Print"), _print, "print", most=printing.MOST),
        Action("labels", _("Labels"), _labels, "tag"),
    ]  # fmt: skip


def _asks(verb: str) -> Callable[[HttpRequest, list[Any]], HttpResponse]:
    return lambda request, rows: ask(request, verb, rows)


def _print(_request: HttpRequest, rows: list[Any]) -> HttpResponse:
    return redirect(printing.many_url(rows))


def _labels(_request: HttpRequest, rows: list[Any]) -> HttpResponse:
    ids = ".".join(str(row.pk) for row in rows)
    return redirect(f"{reverse('boards:labels', args=['documents'])}?ids={ids}")


def ask(
    request: HttpRequest, verb: str, documents: Sequence[Document], *, inbox: bool = False
) -> HttpResponse:
    """What the verb would do: to how many, how much, which is the largest; and which are left out, and why."""
    user = signed_in(request)
    outlooks = many.look(verb, documents, user, access_for(user))
    fine = [one for one in outlooks if not one.why_not]
    amounts = [one.amount for one in fine if one.amount is not None]
    count = len(fine)
    context = {
        "verb": verb,
        "fine": fine,
        "left_out": [one for one in outlooks if one.why_not],
        "total": sum(amounts, Decimal(0)) if amounts and len(amounts) == count else None,
        "largest": max(fine, key=lambda one: one.amount or Decimal(0), default=None),
        "fresh_key": uuid.uuid4(),
        "title": _TITLES[verb](),
        "button": _BUTTONS[verb](count) % {"n": count},
        "says": any(one.says for one in fine),
        "inbox": inbox,
        "back": reverse("workflows:inbox") if inbox else _list(request),
    }
    return render(request, "workflows/many.html", context)


_TITLES: Mapping[str, Callable[[], str]] = {
    "submit": lambda: _("Submit several"),
    "approve": lambda: _("Agree to several"),
    "post": lambda: _("Post several"),
}
_BUTTONS: Mapping[str, Callable[[int], str]] = {
    "submit": lambda n: ngettext("Submit %(n)d document", "Submit %(n)d documents", n),
    "approve": lambda n: ngettext("Agree to %(n)d document", "Agree to %(n)d documents", n),
    "post": lambda n: ngettext("Post %(n)d document", "Post %(n)d documents", n),
}
_SAID: Mapping[str, Callable[[int], str]] = {
    "submit": lambda n: ngettext("Submitted %(n)d document.", "Submitted %(n)d documents.", n),
    "approve": lambda n: ngettext("Agreed to %(n)d document.", "Agreed to %(n)d documents.", n),
    "post": lambda n: ngettext("Posted %(n)d document.", "Posted %(n)d documents.", n),
}


def _list(request: HttpRequest) -> str:
    """The list with its filters, from which the request came."""
    query = request.GET.urlencode()
    return reverse("workflows:documents") + (f"?{query}" if query else "")


@require_POST
@login_required
def do(request: HttpRequest, verb: str) -> HttpResponse:
    """Each by its own door, at the version that was shown; what was refused is named with its reason.

    The same form sent twice has one effect and says the same again.
    """
    if verb not in many.VERBS:
        raise Http404(verb)
    user = signed_in(request)
    access = access_for(user)
    shown = _shown(request.POST.getlist("pick"))
    key = request.POST.get("key", "")[:60]
    rows = queries.with_names(queries.listed(user, access)).select_related("process")
    found = rows.filter(pk__in=shown).order_by("pk")
    inbox = bool(request.POST.get("inbox"))
    outcome = Outcome(
        _TITLES[verb](),
        back=reverse("workflows:inbox") if inbox else _list(request),
        again="" if inbox else reverse("workflows:documents"),
        do=verb,
    )
    choosing.each(
        found,
        lambda one: many.act(verb, one, shown[one.pk], key, user, access),
        about=lambda one: One(str(one.pk), str(one), reverse("workflows:page", args=[one.key])),
        outcome=outcome,
    )
    count = len(outcome.done)
    outcome.words = _SAID[verb](count) % {"n": count}
    return choosing.show(request, outcome)


def _shown(picked: Sequence[str]) -> dict[int, int]:
    """Document → version that the person saw (``DOCUMENT:VERSION``)."""
    found = {}
    for one in picked[: many.MOST]:
        document, _colon, version = one.partition(":")
        pk, seen = asked.whole(document), asked.whole(version)
        if pk is not None and seen is not None:
            found[pk] = seen
    return found
