"""Counting on a phone or with a gun scanner: the page, the blind lines, and what the page sends. Never the book."""

import json
import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.fields import plain
from people.models import User
from stock.models import Barcode, ItemUnit
from workflows.counting import entering, progress
from workflows.counting.entering import Counted, Given
from workflows.errors import DocumentRefused
from workflows.models import CountBin, CountLine, Document
from workflows.views.counting.found import stocktake_of

MOST = 4_000
"""Lines that one phone holds at most."""


@require_safe
@login_required
def page(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The page; its lines are fetched by the script, and a sheet on paper or desk serves without it."""
    document, user, access = stocktake_of(request, key)
    whole = progress.progress(document)
    context = {
        "document": document,
        "running": progress.counting_step(document),
        "may_count": progress.may_count(document, access),
        "whole": whole,
        "mine": [one for one in whole.sheets if one.sheet.counter_id in (user.pk, None)],
    }
    return render(request, "workflows/counting/count.html", context)


@require_safe
@login_required
def lines(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    """What waits for this person, in walking order, with the units and codes of the goods."""
    document, user, _access = stocktake_of(request, key)
    step = progress.counting_step(document)
    waiting = list(progress.waiting_for(document, user)[:MOST]) if step else []
    bins = _bins(document, user, step)
    extra = _goods({line.item_id for line in waiting})
    whole = progress.progress(document)
    return JsonResponse(
        {
            "step": step,
            "places": whole.all_bins,
            "done": whole.done_bins,
            "bins": bins,
            "lines": [_line(line, extra) for line in waiting],
        }
    )


def _bins(document: Document, user: User, step: str) -> list[dict[str, Any]]:
    """Places of this person's sheets that are not done: also those without lines have to be looked at."""
    if step != "first":
        return []
    rows = CountBin.objects.filter(
        document=document, lines__isnull=True, emptied_at=None
    ).select_related("place", "sheet")
    return [
        {"place": row.place.code, "position": row.position}
        for row in rows.order_by("position")[:MOST]
        if row.sheet.counter_id in (user.pk, None)
    ]


def _goods(items: set[int]) -> dict[int, dict[str, Any]]:
    """Units larger than the base unit and barcodes, by item."""
    found: dict[int, dict[str, Any]] = defaultdict(lambda: {"units": [], "codes": []})
    for row in ItemUnit.objects.filter(item__in=items).select_related("unit").order_by("numerator"):
        ratio = f"{row.numerator}" if row.denominator == 1 else f"{row.numerator}/{row.denominator}"
        found[row.item_id]["units"].append({"code": row.unit.code, "ratio": ratio})
    for code in Barcode.objects.filter(item__in=items):
        found[code.item_id]["codes"].append(code.code)
    return found


def _line(line: CountLine, extra: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    goods = extra.get(line.item_id, {"units": [], "codes": []})
    lot = line.lot
    return {
        "key": line.key,
        "place": line.place.code,
        "position": line.bin.position,
        "item": line.item.code,
        "name": line.item.name,
        "more": line.item.specification,
        "serial": line.item.tracking == "serial",
        "lot": lot.number if line.lot_id else "",
        "expires": lot.expires_on.isoformat() if line.lot_id and lot.expires_on else "",
        "unit": line.item.base_unit.code,
        "again": line.again,
        **goods,
    }


@require_POST
@login_required
def send(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    """Counts of the phone, each by itself: one that is refused does not keep the others."""
    document, user, access = stocktake_of(request, key)
    body = _body(request)
    given, sent = body.get("counts"), _moment(body.get("sent_at"))
    if not isinstance(given, list) or not given or len(given) > entering.MOST:
        raise DocumentRefused(_("Send at least one count."), code="lines")
    answers = []
    for row in given:
        if not isinstance(row, dict):
            raise DocumentRefused(_("Send at least one count."), code="lines")
        try:
            done = entering.count(
                document.pk, [_given(row, sent)], actor=user, access=access, door="phone"
            )
        except DomainError as error:
            lines_ = getattr(error, "lines", ())
            words = str(lines_[0].message) if lines_ else str(error)
            answers.append({"key": row.get("key"), "refused": words, "code": error.code})
        else:
            answers.append(_answer(done[0]))
    whole = progress.progress(document)
    return JsonResponse({"counts": answers, "places": whole.all_bins, "done": whole.done_bins})


@require_POST
@login_required
def empty(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    """A place holds nothing (more)."""
    document, user, access = stocktake_of(request, key)
    done = entering.empty(
        document.pk,
        str(_body(request).get("place") or ""),
        actor=user,
        access=access,
        door="phone",
    )
    return JsonResponse({"counts": [_answer(one) for one in done]})


@require_POST
@login_required
def found(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    """Goods that are not on the sheet: their line, to be counted like all others."""
    document, user, access = stocktake_of(request, key)
    body = _body(request)
    code = str(body.get("item") or "").strip()
    barcode = Barcode.objects.filter(code=code).select_related("item").first()
    made = entering.find(
        document.pk,
        place=str(body.get("place") or ""),
        item=barcode.item.code if barcode else code,
        lot=str(body.get("lot") or ""),
        actor=user,
        access=access,
        door="phone",
    )
    line = progress.blind_lines(document).get(pk=made.pk)
    return JsonResponse(_line(line, _goods({line.item_id})))


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        read = json.loads(request.body)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise DocumentRefused(_("This is not JSON."), code="invalid")
    return read


def _given(row: Mapping[str, Any], sent: datetime | None) -> Given:
    return Given(
        str(row.get("line") or ""),
        row.get("quantity"),
        unit=str(row.get("unit") or ""),
        key=str(row.get("key") or "")[:36],
        began_at=_moment(row.get("began_at")),
        counted_at=_moment(row.get("counted_at")),
        sent_at=sent,
    )


def _moment(value: Any) -> datetime | None:
    try:
        read = parse_datetime(str(value or ""))
    except ValueError:
        return None
    return read if read is not None and timezone.is_aware(read) else None


def _answer(done: Counted) -> dict[str, Any]:
    return {
        "key": done.key,
        "line": done.line,
        "counted": plain(done.counted),
        "again": done.again,
        "repeated": done.repeated,
    }
