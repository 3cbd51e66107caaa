"""The list of items with what is there of each, and the page of one item: where it lies, its card, its past."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core import asked, tables
from core.fields import plain
from core.tables import Column, Filter, Table
from core.templatetags import ui
from people.changes import changes_of
from people.doors import needs
from stock import incoming, plots
from stock.models import Item, Reservation
from stock.queries import codes, lists
from stock.queries.as_of import as_of
from stock.queries.card import Card, CardRow, card
from stock.queries.movements import Cursor
from stock.queries.on_hand import OnHand, StockFilter, on_hand, total
from stock.queries.sight import local_midnight, snapshot
from stock.search_keys import search
from stock.views import chosen
from stock.views.book import Chip, Question, explain_url, item_url, kind_of, labels_below, other_end

CHART_DAYS = 90
CHART_POINTS = 400


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stock.view")
def item_list(request: HttpRequest) -> HttpResponseBase:
    """All items; ``?state=low`` those below their reorder point."""
    question = Question(request)
    rows = lists.items(question.sight)
    archived = question.parameters.get("state") == "archived"
    if not archived:
        rows = rows.filter(archived_at=None)
    table = Table(
        name="items",
        title=_("Items"),
        columns=_item_columns(question),
        rows=rows,
        filters=_item_filters(question),
        search=search,
        order="" if question.parameters.get("q") else "code",
        may=question.may,
        empty=_("There are no items yet."),
        below=labels_below("items"),
        actions=[
            chosen.labels("items"),
            chosen.categories(_page),
            chosen.archiving(_page, archived=archived),
        ],
        live="book",
    )
    return tables.respond(
        request, table, template="stock/book/items.html", context={"question": question}
    )


def _page(item: Any) -> str:
    return item_url(item.pk)


def _state(item: Any) -> Chip | None:
    if item.archived_at:
        return Chip(_("archived"), "dead")
    if item.on_hand < 0:
        return Chip(_("below zero"), "bad")
    if item.kept and item.reorder_point and item.available < item.reorder_point:
        return Chip(_("low"), "wait")
    if item.maximum and item.on_hand > item.maximum:
        return Chip(_("over maximum"), "back")
    return None


def _item_columns(question: Question) -> list[Column]:
    columns = [
        Column(
            "code", _("Code"), kind="code", sort="code", card="m", url=lambda row: item_url(row.pk)
        ),
        Column("name", _("Name"), sort="name", card="s"),
        Column("specification", _("Specification"), sort="specification"),
        Column("category", _("Category"), "category.name", sort="category__name", groups=True),
        Column(
            "on_hand",
            _("On hand"),
            kind="quantity",
            sort="on_hand",
            card="n",
            url=lambda row: explain_url(item=row.pk),
            beside="base_unit.code",
        ),
        Column("available", _("Available"), kind="quantity", sort="available"),
        Column("reserved", _("Reserved"), kind="quantity", sort="reserved"),
        Column("unit", _("Unit"), "base_unit.code"),
        Column("reorder_point", _("Reorder point"), kind="quantity", sort="reorder_point"),
        Column("maximum", _("Maximum"), kind="quantity", sort="maximum", optional=True),
        Column("state", _("State"), _state, kind="chip", card="t"),
    ]
    if question.sight.shows_value:
        value = Column(
            "value", _("Value"), kind="money", sort="value", right="cost.view", total=True
        )
        columns.insert(8, value)
    return columns


def _item_filters(question: Question) -> list[Filter]:
    def in_category(rows: Any, value: str) -> Any:
        category = asked.whole(value)
        return rows.filter(category__in=codes.with_children(category)) if category else rows

    def in_state(rows: Any, value: str) -> Any:
        if value == "low":
            return lists.low(rows)
        conditions: dict[str, dict[str, Any]] = {
            "stock": {"on_hand__gt": 0},
            "none": {"on_hand": 0},
            "negative": {"on_hand__lt": 0},
            "archived": {"archived_at__isnull": False},
        }
        return rows.filter(**conditions.get(value, {}))

    return [
        Filter(
            "state",
            _("State"),
            in_state,
            lambda: [
                ("stock", _("in stock")),
                ("low", _("below reorder point")),
                ("none", _("none left")),
                ("negative", _("below zero")),
                ("archived", _("archived")),
            ],
        ),
        Filter("warehouse", _("Warehouse"), lambda rows, _v: rows, question.warehouse_choices),
        Filter(
            "category",
            _("Category"),
            in_category,
            question.category_choices,
        ),
    ]


@require_safe
@needs("stock.view")
def item_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One item: figures, where it lies, its card; ``?at=`` shows all of it as of a moment."""
    question = Question(request)
    item = Item.objects.select_related("category", "base_unit").filter(pk=pk).first()
    if item is None:
        raise Http404
    at = question.at()
    with snapshot():
        context = _item_context(question, item, at)
    if question.parameters.get("export"):
        return tables.respond(request, _card_table(question, item, context["page"]))
    return render(request, "stock/book/item.html", context)


def _item_context(question: Question, item: Item, at: datetime | None) -> dict[str, Any]:
    """Everything the page says, seen at one moment of the book."""
    rows = _where_it_lies(question, item, at)
    context: dict[str, Any] = {
        "item": item,
        "question": question,
        "at": at,
        "rows": rows,
        "figures": total(rows),
        "shows_cost": question.sight.shows_cost,
        "by": _grouping(question),
        "tab": question.parameters.get("tab", ""),
        "explain": explain_url(
            item=item.pk, at=_text(at, question), warehouse=question.number("warehouse")
        ),
        "moments": _moments(question),
        "chart_days": CHART_DAYS,
        "days_back": max(-CHART_DAYS, (at - timezone.now()).days + 1) if at else 0,
        "decimals": item.base_unit.decimals,
        "units": list(item.units.select_related("unit")),
    }
    return context | _tab(question, item, at, str(context["tab"]))


