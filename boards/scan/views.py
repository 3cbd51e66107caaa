"""Doors of scanning: what a code means, linking, the look-up page, and the short addresses on labels."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from boards.scan import meaning
from core.edge import scanning_page
from core.errors import DomainError, NotAllowed
from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from stock import barcodes
from stock.models import Item, Lot, Place, Unit
from stock.models.lots import NO_LOT
from stock.queries.on_hand import OnHand, StockFilter, on_hand
from workflows import offers

_RIGHTS = ("stock.view", "document.ask", "document.execute", "count.enter")
_ROWS = 8


def _who(request: HttpRequest) -> tuple[User, Access]:
    user = signed_in(request)
    access = access_for(user)
    if not any(access.may(right) for right in _RIGHTS):
        raise NotAllowed(_("You may not look up stock. Ask an administrator for it."))
    return user, access


@require_safe
@login_required
def read(request: HttpRequest) -> JsonResponse:
    """What ``?code=`` means, without any quantity on hand."""
    user, access = _who(request)
    return JsonResponse(meaning.of(request.GET.get("code", ""), user, access))


@require_safe
@login_required
def unknown(request: HttpRequest) -> HttpResponse:
    """The question what an unknown code is: a dialog."""
    _user, access = _who(request)
    text = request.GET.get("code", "")
    context = {
        "code": text[:200],
        "named": barcodes.linkable(text),
        "may": access.may("master.edit"),
        "units": Unit.objects.filter(archived_at=None).order_by("code"),
    }
    return render(request, "boards/scan/_unknown.html", context)


@require_POST
@login_required
def link(request: HttpRequest) -> JsonResponse:
    """Make ``code`` a barcode of ``item`` (code, barcode, or the only match), of a pack with ``unit``."""
    user, access = _who(request)
    found = offers.find_item(request.POST.get("item", "").partition(" — ")[0])
    if found is None:
        raise barcodes.CannotLink(_("No single item is meant by this. Enter its code."))
    unit = Unit.objects.filter(code=request.POST.get("unit", "")).first()
    made = barcodes.link(request.POST.get("code", ""), found[0], unit, actor=user, access=access)
    return JsonResponse({"item": made.item.code, "code": made.code})


@require_safe
@login_required
def camera(request: HttpRequest) -> HttpResponse:
    """The dialog of the camera."""
    return render(request, "boards/scan/_camera.html")


@require_safe
@login_required
@scanning_page
def page(request: HttpRequest) -> HttpResponse:
    """The look-up page; ``?code=`` shows one card, also without script."""
    user, access = _who(request)
    text = request.GET.get("code", "").strip()
    card = _card(text, user, access) if text else None
    return render(request, "boards/scan/page.html", {"card": card, "text": text})


@require_safe
@login_required
def card(request: HttpRequest) -> HttpResponse:
    """What is known of ``?code=``, as a part of the look-up page."""
    user, access = _who(request)
    shown = _card(request.GET.get("code", ""), user, access)
    response = render(request, "boards/scan/_card.html", {"card": shown})
    heard = {"tone": shown["tone"], "text": shown["title"]}
    response.headers["X-Scan"] = json.dumps(heard)  # ASCII, as headers must be
    return response


def _card(text: str, user: User, access: Access) -> dict[str, Any]:
    try:
        found = meaning.of(text, user, access)
    except DomainError as error:
        return {"kind": "bad", "title": str(error), "code": text, "tone": "bad", "rows": []}
    rows = _there(found, access) if access.may("stock.view") else []
    tone = "bad" if found["kind"] == "unknown" else "ok"
    return {**found, "tone": tone, "rows": rows[:_ROWS], "more": max(len(rows) - _ROWS, 0)}


def _there(found: dict[str, Any], access: Access) -> list[OnHand]:
    """Where the item (or lot) lies, or what lies at the place."""
    if found["kind"] == "place":
        place = Place.objects.filter(code=found["place"], warehouse__code=found["warehouse"])
        return on_hand(access, StockFilter(places=list(place.values_list("pk", flat=True))))
    if found["kind"] != "item":
        return []
    item = Item.objects.get(code=found["item"])
    lots = Lot.objects.filter(item=item, number=found["lot"]).values_list("pk", flat=True)
    limits = StockFilter(items=[item.pk], lots=list(lots) if found["lot"] else None)
    return on_hand(access, limits)


@require_safe
@login_required
def short(request: HttpRequest, **names: str) -> HttpResponse:
    """The page of what a label names: ``/i/CODE``, ``/l/ITEM/LOT``, ``/p/WAREHOUSE/PLACE``."""
    _user, access = _who(request)
    if "place" in names:
        rows = Place.objects.filter(code__iexact=names["place"])
        found = rows.filter(warehouse__code__iexact=names["house"]).first()
        if found is not None and access.may("stock.view"):
            return redirect("stock:place", found.pk)
        raise Http404
    item = Item.objects.filter(code__iexact=names["item"]).first()
    if item is None:
        raise Http404
    lot = Lot.objects.filter(item=item, number=names.get("lot", "")).exclude(pk=NO_LOT).first()
    return redirect("stock:lot", lot.pk) if lot else redirect("stock:item", item.pk)
