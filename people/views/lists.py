"""Doors of lists: saving and removing views, and the large files that are written in the background."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import exports, saved_views
from people.access import access_for
from people.doors import signed_in
from people.models import Export, SavedView


@require_POST
@login_required
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the list as it is seen under a name; for everybody only with the right to edit master data."""
    user = signed_in(request)
    shared = bool(request.POST.get("shared")) and access_for(user).may("master.edit")
    kept = saved_views.save(
        user,
        table=request.POST.get("table", ""),
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        shared=shared,
    )
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": kept.name})
    return redirect(f"{_back(request)}?{kept.query}")


@require_POST
@login_required
def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own view away."""
    SavedView.objects.filter(pk=pk, user=signed_in(request)).delete()
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "").partition("?")[0]
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()})
    return target if safe and target.startswith("/") else "/"


@require_safe
@login_required
def export_list(request: HttpRequest) -> HttpResponse:
    """One's large files, and how far they are."""
    jobs = list(Export.objects.filter(user=signed_in(request))[:50])
    context = {"jobs": jobs, "busy": any(job.state == Export.State.WAITING for job in jobs)}
    htmx = getattr(request, "htmx", None)
    name = "people/_exports.html" if htmx else "people/exports.html"
    return render(request, name, context)


@require_safe
@login_required
def export_file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The file of the one who asked for it."""
    job = Export.objects.filter(key=key, user=signed_in(request), state=Export.State.READY).first()
    if job is None or not exports.path_of(job).exists():
        raise Http404
    return FileResponse(exports.path_of(job).open("rb"), as_attachment=True, filename=job.name)
