"""What pages of processes share: who may look, and which process or version an address means."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from people.access import access_for
from people.models import Company
from workflows import designing, document_types, shipped
from workflows.models import Process, ProcessVersion

LOOKS = (designing.RIGHT, "audit.view")
"""Rights of which one lets somebody look at processes."""
View = Callable[..., HttpResponseBase]


def reads(view: View) -> View:
    """Let those in who may set processes, and those who may look at everything."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        access = access_for(request.user)
        if not any(access.may(right) for right in LOOKS):
            raise PermissionDenied(_("Processes are shown to those who set or audit them."))
        return view(request, *args, **kwargs)

    return login_required(guarded)


def find(company: int, type_code: str) -> Process:
    """The process of a type; the shipped one, not yet kept, where nobody has used it so far."""
    if type_code not in document_types.BY_CODE:
        raise Http404(type_code)
    owner = get_object_or_404(Company, pk=company)
    known = Process.objects.select_related("company", "keeper").filter(
        company=owner, type=type_code, usage=Process.Usage.STANDARD
    )
    return known.first() or shipped.unsaved(owner, document_types.BY_CODE[type_code]).process


def find_version(company: int, type_code: str, number: int) -> ProcessVersion:
    """One version with its process."""
    rows = ProcessVersion.objects.select_related(
        "process", "process__company", "activated_by", "proposed_by"
    )
    standard = rows.filter(process__usage=Process.Usage.STANDARD, process__type=type_code)
    return get_object_or_404(standard, process__company=company, number=number)


def url_of(version: ProcessVersion, name: str = "version") -> str:
    """The address of a page of a version."""
    process = version.process
    return reverse(f"workflows:{name}", args=[process.company_id, process.type, version.number])
