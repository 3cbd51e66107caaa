"""The inbox: what waits for me, what I decided, what I asked for, what was copied to me; and verdicts in a batch."""

import uuid
from collections.abc import Mapping
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
from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from workflows import document_types, door, followups, inbox, previewing, queries, stock_changes
from workflows.inbox import Row
from workflows.models import Document, Task
from workflows.views.found import held_by

TABS = ("todo", "done", "asked", "copied")
_WITH = (
    "document__company", "document__process", "document__reason", "document__partner",
    "document__target_warehouse",
)  # fmt: skip


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


def _to_do(user: User) -> QuerySet[Any]:
    return queries.to_do(user).select_related(*_WITH)


def _decided(user: User) -> QuerySet[Any]:
    return queries.decided(user)


_LISTS = {
    "todo": _to_do,
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


def chosen(user: User, access: Access, picked: list[str]) -> list[Row]:
    """My open tasks of the ids, at most a page of them."""
    ids = asked.wholes(picked, most=inbox.PAGE)
    return inbox.rows(access, list(_to_do(user).filter(pk__in=ids)))


def objections(row: Row, user: User, access: Access) -> list[str]:
    """Why a document is not agreed to in a batch: not within the rules, or it could not be posted now."""
    if not row.batch:
        return [_("its process does not allow a batch")]
    if not row.clean:
        late = [_("it is late")] if row.late else [_("it is due soon")] if row.near else []
        return [*row.flags, *late]
    seen = previewing.preview(row.document, actor=user, access=access)
    return [str(error.message) for error in stock_changes.serious(row.document, seen.errors)]


@require_safe
@login_required
def batch(request: HttpRequest) -> HttpResponse:
    """What a batch would agree to: how many, how much, which is the largest; and which are left out, and why."""
    user = signed_in(request)
    access = access_for(user)
    rows = [
        (row, objections(row, user, access))
        for row in chosen(user, access, request.GET.getlist("pick"))
    ]
    fine = [row for row, why in rows if not why]
    amounts = [row.amount for row in fine if row.amount is not None]
    context = {
        "fine": fine,
        "left_out": [(row, why) for row, why in rows if why],
        "total": sum(amounts, Decimal(0)) if len(amounts) == len(fine) else None,
        "largest": max(fine, key=lambda row: row.amount or Decimal(0), default=None),
        "fresh_key": uuid.uuid4(),
    }
    return render(request, "workflows/inbox/batch.html", context)


@require_POST
@login_required
def agree(request: HttpRequest) -> HttpResponse:
    """Agree to each by its own door, at the version that was shown; whatever was refused is named."""
    user = signed_in(request)
    access = access_for(user)
    shown = _shown(request.POST.getlist("pick"))
    key = request.POST.get("key", "")[:60]
    agreed, refused = 0, []
    for row in chosen(user, access, list(shown)):
        problem = _agree(row, user, access, shown[str(row.task.pk)], f"batch:{key}" if key else "")
        if problem:
            refused.append(f"{row.document}: {problem}")
        else:
            agreed += 1
    if agreed:
        said = ngettext("Agreed to %(number)d document.", "Agreed to %(number)d documents.", agreed)
        messages.success(request, said % {"number": agreed})
    for problem in refused:
        messages.error(request, problem)
    return redirect("workflows:inbox")


def _shown(picked: list[str]) -> Mapping[str, int]:
    """Task → version of its document that the person saw (``TASK:VERSION``)."""
    found = {}
    for one in picked[: inbox.PAGE]:
        task, _colon, version = one.partition(":")
        seen = asked.whole(version)
        if asked.whole(task) is not None and seen is not None:
            found[task] = seen
    return found


def _agree(row: Row, user: User, access: Access, version: int, key: str) -> str:
    """Why it was not agreed to; empty if it was."""
    if row.document.version == version and (why := objections(row, user, access)):
        return why[0]
    try:
        door.act(
            row.document.pk,
            "approve",
            actor=user,
            access=access,
            data={"hold": True},
            version=version,
            key=key,
        )
    except DomainError as error:
        return str(error)
    return ""


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
