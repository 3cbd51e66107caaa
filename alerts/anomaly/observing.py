"""Reads posted movements as the lines that are remembered; few statements however many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from alerts.anomaly.lines import Seen
from people.models import Company
from stock.models import Movement
from workflows import amounts
from workflows.models import Document, Line

KEPT = 64
"""Lines that are remembered of an item (or category) and type."""
TOLD = frozenset({"import", "sheet"})
"""Doors of histories that are told afterwards: how late they were written says nothing."""
_UNTYPED = ("stocktake_gain", "stocktake_loss", "opening", "settlement")
"""Types whose quantities nobody types."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A movement as it is remembered, and when it happened (in the company's time) and how late it was written."""

    seen: Seen
    item: int
    category: int
    type: str
    at: datetime
    lag: float


def lines() -> QuerySet[Movement]:
    """Movements that somebody typed, reversals not among them."""
    return Movement.objects.filter(quantity__gt=0, reversal=False).exclude(type__in=_UNTYPED)


def standing() -> QuerySet[Movement]:
    """Those that were not reversed."""
    return lines().exclude(successors__reversal=True)


def newest(which: Q, partition: str) -> QuerySet[Movement]:
    """The last lines of each ``partition`` (item or category) and type among ``which``."""
    rank = Window(RowNumber(), partition_by=[F(partition), F("type")], order_by=F("id").desc())
    return standing().filter(which).annotate(rank=rank).filter(rank__lte=KEPT)


def observe(rows: Iterable[Movement]) -> list[Observed]:
    """The movements as they are remembered, in the order of their keys."""
    found = sorted(rows, key=lambda row: row.pk)
    zones = {pk: ZoneInfo(zone) for pk, zone in Company.objects.values_list("pk", "time_zone")}
    documents = Document.objects.filter(posting__in={row.posting_id for row in found})
    askers = {d.posting_id: d for d in documents.only("posting_id", "asker_id", "rate")}
    wanted = Line.objects.filter(document__in=[d.pk for d in askers.values()])
    prices = _prices(wanted, {d.pk: d for d in askers.values()})
    return [_one(row, zones, askers.get(row.posting_id), prices) for row in found]


def _prices(wanted: QuerySet[Line], documents: dict[int, Document]) -> dict[str, float]:
    """Line key → price of a base unit, without tax, in the company's currency."""
    found = {}
    names = (
        "key",
        "document_id",
        "price",
        "price_with_tax",
        "tax_rate",
        "numerator",
        "denominator",
    )
    for line in wanted.exclude(price=None).only(*names):
        price = amounts.net_price(line, documents[line.document_id].rate)
        if price is not None:
            found[str(line.key)] = float(price) * line.denominator / line.numerator
    return found


def _one(
    row: Movement, zones: dict[int, ZoneInfo], document: Document | None, prices: dict[str, float]
) -> Observed:
    posting = row.posting
    person = (document.asker_id if document else None) or 0  # who posted it did not write it
    lag = (posting.recorded_at - row.effective_at).total_seconds() / 86_400
    return Observed(
        seen=Seen(
            row.pk,
            float(row.quantity),
            prices.get(row.line_key),
            row.partner_id or 0,
            person,
            _warehouse(row),
            _place(row.source.warehouse_id, row.source_id),
            _place(row.target.warehouse_id, row.target_id),
            row.department_id or 0,
            row.reason,
        ),
        item=row.item_id,
        category=row.item.category_id,
        type=row.type,
        at=row.effective_at.astimezone(zones[posting.company_id]),
        lag=0.0 if posting.door in TOLD else lag,
    )


def _warehouse(row: Movement) -> int:
    return row.source.warehouse_id or row.target.warehouse_id or 0


def _place(warehouse: int | None, place: int) -> int:
    """Physical places only: which virtual one it was, the type says."""
    return place if warehouse else 0


def with_all(rows: QuerySet[Movement]) -> QuerySet[Movement]:
    """With what ``observe`` reads of them."""
    return rows.select_related("posting", "item", "source", "target").order_by("pk")


def packed(seen: Sequence[Seen]) -> list[list[object]]:
    """As JSON holds them."""
    return [list(one) for one in seen]


def unpacked(rows: Iterable[Sequence[object]]) -> list[Seen]:
    """As they were."""
    return [Seen(*row) for row in rows]  # type: ignore[arg-type]
