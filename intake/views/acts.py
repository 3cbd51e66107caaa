"""The door that moves an import on: write, approve, take back, stop, undo, go on."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import asked
from intake import tasks
from intake.importing import door, looking, undoing
from intake.models import Import
from intake.views.found import import_of
from people.access import Access
from people.models import User


@require_POST
@login_required
def do(request: HttpRequest, key: uuid.UUID, act: str) -> HttpResponse:
    """Do one act, then show the import."""
    job, user, access = import_of(request, key)
    if act == "write":
        _write(job, user, access, request)
    elif act == "approve":
        door.approve(job.pk, actor=user, access=access, content=request.POST.get("content", ""))
        messages.success(request, _("Approved. Whoever imports can write it now."))
    elif act == "send_back":
        text = request.POST.get("text", "")
        tasks.go_on(door.send_back(job.pk, actor=user, access=access, text=text))
        messages.success(request, _("Sent back. Whoever imported it was told why."))
    elif act == "back":
        tasks.go_on(door.take_back(job.pk, access=access))
    elif act == "stop":
        stopped = door.stop(job.pk, access=access)
        if stopped.state == Import.State.CANCELLED:
            messages.success(request, _("Cancelled. Nothing was written."))
            return redirect("intake:imports")
    elif act == "undo":
        blocking = undoing.blockers(job)
        if blocking:
            for line in blocking:
                messages.error(request, str(line.message))
        else:
            tasks.go_on(door.undo(job.pk, actor=user, access=access))
    else:
        raise Http404(act)
    return redirect("intake:import", job.key)


def _write(job: Import, user: User, access: Access, request: HttpRequest) -> None:
    """Submit what was looked at; write it at once where nobody else need look."""
    version = asked.whole(request.POST.get("version"))
    if job.state == Import.State.DRAFT and looking.is_large(job):
        tasks.go_on(door.ask_to_write(job.pk, actor=user, access=access, version=version))
        return
    if job.state == Import.State.DRAFT:
        job = door.submit(job.pk, actor=user, access=access, version=version)
        if job.state == Import.State.WAITING:
            messages.success(request, _("A second person has to approve it before it is written."))
            return
    tasks.go_on(door.begin(job.pk, access=access))
