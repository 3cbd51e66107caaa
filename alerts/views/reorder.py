"""The list of what to order again: why, how much, and one click into purchase requests."""

from typing import Any

from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from alerts.models import Suggestion
from alerts.reorder import requesting, suggesting
from core import choosing, tables
from core.choosing import One, Outcome
from core.columns import Action, Column, Filter, Table
from core.errors import DomainError
from people.access import Access, access_for
from people.doors import needs, signed_in
from stock.models import Item, Partner, Warehouse
from stock.search_keys import search
from stock.views.book import Chip, item_url

AT_ONCE = 5_000
"""Up to so many items are reckoned while somebody waits; the clock does the others."""
_URGENT = 3


def visible(access: Access) -> QuerySet[Suggestion]:
    """Suggestions of warehouses that may be seen, what lasts shortest first."""
    rows = Suggestion.objects.select_related(
        "item", "item__base_unit", "warehouse", "supplier", "unit"
    )
    scopes = access.scopes("stock.view")
    return rows if scopes is None else rows.filter(warehouse__scope__in=scopes)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stock.view")
def listing(request: HttpRequest) -> HttpResponseBase:
    """What is at its reorder point and not on the way; ``?all=1`` also what suffices."""
    access = access_for(signed_in(request))
    rows = visible(access)
    newest = rows.aggregate(at=Max("reckoned_at"))["at"]
    if not request.GET.get("all"):
        rows = rows.filter(quantity__gt=0)
    table = Table(
        name="reorder",
        title=_("Suggested orders"),
        columns=_columns(),
        rows=rows,
        filters=_filters(access),
        search=_search,
        order="days",
        empty=_("Everything lasts until the next delivery."),
        may=access.may,
        unit_decimals=lambda row: row.item.base_unit.decimals,
        actions=[Action("request", _("Make purchase requests"), _request, "doc", "document.ask")],
    )
    return tables.respond(
        request, table, template="alerts/reorder.html",
        context={"newest": newest, "may_reckon": access.may("document.ask")},
    )  # fmt: skip


def _search(rows: QuerySet[Suggestion], text: str) -> QuerySet[Suggestion]:
    return rows.filter(item__in=search(Item.objects.all(), text).values("pk"))


def _filters(access: Access) -> list[Filter]:
    def houses() -> list[tuple[str, str]]:
        found = Warehouse.objects.filter(archived_at=None)
        scopes = access.scopes("stock.view")
        if scopes is not None:
            found = found.filter(scope__in=scopes)
        return [(one.code, str(one)) for one in found]

    def suppliers() -> list[tuple[str, str]]:
        used = visible(access).filter(quantity__gt=0).values("supplier")
        return [(one.code, f"{one.code} {one.name}") for one in Partner.objects.filter(pk__in=used)]

    return [
        Filter(
            "warehouse", _("Warehouse"), lambda r, v: r.filter(warehouse__code__iexact=v), houses
        ),
        Filter(
            "supplier", _("Supplier"), lambda r, v: r.filter(supplier__code__iexact=v), suppliers
        ),
        Filter(
            "pattern",
            _("Demand"),
            lambda r, v: r.filter(pattern=v),
            lambda: Suggestion.Pattern.choices,
        ),
        Filter("all", _("Also what suffices"), lambda r, _v: r, kind="flag"),
    ]


def _columns() -> list[Column]:
    def lasts(row: Suggestion) -> Chip | None:
        if row.days_left is None:
            return None
        days = int(row.days_left)
        words = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
        late = days < row.lead_days
        return Chip(words, "bad" if late and days <= _URGENT else "wait" if late else "")

    def packs(row: Suggestion) -> str:
        return "" if row.unit_id == row.item.base_unit_id else f"{row.packs:.0f} {row.unit.code}"

    return [
        Column("item", _("Item"), "item.code", kind="code", sort="item__code", card="m",
               url=lambda row: item_url(row.item_id)),
        Column("name", _("Name"), "item.name", sort="item__name", card="s"),
        Column("warehouse", _("Warehouse"), "warehouse.code", sort="warehouse__code"),
        Column("days", _("Lasts"), lasts, kind="chip", sort="days_left", card="t"),
        Column("quantity", _("To order"), kind="quantity", sort="quantity", card="n"),
        Column("unit", _("Unit"), "item.base_unit.code"),
        Column("packs", _("In packs"), packs),
        Column("available", _("Available"), kind="quantity", sort="available"),
        Column("incoming", _("On order"), kind="quantity", sort="incoming"),
        Column("asked", _("Requested"), kind="quantity", sort="asked"),
        Column("per_day", _("A day"), kind="quantity", sort="per_day"),
        Column("lead", _("Delivery (days)"), "lead_days", kind="number", sort="lead_days"),
        Column("safety", _("Safety stock"), kind="quantity", sort="safety", optional=True),
        Column("point", _("Reorder point"), kind="quantity", sort="point"),
        Column("pattern", _("Demand"), "get_pattern_display", sort="pattern"),
        Column("method", _("Method"), kind="code", sort="method", optional=True),
        Column("supplier", _("Supplier"), "supplier.name", sort="supplier__name"),
    ]  # fmt: skip


def _request(request: HttpRequest, rows: list[Any]) -> HttpResponseBase:
    """Drafts of what was chosen; where one cannot be made, none is, and it says why."""
    user = signed_in(request)
    here = choosing.here(request)
    try:
        made = requesting.request(rows, actor=user, access=access_for(user))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(here)
    if not made:
        messages.error(request, _("There is nothing to order in these rows."))
        return redirect(here)
    if len(made) == 1:
        messages.success(request, _("The purchase request is made. Look at it and submit it."))
        return redirect(reverse("workflows:edit", args=[made[0].key]))
    words = ngettext("%(n)d request is made.", "%(n)d requests are made.", len(made))
    outcome = Outcome(_("Make purchase requests"), words=words % {"n": len(made)}, back=here)
    outcome.done = [
        One(str(one.key), f"{one} {one.partner or ''}", reverse("workflows:edit", args=[one.key]))
        for one in made
    ]
    return choosing.show(request, outcome)


@require_POST
@needs("document.ask")
def reckon(request: HttpRequest) -> HttpResponse:
    """Reckon anew now, unless there is too much for waiting."""
    if Item.objects.filter(archived_at=None).count() > AT_ONCE:
        messages.error(request, _("There are too many items to wait for it: it runs by itself."))
    else:
        count = suggesting.reckon_all()
        words = ngettext("%(n)d is to be ordered.", "%(n)d are to be ordered.", count)
        messages.success(request, words % {"n": count})
    return redirect("alerts:reorder")