def _grouping(question: Question) -> str:
    by = question.parameters.get("by", "")
    return by if by == "warehouse" else "place"


def _where_it_lies(question: Question, item: Item, at: datetime | None) -> list[OnHand]:
    where = StockFilter(items=(item.pk,), warehouses=question.warehouses)
    by = ("item", "warehouse") if _grouping(question) == "warehouse" else ("item", "lot", "place")
    if at is not None:
        return as_of(question.access, where, at=at, by=by)
    return on_hand(question.access, where, by=by)


def _moments(question: Question) -> list[dict[str, str]]:
    """The buttons beside the moment: the starts of this and the last month."""
    today = timezone.localdate(timezone=question.zone)
    month = today.replace(day=1)
    last = (month - timedelta(days=1)).replace(day=1)
    return [
        {"label": ui.day(month), "at": f"{month.isoformat()}T00:00"},
        {"label": ui.day(last), "at": f"{last.isoformat()}T00:00"},
    ]


def _text(at: datetime | None, question: Question) -> str | None:
    return at.astimezone(question.zone).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def _tab(question: Question, item: Item, at: datetime | None, tab: str) -> dict[str, Any]:
    """What only one tab shows."""
    if tab == "facts":
        return {"barcodes": list(item.barcodes.select_related("unit"))}
    if tab == "history":
        return {"changes": changes_of([item])}
    page = _card(question, item, at)
    made: dict[str, Any] = {
        "page": page,
        "kinds": [(row, kind_of(row.movement)) for row in page.rows],
    }
    if question.parameters.get("view") != "table" and not question.parameters.get("after"):
        made["chart"] = _chart(question, item, at)
    if at is None:
        made["incoming"] = _incoming(question, item)
        made["promises"] = list(
            Reservation.objects.filter(
                item=item, state=Reservation.State.ACTIVE, warehouse__in=question.sight.warehouses
            ).select_related("warehouse")[:20]
        )
    return made


def _incoming(question: Question, item: Item) -> Decimal:
    """What is on order for the warehouses seen, in base units."""
    houses = set(question.sight.warehouses)
    coming = incoming.expected({item.pk})
    return sum((part for (_item, house), part in coming.items() if house in houses), Decimal(0))


def _card(question: Question, item: Item, at: datetime | None) -> Card:
    end = question.after() or (at + timedelta(microseconds=1) if at else None)
    export = bool(question.parameters.get("export"))
    return card(
        question.access,
        item.pk,
        warehouses=question.warehouses,
        start=question.start(),
        end=end,
        cursor=Cursor.parse(question.parameters.get("after", "")),
        limit=None if export else 100,
    )


def _chart(question: Question, item: Item, at: datetime | None) -> plots.StepChart:
    end = at or timezone.now()
    start = local_midnight(
        (end - timedelta(days=CHART_DAYS)).astimezone(question.zone).date(), question.zone
    )
    page = card(
        question.access,
        item.pk,
        warehouses=question.warehouses,
        start=start,
        end=at + timedelta(microseconds=1) if at else None,
        limit=CHART_POINTS,
    )
    rows = [row for row in reversed(page.rows) if row.change]
    if rows and (page.following is not None or not page.opening):
        first = rows[0].movement.effective_at
        start = max(start, first - (end - first) * 0.04)
    levels: list[tuple[Decimal | None, str, str]] = [
        (item.reorder_point, _("reorder point"), "ro"),
        (item.maximum, _("maximum"), "mx"),
    ]
    return plots.step_chart(
        [_point(row) for row in rows],
        start=start.astimezone(question.zone),
        end=end.astimezone(question.zone),
        opening=page.opening,
        levels=levels,
    )


def _point(row: CardRow) -> plots.Point:
    from django.urls import reverse

    kind = kind_of(row.movement)
    what = row.movement.document or str(kind.label)
    label = _("%(what)s: balance %(balance)s") % {"what": what, "balance": plain(row.balance)}
    url = reverse("stock:posting", args=[row.movement.posting])
    return plots.Point(row.movement.effective_at, row.balance, row.change, label, url)


def _card_table(question: Question, item: Item, page: Card) -> Table:
    """The card as a list, for its export."""
    columns = [
        Column(
            "effective_at", _("Happened"), lambda row: row.movement.effective_at, kind="datetime"
        ),
        Column("document", _("Document"), lambda row: row.movement.document, kind="code"),
        Column("type", _("Type"), lambda row: str(kind_of(row.movement).label)),
        Column("in", _("In"), lambda row: row.quantity_in, kind="quantity"),
        Column("out", _("Out"), lambda row: row.quantity_out, kind="quantity"),
        Column("balance", _("Balance"), lambda row: row.balance, kind="quantity"),
        Column(
            "unit_cost",
            _("Unit cost"),
            lambda row: row.movement.unit_cost,
            kind="unit_cost",
            right="cost.view",
        ),
        Column(
            "value", _("Value"), lambda row: row.movement.value, kind="money", right="cost.view"
        ),
        Column(
            "balance_value",
            _("Balance value"),
            lambda row: row.balance_value,
            kind="money",
            right="cost.view",
        ),
        Column("lot", _("Lot"), "movement.lot.number", kind="code"),
        Column(
            "from", pgettext_lazy("place", "From"), lambda row: other_end(row.movement, "source")
        ),
        Column("to", pgettext_lazy("place", "To"), lambda row: other_end(row.movement, "target")),
        Column("partner", _("Partner"), "movement.partner"),
        Column("actor", _("Posted by"), "movement.actor"),
    ]
    return Table(f"card-{item.code}", _("Stock card"), columns, page.rows, may=question.may)
