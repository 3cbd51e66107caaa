"""Low stock: less is available, with what is on order, than the reorder point."""

from collections.abc import Mapping
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts.kinds import register, shelf, wording
from alerts.kinds.base import Action, Finding, Kind, Touched, sentence
from alerts.models import Case, Rule
from stock import incoming

ZERO = Decimal(0)


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Items below their reorder point; with ``margin`` the point is higher by the rule's hysteresis."""
    percent = 100 + (rule.hysteresis_percent if margin else 0)
    below = f"i.reorder_point > 0 AND ({shelf.PER['available']}) * 100 < i.reorder_point * %s"
    rows = shelf.rows(rule, touched, below, [percent])
    coming = on_order(rule, touched, [row.item for row in rows])
    return [
        _finding(rule, row, coming.get(row.item, ZERO))
        for row in rows
        if (row.available + coming.get(row.item, ZERO)) * 100 < (row.point or ZERO) * percent
    ]


def on_order(rule: Rule, touched: Touched, items: list[int]) -> Mapping[int, Decimal]:
    """Item → what is expected, in the rule's warehouse or in all."""
    narrow = touched.items is not None and len(items) < 1_000
    found: dict[int, Decimal] = {}
    if not items:
        return found
    for (item, house), quantity in incoming.expected(set(items) if narrow else None).items():
        if rule.warehouse_id in {None, house}:
            found[item] = found.get(item, ZERO) + quantity
    return found


_WHY = gettext_noop(
    "%(item)s: %(available)s %(unit)s available and %(incoming)s on order, below the reorder point of %(point)s."
)


def _finding(rule: Rule, row: shelf.Row, coming: Decimal) -> Finding:
    figures = {
        "available": shelf.said(row.available),
        "incoming": shelf.said(coming),
        "point": shelf.said(row.point or ZERO),
        "unit": row.unit,
    }
    return Finding(
        "item",
        str(row.item),
        sentence(_WHY, item=row.code, **figures),
        figures,
        item=row.item,
        warehouse=rule.warehouse_id,
    )


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _("Less of %(scope)s is available, with what is on order, than the reorder point.") % {
        "scope": wording.scope(rule)
    }


def action(case: Case) -> Action | None:
    """Order more."""
    if case.item_id is None:
        return None
    return Action(
        reverse("stock:item", args=[case.item_id]), gettext_lazy("Order more"), "purchase_order"
    )


KIND = register(
    Kind(
        code="low-stock",
        label=gettext_lazy("Low stock"),
        about=gettext_lazy("Available and on order against the reorder point of the item."),
        group="stock",
        watches="items",
        find=find,
        says=says,
        action=action,
    )
)
