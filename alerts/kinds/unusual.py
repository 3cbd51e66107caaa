"""Unusual entries: quantity, price, hour, person or partner that this item and type do not know, and unit mistakes.

The judgement is that of alerts.anomaly, the same as beside a line while it is typed. What somebody has marked as right
is not said again; what another kind looks for (documents entered twice) is left to it.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import scoping
from alerts.anomaly import judging, sentences, surrounding
from alerts.kinds import register, wording
from alerts.kinds.base import Finding, Kind, Parameter, Touched, sentence
from alerts.kinds.negative import open_document
from alerts.models import Rule
from core.said import noted
from workflows import moment, states
from workflows.models import Document, Line

_ONE = gettext_noop("%(document)s, %(item)s: %(remark)s")
_MORE = gettext_noop("%(document)s, %(item)s: %(remark)s And %(more)s more.")
_ELSEWHERE = frozenset({"twin", "twin_reference"})
_FRESH = timedelta(hours=1)
"""A sweep looks at what moved within so long; older documents were looked at when they moved."""
_MOST = 200


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Submitted documents with something unusual at least so strong; one finding each, its strongest remark first."""
    del margin
    strong = float(KIND.value(rule, "strength")) / 100
    which = Q(state__in=[*states.RUNNING, states.POSTED], batch="")
    if touched.documents is None:
        which &= Q(changed_at__gte=moment.now() - _FRESH)
    rows = Document.objects.filter(
        which, scoping.documents(touched), scoping.warehouse(rule, "warehouse")
    ).select_related("company", "source", "partner", "warehouse")
    found = []
    for row in rows.order_by("-pk")[:_MOST]:
        one = _judged(row, strong)
        if one is not None:
            found.append(one)
    return found


def _judged(document: Document, strong: float) -> Finding | None:
    lines = Line.objects.filter(document=document).select_related(
        "item", "item__base_unit", "unit", "lot", "source", "target", "reason", "source_line"
    )
    remarks = [
        (one, case)
        for case in surrounding.cases(document, list(lines.order_by("position", "id")[:_MOST]))
        for one in judging.judge(case.typed, case.around, case.known)
        if one.strength >= strong and one.code not in _ELSEWHERE
    ]
    if not remarks:
        return None
    remarks.sort(key=lambda pair: (pair[0].code in sentences.MONEY, -pair[0].strength))
    first, case = remarks[0]
    said: dict[str, Any] = {
        "document": str(document),
        "item": case.line.item.code,
        "remark": noted(sentences.say(first, case)),
    }
    figures: dict[str, Any] = {"codes": _codes(one.code for one, _case in remarks)}
    if first.code in sentences.MONEY:
        figures["money"] = True
    if len(remarks) > 1:
        said["more"] = len(remarks) - 1
    return Finding(
        "document",
        str(document.pk),
        sentence(_MORE if len(remarks) > 1 else _ONE, **said),
        figures,
        item=case.line.item_id if len(remarks) == 1 else None,
        warehouse=document.warehouse_id,
        partner=document.partner_id,
        document=document.pk,
    )


def _codes(codes: Iterable[str]) -> list[str]:
    return sorted(set(codes))


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _(
        "A document has an unusual quantity, price, hour, person or partner, or a wrong unit, in %(place)s."
    ) % {"place": wording.place(rule)}


KIND = register(
    Kind(
        code="unusual",
        label=gettext_lazy("Unusual entry"),
        about=gettext_lazy(
            "Submitted documents by what is usual for their items; the same as is said while typing."
        ),
        group="unusual",
        watches="documents",
        find=find,
        says=says,
        action=open_document,
        parameters=(
            Parameter(
                "strength",
                gettext_lazy("at least so sure"),
                Decimal(75),
                Decimal(10),
                Decimal(100),
                "%",
            ),
        ),
        scopes=("warehouse",),
        lasting=False,
    )
)
