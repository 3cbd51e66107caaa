"""Doors of notices: the bell, the list, and marking as read."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from people import notice_kinds, notices
from people.doors import signed_in
from people.models import Notice

PAGE = 50


@never_cache
@login_required
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell with the number of unread notices; asked for every minute."""
    unread = Notice.objects.filter(user=signed_in(request), read_at=None).count()
    return render(request, "people/_bell.html", {"unread": unread})


@never_cache
@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The user's notices, newest first, in the language of the page."""
    rows = Notice.objects.filter(user=signed_in(request)).order_by("-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            "notice": notice,
            "text": notice_kinds.text(notice.kind, notice.data),
            "icon": notice_kinds.icon(notice.kind),
        }
        for notice in page
    ]
    return render(request, "people/notices.html", {"shown": shown, "page": page})


@login_required
@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and go to what it is about."""
    user = signed_in(request)
    notice = get_object_or_404(Notice, pk=pk, user=user)
    notices.mark_read(user, notice_id=notice.pk)
    return redirect(notice.url or "people:notices")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every notice as read."""
    notices.mark_read(signed_in(request))
    return redirect("people:notices")
