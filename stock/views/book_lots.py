"""Lots and serial numbers: their list, and the page of one with its way."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import asked, tables
from core.tables import Column, Filter, Table
from people.changes import changes_of
from people.doors import needs
from stock.models import Item, Lot
from stock.queries import lists
from stock.queries.movements import MovementFilter, movements
from stock.queries.on_hand import total
from stock.queries.trace import trace
from stock.search_keys import search
from stock.views import chosen
from stock.views.book import Chip, Question, explain_url, item_url, kind_of, labels_below
from stock.views.book_stock import same

ROAD = 200
"""Stations of a serial number that are shown."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stock.view")
def lot_list(request: HttpRequest) -> HttpResponseBase:
    """Lots and serial numbers; ``?expiry=30`` those in stock that expire within so many days."""
    question = Question(request)
    today = timezone.localdate(timezone=question.zone)

    def expiring(rows: Any, value: str) -> Any:
        if value == "past":
            return rows.filter(expires_on__lt=today, on_hand__gt=0)
        if value == "soon":
            soon = today + timedelta(days=30)
            return rows.filter(expires_on__gte=today, expires_on__lte=soon, on_hand__gt=0)
        if (days := asked.whole(value)) is not None:
            limit = today + timedelta(days=min(days, 3660))
            return rows.filter(expires_on__lte=limit, on_hand__gt=0)
        return rows

    def stocked(rows: Any, value: str) -> Any:
        return rows.filter(on_hand=0) if value == "none" else rows.exclude(on_hand=0)

    def find(rows: Any, text: str) -> Any:
        items = search(Item.objects.all(), text).values_list("pk", flat=True)
        return rows.filter(number__icontains=text) | rows.filter(item__in=list(items[:500]))

    def state(lot: Any) -> Chip | None:
        if lot.expires_on is None:
            return None
        days = (lot.expires_on - today).days
        if days < 0:
            return Chip(_("expired"), "bad")
        return Chip(_("%(days)d days") % {"days": days}, "wait") if days <= 30 else None

    columns = [
        Column(
            "number",
            _("Lot"),
            kind="code",
            sort="number",
            card="m",
            url=lambda lot: reverse("stock:lot", args=[lot.pk]),
        ),
        Column(
            "item",
            _("Item"),
            "item.code",
            kind="code",
            sort="item__code",
            url=lambda lot: item_url(lot.item_id),
        ),
        Column("name", _("Name"), "item.name", sort="item__name", card="s", beside="item.code"),
        Column("expires_on", _("Expires"), kind="date", sort="expires_on"),
        Column("state", _("State"), state, kind="chip", card="t"),
        Column(
            "on_hand",
            _("On hand"),
            kind="quantity",
            sort="on_hand",
            card="n",
            url=lambda lot: explain_url(item=lot.item_id, lot=lot.pk),
            beside="item.base_unit.code",
        ),
        Column("unit", _("Unit"), "item.base_unit.code"),
        Column(
            "manufactured_on", _("Manufactured"), kind="date", sort="manufactured_on", optional=True
        ),
        Column("supplier", _("Supplier"), "supplier.name", sort="supplier__name", groups=True),
        Column("supplier_lot", _("Supplier's lot"), kind="code", optional=True),
    ]
    table = Table(
        name="lots",
        title=_("Lots"),
        columns=columns,
        rows=lists.lots(question.sight),
        below=labels_below("lots"),
        actions=[chosen.labels("lots")],
        live="book",
        filters=[
            Filter(
                "stock",
                _("Stock"),
                stocked,
                lambda: [("some", _("in stock")), ("none", _("none left"))],
            ),
            Filter(
                "expiry",
                _("Expires"),
                expiring,
                lambda: [
                    ("past", _("expired")),
                    ("soon", _("in the next 30 days")),
                    ("30", _("within 30 days or expired")),
                    ("90", _("within 90 days or expired")),
                ],
            ),
            Filter("warehouse", _("Warehouse"), same, question.warehouse_choices),
        ],
        search=find,
        order="number",
        may=question.may,
        empty=_("There are no lots yet."),
    )
    return tables.respond(request, table)


@require_safe
@needs("stock.view")
def lot_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One lot: where it lies, where it came from and where it went."""
    question = Question(request)
    lot = lists.lots(question.sight).select_related("item__category").filter(pk=pk).first()
    if lot is None or lot.item is None:
        raise Http404
    way = trace(question.access, pk)
    serial = lot.item.tracking == Item.Tracking.SERIAL
    road = movements(question.access, MovementFilter(lots=[pk]), limit=ROAD).rows if serial else []
    context = {
        "lot": lot,
        "question": question,
        "today": timezone.localdate(timezone=question.zone),
        "decimals": lot.item.base_unit.decimals,
        "trace": way,
        "figures": total(way.places),
        "origins": [(step, kind_of(step.movement)) for step in way.origins],
        "uses": [(step, kind_of(step.movement)) for step in way.uses],
        "shows_cost": question.sight.shows_cost,
        "changes": changes_of([Lot.objects.get(pk=pk)]),
        "explain": explain_url(item=lot.item_id, lot=pk),
        "tab": question.parameters.get("tab", ""),
        "serial": serial,
        "road": [(row, kind_of(row)) for row in road],
    }
    return render(request, "stock/book/lot.html", context)
