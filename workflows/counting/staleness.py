"""Which counts cannot be told from a movement: found from the book alone, flagged, never guessed.

A movement that the count did not know (beyond its mark) must have happened after it. One that says it happened
before, a difference of another stocktake, or the reversal of something that the count knew, makes it stale.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, F, Min, Q

from workflows.models import CountLine, Document

_FOUND = """
SELECT DISTINCT l.id FROM stock_movement m
JOIN workflows_countline l ON l.item_id = m.item_id AND l.lot_id = m.lot_id
  AND l.owner_id = m.owner_id AND l.place_id IN (m.source_id, m.target_id)
WHERE l.document_id = %s AND l.round > 0 AND NOT l.stale AND m.id > l.mark AND {since}
  AND m.posting_id <> %s
  AND (m.effective_at <= l.until
    OR m.type IN ('stocktake_gain', 'stocktake_loss')
    OR (m.reversal AND m.original_id <= l.mark))
"""


def find(document: Document, *, without: int = 0) -> list[int]:
    """Ids of counted lines that have become stale; ``without`` is a posting of our own that does not count."""
    counted = CountLine.objects.filter(document=document, round__gt=0, stale=False)
    marks = counted.aggregate(
        oldest=Min("mark", filter=Q(mark__gt=0)), new=Count("pk", filter=Q(mark=0))
    )
    found: set[int] = set()
    with connection.cursor() as cursor:
        if marks["oldest"] is not None:
            cursor.execute(
                _FOUND.format(since="m.id > %s"), [document.pk, marks["oldest"], without]
            )
            found |= {key for (key,) in cursor.fetchall()}
        if marks["new"]:
            cursor.execute(_FOUND.format(since="l.mark = 0"), [document.pk, without])
            found |= {key for (key,) in cursor.fetchall()}
    return sorted(found)


def flag(lines: Iterable[int]) -> int:
    """Say of lines that they are stale: each has to be counted again. Returns how many."""
    return CountLine.objects.filter(pk__in=list(lines), stale=False).update(
        stale=True, asks=F("asks") + 1
    )
