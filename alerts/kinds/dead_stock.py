"""Dead stock: goods that lie there and of which nothing has moved for a long time."""

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import hours
from alerts.kinds import register, shelf, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched, sentence
from alerts.models import Case, Rule
from stock.models.partners import US
from workflows import moment

_WHY = gettext_noop("%(item)s: %(on_hand)s %(unit)s on hand, nothing moved since %(since)s.")


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Items in stock whose newest movement (of our own goods on shelves) is older than so many days."""
    del margin  # whatever moves ends it
    before = moment.now() - timedelta(days=int(KIND.value(rule, "days")))
    house, of_house = "", []
    if rule.warehouse_id is not None:
        house, of_house = " AND p.warehouse_id = %s", [rule.warehouse_id]
    items, of_items = shelf.covered(rule, touched, "b.item_id")
    newest = (
        "JOIN (SELECT b.item_id, MAX(b.latest_at) AS latest FROM stock_balance b "
        f"JOIN stock_place p ON p.id = b.place_id AND p.kind = 'storage'{house} "
        f"WHERE b.owner_id = {US}{items} GROUP BY b.item_id) n ON n.item_id = i.id",
        [*of_house, *of_items],
    )
    still = "COALESCE(s.on_hand, 0) > 0 AND n.latest < %s"
    rows = shelf.rows(
        rule, touched, still, [shelf.moment(before)], extra=("n.latest",), join=newest
    )
    zone = hours.of(rule.warehouse).zone
    found = []
    for row in rows:
        since = shelf.read_moment(row.extra[0]).astimezone(zone).date().isoformat()
        figures = {"on_hand": shelf.said(row.on_hand), "unit": row.unit, "since": since}
        why = sentence(_WHY, item=row.code, **figures)
        found.append(
            Finding("item", str(row.item), why, figures, item=row.item, warehouse=rule.warehouse_id)
        )
    return found


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _("Of %(scope)s that are in stock nothing has moved for %(days)s days.") % {
        "scope": wording.scope(rule),
        "days": KIND.value(rule, "days"),
    }


def action(case: Case) -> Action | None:
    """Look at its card."""
    if case.item_id is None:
        return None
    return Action(reverse("stock:item", args=[case.item_id]), gettext_lazy("See its movements"))


KIND = register(
    Kind(
        code="dead-stock",
        label=gettext_lazy("Dead stock"),
        about=gettext_lazy("Goods on hand by their newest movement."),
        group="stock",
        watches="items",
        find=find,
        says=says,
        action=action,
        parameters=(
            Parameter(
                "days",
                gettext_lazy("nothing moved for"),
                Decimal(180),
                Decimal(7),
                Decimal(3650),
                gettext_lazy("days"),
            ),
        ),
    )
)
