"""Expiry: lots in stock that expire soon, and lots in stock that have expired."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import hours, scoping
from alerts.kinds import register, shelf, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched, sentence
from alerts.models import Case, Rule
from stock.models import Balance
from workflows import moment

_NEAR = gettext_noop(
    "%(item)s lot %(lot)s expires on %(expires)s: %(on_hand)s %(unit)s in %(warehouse)s."
)
_PAST = gettext_noop(
    "%(item)s lot %(lot)s expired on %(expires)s: %(on_hand)s %(unit)s in %(warehouse)s."
)


def today(rule: Rule) -> date:
    """The day it is where the rule looks."""
    return moment.now().astimezone(hours.of(rule.warehouse).zone).date()


def _find_near(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Lots in stock that expire within so many days, today included."""
    del margin  # days only pass one way
    now = today(rule)
    last = now + timedelta(days=int(NEAR.value(rule, "days")))
    when = Q(lot__expires_on__gte=now, lot__expires_on__lte=last)
    return _lots(rule, touched, when, _NEAR)


def _find_past(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Lots in stock whose day is over."""
    del margin
    return _lots(rule, touched, Q(lot__expires_on__lt=today(rule)), _PAST)


def _lots(rule: Rule, touched: Touched, when: Q, why: str) -> list[Finding]:
    """Lots and warehouses, from the balances of physical places, in one statement."""
    rows = (
        Balance.objects.filter(
            when,
            scoping.items(rule, touched, "item__"),
            scoping.warehouse(rule, "place__warehouse"),
            on_hand__gt=0,
            item__archived_at=None,
        )
        .order_by()
        .values("lot", "item", house=F("place__warehouse"))
        .annotate(
            quantity=Sum("on_hand"),
            code=F("item__code"),
            unit=F("item__base_unit__code"),
            number=F("lot__number"),
            expires=F("lot__expires_on"),
            house_code=F("place__warehouse__code"),
        )
    )
    return [_finding(row, why) for row in rows]


def _finding(row: Mapping[str, Any], why: str) -> Finding:
    figures = {
        "lot": row["number"],
        "expires": row["expires"].isoformat(),
        "on_hand": shelf.said(row["quantity"]),
        "unit": row["unit"],
        "warehouse": row["house_code"],
    }
    return Finding(
        "lot",
        f"{row['lot']}@{row['house']}",
        sentence(why, item=row["code"], **figures),
        figures,
        item=row["item"],
        lot=row["lot"],
        warehouse=row["house"],
    )


def _says_near(rule: Rule) -> str:
    return _("Lots of %(scope)s expire within %(days)s days.") % {
        "scope": wording.scope(rule),
        "days": NEAR.value(rule, "days"),
    }


def _says_past(rule: Rule) -> str:
    return _("Lots of %(scope)s have expired and are still in stock.") % {
        "scope": wording.scope(rule)
    }


def _begins(label: Any, document: str) -> Callable[[Case], Action | None]:
    def action(case: Case) -> Action | None:
        if case.lot_id is None:
            return None
        return Action(reverse("stock:lot", args=[case.lot_id]), label, document)

    return action


NEAR = register(
    Kind(
        code="near-expiry",
        label=gettext_lazy("Expires soon"),
        about=gettext_lazy(
            "Lots in stock by their expiry; a rule of a category overrides the general one."
        ),
        group="stock",
        watches="items",
        find=_find_near,
        says=_says_near,
        action=_begins(gettext_lazy("Move it where it is used"), "transfer"),
        parameters=(
            Parameter(
                "days",
                gettext_lazy("before the expiry"),
                Decimal(30),
                Decimal(1),
                Decimal(1000),
                gettext_lazy("days"),
            ),
        ),
    )
)
PAST = register(
    Kind(
        code="expired",
        label=gettext_lazy("Expired"),
        about=gettext_lazy("Lots that are in stock after their expiry."),
        group="stock",
        watches="items",
        find=_find_past,
        says=_says_past,
        action=_begins(gettext_lazy("Scrap it"), "scrap"),
    )
)
