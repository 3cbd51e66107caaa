"""The pages of whoever looks after the installation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from boards import system as reading
from core import asked, nudges, outbox
from people.access import access_for
from people.doors import needs, signed_in

_TASKS = {"backup": "core.backup", "verify": "stock.verify"}


@require_safe
@needs("system.manage", "audit.view")
def system(request: HttpRequest) -> HttpResponse:
    """How the installation is doing, and what was given up."""
    return render(
        request,
        "boards/system.html",
        {"state": reading.state(), "manages": access_for(request.user).may("system.manage")},
    )


@require_POST
@needs("system.manage")
def start(request: HttpRequest) -> HttpResponse:
    """Let the worker make a backup or check the book now."""
    task = _TASKS.get(request.POST.get("job", ""))
    if task and nudges.start(task):
        messages.success(request, _("Started. The result appears here in a moment."))
    elif task:
        messages.error(
            request, _("The worker cannot be reached. On the server, use manage.py instead.")
        )
    return redirect("boards:system")


@require_POST
@needs("system.manage")
def dead(request: HttpRequest) -> HttpResponse:
    """Replay or discard rows that were given up: the chosen ones, or all with ``all``."""
    chosen = asked.wholes(request.POST.getlist("row"), most=10_000)
    if request.POST.get("all"):
        chosen = list(outbox.dead().values_list("pk", flat=True))
    if request.POST.get("do") == "replay":
        count = outbox.replay(chosen)
        said = ngettext("%(n)d is tried again.", "%(n)d are tried again.", count)
    else:
        count = outbox.discard(chosen, by=signed_in(request).username)
        said = ngettext("%(n)d was discarded.", "%(n)d were discarded.", count)
    messages.success(request, said % {"n": count})
    return redirect("boards:system")
