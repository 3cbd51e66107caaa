"""One decision on one screen: for the phone a page of its own, beside the inbox a part of it. Reads only."""

import uuid
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.access import Access
from people.models import User
from stock import plots
from stock.queries import trend
from stock.queries.sight import see
from workflows import (
    door,
    filling,
    inbox,
    line_rows,
    presenting,
    previewing,
    queries,
    sight,
    stock_changes,
)
from workflows.models import Document, Line, Task
from workflows.presenting import StepView, Way
from workflows.views import entry_form
from workflows.views.found import document_of, held_by

_LINES = 4
_KINDS = ("approve", "confirm")


@require_safe
@login_required
def decide(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What the decision needs; somebody who has nothing to decide here is led to the document."""
    document, user, access = document_of(request, key)
    mine = queries.to_do(user).filter(kind__in=_KINDS)
    task = (
        mine.filter(document=document)
        .select_related("document__company", "document__process")
        .first()
    )
    part = "part" in request.GET
    if task is None:
        if part:
            return render(request, "workflows/inbox/_over.html", {"document": document})
        return redirect("workflows:page", key=document.key)
    context = decision(document, task, user, access)
    if part:
        return render(request, "workflows/inbox/peek.html", context | {"next": "inbox"})
    order = list(mine.values_list("document", flat=True))
    context |= {
        "place": order.index(document.pk) + 1,
        "of": len(order),
        "held": held_by(user),
        "next": "decide",
    }
    return render(request, "workflows/inbox/decide.html", context)


def _trends(document: Document, lines: Sequence[Line], access: Access) -> dict[int, plots.Spark]:
    """Item → how its stock in the document's warehouse went, for those who may see it."""
    zone = ZoneInfo(document.company.time_zone)
    today = timezone.localdate(timezone=zone)
    items = {line.item_id for line in lines}
    past = trend.trend(see(access), items, document.warehouse_id or 0, today)
    drawn = {item: plots.spark(numbers, steps=True) for item, numbers in past.items()}
    return {item: line for item, line in drawn.items() if line is not None}


def decision(document: Document, task: Task, user: User, access: Access) -> dict[str, Any]:
    """Amount, who, what, stock before → after, photos, why it came, and what happens next."""
    way = Way.read(document, user, access)
    preview = previewing.preview(document, actor=user, access=access)
    stock = line_rows.stock_of_preview(preview, line_rows.seen_places(document, user, access))
    lines = document.lines.select_related(
        "item", "item__base_unit", "unit", "lot", "source", "target", "reason"
    ).order_by("position", "id")
    shown = list(lines[:_LINES])
    picked_later = line_rows.unpicked(document, shown, access)
    money = sight.sees_cost(document, access)
    steps = presenting.steps_line(way, money=money)
    (row,) = inbox.rows(access, [task])
    hidden = filling.hidden(document, user)
    files = set(filling.shown_files(document, hidden))
    verbs = {verb.code for verb in door.possible(document, user, access)}
    here = next((number for number, step in enumerate(steps) if step.current), 0)
    return {
        "document": document,
        "task": task,
        "row": row,
        "errors": stock_changes.serious(document, preview.errors),
        "panels": [(panel, data) for panel, data in preview.panels if panel.deciding],
        "rows": line_rows.rows(shown, stock, preview.line_values, set(), picked_later),
        "trends": _trends(document, shown, access),
        "more_lines": max(row.lines - _LINES, 0),
        "steps": steps,
        "following": _following(steps[here + 1 :]),
        "verbs": verbs,
        "hidden": hidden,
        "photos": [photo for photo in row.photos if photo in files],
        "asked_fields": entry_form.asked_fields(document, user, {}),
        "say": presenting.say(document, ()),
        "fresh_key": uuid.uuid4(),
    }


def _following(ahead: list[StepView]) -> StepView | None:
    """The next step that will really be taken."""
    return next((step for step in ahead if "skip" not in step.css and step.key != "feedback"), None)
