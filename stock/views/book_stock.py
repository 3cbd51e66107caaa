"""What lies where: the list of stock, lots and their way, places and what lies in them."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import asked, tables
from core.tables import Action, Column, Filter, Table
from people.changes import changes_of
from people.doors import needs
from stock.models import Item, Lot, Place
from stock.queries import codes, lists, warehouse_map
from stock.queries.as_of import as_of
from stock.queries.movements import MovementFilter, movements
from stock.queries.on_hand import FINEST, OnHand, StockFilter, on_hand, total
from stock.queries.trace import trace
from stock.search_keys import search
from stock.views import chosen
from stock.views.book import Branch, Chip, Question, explain_url, item_url, kind_of, labels_below

ROAD = 200
"""Stations of a serial number that are shown."""
GROUPINGS = {
    "": FINEST,
    "item": ("item",),
    "lot": ("item", "lot"),
    "warehouse": ("item", "warehouse"),
}


def _same(rows: Any, _value: str) -> Any:
    """For filters that the query itself applies."""
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stock.view")
def on_hand_list(request: HttpRequest) -> HttpResponseBase:
    """What is there, by item, lot and place or coarser; ``?at=`` as of a day."""
    question = Question(request)
    by = GROUPINGS.get(question.parameters.get("by", ""), FINEST)
    category = question.number("category")
    where = StockFilter(
        items=question.ids("item"),
        lots=question.ids("lot"),
        places=question.ids("place"),
        warehouses=question.warehouses,
        categories=codes.with_children(category) if category else None,
    )
    at = question.at()
    rows = (
        as_of(question.access, where, at=at, by=by)
        if at
        else on_hand(question.access, where, by=by)
    )
    table = Table(
        name="stock",
        title=_("On hand"),
        columns=stock_columns(by, past=at is not None, at=question.parameters.get("at")),
        rows=rows,
        filters=_stock_filters(question),
        search=_search_rows,
        may=question.may,
        empty=_("There is no stock."),
        actions=_stock_actions(by),
        key=_stock_key,
        live="book",
    )
    return tables.respond(
        request, table, template="stock/book/stock.html", context={"at": at, "question": question}
    )


def _stock_key(row: OnHand) -> str:
    """What a row is found again by, however the list is grouped."""
    parts = (row.item, row.lot, row.place)
    return "-".join([str(one.id if one else 0) for one in parts] + [row.warehouse_code])


def _stock_actions(by: tuple[str, ...]) -> list[Action]:
    items = chosen.labels("items", _("Item labels"), lambda row: row.item.id if row.item else None)
    if "lot" not in by:
        return [items]
    lots = chosen.labels("lots", _("Lot labels"), lambda row: row.lot.id if row.lot else None)
    return [items, lots]


def stock_columns(
    by: tuple[str, ...], *, past: bool = False, at: str | None = None
) -> list[Column]:
    """The columns of rows of stock grouped like this."""

    def url(row: OnHand) -> str:
        return explain_url(
            item=row.item.id if row.item else None,
            lot=row.lot.id if row.lot else None,
            place=row.place.id if row.place else None,
            warehouse=row.warehouse if row.place is None else None,
            at=at,
        )

    columns = [
        Column(
            "item",
            _("Item"),
            "item.code",
            kind="code",
            sort="item",
            card="m",
            url=lambda row: item_url(row.item.id, at=at),
        ),
        Column(
            "name",
            _("Name"),
            "item.name",
            sort="name",
            groups=True,
            card="s",
            beside="lot.number" if "lot" in by else "",
        ),
    ]
    if "lot" in by:
        columns += [
            Column("lot", _("Lot"), "lot.number", kind="code", sort="lot", url=_lot_url),
            Column("expiry", _("Expires"), "lot.expires_on", kind="date", sort="expiry"),
        ]
    if "place" in by:
        columns.append(
            Column(
                "place",
                _("Place"),
                "place.code",
                kind="code",
                sort="place",
                groups=True,
                card="t",
                url=_place_url,
            )
        )
    if "warehouse" in by:
        columns.append(
            Column("warehouse", _("Warehouse"), "warehouse_code", sort="warehouse", groups=True)
        )
    columns.append(
        Column(
            "on_hand",
            _("On hand"),
            "figures.on_hand",
            kind="quantity",
            sort="on_hand",
            card="n",
            total=True,
            unit="item.unit",
            url=url,
            beside="item.unit",
        )
    )
    if not past:
        columns += [
            _figure("available", _("Available")),
            _figure("reserved", _("Reserved")),
            _figure("held", _("On hold")),
            _figure("in_transit", _("In transit")),
        ]
    return [
        *columns,
        Column("unit", _("Unit"), "item.unit"),
        Column(
            "unit_cost", _("Unit cost"), "figures.unit_cost", kind="unit_cost", right="cost.view"
        ),
        Column(
            "value",
            _("Value"),
            "figures.value",
            kind="money",
            sort="value",
            right="cost.view",
            total=True,
        ),
    ]


def _figure(key: str, label: str) -> Column:
    return Column(
        key,
        label,
        lambda row: getattr(row.figures, key) or None,
        kind="quantity",
        sort=key,
        total=True,
        unit="item.unit",
    )


def _lot_url(row: OnHand) -> str:
    return reverse("stock:lot", args=[row.lot.id]) if row.lot else ""


def _place_url(row: OnHand) -> str:
    return reverse("stock:place", args=[row.place.id]) if row.place else ""


def _search_rows(rows: list[OnHand], text: str) -> list[OnHand]:
    """Rows of items that match, or whose lot or place contains the text."""
    items = set(search(Item.objects.all(), text).values_list("pk", flat=True))
    word = text.lower()
    return [
        row
        for row in rows
        if (row.item and row.item.id in items)
        or (row.lot and word in row.lot.number.lower())
        or (row.place and word in row.place.code.lower())
    ]


def _stock_filters(question: Question) -> list[Filter]:
    today = timezone.localdate(timezone=question.zone)
    tests = {
        "available": lambda row: row.figures.available > 0,
        "reserved": lambda row: row.figures.reserved,
        "held": lambda row: row.figures.held,
        "transit": lambda row: row.figures.in_transit,
        "negative": lambda row: row.figures.on_hand < 0,
        "expired": lambda row: row.lot and row.lot.expires_on and row.lot.expires_on < today,
    }

    def in_state(rows: list[OnHand], value: str) -> list[OnHand]:
        return [row for row in rows if tests[value](row)] if value in tests else rows

    return [
        Filter("warehouse", _("Warehouse"), _same, question.warehouse_choices),
        Filter(
            "category",
            _("Category"),
            _same,
            question.category_choices,
        ),
        Filter(
            "state",
            _("State"),
            in_state,
            lambda: [
                ("available", _("available")),
                ("reserved", _("reserved")),
                ("held", _("on hold")),
                ("transit", _("in transit")),
                ("expired", _("expired")),
                ("negative", _("below zero")),
            ],
        ),
        Filter(
            "by",
            _("Group by"),
            _same,
            lambda: [
                ("item", _("item")),
                ("lot", _("item and lot")),
                ("warehouse", _("item and warehouse")),
            ],
        ),
        Filter("at", _("As of"), _same, kind="date"),
    ]


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
            Filter("warehouse", _("Warehouse"), _same, question.warehouse_choices),
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


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stock.view")
def place_list(request: HttpRequest) -> HttpResponseBase:
    """The places of the warehouses in the order of the tree."""
    question = Question(request)

    def of_kind(rows: Any, value: str) -> Any:
        return rows.filter(kind=value)

    def filled(rows: Any, value: str) -> Any:
        return (
            rows.filter(items=0, is_group=False) if value == "empty" else rows.filter(items__gt=0)
        )

    columns = [
        Column(
            "path",
            _("Place"),
            lambda place: Branch(place.path, place.code),
            kind="tree",
            sort="path",
            card="m",
            url=lambda place: reverse("stock:place", args=[place.pk]),
        ),
        Column("name", _("Name"), sort="name", card="s"),
        Column(
            "kind",
            _("Kind"),
            lambda place: str(place.get_kind_display()),
            sort="kind",
            card="t",
            groups=True,
        ),
        Column("warehouse", _("Warehouse"), "warehouse.name", sort="warehouse__code", groups=True),
        Column("zone", _("Zone"), lambda place: _("zone") if place.is_group else ""),
        Column(
            "items",
            _("Items here"),
            lambda place: place.items or None,
            kind="number",
            sort="items",
            card="n",
        ),
    ]
    from stock import place_kinds

    table = Table(
        name="places",
        title=_("Places"),
        columns=columns,
        rows=lists.places(question.sight).filter(archived_at=None),
        below=labels_below("places"),
        actions=[chosen.labels("places")],
        filters=[
            Filter("warehouse", _("Warehouse"), _same, question.warehouse_choices),
            Filter("kind", _("Kind"), of_kind, lambda: place_kinds.PHYSICAL_CHOICES),
            Filter(
                "filled",
                _("Stock"),
                filled,
                lambda: [("full", _("something lies here")), ("empty", _("empty"))],
            ),
        ],
        search=lambda rows, text: (
            rows.filter(path__icontains=text) | rows.filter(name__icontains=text)
        ),
        order="path",
        may=question.may,
        empty=_("There are no places yet."),
    )
    houses = question.sight.warehouses or question.whole.warehouses
    context = {"maps": list(houses.values())[:1]}
    return tables.respond(request, table, template="stock/book/places.html", context=context)


@require_safe
@needs("stock.view")
def place_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What lies in a place, or in everything of a zone."""
    question = Question(request)
    place = (
        Place.objects.filter(pk=pk, warehouse__in=question.whole.warehouses)
        .select_related("warehouse", "parent")
        .first()
    )
    if place is None or place.warehouse is None:
        raise Http404
    inside = [pk]
    if place.is_group:
        inside += Place.objects.filter(
            warehouse=place.warehouse, path__startswith=f"{place.path}/"
        ).values_list("pk", flat=True)
    at = question.at()
    where = StockFilter(places=inside)
    rows = as_of(question.access, where, at=at) if at else on_hand(question.access, where)
    table = Table(
        name="place",
        file=f"place-{place.code}",
        title=place.code,
        caption=place.name or str(place.get_kind_display()),
        columns=stock_columns(FINEST, past=at is not None, at=question.parameters.get("at")),
        rows=rows,
        filters=[Filter("at", _("As of"), _same, kind="date")],
        search=_search_rows,
        may=question.may,
        empty=_("Nothing lies here."),
    )
    return tables.respond(
        request,
        table,
        template="stock/book/place.html",
        context={"place": place, "at": at, **_about(place, inside, rows)},
    )


def _about(place: Place, inside: list[int], rows: list[OnHand]) -> dict[str, Any]:
    """What is worth knowing of a place before its rows: how many items, when it was last touched, its neighbours."""
    beside = Place.objects.filter(
        warehouse=place.warehouse_id, is_group=place.is_group, archived_at=None
    ).exclude(pk=place.pk)
    moved = warehouse_map.last_moved(inside, timezone.now())
    return {
        "items": len({row.item.id for row in rows if row.item}),
        "moved": max(moved.values(), default=None),
        "previous": beside.filter(path__lt=place.path).order_by("-path").first(),
        "next": beside.filter(path__gt=place.path).order_by("path").first(),
    }
