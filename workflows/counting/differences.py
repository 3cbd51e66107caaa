"""The only maker of stocktake gains and losses: one movement for each difference, all in one posting."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import LineError
from core.questions import Question
from stock.models import Place
from stock.plan import LineInput
from workflows.counting import figures, staleness
from workflows.errors import DocumentRefused
from workflows.models import CountLine, Document

_NAMED = 20
UNEXPLAINED = {"stocktake_gain": "found", "stocktake_loss": "lost"}
"""The reason of a difference whose cause nobody named."""


def movements(document: Document) -> list[LineInput]:
    """The movements that bring the book to what was counted, and whatever moved since; none without differences.

    Raises DocumentRefused while a line is stale or waits for another count.
    """
    _refuse(staleness.find(document))
    rows = _ROWS.all(document.pk, document.company_id)
    _refuse([row[0] for row in rows if figures.waits(*row[-3:])])
    return [_movement(*row[1:-3]) for row in rows]


def _middle(company: int) -> QuerySet[Place]:
    return Place.objects.filter(company=company, kind="adjustment").order_by()


_ROWS: Question[tuple[Any, ...]] = Question(
    lambda document, company: (
        CountLine.objects.filter(figures.AGAIN | figures.DIFFERS, document=document)
        .annotate(middle=Subquery(_middle(company).values("pk")))
        .order_by("bin__position", "pk")
        .values_list(
            "pk", "middle", "key", "item_id", "lot_id", "owner_id", "place_id", "counted", "book",
            "cause__code", "stale", "wanted", "round",
        )
    ),
    int,
    int,
)  # fmt: skip
"""The lines that differ or wait for another count."""


def _movement(  # noqa: PLR0913 - one argument per column
    middle: int,
    key: str,
    item: int,
    lot: int,
    owner: int,
    place: int,
    counted: Decimal,
    book: Decimal,
    cause: str | None,
) -> LineInput:
    gain = counted > book
    kind = "stocktake_gain" if gain else "stocktake_loss"
    source, target = (middle, place) if gain else (place, middle)
    return LineInput(
        type=kind,
        item=item,
        source=source,
        target=target,
        quantity=abs(counted - book),
        lot=lot,
        owner=owner,
        reason=cause or UNEXPLAINED[kind],
        line_key=key,
    )


def check_again(document: Document, posting: int) -> None:
    """Once more after posting, while its balances are locked: nothing slipped in before the lock.

    Raises DocumentRefused; nothing of the posting stays then.
    """
    _refuse(staleness.find(document, without=posting))


def _refuse(stale: Sequence[int]) -> None:
    if not stale:
        return
    rows = CountLine.objects.filter(pk__in=stale[:_NAMED]).select_related("place", "item")
    message = _("%(place)s: %(item)s moved while it was counted; count it again.")
    errors = [
        LineError(0, "stale", message % {"place": row.place.code, "item": row.item.code})
        for row in rows
    ]
    words = ngettext(
        "%(count)d line has to be counted again. Return the stocktake to counting.",
        "%(count)d lines have to be counted again. Return the stocktake to counting.",
        len(stale),
    )
    raise DocumentRefused(words % {"count": len(stale)}, code="stale", lines=errors)
