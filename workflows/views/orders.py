"""The list of what is open of orders, and the filling in of a production order's materials."""

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from core import asked, tables
from core.columns import Column, Filter, Table
from core.errors import DomainError
from people.access import Access, access_for
from people.doors import needs, signed_in
from people.models import Company
from stock.models import Warehouse
from stock.search_keys import plain
from stock.views.book import Chip
from workflows import boms, document_types
from workflows.models import OrderLine
from workflows.orders import figures, progress, promises
from workflows.orders.promises import Promise
from workflows.views.found import document_of


@require_safe
@needs("stock.view")
def listing(request: HttpRequest) -> HttpResponseBase:
    """Every open line that one may see, what is wanted first on top."""
    user = signed_in(request)
    access = access_for(user)
    zone = ZoneInfo(Company.objects.values_list("time_zone", flat=True).first() or "UTC")
    today = timezone.localdate(timezone=zone)
    table = Table(
        name="orders",
        title=_("Open orders"),
        columns=_columns(today),
        rows=figures.open_lines(user, access),
        filters=_filters(access, today),
        search=_search,
        order="wanted_on",
        empty=_("Nothing is open of any order."),
        may=access.may,
        unit_decimals=lambda row: row.line.unit.decimals,
        live="documents",
    )
    return tables.respond(request, table)


def _columns(today: Any) -> list[Column]:
    def state(row: OrderLine) -> Chip | None:
        wanted = row.document.wanted_on
        if wanted is not None and wanted < today:
            days = (today - wanted).days
            words = ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days}
            return Chip(words, "bad")
        return None

    return [
        Column(
            "number",
            _("Order"),
            lambda row: str(row.document),
            kind="code",
            sort="document_id",
            card="m",
            url=lambda row: f"/documents/{row.document.key}/",
        ),
        Column("type", _("Type"), lambda row: str(row.document.kind.label), sort="document__type"),
        Column("partner", _("Partner"), "document.partner.name", sort="document__partner__name"),
        Column("item", _("Item"), lambda row: str(row.item), sort="item__code", card="s"),
        Column("warehouse", _("Warehouse"), "document.warehouse.name", sort="warehouse__code"),
        Column("wanted_on", _("Wanted on"), "document.wanted_on", "date", "document__wanted_on"),
        Column("late", _("State"), state, kind="chip", card="t"),
        Column("ordered", _("Ordered"), _own("ordered"), kind="quantity"),
        Column("delivered", _("Delivered"), _own("delivered"), kind="quantity"),
        Column(
            "open",
            pgettext("quantity", "Open"),
            _own("open"),
            kind="quantity",
            card="n",
            beside="line.unit.code",
        ),
        Column("unit", _("Unit"), "line.unit.code"),
        Column("reserved", _("Reserved"), _kept("reserved"), kind="quantity"),
        Column("short", _("Short"), _kept("short"), kind="quantity"),
    ]


def _own(name: str) -> Any:
    def read(row: OrderLine) -> Decimal:
        return progress.in_unit(row.line, getattr(row, name))

    return read


def _kept(name: str) -> Any:
    def read(row: OrderLine) -> Decimal | None:
        if row.arrives:
            return None
        known = row.__dict__.setdefault("_kept", promises.of({row.line_id: row}))
        return progress.in_unit(row.line, getattr(known.get(row.line_id, Promise()), name))

    return read


def _filters(access: Access, today: Any) -> list[Filter]:
    return [
        Filter("late", _("Late"), lambda rows, _v: figures.late(rows, today), kind="flag"),
        Filter("type", _("Type"), _of_type, _types),
        Filter("warehouse", _("Warehouse"), _in_warehouse, lambda: _warehouses(access)),
    ]


def _of_type(rows: Any, value: str) -> Any:
    return rows.filter(document__type=value)


def _types() -> Iterable[tuple[str, str]]:
    return [(code, document_types.label(code)) for code in document_types.ORDERS]


def _in_warehouse(rows: Any, value: str) -> Any:
    chosen = asked.whole(value)
    return rows.filter(warehouse=chosen) if chosen else rows.none()


def _warehouses(access: Access) -> list[tuple[str, str]]:
    scopes = access.scopes("stock.view")
    rows = Warehouse.objects.filter(archived_at=None)
    if scopes is not None:
        rows = rows.filter(scope__in=scopes)
    return [
        (str(pk), f"{code} {name}") for pk, code, name in rows.values_list("pk", "code", "name")
    ]


def _search(rows: Any, text: str) -> Any:
    """By number, partner (also pinyin), code or name of the item."""
    word = plain(text).replace("|", " ")
    return rows.filter(
        Q(document__number__icontains=text)
        | Q(document__partner__search_key__contains=word)
        | Q(item__code__icontains=text)
        | Q(item__search_key__contains=word)
    )


@require_POST
@login_required
def explode(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Write the materials of the bill into the draft."""
    document, user, access = document_of(request, key)
    try:
        count = boms.explode(document, actor=user, access=access)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = ngettext("%(n)d material is filled in.", "%(n)d materials are filled in.", count)
        messages.success(request, said % {"n": count})
    return redirect("workflows:edit", key=document.key)
