"""The board of a stocktake: how far every sheet is, who has it, what is next. Polled like all live pages."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import asked
from core.errors import DomainError
from people.access import Access
from people.models import User
from workflows import door, presenting, sight
from workflows.counting import planning, progress
from workflows.counting import variance as differences
from workflows.models import Document
from workflows.presenting import Way
from workflows.views.acting import version_of
from workflows.views.counting import plan
from workflows.views.counting.found import stocktake_of


@require_safe
@login_required
def board(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The page, or (``part=1``) the part of it that is asked for again and again."""
    document, user, access = stocktake_of(request, key)
    context = _context(document, user, access)
    if request.GET.get("part"):
        return render(request, "workflows/counting/_board.html", context)
    way = Way.read(document, user, access)
    context["steps"] = presenting.steps_line(way, money=sight.sees_cost(document, access))
    return render(request, "workflows/counting/board.html", context)


def _context(document: Document, user: User, access: Access) -> dict[str, Any]:
    running = progress.counting_step(document)
    verbs = {verb.code for verb in door.possible(document, user, access)}
    scope = document.warehouse.scope_id if document.warehouse else None
    known = document.stocktake
    return {
        "document": document,
        "plan": known,
        "scope_words": plan.written(document),
        "running": running,
        "whole": progress.progress(document),
        "waiting": progress.waiting_for(document, user).count() if running else 0,
        "may_count": bool(running) and progress.may_count(document, access),
        "may_finish": "complete" in verbs and bool(running),
        "may_approve": "approve" in verbs,
        "may_seal": "submit" in verbs and plan.editable(document),
        "may_edit": plan.editable(document) and access.may("document.ask", scope),
        "may_lead": document.asker_id == user.pk or access.may("document.execute", scope),
        "may_judge": known.sealed_at is not None and differences.may_see(document, access),
        "counters": plan.counters(document),
        "fresh_key": uuid.uuid4(),
        "took": _took(document),
    }


def _took(document: Document) -> str:
    """Hours and minutes since the seal, until the posting if it is posted."""
    began = document.stocktake.sealed_at
    if began is None:
        return ""
    minutes = int(((document.posted_at or timezone.now()) - began).total_seconds()) // 60
    return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}


@require_POST
@login_required
def assign(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Give a sheet to somebody, or to whoever begins it."""
    document, user, access = stocktake_of(request, key)
    chosen = asked.whole(request.POST.get("counter"))
    counter = User.objects.filter(pk=chosen, is_active=True).first() if chosen else None
    try:
        planning.assign(
            document.pk,
            asked.whole(request.POST.get("sheet")) or 0,
            counter,
            actor=user,
            access=access,
        )
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("workflows:counting_board", key=document.key)


@require_POST
@login_required
def finish(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Close the counting step; what is blank is named, and left only by somebody who says so."""
    document, user, access = stocktake_of(request, key)
    try:
        outcome = door.act(
            document.pk,
            "complete",
            actor=user,
            access=access,
            data={"leave": bool(request.POST.get("leave"))},
            version=version_of(request.POST),
            key=request.POST.get("key", ""),
        )
    except DomainError as error:
        lines = [str(one.message) for one in getattr(error, "lines", ())][:5]
        messages.error(request, " ".join([str(error), *lines]))
    else:
        again = outcome.result.get("again")
        if again:
            messages.warning(request, _("%d lines have to be counted again.") % again)
        else:
            messages.success(request, _("Counting is finished."))
    return redirect("workflows:counting_board", key=document.key)
