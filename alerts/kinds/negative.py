"""Below zero: stock that is below zero, who took it there with a reason, and postings that failed for want of goods."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import scoping
from alerts.kinds import register, shelf, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched, sentence
from alerts.models import Case, Rule
from stock.models import Balance
from workflows import moment, states
from workflows.models import Document, Event

_BELOW = gettext_noop("%(item)s is below zero in %(place)s (%(warehouse)s): %(on_hand)s %(unit)s.")
_OVERRIDE = gettext_noop("%(document)s took stock below zero. Reason given: %(why)s")
_ATTEMPT = gettext_noop("%(document)s could not be posted: there is not enough of %(items)s.")
_SHORT = "short"


def _find_below(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Balances below zero, one finding per item and place."""
    del margin
    rows = (
        Balance.objects.filter(
            scoping.items(rule, touched, "item__"),
            scoping.warehouse(rule, "place__warehouse"),
            on_hand__lt=0,
        )
        .order_by()
        .values("item", "place", house=F("place__warehouse"))
        .annotate(
            quantity=Sum("on_hand"),
            code=F("item__code"),
            unit=F("item__base_unit__code"),
            place_code=F("place__code"),
            house_code=F("place__warehouse__code"),
        )
    )
    return [_below(row) for row in rows]


def _below(row: Mapping[str, Any]) -> Finding:
    figures = {
        "on_hand": shelf.said(row["quantity"]),
        "unit": row["unit"],
        "place": row["place_code"],
        "warehouse": row["house_code"],
    }
    return Finding(
        "balance",
        f"{row['item']}@{row['place']}",
        sentence(_BELOW, item=row["code"], **figures),
        figures,
        item=row["item"],
        warehouse=row["house"],
    )


def _find_override(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Documents posted within so many days that were allowed to take stock below zero."""
    del margin
    since = moment.now() - timedelta(days=int(OVERRIDE.value(rule, "days")))
    rows = Document.objects.filter(
        scoping.documents(touched),
        scoping.warehouse(rule, "warehouse"),
        state=states.POSTED,
        posted_at__gte=since,
    ).exclude(override="")
    return [
        _of_document(
            row, sentence(_OVERRIDE, document=str(row), why=row.override), {"why": row.override}
        )
        for row in rows.order_by("pk")
    ]


def _find_attempt(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Documents that could not be posted for want of goods and are not posted yet."""
    del margin
    since = moment.now() - timedelta(days=int(ATTEMPT.value(rule, "days")))
    failed = Event.objects.filter(
        scoping.documents(touched, "document"),
        scoping.warehouse(rule, "document__warehouse"),
        verb="post_failed",
        at__gte=since,
        document__state__in=states.RUNNING,
    ).select_related("document")
    found = []
    for event in failed.order_by("document", "-pk"):
        short = [line for line in event.data.get("lines", ()) if line.get("code") == _SHORT]
        if short:
            codes = dict.fromkeys(str(line.get("data", {}).get("item", "?")) for line in short)
            items = ", ".join(codes)
            why = sentence(_ATTEMPT, document=str(event.document), items=items)
            found.append(_of_document(event.document, why, {"items": items}))
    return found


def _of_document(row: Document, why: Any, figures: dict[str, Any]) -> Finding:
    return Finding(
        "document",
        str(row.pk),
        why,
        {"document": str(row), **figures},
        warehouse=row.warehouse_id,
        document=row.pk,
    )


def _count(case: Case) -> Action | None:
    if case.item_id is None:
        return None
    return Action(reverse("stock:item", args=[case.item_id]), gettext_lazy("See its movements"))


def open_document(case: Case) -> Action | None:
    """The document."""
    if case.document is None:
        return None
    return Action(
        reverse("workflows:page", args=[case.document.key]), gettext_lazy("Open the document")
    )


_DAYS = Parameter(
    "days", gettext_lazy("within"), Decimal(7), Decimal(1), Decimal(90), gettext_lazy("days")
)
BELOW = register(
    Kind(
        code="below-zero",
        label=gettext_lazy("Stock below zero"),
        about=gettext_lazy("What the book says to be less than nothing."),
        group="stock",
        watches="items",
        find=_find_below,
        says=lambda rule: _("Stock of %(scope)s is below zero.") % {"scope": wording.scope(rule)},
        action=_count,
    )
)
OVERRIDE = register(
    Kind(
        code="override",
        label=gettext_lazy("Taken below zero with a reason"),
        about=gettext_lazy("Documents that were posted although the goods were not there."),
        group="documents",
        watches="documents",
        find=_find_override,
        says=lambda rule: (
            _("A document took stock below zero with a reason, in %(place)s.")
            % {"place": wording.place(rule)}
        ),
        action=open_document,
        parameters=(_DAYS,),
        scopes=("warehouse",),
        lasting=False,
    )
)
ATTEMPT = register(
    Kind(
        code="attempt",
        label=gettext_lazy("Not enough to post"),
        about=gettext_lazy("Documents whose posting failed because the goods were not there."),
        group="documents",
        watches="documents",
        find=_find_attempt,
        says=lambda rule: (
            _("A document cannot be posted for want of goods, in %(place)s.")
            % {"place": wording.place(rule)}
        ),
        action=open_document,
        parameters=(_DAYS,),
        scopes=("warehouse",),
    )
)
