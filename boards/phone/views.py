"""Pages of the phone: the tiles, what waits in one, one document at work, scans that arrive, problems, the queue."""

import uuid
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from boards.phone import problems, tasks
from core.api import parsers
from core.edge import scanning_page
from core.fields import plain
from core.numbers import QUANTITY_PLACES
from intake import device_scans
from intake.device_scans import Sent
from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from stock import units
from stock.models import Barcode, ItemUnit
from workflows import amounts, drafting, queries, states
from workflows.errors import DocumentRefused
from workflows.models import Line

_LINES = 300
_BATCH = 50
_LIST = 50
_MOST = Decimal(10**12)


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The tiles."""
    user = signed_in(request)
    shown = tasks.shown(user, access_for(user))
    return render(request, "boards/phone/home.html", {"tiles": shown})


@require_safe
@login_required
@scanning_page
def job(request: HttpRequest, code: str) -> HttpResponse:
    """What waits in one tile; a scanned document opens."""
    user = signed_in(request)
    found = _job(code, access_for(user))
    begins = found.begins and access_for(user).may("document.ask")
    context = {
        "job": found,
        "waiting": tasks.waiting(found, user)[:_LIST],
        "drafts": tasks.drafts(found, user)[:10] if begins else [],
        "begins": begins,
        "fresh_key": uuid.uuid4(),
    }
    return render(request, "boards/phone/job.html", context)


def _job(code: str, access: Access) -> tasks.Job:
    found = tasks.BY_CODE.get(code)
    if found is None or found.url_name or not any(access.may(one) for one in found.rights):
        raise Http404(code)
    return found


@require_POST
@login_required
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """A new draft of what is begun in the tile; the same ``key`` makes one."""
    user = signed_in(request)
    access = access_for(user)
    found = _job(code, access)
    made = drafting.create(
        found.begins, actor=user, access=access, key=request.POST.get("key", ""), door_name="scan"
    )
    return redirect("boards:phone_task", made.key)


@require_safe
@login_required
@scanning_page
def task(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One document at work: its lines, what was scanned, what waits to be sent."""
    user = signed_in(request)
    access = access_for(user)
    rows = queries.with_names(queries.visible(user, access))
    document = rows.filter(key=key).first()
    if document is None:
        raise Http404
    drafted = document.state in states.EDITABLE
    if not drafted and device_scans.open_task(document, user) is None:
        return redirect("workflows:page", key=document.key)
    lines = list(
        document.lines.select_related("item", "unit", "source", "target").order_by("position")[
            :_LINES
        ]
    )
    packs = units.packs({line.item_id for line in lines})
    context = {
        "document": document,
        "drafted": drafted,
        "lines": [_line(line, packs.get(line.item_id), carried=not drafted) for line in lines],
        "codes": _codes(lines),
        "fresh_key": uuid.uuid4(),
    }
    return render(request, "boards/phone/task.html", context)


def _line(line: Line, pack: Fraction | None, *, carried: bool) -> dict[str, Any]:
    figure = line.actual if carried else line.requested
    return {
        "line": line,
        "figure": plain(figure) if figure is not None else "0",
        "plan": plain(amounts.planned(line)) if carried else "",
        "left": plain(max(amounts.planned(line) - (figure or 0), Decimal(0))) if carried else "",
        "place": line.source or line.target,
        "pack": plain(units.packed(pack, Fraction(line.numerator, line.denominator))),
    }


def _codes(lines: list[Line]) -> dict[str, list[str]]:
    """Code → the line it raises and by how much, for the device to answer by itself while the network is away."""
    by_item: dict[int, Line] = {}
    for line in lines:
        by_item.setdefault(line.item_id, line)
    found = {line.item.code: [str(line.key), _in_line(line, 1, 1)] for line in by_item.values()}
    ratios = {
        (item, unit): (numerator, denominator)
        for item, unit, numerator, denominator in ItemUnit.objects.filter(
            item__in=by_item
        ).values_list("item_id", "unit_id", "numerator", "denominator")
    }
    for item, code, unit in Barcode.objects.filter(item__in=by_item).values_list(
        "item_id", "code", "unit_id"
    ):
        pack = ratios.get((item, unit), (1, 1)) if unit else (1, 1)
        found[code] = [str(by_item[item].key), _in_line(by_item[item], *pack)]
    return found


def _in_line(line: Line, numerator: int, denominator: int) -> str:
    """So many of the line's unit are the given number of base units."""
    return str(round(numerator * line.denominator / (denominator * line.numerator), 6))


@require_POST
@login_required
def scans(request: HttpRequest) -> JsonResponse:
    """Scans in their order, each answered and of one effect: ``{"scans": [{key, document, code, at}]}``.

    With ``line`` and ``quantity`` it is a figure typed at that line, told as what it adds; with ``back`` it takes back
    the scan of that key.
    """
    user = signed_in(request)
    access = access_for(user)
    body = parsers.parse(request.body)
    given = body.get("scans") if isinstance(body, dict) else None
    if not isinstance(given, list) or len(given) > _BATCH:
        raise _unreadable()
    sent = [_sent(one) for one in given]
    return JsonResponse({"results": [_taken(one, user, access) for one in sent]})


def _sent(given: Any) -> Sent:
    try:
        at = parse_datetime(str(given["at"])) or timezone.now()
        return Sent(
            uuid.UUID(str(given["key"])),
            uuid.UUID(str(given["document"])),
            str(given["code"]),
            at if at.tzinfo else timezone.make_aware(at),
            uuid.UUID(str(given["line"])) if given.get("line") else None,
            _amount(given.get("quantity")),
            uuid.UUID(str(given["back"])) if given.get("back") else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise _unreadable() from error


def _amount(given: Any) -> Decimal | None:
    """What was typed, in the unit of its line, of 6 decimals at most; None if it is no such number."""
    try:
        read = Decimal(str(given)[:40])
    except InvalidOperation:
        return None
    exact = read.is_finite() and abs(read) < _MOST and read == round(read, QUANTITY_PLACES)
    return read if exact else None


def _unreadable() -> DocumentRefused:
    return DocumentRefused(_("The request cannot be read."), code="json", status=400)


def _taken(sent: Sent, user: User, access: Access) -> dict[str, Any]:
    try:
        return {"key": str(sent.key), **device_scans.take(sent, user, access)}
    except DocumentRefused as error:
        return {"key": str(sent.key), "tone": "bad", "text": str(error), "line": ""}


@require_safe
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """What waits on this device to be sent; drawn by the device."""
    return render(request, "boards/phone/queue.html")


@require_GET
@login_required
@scanning_page
def problem(request: HttpRequest) -> HttpResponse:
    """The form that reports a problem; a scan says what it is about."""
    return render(request, "boards/phone/problem.html")


@require_POST
@login_required
def report(request: HttpRequest) -> JsonResponse:
    """Where a problem goes: the comments of its document, else a hold of the goods that waits to be sent on its way.

    Photos follow by the address that is answered. The same ``key`` reports once.
    """
    user = signed_in(request)
    told = problems.report(
        code=request.POST.get("code", ""),
        text=request.POST.get("text", ""),
        quantity=request.POST.get("quantity", ""),
        key=request.POST.get("key", ""),
        user=user,
        access=access_for(user),
    )
    return JsonResponse(told)
