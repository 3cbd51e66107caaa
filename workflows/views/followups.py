"""The tasks of one's department after postings: what is to be dispatched and settled, done right in the list."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import asked
from core.errors import DomainError
from people.access import access_for
from people.doors import signed_in
from workflows import followups, moment
from workflows.models import FollowUp

PAGE = 50


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """What is to be done, overdue first; ``?tab=done`` what was done; ``?kind=`` only one kind."""
    access = access_for(signed_in(request))
    tab = "done" if request.GET.get("tab") == "done" else ""
    kind = request.GET.get("kind", "")
    document = request.GET.get("document", "")
    rows = followups.to_do(access)
    if tab:
        rows = followups.visible(access).exclude(state__in=followups.OPEN).order_by("-id")
    if document:
        rows = followups.visible(access).filter(document__key=_uuid(document)).order_by("id")
    if kind in FollowUp.Kind.values:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "tab": tab,
        "kind": kind,
        "kinds": FollowUp.Kind.choices,
        "page": page,
        "count": followups.to_do(access).count(),
        "rows": [(one, followups.may_do(one, access)) for one in page],
        "now": moment.now(),
        "document": document,
    }
    return render(request, "workflows/orders/tasks.html", context)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


@require_POST
@login_required
def write(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Enter what was done; a refusal is said above the list."""
    user = signed_in(request)
    names = ("carrier", "tracking", "note", "state")
    values = {name: request.POST[name] for name in names if name in request.POST}
    try:
        one = followups.write(
            key,
            values,
            actor=user,
            access=access_for(user),
            version=asked.whole(request.POST.get("version")),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = {"task": one.get_kind_display(), "document": one.document}
        messages.success(
            request,
            _("%(task)s of %(document)s: %(state)s") % (said | {"state": one.get_state_display()}),
        )
    back = request.POST.get("next", "")
    return redirect(back if back.startswith("/tasks/") else "workflows:tasks")
