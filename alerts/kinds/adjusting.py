"""Frequent adjustments or scrap: what is corrected again and again has a cause that nobody has looked for."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import scoping
from alerts.kinds import register, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched, sentence
from alerts.models import Case, Rule
from stock.models import Movement
from workflows import moment

ADJUSTS = ("stocktake_gain", "stocktake_loss", "other_in", "other_out", "scrap")
_WHY = gettext_noop(
    "%(item)s was corrected or scrapped %(times)s times within %(days)s days in %(warehouse)s."
)


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Items and warehouses with so many adjusting movements within so many days, reversed ones not counted."""
    del margin
    days, least = (int(KIND.value(rule, name)) for name in ("days", "times"))
    found: dict[tuple[int, int], dict[str, Any]] = {}
    rows = Movement.objects.filter(
        scoping.items(rule, touched, "item__"),
        type__in=ADJUSTS,
        reversal=False,
        effective_at__gte=moment.now() - timedelta(days=days),
    ).exclude(successors__reversal=True)
    for end in ("source", "target"):
        here = Q(**{f"{end}__warehouse__isnull": False})
        here &= scoping.warehouse(rule, f"{end}__warehouse")
        counted = (
            rows.filter(here)
            .order_by()
            .values("item", house=F(f"{end}__warehouse"))
            .annotate(n=Count("pk"), code=F("item__code"), house_code=F(f"{end}__warehouse__code"))
        )
        for row in counted:
            known = found.setdefault((row["item"], row["house"]), {**row, "n": 0})
            known["n"] += row["n"]
    return [_finding(row, days) for row in found.values() if row["n"] >= least]


def _finding(row: dict[str, Any], days: int) -> Finding:
    figures = {"times": row["n"], "days": days, "warehouse": row["house_code"]}
    return Finding(
        "item",
        f"{row['item']}@{row['house']}",
        sentence(_WHY, item=row["code"], **figures),
        figures,
        item=row["item"],
        warehouse=row["house"],
    )


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _("%(scope)s were corrected or scrapped %(times)s times within %(days)s days.") % {
        "scope": wording.scope(rule),
        "times": KIND.value(rule, "times"),
        "days": KIND.value(rule, "days"),
    }


def action(case: Case) -> Action | None:
    """Count it."""
    if case.item_id is None:
        return None
    return Action(reverse("stock:item", args=[case.item_id]), gettext_lazy("Look for the cause"))


KIND = register(
    Kind(
        code="adjusting",
        label=gettext_lazy("Corrected too often"),
        about=gettext_lazy(
            "Stocktake differences, other receipts and issues, and scrap of the same item."
        ),
        group="stock",
        watches="items",
        find=find,
        says=says,
        action=action,
        parameters=(
            Parameter(
                "times",
                gettext_lazy("at least"),
                Decimal(4),
                Decimal(2),
                Decimal(1000),
                gettext_lazy("times"),
            ),
            Parameter(
                "days",
                gettext_lazy("within"),
                Decimal(30),
                Decimal(1),
                Decimal(365),
                gettext_lazy("days"),
            ),
        ),
    )
)
