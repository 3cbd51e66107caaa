"""Places: the tree of the warehouses, and what lies in one of them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import tables
from core.tables import Column, Filter, Table
from people.doors import needs
from stock.models import Place
from stock.queries import lists, warehouse_map
from stock.queries.as_of import as_of
from stock.queries.on_hand import FINEST, OnHand, StockFilter, on_hand
from stock.views import chosen
from stock.views.book import Branch, Question, labels_below
from stock.views.book_stock import same, search_rows, stock_columns


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
            Filter("warehouse", _("Warehouse"), same, question.warehouse_choices),
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
        filters=[Filter("at", _("As of"), same, kind="date")],
        search=search_rows,
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
