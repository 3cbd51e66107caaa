"""The inbox: what waits for me, what I decided, what I asked for, what was copied to me; and the way to verdicts in a batch."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import asked
from core.errors import DomainError
from people.access import access_for
from people.doors import signed_in
from people.models import User
from workflows import document_types, door, followups, inbox, many, queries
from workflows.inbox import Row
from workflows.models import Document, Task
from workflows.views import many as views
from workflows.views.found import held_by

TABS = ("todo", "done", "asked", "copied")


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """One of the four lists, 50 to a page."""
    user = signed_in(request)
    access = access_for(user)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "todo"
    kind = request.GET.get("type", "")
    kind = kind if kind in document_types.BY_CODE else ""
    whole = _LISTS[tab](user)
    if kind:
        whole = whole.filter(**{"type" if tab == "asked" else "document__type": kind})
    late = tab == "todo" and bool(request.GET.get("late"))
    if late:
        whole = whole.filter(due_at__lte=timezone.now())
    page = Paginator(whole, inbox.PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "tab": tab,
        "kind": kind,
        "late": late,
        "kinds": document_types.CHOICES,
        "page": page,
        "counts": {
            "todo": queries.to_do(user).count(),
            "asked": Document.objects.filter(asker=user, state__in=_LIVE).count(),
            "copied": queries.copied_to(user).filter(seen_at=None).count(),
            "tasks": followups.to_do(access).count(),
        },
        "held": held_by(user),
        "sees_cost": access.may("cost.view"),
    }
    if tab == "todo":
        context |= grouped(inbox.rows(access, list(page)))
    return render(request, "workflows/inbox/inbox.html", context)


_LIVE = ("draft", "in_approval", "returned", "approved", "in_execution")


def _decided(user: User) -> QuerySet[Any]:
    return queries.decided(user)


_LISTS = {
    "todo": many.to_do,
    "done": _decided,
    "asked": queries.asked_by,
    "copied": queries.copied_to,
}


def grouped(rows: list[Row]) -> dict[str, Any]:
    """What to look at closer, what to carry out, and what is within the rules."""
    closer = [row for row in rows if row.decides and not row.clean]
    work = [row for row in rows if not row.decides]
    clean = [row for row in rows if row.decides and row.clean]
    return {
        "closer": closer,
        "work": work,
        "clean": clean,
        "clean_sum": sum((row.amount or Decimal(0) for row in clean), Decimal(0)),
        "clean_known": all(row.amount is not None for row in clean),
    }


@require_safe
@login_required
def batch(request: HttpRequest) -> HttpResponse:
    """What agreeing to the chosen would do, and which of them are left out, and why."""
    user = signed_in(request)
    ids = asked.wholes(request.GET.getlist("pick"), most=inbox.PAGE)
    documents = [task.document for task in many.to_do(user).filter(pk__in=ids)]
    return views.ask(request, "approve", documents, inbox=True)


@require_POST
@login_required
def take_back(request: HttpRequest) -> HttpResponse:
    """Take back every verdict of mine that is still held."""
    user = signed_in(request)
    held = Task.objects.filter(decided_by=user, state=Task.State.HELD)
    back = 0
    for key in set(held.values_list("document", flat=True)):
        try:
            door.act(key, "undo", actor=user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            back += 1
    if back:
        said = ngettext("%(number)d verdict taken back.", "%(number)d verdicts taken back.", back)
        messages.success(request, said % {"number": back})
    else:
        messages.error(request, _("There is nothing left to take back; it has taken effect."))
    return redirect("workflows:inbox")
