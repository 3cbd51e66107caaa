"""What is done with the rows of a list that somebody chose: the form below the rows is read here.

``pick`` names rows by the list's key, ``every`` means all that match the filters of the address; ``do`` is an action that
the list declares, or the kind of a file. Only rows that the list shows this reader can be chosen. Nothing chosen is
nothing done, never everything. What was refused of several is shown row by row with its reason.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import exports
from core.columns import Action
from core.errors import DomainError

if TYPE_CHECKING:
    from core.tables import View

MOST = 10_000
"""Ticks that one form may carry."""


@dataclass(frozen=True, slots=True)
class One:
    """A row that something was done with, or not and ``why``; ``key`` is what it is chosen by again."""

    key: str
    name: str
    url: str = ""
    why: str = ""


@dataclass(slots=True)
class Outcome:
    """What came of several: ``words`` say for how many it was done; ``again`` is where the rest is tried again."""

    title: str
    done: list[One] = field(default_factory=list)
    refused: list[One] = field(default_factory=list)
    words: str = ""
    back: str = ""
    again: str = ""
    do: str = ""


def answer(view: "View") -> HttpResponseBase:
    """Do what the form asks with the rows chosen; 405 where the list declares nothing."""
    request = view.request
    if not view.table.actions:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    code = request.POST.get("do", "")
    every = bool(request.POST.get("every"))
    if code in exports.KINDS:
        if every:
            return redirect(request.path + view.url(export=code))
        view.rows = chosen(view, MOST)
        return exports.file(view, code) if view.rows else _nothing(view)
    action = next((one for one in view.actions if one.code == code), None)
    if action is None:
        messages.error(request, _("That cannot be done with these rows."))
        return redirect(here(request))
    rows = _every(view, action) if every else chosen(view, action.most + 1)
    if not rows:
        return _nothing(view)
    if len(rows) > action.most:
        messages.error(request, _too_many(action))
        return redirect(here(request))
    return action.do(request, rows)


def chosen(view: "View", most: int) -> list[Any]:
    """The rows that are ticked, in the order of the list, of those that the list shows; at most so many."""
    picked = view.request.POST.getlist("pick")[:MOST]
    if isinstance(view.rows, QuerySet):
        ids = [int(one) for one in picked if one.isascii() and one.isdigit() and len(one) < 19]
        return list(view.rows.filter(pk__in=ids)[:most])
    wanted = set(picked)
    return [row for row in view.rows if str(view.table.key(row)) in wanted][:most]


def _every(view: "View", action: Action) -> list[Any]:
    return list(view.rows[: action.most + 1])


def _nothing(view: "View") -> HttpResponse:
    messages.error(view.request, _("Nothing is chosen. Tick the rows first."))
    return redirect(here(view.request))


def _too_many(action: Action) -> str:
    words = ngettext(
        "“%(action)s” takes at most %(n)d row at once. Nothing was done.",
        "“%(action)s” takes at most %(n)d rows at once. Nothing was done.",
        action.most,
    )
    return words % {"action": action.label, "n": action.most}


def here(request: HttpRequest) -> str:
    """The list with its filters, as it was looked at."""
    return request.get_full_path()


def each(
    rows: Iterable[Any],
    act: Callable[[Any], Any],
    *,
    about: Callable[[Any], One],
    outcome: Outcome,
) -> Outcome:
    """Do something with each row by itself; what is refused (DomainError) says why and stops none of the others."""
    for row in rows:
        one = about(row)
        try:
            act(row)
        except DomainError as error:
            outcome.refused.append(One(one.key, one.name, one.url, str(error)))
        else:
            outcome.done.append(one)
    return outcome


def show(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    """Back to the list with a word if all went well; else the page that names each that did not."""
    if not outcome.refused:
        messages.success(request, outcome.words)
        return redirect(outcome.back)
    return render(request, "components/outcome.html", {"outcome": outcome})
