"""Which counts cannot be told from a movement: found from the book alone, flagged, never guessed.

A movement that the count did not know (beyond its mark) must have happened after it. One that says it happened
before, a difference of another stocktake, or the reversal of something that the count knew, makes it stale.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import F

from core import prepared
from workflows.models import CountLine, Document

_MARKS = """
SELECT MIN(CASE WHEN mark > 0 THEN mark END), COUNT(CASE WHEN mark = 0 THEN 1 END), COUNT(*),
  (SELECT MAX(id) FROM stock_movement)
FROM workflows_countline WHERE document_id = %s AND round > 0 AND NOT stale
"""
_FOUND = """
SELECT DISTINCT l.id FROM {movements} m
JOIN workflows_countline l ON l.item_id = m.item_id AND l.lot_id = m.lot_id
  AND l.owner_id = m.owner_id AND l.place_id IN (m.source_id, m.target_id)
WHERE l.document_id = %s AND l.round > 0 AND NOT l.stale AND m.id > l.mark AND {since}
  AND m.posting_id <> %s
  AND (m.effective_at <= l.until
    OR m.type IN ('stocktake_gain', 'stocktake_loss')
    OR (m.reversal AND m.original_id <= l.mark))
"""
_LATE = "WITH late AS MATERIALIZED (SELECT * FROM stock_movement WHERE id > %s)" + _FOUND.format(
    movements="late", since="true"
)
_BY_LINE = _FOUND.format(movements="stock_movement", since="m.id > %s")
_NEW = _FOUND.format(movements="stock_movement", since="l.mark = 0")
_FEW = 4
"""Up to so many movements for each line are read at once; of more, each line asks for those of its goods."""


def find(document: Document, *, without: int = 0) -> list[int]:
    """Ids of counted lines that have become stale; ``without`` is a posting of our own that does not count."""
    ((oldest, new, lines, newest),) = prepared.fetch(_MARKS, document.pk)
    found: set[int] = set()
    with connection.cursor() as cursor:
        if oldest is not None and newest is not None and newest > oldest:
            # Not prepared: how many movements follow the oldest mark decides the plan.
            if newest - oldest <= _FEW * lines:
                cursor.execute(_LATE, [oldest, document.pk, without])
            else:
                cursor.execute(_BY_LINE, [document.pk, oldest, without])
            found |= {key for (key,) in cursor.fetchall()}
        if new:
            cursor.execute(_NEW, [document.pk, without])
            found |= {key for (key,) in cursor.fetchall()}
    return sorted(found)


def flag(lines: Iterable[int]) -> int:
    """Say of lines that they are stale: each has to be counted again. Returns how many."""
    return CountLine.objects.filter(pk__in=list(lines), stale=False).update(
        stale=True, asks=F("asks") + 1
    )
