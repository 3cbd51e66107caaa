"""Late: steps whose limit is over, rest documents that nobody goes on with, transfers that do not arrive."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Min, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import hours, scoping
from alerts.kinds import register, shelf, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched, sentence
from alerts.kinds.negative import open_document
from alerts.models import Case, Rule
from stock.models import Balance
from workflows import moment, states
from workflows.models import Document, Task

_STEP = gettext_noop("%(document)s waits for %(who)s since %(due)s.")
_REST = gettext_noop("%(document)s, the rest of %(origin)s, is open since %(since)s.")
_TRANSIT = gettext_noop(
    "%(item)s: %(on_hand)s %(unit)s left for %(warehouse)s on %(since)s and have not arrived."
)
ALIVE = (*states.RUNNING, states.RETURNED, states.DRAFT)


def _find_step(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Documents with an open task whose limit was over so many hours ago, whoever it waits for longest."""
    del margin
    before = moment.now() - timedelta(hours=int(STEP.value(rule, "hours")))
    tasks = (
        Task.objects.filter(
            scoping.documents(touched, "document"),
            scoping.warehouse(rule, "document__warehouse"),
            state=Task.State.OPEN,
            due_at__lt=before,
            document__state__in=[*states.RUNNING, states.RETURNED],
        )
        .select_related("document", "user")
        .order_by("document", "due_at")
    )
    zone = hours.of(rule.warehouse).zone
    found: dict[int, Finding] = {}
    for task in tasks:
        due = task.due_at.astimezone(zone) if task.due_at else None
        figures = {"who": str(task.user), "due": f"{due:%Y-%m-%d %H:%M}"}
        found.setdefault(task.document_id, of_document(task.document, _STEP, figures))
    return list(found.values())


def of_document(row: Document, why: str, figures: dict[str, Any], **more: Any) -> Finding:
    """A finding about a document; its name is put into the sentence beside the figures."""
    return Finding(
        "document",
        str(row.pk),
        sentence(why, document=str(row), **figures),
        {"document": str(row), **figures},
        warehouse=row.warehouse_id,
        document=row.pk,
        partner=row.partner_id,
        **more,
    )


def _find_rest(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Rest documents that were made so many days ago and are not over."""
    del margin
    before = moment.now() - timedelta(days=int(REST.value(rule, "days")))
    rows = Document.objects.filter(
        scoping.documents(touched),
        scoping.warehouse(rule, "warehouse"),
        rest_of__isnull=False,
        created_at__lt=before,
        state__in=ALIVE,
    ).select_related("rest_of")
    zone = hours.of(rule.warehouse).zone
    return [
        of_document(
            row,
            _REST,
            {
                "origin": str(row.rest_of),
                "since": row.created_at.astimezone(zone).date().isoformat(),
            },
        )
        for row in rows.order_by("pk")
    ]


def _find_transit(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Goods in transit whose newest movement is so many days old, per item and warehouse."""
    del margin
    before = moment.now() - timedelta(days=int(TRANSIT.value(rule, "days")))
    rows = (
        Balance.objects.filter(
            Q(place__kind="transit"),
            scoping.items(rule, touched, "item__"),
            scoping.warehouse(rule, "place__warehouse"),
            on_hand__gt=0,
            latest_at__lt=before,
        )
        .order_by()
        .values("item", house=F("place__warehouse"))
        .annotate(
            quantity=Sum("on_hand"),
            since=Min("latest_at"),
            code=F("item__code"),
            unit=F("item__base_unit__code"),
            house_code=F("place__warehouse__code"),
        )
    )
    zone = hours.of(rule.warehouse).zone
    found = []
    for row in rows:
        figures = {
            "on_hand": shelf.said(row["quantity"]),
            "unit": row["unit"],
            "warehouse": row["house_code"],
            "since": row["since"].astimezone(zone).date().isoformat(),
        }
        found.append(
            Finding(
                "transit",
                f"{row['item']}@{row['house']}",
                sentence(_TRANSIT, item=row["code"], **figures),
                figures,
                item=row["item"],
                warehouse=row["house"],
            )
        )
    return found


def _see_item(case: Case) -> Action | None:
    if case.item_id is None:
        return None
    return Action(reverse("stock:item", args=[case.item_id]), gettext_lazy("Find the transfer"))


def _days(default: int) -> Parameter:
    return Parameter(
        "days",
        gettext_lazy("longer than"),
        Decimal(default),
        Decimal(1),
        Decimal(365),
        gettext_lazy("days"),
    )


STEP: Kind = register(
    Kind(
        code="late-step",
        label=gettext_lazy("Step overdue"),
        about=gettext_lazy("Tasks of documents whose limit is over."),
        group="documents",
        watches="documents",
        find=_find_step,
        says=lambda rule: (
            _("A step is overdue by more than %(hours)s hours, in %(place)s.")
            % {"hours": STEP.value(rule, "hours"), "place": wording.place(rule)}
        ),
        action=open_document,
        parameters=(
            Parameter(
                "hours",
                gettext_lazy("overdue by"),
                Decimal(24),
                Decimal(0),
                Decimal(1000),
                gettext_lazy("hours"),
            ),
        ),
        scopes=("warehouse",),
    )
)
REST: Kind = register(
    Kind(
        code="old-rest",
        label=gettext_lazy("Rest left open"),
        about=gettext_lazy("Rest documents by their age."),
        group="documents",
        watches="documents",
        find=_find_rest,
        says=lambda rule: (
            _("A rest document is open for more than %(days)s days, in %(place)s.")
            % {"days": REST.value(rule, "days"), "place": wording.place(rule)}
        ),
        action=open_document,
        parameters=(_days(7),),
        scopes=("warehouse",),
    )
)
TRANSIT: Kind = register(
    Kind(
        code="transit",
        label=gettext_lazy("Too long in transit"),
        about=gettext_lazy("Goods that left one warehouse and have not arrived in the other."),
        group="stock",
        watches="items",
        find=_find_transit,
        says=lambda rule: (
            _("%(scope)s are in transit for more than %(days)s days.")
            % {"scope": wording.scope(rule), "days": TRANSIT.value(rule, "days")}
        ),
        action=_see_item,
        parameters=(_days(5),),
    )
)
