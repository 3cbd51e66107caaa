"""Duplicate document: the same source document twice, or the same goods for the same partner within a short time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import scoping
from alerts.kinds import register, wording
from alerts.kinds.base import Finding, Kind, Parameter, Touched
from alerts.kinds.late import of_document
from alerts.kinds.negative import open_document
from alerts.models import Rule
from workflows import moment, states
from workflows.models import Document, Line

_SAME = gettext_noop("%(document)s names the same source document %(reference)s as %(other)s.")
_ALIKE = gettext_noop("%(document)s asks for exactly what %(other)s asks for, shortly after it.")
_COUNTED = (*states.RUNNING, states.POSTED, states.CLOSED)
_LINES = 2
"""Documents of fewer lines are alike by routine."""


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Documents that say the same as an earlier one; rests and what was made from another do not count."""
    del margin
    now = moment.now()
    days = timedelta(days=int(KIND.value(rule, "days")))
    hours = timedelta(hours=int(KIND.value(rule, "hours")))
    fresh = list(
        _sent(rule).filter(scoping.documents(touched), submitted_at__gte=now - days).order_by("pk")
    )
    if not fresh:
        return []
    found = _same_reference(rule, fresh, days)
    known = {one.document for one in found}
    return [*found, *_alike(rule, [row for row in fresh if row.pk not in known], hours)]


def _sent(rule: Rule) -> Any:
    return Document.objects.filter(
        scoping.warehouse(rule, "warehouse"),
        state__in=_COUNTED,
        rest_of=None,
        replaces=None,
        source=None,
        batch="",
    )


def _same_reference(rule: Rule, fresh: Iterable[Document], days: timedelta) -> list[Finding]:
    named = [row for row in fresh if row.reference]
    if not named:
        return []
    earlier: dict[tuple[Any, ...], list[Document]] = defaultdict(list)
    since = min(row.submitted_at for row in named if row.submitted_at) - days
    others = _sent(rule).filter(
        reference__in={row.reference for row in named}, submitted_at__gte=since
    )
    for row in others.order_by("pk"):
        earlier[row.company_id, row.type, row.partner_id, row.reference].append(row)
    found = []
    for row in named:
        other = _before(row, earlier[row.company_id, row.type, row.partner_id, row.reference])
        if other is not None:
            figures = {"reference": row.reference, "other": str(other)}
            found.append(of_document(row, _SAME, figures))
    return found


def _alike(rule: Rule, fresh: list[Document], hours: timedelta) -> list[Finding]:
    if not fresh:
        return []
    first = min(row.submitted_at for row in fresh if row.submitted_at)
    last = max(row.submitted_at for row in fresh if row.submitted_at)
    near = _sent(rule).filter(
        Q(submitted_at__gte=first - hours, submitted_at__lte=last),
        type__in={row.type for row in fresh},
    )
    rows = list(near.order_by("pk"))
    said = _signatures([row.pk for row in rows])
    same: dict[tuple[Any, ...], list[Document]] = defaultdict(list)
    for row in rows:
        if len(said.get(row.pk, ())) >= _LINES:
            same[_facts(row, said[row.pk])].append(row)
    found = []
    for row in fresh:
        lines = said.get(row.pk, ())
        if len(lines) < _LINES:
            continue
        earlier = [
            one
            for one in same[_facts(row, lines)]
            if one.submitted_at
            and row.submitted_at
            and row.submitted_at - one.submitted_at <= hours
        ]
        other = _before(row, earlier)
        if other is not None:
            found.append(of_document(row, _ALIKE, {"other": str(other)}))
    return found


def _facts(row: Document, lines: tuple[Any, ...]) -> tuple[Any, ...]:
    return (
        row.company_id,
        row.type,
        row.partner_id,
        row.warehouse_id,
        row.target_warehouse_id,
        row.department_id,
        row.cost_object,
        lines,
    )


def _signatures(documents: list[int]) -> dict[int, tuple[Any, ...]]:
    """Document → what its lines ask for, in no order."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = Line.objects.filter(document__in=documents).order_by("document", "item", "requested")
    for document, item, unit, quantity in rows.values_list(
        "document_id", "item_id", "unit_id", "requested"
    ):
        found[document].append((item, unit, quantity))
    return {document: tuple(lines) for document, lines in found.items()}


def _before(row: Document, others: Iterable[Document]) -> Document | None:
    """The first of the others that was there before the row."""
    return next((one for one in others if one.pk < row.pk), None)


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _(
        "A document names the source document of another of the last %(days)s days, "
        "or asks for the same within %(hours)s hours, in %(place)s."
    ) % {
        "days": KIND.value(rule, "days"),
        "hours": KIND.value(rule, "hours"),
        "place": wording.place(rule),
    }


KIND = register(
    Kind(
        code="duplicate",
        label=gettext_lazy("Entered twice"),
        about=gettext_lazy(
            "Documents with the same source document, or with the same lines shortly after."
        ),
        group="documents",
        watches="documents",
        find=find,
        says=says,
        action=open_document,
        parameters=(
            Parameter(
                "days",
                gettext_lazy("same source document within"),
                Decimal(30),
                Decimal(1),
                Decimal(365),
                gettext_lazy("days"),
            ),
            Parameter(
                "hours",
                gettext_lazy("same lines within"),
                Decimal(4),
                Decimal(1),
                Decimal(72),
                gettext_lazy("hours"),
            ),
        ),
        scopes=("warehouse",),
        lasting=False,
    )
)
