"""Count variance: a stocktake that found more differences than it should."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts import scoping
from alerts.kinds import register, wording
from alerts.kinds.base import Action, Finding, Kind, Parameter, Touched
from alerts.kinds.late import of_document
from alerts.models import Case, Rule
from workflows import moment, states
from workflows.models import Document

_WHY = gettext_noop(
    "%(document)s: %(differing)s of %(counted)s lines differ from the book (%(percent)s %%)."
)


def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    """Stocktakes posted within so many days of whose counted lines so many percent differ."""
    del margin
    percent, least, days = (KIND.value(rule, name) for name in ("percent", "lines", "days"))
    known = Q(count_lines__round__gt=0)
    rows = (
        Document.objects.filter(
            scoping.documents(touched),
            scoping.warehouse(rule, "warehouse"),
            type="stocktake",
            state=states.POSTED,
            posted_at__gte=moment.now() - timedelta(days=int(days)),
        )
        .annotate(
            counted=Count("count_lines", filter=known),
            differing=Count(
                "count_lines", filter=known & ~Q(count_lines__counted=F("count_lines__book"))
            ),
        )
        .filter(differing__gte=int(least))
        .order_by("pk")
    )
    found = []
    for row in rows:
        share = (Decimal(row.differing) * 100 / row.counted).quantize(Decimal("0.1"))
        if share >= percent:
            figures: dict[str, Any] = {
                "differing": row.differing,
                "counted": row.counted,
                "percent": str(share),
            }
            found.append(of_document(row, _WHY, figures))
    return found


def says(rule: Rule) -> str:
    """The rule in one sentence."""
    return _(
        "Of the lines of a stocktake %(percent)s %% or more differ from the book, at least %(lines)s, in %(place)s."
    ) % {
        "percent": KIND.value(rule, "percent"),
        "lines": KIND.value(rule, "lines"),
        "place": wording.place(rule),
    }


def action(case: Case) -> Action | None:
    """Judge the differences."""
    if case.document is None:
        return None
    return Action(
        reverse("workflows:counting_variance", args=[case.document.key]),
        gettext_lazy("See the differences"),
    )


KIND = register(
    Kind(
        code="variance",
        label=gettext_lazy("Many count differences"),
        about=gettext_lazy("Stocktakes by the share of lines that differ from the book."),
        group="documents",
        watches="documents",
        find=find,
        says=says,
        action=action,
        parameters=(
            Parameter(
                "percent", gettext_lazy("at least"), Decimal(10), Decimal(1), Decimal(100), "%"
            ),
            Parameter(
                "lines",
                gettext_lazy("and at least so many lines"),
                Decimal(3),
                Decimal(1),
                Decimal(10_000),
            ),
            Parameter(
                "days",
                gettext_lazy("posted within"),
                Decimal(14),
                Decimal(1),
                Decimal(90),
                gettext_lazy("days"),
            ),
        ),
        scopes=("warehouse",),
        lasting=False,
    )
)
