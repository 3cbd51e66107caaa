"""The only maker of stocktake gains and losses: one movement for each difference, all in one posting."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import LineError
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
    _refuse(list(figures.again(document).values_list("pk", flat=True)))
    lines = figures.differing(document).select_related("cause").order_by("bin__position", "pk")
    middle = Place.objects.get(company=document.company_id, kind="adjustment").pk
    return [_movement(line, middle) for line in lines]


def _movement(line: CountLine, middle: int) -> LineInput:
    difference: Decimal = line.difference
    gain = difference > 0
    kind = "stocktake_gain" if gain else "stocktake_loss"
    source, target = (middle, line.place_id) if gain else (line.place_id, middle)
    return LineInput(
        type=kind,
        item=line.item_id,
        source=source,
        target=target,
        quantity=abs(difference),
        lot=line.lot_id or 0,
        owner=line.owner_id or 0,
        reason=line.cause.code if line.cause else UNEXPLAINED[kind],
        line_key=line.key,
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
