"""What is below its reorder point and what is on order of it: the list of procurement, and the tile that counts it."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from boards.homes import asking
from core.columns import Column, Filter, Table
from people.homes import Asked
from stock import incoming
from stock.models import Item
from stock.queries import lists
from stock.queries.sight import Sight
from stock.search_keys import search
from stock.views.book import Chip, item_url
from workflows import amounts, states
from workflows.models import Line


@dataclass(frozen=True, slots=True)
class Row:
    """An item with less available than its reorder point; quantities in its base unit."""

    item: Item
    available: Decimal
    ordered: Decimal

    @property
    def point(self) -> Decimal:
        """Its reorder point."""
        return self.item.reorder_point or Decimal(0)

    @property
    def lacking(self) -> Decimal:
        """What is missing to its maximum, or to its reorder point where it has no maximum."""
        return max((self.item.maximum or self.point) - self.available - self.ordered, Decimal(0))

    @property
    def unordered(self) -> bool:
        """Whether it stays below even when everything on order has come."""
        return self.available + self.ordered < self.point


def rows(asked: Asked) -> list[Row]:
    """Every item below its reorder point in the warehouses seen; three statements, once per page."""

    def read() -> list[Row]:
        sight = asking.sight(asked)
        low = list(lists.low(lists.items(sight)).order_by("code"))
        ordered = on_order(sight, [item.pk for item in low])
        return [Row(item, item.available, ordered[item.pk]) for item in low]

    found: list[Row] = asked.once("reorder", read)
    return found


def on_order(sight: Sight, items: list[int]) -> dict[int, Decimal]:
    """Item → base quantity on its way into the warehouses seen: open rests of orders, receipts without one."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for (item, house), quantity in incoming.expected(set(items)).items():
        if house in sight.warehouses:
            found[item] += quantity
    lines = Line.objects.filter(
        item__in=items,
        source_line=None,
        document__type="purchase_in",
        document__state__in=states.RUNNING,
        document__warehouse__in=list(sight.warehouses),
    )
    for line in lines.select_related("unit"):
        found[line.item_id] += amounts.base(line, amounts.planned(line))
    return found


def table(asked: Asked, may: Any) -> Table:
    """The list."""
    return Table(
        name="reorder",
        title=_("To reorder"),
        caption=_("Less available than the reorder point"),
        columns=_columns(),
        rows=rows(asked),
        filters=[Filter("state", _("State"), _narrow, _states)],
        search=_search,
        order="code",
        may=may,
        empty=_("Everything is above its reorder point."),
    )


def _columns() -> list[Column]:
    return [
        Column(
            "code",
            _("Code"),
            "item.code",
            kind="code",
            sort="code",
            card="m",
            url=lambda row: item_url(row.item.pk),
        ),
        Column("name", _("Name"), "item.name", sort="name", card="s"),
        Column(
            "available",
            _("Available"),
            kind="quantity",
            sort="available",
            card="n",
            beside="item.base_unit.code",
        ),
        Column("unit", _("Unit"), "item.base_unit.code"),
        Column("point", _("Reorder point"), kind="quantity", sort="point"),
        Column("ordered", _("On order"), kind="quantity", sort="ordered"),
        Column("lacking", _("To order"), kind="quantity", sort="lacking"),
        Column("state", _("State"), _state, kind="chip", card="t"),
    ]


def _state(row: Row) -> Chip:
    return Chip(_("not ordered"), "bad") if row.unordered else Chip(_("on its way"), "go")


def _states() -> list[tuple[str, str | Promise]]:
    return [("unordered", _("not ordered")), ("ordered", _("on its way"))]


def _narrow(found: list[Row], value: str) -> list[Row]:
    return [row for row in found if row.unordered == (value == "unordered")]


def _search(found: list[Row], text: str) -> list[Row]:
    items = set(search(Item.objects.all(), text).values_list("pk", flat=True))
    return [row for row in found if row.item.pk in items]
