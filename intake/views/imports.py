"""Pages that show imports: the list, one import on its way, how far a worker is, its rows, its errors as a workbook."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import asked
from core.errors import DomainError, NotAllowed
from intake import tasks
from intake.importing import door, looking, marking, preparing
from intake.models import GoingLive, Import
from intake.models.imports import Purpose
from intake.reading import limits
from intake.views import costs
from intake.views.found import context, import_of, looking_context, may_see
from people.access import access_for
from people.doors import needs, signed_in
from people.models import Company
from stock.models import Warehouse

_LISTED = 100
_ROWS = 100


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """The imports one may see, and the place to drop a file."""
    access = access_for(signed_in(request))
    if not any(access.may(right) for right in (door.RIGHT, "document.approve", "audit.view")):
        raise PermissionDenied
    return render(request, "intake/imports.html", _list_context(request))


def _list_context(request: HttpRequest) -> dict[str, Any]:
    user = signed_in(request)
    access = access_for(user)
    rows = Import.objects.select_related("warehouse", "asker")[:_LISTED]
    company = Company.objects.order_by("pk").first()
    return {
        "jobs": [
            {"job": job, "purpose": Purpose(job.purpose).label if job.purpose else ""}
            for job in rows
            if may_see(job, user, access)
        ],
        "may_import": access.may(door.RIGHT),
        "purposes": Purpose.choices,
        "warehouses": Warehouse.objects.filter(archived_at=None),
        "live": GoingLive.objects.filter(company=company).first(),
        "most": limits.FILE_BYTES // (1 << 20),
        "senders": sorted({job.sender for job in rows if job.sender})[:50],
    }


@require_POST
@needs(door.RIGHT)
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a file and look at it; what cannot be read is said where it was dropped."""
    user = signed_in(request)
    access = access_for(user)
    file = request.FILES.get("file")
    company = Company.objects.order_by("pk").first()
    if company is None:
        raise Http404
    warehouse = Warehouse.objects.filter(pk=asked.whole(request.POST.get("warehouse")) or 0).first()
    try:
        job = door.create(
            file.read(limits.FILE_BYTES + 1) if file else b"",
            file.name or "" if file else "",
            company=warehouse.area.company if warehouse else company,
            actor=user,
            access=access,
            purpose=request.POST.get("purpose", ""),
            warehouse=warehouse,
            sender=request.POST.get("sender", ""),
            start_on=parse_date(request.POST.get("start_on", "")),
        )
    except (DomainError, ValueError) as refusal:
        return _again(request, str(refusal))
    if looking.is_large(job):
        looking.ask(job)
        tasks.go_on(job)
        return redirect("intake:import", job.key)
    try:
        door.look(job)
    except DomainError as refusal:
        job.delete()
        return _again(request, str(refusal))
    return redirect("intake:import", job.key)


def _again(request: HttpRequest, problem: str) -> HttpResponse:
    return render(
        request, "intake/imports.html", {**_list_context(request), "problem": problem}, status=422
    )


@require_safe
@login_required
def page(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One import: what was understood, what is wrong, what would be written, and how far it is."""
    job, user, access = import_of(request, key)
    if job.state in door.EDITABLE and job.summary and job.summary["language"] != get_language():
        tasks.go_on(door.look_for(job.pk))
        job, user, access = import_of(request, key)
    return render(request, "intake/import.html", context(job, user, access))


@require_safe
@login_required
def progress(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """How far the worker is; tells the page to come anew when it is done."""
    job, _user, _access = import_of(request, key)
    if job.state in door.EDITABLE and job.step:
        return render(request, "intake/_looking.html", looking_context(job))
    if job.state not in door.RUNNING:
        answer = HttpResponse("")
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "intake/_progress.html", progress_context(job))


def progress_context(job: Import) -> dict[str, Any]:
    """Rows written of all, and the seconds that are left at this pace."""
    total = max(job.total, 1)
    done = job.total - job.written if job.state == Import.State.UNDOING else job.written
    seconds = (timezone.now() - job.began_at).total_seconds() if job.began_at else 0
    left = (
        seconds * (total - done) / done if done > 0 and job.state == Import.State.WRITING else None
    )
    return {
        "job": job,
        "done": done,
        "total": total,
        "percent": min(100, done * 100 // total),
        "left": None if left is None else max(1, round(left)),
    }


@require_safe
@login_required
def rows(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The rows that were written, each with the document it became."""
    job, user, access = import_of(request, key)
    found = job.rows.select_related("document").order_by("sheet", "row", "at")
    sheet, row = request.GET.get("sheet", ""), request.GET.get("row", "")
    if sheet and row.isascii() and row.isdigit() and len(row) < 9:
        found = found.filter(sheet=sheet, row__gte=int(row))
    chosen = Paginator(found, _ROWS).get_page(request.GET.get("page"))
    if not costs.sees(job, user, access):
        for one in chosen.object_list:
            one.raw = costs.raw(one.raw)
    return render(request, "intake/rows.html", {"job": job, "page": chosen})


@require_safe
@login_required
def errors(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The file in its own layout with the errors marked."""
    job, user, access = import_of(request, key)
    if not costs.sees(job, user, access):
        raise NotAllowed(_("The file may say what goods cost, which you may not see."))
    content = marking.kept(job) or marking.workbook(job, preparing.prepare(job))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = 'attachment; filename="errors.xlsx"'
    return answer
