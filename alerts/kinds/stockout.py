"""Projected stock-out: at the pace at which it is used, what is there and on order does not last for the lead time."""

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts.kinds import low_stock, register, shelf, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched, sentence
from alerts.models import Case, Rule
from core.numbers import QUANTITY_PLACES, from_scaled
from workflows import moment

USED = ("sales_out", "production_issue", "department_issue")
"""Movements that are demand: what is thrown away, moved or corrected says nothing of the pace."""
_WHY = gettext_noop(
    "%(item)s: %(available)s %(unit)s available and %(incoming)s on order last for %(days)s days at %(pace)s a day; "
    "the lead time is %(lead)s days."
)


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Items whose stock and orders last less long than their lead time; with ``margin`` so much longer."""
    window, lead_default, least = (
        int(KIND.value(rule, name)) for name in ("window_days", "lead_days", "movements")
    )
    lead = f"COALESCE(i.lead_time_days, {lead_default})"
    longer = 100 + (rule.hysteresis_percent if margin else 0)
    used, values = _used(rule, touched, window)
    # available ÷ (used ÷ window) < lead × (1 + hysteresis), without division
    short = (
        f"d.moves >= {least} AND ({shelf.PER['available']}) * {window} * 100 "
        f"< d.quantity * {lead} * {longer}"
    )
    rows = shelf.rows(rule, touched, short, extra=("d.quantity", lead), join=(used, values))
    coming = low_stock.on_order(rule, touched, [row.item for row in rows])
    found = []
    for row in rows:
        pace = from_scaled(int(row.extra[0]), QUANTITY_PLACES) / window
        lead_days = int(row.extra[1])
        there = row.available + coming.get(row.item, Decimal(0))
        if row.point and there < row.point:
            continue  # low stock already, which is another kind's
        if there * 100 < pace * lead_days * longer:
            found.append(_finding(rule, row, coming.get(row.item, Decimal(0)), pace, lead_days))
    return found


def _used(rule: Rule, touched: Touched, window: int) -> shelf.Sql:
    """Joins what was used of each item within the window (reversals taken off), and how often."""
    kinds = ", ".join(f"'{code}'" for code in USED)
    items, of_items = shelf.covered(rule, touched, "m.item_id")
    house, of_house = "", []
    if rule.warehouse_id is not None:
        house = "JOIN stock_place w ON w.warehouse_id = %s AND w.id IN (m.source_id, m.target_id) "
        of_house = [rule.warehouse_id]
    sql = (
        "JOIN (SELECT m.item_id, SUM(CASE WHEN m.reversal THEN -m.quantity ELSE m.quantity END) AS quantity, "
        f"COUNT(*) AS moves FROM stock_movement m {house}WHERE m.type IN ({kinds}) "
        f"AND m.effective_at >= %s{items} GROUP BY m.item_id) d ON d.item_id = i.id AND d.quantity > 0"
    )
    since = moment.now() - timedelta(days=window)
    return sql, [*of_house, shelf.moment(since), *of_items]


def _finding(rule: Rule, row: shelf.Row, coming: Decimal, pace: Decimal, lead: int) -> Finding:
    there = max(row.available + coming, Decimal(0))
    figures = {
        "available": shelf.said(row.available),
        "incoming": shelf.said(coming),
        "pace": shelf.said(round(pace, 2)),
        "days": int(there / pace),
        "lead": lead,
        "unit": row.unit,
    }
    why = sentence(_WHY, item=row.code, **figures)
    return Finding("item", str(row.item), why, figures, item=row.item, warehouse=rule.warehouse_id)


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _(
        "At the pace of the last %(window)s days %(scope)s run out before new goods can be there "
        "(lead time of the item, otherwise %(lead)s days)."
    ) % {
        "scope": wording.scope(rule),
        "window": KIND.value(rule, "window_days"),
        "lead": KIND.value(rule, "lead_days"),
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
        code="stockout",
        label=gettext_lazy("Will run out"),
        about=gettext_lazy("Available and on order against the demand within the lead time."),
        group="stock",
        watches="items",
        find=find,
        says=says,
        action=action,
        parameters=(
            Parameter(
                "window_days",
                gettext_lazy("demand of the last"),
                Decimal(90),
                Decimal(7),
                Decimal(730),
                gettext_lazy("days"),
            ),
            Parameter(
                "lead_days",
                gettext_lazy("lead time where the item has none"),
                Decimal(14),
                Decimal(1),
                Decimal(365),
                gettext_lazy("days"),
            ),
            Parameter(
                "movements",
                gettext_lazy("at least so many movements"),
                Decimal(3),
                Decimal(1),
                Decimal(1000),
            ),
        ),
    )
)
