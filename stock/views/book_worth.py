"""The page of what stock is worth by category and warehouse; every figure opens the goods that make it."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from core import tables
from core.tables import Column, Filter, Table
from people.doors import needs
from stock.queries.worth import CategoryWorth, worth
from stock.views.book import Question


@require_safe
@needs("cost.view")
def worth_page(request: HttpRequest) -> HttpResponseBase:
    """Now, or at the end of the day of ``?at=``; warehouses without the right to their costs are left out."""
    question = Question(request)
    at = question.at()
    rows = worth(question.access, at=at, warehouses=question.warehouses)
    shown = [
        facts
        for facts in question.sight.warehouses.values()
        if facts.area in question.sight.cost_areas
    ]
    columns = [
        Column("category", _("Category"), "category", sort="category", card="m"),
        Column(
            "items",
            _("Items"),
            "items",
            kind="number",
            sort="items",
            card="s",
            beside=lambda _row: pgettext("after a number", "items"),
        ),
    ]
    columns += [
        Column(
            f"warehouse_{facts.id}",
            facts.code,
            partial(_value, warehouse=facts.id),
            kind="money",
            sort=f"warehouse_{facts.id}",
            total=True,
            url=_opens(question, facts.id),
        )
        for facts in shown
    ]
    columns.append(
        Column(
            "total",
            _("Total"),
            "total",
            kind="money",
            sort="total",
            total=True,
            card="n",
            url=_opens(question),
        )
    )
    table = Table(
        "stock-value",
        _("Stock value"),
        columns,
        rows,
        filters=[
            Filter(
                "warehouse", _("Warehouse"), lambda rows, _value: rows, question.warehouse_choices
            ),
            Filter("at", _("As of"), lambda rows, _value: rows, kind="date", unset=_("now")),
        ],
        order="-total",
        empty=_("Nothing is in stock."),
        may=question.may,
    )
    return tables.respond(request, table, template="stock/book/worth.html", context={"at": at})


def _value(row: CategoryWorth, *, warehouse: int) -> Decimal | None:
    return row.values.get(warehouse)


def _opens(question: Question, warehouse: int | None = None) -> Callable[[CategoryWorth], str]:
    """The list of stock behind a figure."""

    def url(row: CategoryWorth) -> str:
        limits = {
            "category": row.id,
            "warehouse": warehouse or question.number("warehouse"),
            "at": question.parameters.get("at"),
            "by": "item",
        }
        given = {name: value for name, value in limits.items() if value}
        return f"{reverse('stock:on_hand')}?{urlencode(given)}"

    return url
