"""Doors that mend an import in its page: a meaning for a text, another cell, rows left out, answers, columns."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core import asked
from intake import tasks
from intake.importing import changes, door
from intake.importing.mends import KINDS
from intake.models.imports import Purpose
from intake.views.found import import_of
from stock.models import Warehouse


@require_POST
@login_required
def mend(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One mend of a group: map, create, leave_out, choose, cells, or all cells of a row."""
    job, _user, access = import_of(request, key)
    sent = request.POST
    act, kind = sent.get("act", ""), sent.get("kind", "")
    raw = sent.get("raw", "")
    all_of_it = sent.get("all") == "1"
    if act in {"map", "create"} and kind not in KINDS:
        raise Http404(kind)
    if act == "map":
        change = changes.give(kind, raw, sent.get("to", "").strip()[:80])
    elif act == "create":
        change = changes.make(kind, None if all_of_it else raw)
    elif act == "leave_out":
        code, field = sent.get("code", ""), sent.get("field", "")
        change = changes.leave_out(code, field, None if all_of_it else raw)
    elif act == "choose":
        change = changes.choose(sent.get("code", ""), sent.get("to", ""))
    elif act in {"cells", "row"}:
        # Of a whole row a blank cell says that it is blank.
        change = changes.write_cells(
            {
                name.removeprefix("cell:"): text
                for name, text in _texts(request).items()
                if name.startswith("cell:") and (act == "row" or text.strip())
            }
        )
    else:
        raise Http404(act)
    tasks.go_on(door.mend(job.pk, change, access=access, version=_version(request)))
    return redirect("intake:import", job.key)


@require_POST
@login_required
def say(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Answers, columns, and what holds for the whole file."""
    job, _user, access = import_of(request, key)
    sent = request.POST
    part = sent.get("part", "")
    if part == "answers":
        answers = {
            name.removeprefix("q:"): text.strip()[:200]
            for name, text in _texts(request).items()
            if name.startswith("q:") and text.strip()
        }
        change = changes.say(answers=answers)
    elif part == "columns":
        columns = {
            text: name.removeprefix("col:")
            for name, text in _texts(request).items()
            if name.startswith("col:") and text
        }
        change = changes.say(columns=columns)
    elif part == "facts":
        purpose = sent.get("purpose", "")
        change = changes.say(
            purpose=purpose if purpose in Purpose.values else job.purpose,
            warehouse=Warehouse.objects.filter(pk=asked.whole(sent.get("warehouse")) or 0).first(),
            start_on=asked.day(sent.get("start_on")),
            sender=sent.get("sender", "").strip()[:80],
        )
    else:
        raise Http404(part)
    tasks.go_on(door.mend(job.pk, change, access=access, version=_version(request)))
    return redirect("intake:import", job.key)


def _texts(request: HttpRequest) -> dict[str, str]:
    """What was sent, each name once."""
    return {name: str(text) for name, text in request.POST.items()}


def _version(request: HttpRequest) -> int | None:
    return asked.whole(request.POST.get("version"))
