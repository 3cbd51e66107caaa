"""How right past counts were: by place, item and counter, from posted stocktakes; and what moved since a count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from people.access import Access
from stock.models import Movement
from workflows.models import CountEntry, CountLine

MOST = 100


@dataclass(frozen=True, slots=True)
class Share:
    """Of so many counts so many were right."""

    name: str
    counts: int
    right: int
    last: datetime | None

    @property
    def percent(self) -> Decimal:
        """Right counts of a hundred."""
        return (Decimal(self.right) * 100 / self.counts).quantize(Decimal("0.1"))


def _posted(access: Access) -> QuerySet[CountLine]:
    rows = CountLine.objects.filter(
        document__state__in=["posted", "reversed"], round__gt=0
    ).order_by()
    scopes = access.scopes("stock.view")
    return rows if scopes is None else rows.filter(document__warehouse__scope__in=scopes)


def _shares(rows: QuerySet[Any], names: Sequence[str], right: Q, last: str) -> list[Share]:
    grouped = (
        rows.values(*names)
        .annotate(counts=Count("pk"), right=Count("pk", filter=right), last=Max(last))
        .order_by("right", "-counts")
    )
    shares = [
        Share(
            " ".join(str(row[name]) for name in names if row[name]),
            row["counts"],
            row["right"],
            row["last"],
        )
        for row in grouped[: MOST * 5]
    ]
    return sorted(shares, key=lambda share: (share.percent, -share.counts))[:MOST]


def by_place(access: Access) -> list[Share]:
    """The places, worst first."""
    return _shares(_posted(access), ("place__code",), Q(counted=F("book")), "counted_at")


def by_item(access: Access) -> list[Share]:
    """The items, worst first."""
    names = ("item__code", "item__name")
    return _shares(_posted(access), names, Q(counted=F("book")), "counted_at")


def by_counter(access: Access) -> list[Share]:
    """The counters, worst first: a first count is right if the count that was posted says the same."""
    entries = CountEntry.objects.filter(
        document__state__in=["posted", "reversed"], round=1
    ).order_by()
    scopes = access.scopes("stock.view")
    if scopes is not None:
        entries = entries.filter(document__warehouse__scope__in=scopes)
    same = Q(counted=F("book")) | Q(counted=F("line__counted"), book=F("line__book"))
    return _shares(entries, ("counter__name",), same, "counted_at")


def moved_since(line: CountLine, limit: int = 20) -> list[Movement]:
    """The movements of a line's goods in its place since it was last counted in a posted stocktake.

    Without such a count the newest ones.
    """
    before = (
        CountLine.objects.filter(
            place=line.place_id,
            item=line.item_id,
            lot=line.lot_id,
            owner=line.owner_id,
            document__state="posted",
            round__gt=0,
        )
        .exclude(document=line.document_id)
        .aggregate(mark=Max("mark"))["mark"]
    )
    rows = Movement.objects.filter(
        Q(source=line.place_id) | Q(target=line.place_id),
        item=line.item_id,
        lot=line.lot_id,
        owner=line.owner_id,
        id__gt=before or 0,
    )
    return list(
        rows.select_related("posting", "posting__document_row", "source", "target").order_by(
            "-effective_at", "-id"
        )[:limit]
    )
