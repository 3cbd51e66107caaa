"""When something was counted: the span of a count, and what moved in or after it.

Only distances on the device's clock are used, so a clock that is wrong does no harm; a device's times are
trusted to a few seconds. A count without times is of the moment when it arrived, under the lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from core.numbers import QUANTITY_PLACES, from_scaled
from workflows.errors import DocumentRefused
from workflows.models import CountLine

LATEST = timedelta(days=7)
"""A count may arrive so late at most."""
LONGEST = timedelta(hours=1)
"""From beginning to end of one count at most: a phone that was laid aside says nothing about an hour ago."""
DOUBT = timedelta(seconds=2)
"""So exactly the distances on a device's clock are trusted."""
WAY = timedelta(seconds=30)
"""A count may be under way so long between being sent and arriving: so much earlier it may have begun."""
SLACK = timedelta(seconds=60)
"""A posting may get its number so much later than the moment that it says it was recorded."""


@dataclass(frozen=True, slots=True)
class Span:
    """A count began, was made, and is safely over; ``told`` if a device said so."""

    began: datetime
    counted: datetime
    until: datetime
    told: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """What the book knew when the count arrived: what moved after it (in base units), and what overlapped it."""

    after: Decimal
    overlapped: bool


NOTHING = Moved(Decimal(0), overlapped=False)


def span(
    began_at: datetime | None,
    counted_at: datetime | None,
    sent_at: datetime | None,
    *,
    now: datetime,
) -> Span:
    """The span of a count on the server's clock; raises DocumentRefused for times that cannot be.

    Without ``sent_at`` the count is sent at once: its end is the moment of arrival.
    """
    if began_at is None and counted_at is None:
        return Span(now, now, now, told=False)
    for given in (began_at, counted_at, sent_at):
        if given is not None and timezone.is_naive(given):
            raise DocumentRefused(_("Times are given with their time zone."), code="time")
    end = counted_at or sent_at or began_at
    start = began_at or end
    sent = sent_at or counted_at or began_at
    if end is None or start is None or sent is None or not start <= end <= sent:
        raise DocumentRefused(
            _("A count begins before it ends and is sent after that."), code="time"
        )
    if sent - end > LATEST:
        raise DocumentRefused(
            _("This count is more than a week old. Count again."), code="too_late"
        )
    counted = now - (sent - end)
    began = counted - min(end - start, LONGEST)
    return Span(began, counted, counted + DOUBT, told=True)


def moved(line: CountLine, at: Span) -> Moved:
    """What the book knows of the line's goods that did not surely happen before the count began.

    Differences of other stocktakes and reversals correct the book and say nothing of the shelf: they overlap.
    """
    begin = connection.ops.adapt_datetimefield_value(at.began - DOUBT - WAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE((SELECT p.id FROM stock_posting p WHERE p.recorded_at < %s "
            "ORDER BY p.id DESC LIMIT 1), 0)",
            [connection.ops.adapt_datetimefield_value(at.began - DOUBT - WAY - SLACK)],
        )
        (floor,) = cursor.fetchone()
        cursor.execute(
            "SELECT CASE WHEN m.effective_at > %s AND NOT m.reversal AND m.type NOT IN "
            "('stocktake_gain', 'stocktake_loss') THEN 1 ELSE 0 END, COUNT(*), "
            "SUM(CASE WHEN m.target_id = %s THEN m.quantity ELSE -m.quantity END) "
            "FROM stock_movement m JOIN stock_posting p ON p.id = m.posting_id "
            "WHERE m.posting_id > %s AND p.recorded_at >= %s AND m.item_id = %s AND m.lot_id = %s "
            "AND m.owner_id = %s AND %s IN (m.source_id, m.target_id) AND m.quantity <> 0 GROUP BY 1",
            [
                connection.ops.adapt_datetimefield_value(at.until),
                line.place_id,
                floor,
                begin,
                line.item_id,
                line.lot_id,
                line.owner_id,
                line.place_id,
            ],
        )
        rows = {after: (count, total) for after, count, total in cursor.fetchall()}
    _count, after = rows.get(1, (0, 0))
    return Moved(from_scaled(int(after or 0), QUANTITY_PLACES), overlapped=0 in rows)
