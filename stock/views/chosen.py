"""What lists of the book and of master data offer for rows that are chosen: labels, archiving, the category of items."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import asked, choosing
from core.choosing import One, Outcome
from core.columns import Action
from people.doors import signed_in
from stock import catalog
from stock.models import Category

Do = Callable[[HttpRequest, list[Any]], HttpResponse]


def labels(
    kind: str,
    label: str = "",
    of: Callable[[Any], int | None] = lambda row: int(row.pk),
) -> Action:
    """Labels of the rows, of what ``of`` each; ``kind`` as boards.labels calls them."""

    def do(request: HttpRequest, rows: list[Any]) -> HttpResponse:
        ids = list(dict.fromkeys(found for row in rows if (found := of(row))))
        if not ids:
            messages.error(request, _("There is nothing to label in these rows."))
            return redirect(choosing.here(request))
        url = reverse("boards:labels", args=[kind])
        return redirect(f"{url}?ids={'.'.join(map(str, ids))}")

    return Action(f"labels-{kind}", label or _("Labels"), do, "tag")


def archiving(page: Callable[[Any], str], *, archived: bool) -> Action:
    """Taking records out of use, or putting them back where the list shows those; ``page`` is a record's address."""
    code = "restore" if archived else "archive"

    def do(request: HttpRequest, rows: list[Any]) -> HttpResponse:
        user = signed_in(request)
        act = catalog.restore if archived else catalog.archive

        def one(row: Any) -> None:
            if (row.archived_at is None) is not archived:
                act(row, actor=user)

        outcome = _outcome(request, str(action.label), code)
        choosing.each(rows, one, about=_about(page), outcome=outcome)
        count = len(outcome.done)
        words = (
            ngettext("%(n)d is in use again.", "%(n)d are in use again.", count)
            if archived
            else ngettext("%(n)d is archived.", "%(n)d are archived.", count)
        )
        outcome.words = words % {"n": count}
        return choosing.show(request, outcome)

    label = _("Put back into use") if archived else _("Archive")
    action = Action(code, label, do, "back" if archived else "scrap", "master.edit")
    return action


def categories(page: Callable[[Any], str]) -> Action:
    """Moving items to another category."""

    def do(request: HttpRequest, rows: list[Any]) -> HttpResponse:
        user = signed_in(request)
        pk = asked.whole(request.POST.get("to-category")) or 0
        target = Category.objects.filter(pk=pk, archived_at=None).first()
        if target is None:
            messages.error(request, _("Choose the category first. Nothing was done."))
            return redirect(choosing.here(request))
        outcome = choosing.each(
            rows,
            lambda row: catalog.move_to_category(row, target, actor=user),
            about=_about(page),
            outcome=_outcome(request, _("Set category"), "category"),
        )
        outcome.again = ""  # the same category would be refused again
        count = len(outcome.done)
        words = ngettext(
            "%(n)d item is in %(category)s now.", "%(n)d items are in %(category)s now.", count
        )
        outcome.words = words % {"n": count, "category": target}
        return choosing.show(request, outcome)

    return Action(
        "category",
        _("Set category"),
        do,
        "tag",
        "master.edit",
        choices=lambda: [
            (str(one.pk), str(one)) for one in Category.objects.filter(archived_at=None)
        ],
        unset=_("Category…"),
    )


def _outcome(request: HttpRequest, title: str, code: str) -> Outcome:
    here = choosing.here(request)
    return Outcome(title, back=here, again=here, do=code)


def _about(page: Callable[[Any], str]) -> Callable[[Any], One]:
    return lambda row: One(str(row.pk), str(getattr(row, "code", "") or row), page(row))
