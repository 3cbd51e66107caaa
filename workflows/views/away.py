"""The page on which somebody says when he is away and who stands in for him."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import asked
from core.errors import DomainError
from people.doors import signed_in
from people.models import User
from workflows import absences, document_types
from workflows.errors import DocumentRefused
from workflows.models import Absence


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def away(request: HttpRequest) -> HttpResponse:
    """My absences now and to come, and the form for another."""
    user = signed_in(request)
    error = None
    if request.method == "POST":
        try:
            _set(request, user)
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Your stand-in is set."))
            return redirect("workflows:away")
    now = timezone.now()
    context = {
        "mine": Absence.objects.filter(user=user, ends_at__gt=now).select_related("stand_in"),
        "for_others": Absence.objects.filter(stand_in=user, ends_at__gt=now).select_related("user"),
        "people": User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name")[:500],
        "types": document_types.CHOICES,
        "typed": request.POST,
        "error": error,
        "now": now,
        "today": timezone.localtime(now).strftime("%Y-%m-%dT%H:%M"),
    }
    status = error.status if error is not None else 200
    return render(request, "workflows/inbox/away.html", context, status=status)


def _set(request: HttpRequest, user: User) -> None:
    chosen = asked.whole(request.POST.get("stand_in"))
    absences.set_away(
        user,
        User.objects.filter(pk=chosen).first() if chosen else None,
        starts_at=_moment(request.POST.get("starts_at", "")),
        ends_at=_moment(request.POST.get("ends_at", "")),
        type_code=request.POST.get("type", ""),
    )


def _moment(text: str) -> datetime:
    """A local date and time; raises DocumentRefused."""
    read = asked.moment(text)
    if read is None:
        raise DocumentRefused(_("Enter both dates with their times."), code="date")
    return read if timezone.is_aware(read) else timezone.make_aware(read)


@require_POST
@login_required
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """I am back: the absence ends now."""
    absence = get_object_or_404(Absence, pk=pk, user=signed_in(request))
    absences.end(absence)
    messages.success(request, _("Your tasks come to you again."))
    return redirect("workflows:away")
