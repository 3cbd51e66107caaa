"""Batches of vouchers: the list, making one with everything that is wrong beforehand, and what becomes of it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import asked, tables
from core.errors import DomainError
from core.tables import Column, Filter, Table
from finance.handover import batches, files, pushing
from finance.handover.formats import BY_CODE, FORMATS
from finance.models import BatchEvent, HandoverProfile, VoucherBatch
from finance.views.books import Desk
from people.doors import needs
from stock.views.book import Chip

RIGHT = "finance.review"
State = VoucherBatch.State
_CSS = {"made": "wait", "sending": "go", "sent": "go", "failed": "bad", "confirmed": "post"}
SHOWN = 50
"""Vouchers that a page shows; the file has all of them."""


def chip(batch: VoucherBatch) -> Chip:
    """What became of it."""
    return Chip(batch.get_state_display(), _CSS.get(batch.state, "dead"))


@require_safe
@needs(RIGHT)
def listing(request: HttpRequest) -> HttpResponseBase:
    """Every batch of the company, newest first, and what waits to be handed over."""
    desk = Desk(request)
    table = Table(
        "voucher-batches",
        _("Vouchers"),
        [
            Column("batch", _("Batch"), str, kind="code", sort="number", card="m", url=_url),
            Column("month", _("Month"), lambda row: row.month.strftime("%Y-%m"), sort="month"),
            Column("profile", _("Way of handing over"), "profile.name", card="s"),
            Column("format", _("Format"), _format),
            Column(
                "vouchers", _("Vouchers"), "vouchers", kind="number", sort="vouchers", total=True
            ),
            Column("entries", _("Entries"), "entries", kind="number", sort="entries", total=True),
            Column(
                "total", _("Amount"), "total", kind="money", right="cost.view", total=True, card="n"
            ),
            Column("state", _("State"), chip, kind="chip", sort="state", card="t"),
            Column("made_at", _("Made"), "made_at", kind="datetime", sort="made_at"),
            Column("made_by", _("Made by"), "made_by"),
        ],
        VoucherBatch.objects.filter(company=desk.company).select_related("profile", "made_by"),
        filters=[
            Filter("state", _("State"), lambda rows, v: rows.filter(state=v), lambda: State.choices)
        ],
        order="-batch",
        empty=_("Nothing was handed over yet."),
        may=desk.access.may,
    )
    context = {
        **desk.context(),
        "profiles": HandoverProfile.objects.filter(company=desk.company, archived_at=None),
        "waiting": [
            (month, number)
            for month in desk.months()
            if (number := batches.ready(desk.company.pk, month).count())
        ],
    }
    return tables.respond(request, table, template="finance/batches.html", context=context)


def _url(row: VoucherBatch) -> str:
    return reverse("finance:batch", args=[row.key])


def _format(row: VoucherBatch) -> str:
    known = BY_CODE.get(row.options.get("format", ""))
    return str(known.label) if known else ""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def new(request: HttpRequest) -> HttpResponse:
    """What a batch would hold and what is wrong with it; POST makes it."""
    desk = Desk(request)
    profiles = list(HandoverProfile.objects.filter(company=desk.company, archived_at=None))
    if not profiles:
        return redirect("finance:new_way")
    asked_for = asked.whole(request.POST.get("way") or request.GET.get("way"))
    profile = next((one for one in profiles if one.pk == asked_for), profiles[0])
    month = desk.month().replace(day=1)
    until = asked.day(request.POST.get("until") or request.GET.get("until"))
    status = 200
    if request.method == "POST":
        try:
            _check_asked(request, profile)
            batch = batches.make(profile, month, actor=desk.user, access=desk.access, until=until)
        except batches.BatchRefused as refused:
            messages.error(request, str(refused))
            status = refused.status
        else:
            messages.success(request, _("%(batch)s is made.") % {"batch": batch})
            return redirect("finance:batch", key=batch.key)
    prepared = batches.prepare(profile, month, maker=desk.user, until=until)
    context = {
        **desk.context(),
        "profiles": profiles,
        "profile": profile,
        "month": month,
        "until": until,
        "prepared": prepared,
        "problems": prepared.problems[:SHOWN],
        "vouchers": [one.voucher for one in prepared.made[:SHOWN]],
        "unreviewed": _unreviewed(desk, month),
    }
    return render(request, "finance/batch_new.html", context, status=status)


def _check_asked(request: HttpRequest, profile: HandoverProfile) -> None:
    """Nothing is handed over another way, or of other days, than the form says. Raises BatchRefused."""
    if asked.whole(request.POST.get("way")) != profile.pk:
        raise batches.BatchRefused(_("This way of handing over is not there any more."))
    month, until = request.POST.get("month"), request.POST.get("until")
    if (month is not None and not asked.day(f"{month}-01")) or (until and not asked.day(until)):
        raise batches.BatchRefused(_("Choose the month and the last day again."))


def _unreviewed(desk: Desk, month: date) -> int:
    from finance.models import JournalEntry

    return JournalEntry.objects.filter(
        company=desk.company,
        date__gte=month,
        date__lt=batches.after(month),
        review__in=["unreviewed", "questioned"],
    ).count()


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def batch(request: HttpRequest, key: str) -> HttpResponse:
    """One batch; POST ``do`` is confirm (with a reply), push or take_back (with a reason)."""
    desk = Desk(request)
    row = get_object_or_404(
        VoucherBatch.objects.select_related("profile", "made_by", "company"), key=key
    )
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return _do(request, desk, row)
        except DomainError as refused:
            error = refused
            row = VoucherBatch.objects.select_related("profile", "made_by").get(pk=row.pk)
    known = BY_CODE.get(row.options.get("format", ""))
    context: dict[str, Any] = {
        **desk.context(),
        "batch": row,
        "chip": chip(row),
        "format": known.label if known else "",
        "grouping": dict(HandoverProfile.Grouping.choices).get(row.options.get("grouping", ""), ""),
        "vouchers": row.kept.prefetch_related("handed__entry")[:SHOWN],
        "more": max(row.vouchers - SHOWN, 0),
        "events": row.events.select_related("user"),
        "taken": files.taken(row),
        "others": [one for one in FORMATS if not one.needs_template and one is not known],
        "may_confirm": row.state in {State.MADE, State.SENT, State.FAILED, State.SENDING},
        "may_push": bool(row.profile.push_url)
        and row.state in {State.MADE, State.FAILED, State.SENT},
        "may_take_back": row.state in {State.MADE, State.FAILED, State.SENT},
        "shows_cost": desk.access.may("cost.view"),
        "error": error,
    }
    return render(request, "finance/batch.html", context, status=error.status if error else 200)


def _do(request: HttpRequest, desk: Desk, row: VoucherBatch) -> HttpResponse:
    given: dict[str, Any] = {"actor": desk.user, "access": desk.access}
    do, text = request.POST.get("do", ""), request.POST.get("text", "")
    if do == "confirm":
        reply = request.FILES.get("reply")
        if reply is not None and (reply.size or 0) > batches.LARGEST_REPLY:
            raise batches.BatchRefused(_("The reply is too large; 256 KB fit."))
        kept = (reply.name or "", reply.read()) if reply is not None else ("", b"")
        batches.confirm(row.pk, text=text, reply=kept, **given)
        messages.success(request, _("It is noted that the accounting system has these vouchers."))
    elif do == "push":
        pushing.ask(row.pk, **given)
        messages.success(request, _("It is being sent; this page shows how it went."))
    elif do == "take_back":
        batches.take_back(row.pk, reason=text, **given)
        messages.success(request, _("It is taken back; its entries wait to be handed over again."))
    else:
        raise Http404
    return redirect("finance:batch", key=row.key)


@require_POST
@needs(RIGHT)
@needs("cost.view")
def file(request: HttpRequest, key: str) -> HttpResponse:
    """The file of a batch; that it was taken is noted, so it is no GET."""
    desk = Desk(request)
    row = get_object_or_404(VoucherBatch.objects.select_related("profile"), key=key)
    taken = files.take(
        row, actor=desk.user, access=desk.access, code=request.POST.get("format", "")
    )
    return _sent(taken.name, taken.content_type, taken.content)


@require_safe
@needs(RIGHT)
@needs("cost.view")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The reply that was uploaded with a confirmation."""
    event = get_object_or_404(BatchEvent.objects.exclude(reply=None), pk=pk)
    return _sent(event.reply_name or "reply", "application/octet-stream", bytes(event.reply or b""))


def _sent(name: str, content_type: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or ""
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
