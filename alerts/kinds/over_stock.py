"""Over-stock: more lies on the shelves than the maximum."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts.kinds import register, shelf, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched, sentence
from alerts.models import Case, Rule

_WHY = gettext_noop("%(item)s: %(on_hand)s %(unit)s on hand, above the maximum of %(maximum)s.")


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Items of which more is on hand than their maximum and so many percent."""
    percent = 100 + KIND.value(rule, "percent")
    if margin:
        percent = max(percent - rule.hysteresis_percent, Decimal(0))
    above = "i.maximum > 0 AND COALESCE(s.on_hand, 0) * 100 > i.maximum * %s"
    return [_finding(rule, row) for row in shelf.rows(rule, touched, above, [int(percent)])]


def _finding(rule: Rule, row: shelf.Row) -> Finding:
    figures = {
        "on_hand": shelf.said(row.on_hand),
        "maximum": shelf.said(row.maximum or Decimal(0)),
        "unit": row.unit,
    }
    why = sentence(_WHY, item=row.code, **figures)
    return Finding("item", str(row.item), why, figures, item=row.item, warehouse=rule.warehouse_id)


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _("More of %(scope)s is on hand than the maximum and %(percent)s %% above it.") % {
        "scope": wording.scope(rule),
        "percent": KIND.value(rule, "percent"),
    }


def action(case: Case) -> Action | None:
    """See where it lies."""
    if case.item_id is None:
        return None
    return Action(
        reverse("stock:item", args=[case.item_id]), gettext_lazy("Move it elsewhere"), "transfer"
    )


KIND = register(
    Kind(
        code="over-stock",
        label=gettext_lazy("Over-stock"),
        about=gettext_lazy("On hand against the maximum of the item."),
        group="stock",
        watches="items",
        find=find,
        says=says,
        action=action,
        parameters=(
            Parameter("percent", gettext_lazy("above the maximum by"), Decimal(0), unit="%"),
        ),
    )
)
