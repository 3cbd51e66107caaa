"""What lies where: the list of stock, by item, lot and place or coarser."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import tables
from core.tables import Action, Column, Filter, Table
from people.doors import needs
from stock.models import Item
from stock.queries import codes
from stock.queries.as_of import as_of
from stock.queries.on_hand import FINEST, OnHand, StockFilter, on_hand
from stock.search_keys import search
from stock.views import chosen
from stock.views.book import Question, explain_url, item_url

GROUPINGS = {
    "": FINEST,
    "item": ("item",),
    "lot": ("item", "lot"),
    "warehouse": ("item", "warehouse"),
}


def same(rows: Any, _value: str) -> Any:
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
        search=search_rows,
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


def search_rows(rows: list[OnHand], text: str) -> list[OnHand]:
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
        Filter("warehouse", _("Warehouse"), same, question.warehouse_choices),
        Filter(
            "category",
            _("Category"),
            same,
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
            same,
            lambda: [
                ("item", _("item")),
                ("lot", _("item and lot")),
                ("warehouse", _("item and warehouse")),
            ],
        ),
        Filter("at", _("As of"), same, kind="date"),
    ]
