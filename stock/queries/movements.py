"""The movements book: every question that answers with movements reads them here.

A movement is seen by whoever sees the warehouse of one of its ends; an end in a warehouse that may not be
seen stays unnamed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from core import asked
from people.access import Access
from stock import place_kinds
from stock.models import Movement
from stock.queries import facts
from stock.queries.sight import Sight, see, snapshot

PAGE = 100
_FIELDS = (
    "id",
    "posting_id",
    "line",
    "type",
    "item_id",
    "lot_id",
    "source_id",
    "target_id",
    "quantity",
    "value",
    "effective_at",
    "posting__recorded_at",
    "posting__document",
    "posting__actor_id",
    "posting__actor__name",
    "posting__why",
    "posting__door",
    "partner__code",
    "partner__name",
    "department__name",
    "cost_object",
    "reason",
    "reversal",
    "original_id",
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: the moment and id of its last row."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """The cursor of a URL; None for anything else."""
        moment, _sep, number = text.partition("~")
        at, key = asked.moment(moment), asked.whole(number)
        return cls(at, key) if at and at.tzinfo and key is not None else None


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Which movements; None or empty is no limit. ``end`` is exclusive unless ``inclusive``."""

    items: Sequence[int] | None = None
    lots: Sequence[int] | None = None
    types: Sequence[str] | None = None
    warehouses: Sequence[int] | None = None
    places: Sequence[int] | None = None
    partners: Sequence[int] | None = None
    actors: Sequence[int] | None = None
    categories: Sequence[int] | None = None
    document: str = ""
    posting: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    inclusive: bool = False
    seal: int | None = None


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One movement with its names; ``value`` is None without the right, a hidden end is None."""

    id: int
    posting: int
    line: int
    type: str
    item: facts.ItemFacts
    lot: facts.LotFacts | None
    source: facts.PlaceFacts | None
    target: facts.PlaceFacts | None
    quantity: Decimal
    value: Decimal | None
    effective_at: datetime
    recorded_at: datetime
    document: str
    actor_id: int | None
    actor: str
    why: str
    door: str
    partner_code: str
    partner: str
    department: str
    cost_object: str
    reason: str
    reversal: bool
    original: int | None

    @property
    def unit_cost(self) -> Decimal | None:
        """Value ÷ quantity with 6 decimals."""
        if self.value is None or not self.quantity:
            return None
        return (self.value / self.quantity).quantize(Decimal("0.000001"))

    @property
    def place(self) -> facts.PlaceFacts | None:
        """The physical end that may be seen; where the goods went rather than where they came from."""
        for end in (self.target, self.source):
            if end is not None and end.kind in place_kinds.PHYSICAL:
                return end
        return None


def told(
    row: MovementRow, sight: Sight, zone: tzinfo, *, quantity: Decimal | None = None
) -> dict[str, Any]:
    """One movement as programs are told it: by codes, moments in ``zone``, empty texts as None.

    ``quantity`` with a sign where the question has a point of view.
    """
    place = row.place
    house = sight.warehouses.get(place.warehouse) if place and place.warehouse else None
    return {
        "movement": row.id,
        "posting": row.posting,
        "effective_at": row.effective_at.astimezone(zone),
        "recorded_at": row.recorded_at.astimezone(zone),
        "document": row.document or None,
        "type": row.type,
        "item": row.item.code,
        "lot": row.lot.number if row.lot else None,
        "quantity": row.quantity if quantity is None else quantity,
        "source": row.source.code if row.source else None,
        "target": row.target.code if row.target else None,
        "place": place.code if place else None,
        "warehouse": house.code if house else None,
        "partner": row.partner_code or None,
        "reversal": row.reversal,
        "value": row.value,
        "unit_cost": row.unit_cost,
    }


@dataclass(frozen=True, slots=True)
class Page:
    """Some movements and where the next page starts, if there is one."""

    rows: list[MovementRow]
    following: Cursor | None


def movements(
    access: Access,
    where: MovementFilter | None = None,
    *,
    cursor: Cursor | None = None,
    newest_first: bool = True,
    limit: int | None = PAGE,
) -> Page:
    """A page of the book in the order of what happened; six statements, whatever its length."""
    where = where or MovementFilter()
    with snapshot():
        whole = see(access)
        sight = whole.narrowed(where.warehouses)
        queryset = seen_by(sight, where)
        return read_page(whole, queryset, cursor=cursor, newest_first=newest_first, limit=limit)


def seen_by(sight: Sight, where: MovementFilter) -> QuerySet[Movement]:
    """The movements of the filter that touch the warehouses of the sight."""
    queryset = Movement.objects.all()
    if not sight.everything:
        ids = list(sight.warehouses)
        queryset = queryset.filter(Q(source__warehouse__in=ids) | Q(target__warehouse__in=ids))
    if where.places is not None:
        queryset = queryset.filter(Q(source__in=where.places) | Q(target__in=where.places))
    plain = {
        "item__in": where.items,
        "lot__in": where.lots,
        "type__in": where.types,
        "partner__in": where.partners,
        "posting__actor__in": where.actors,
        "item__category__in": where.categories,
        "posting": where.posting,
        "posting__document": where.document or None,
        "effective_at__gte": where.start,
        f"effective_at__{'lte' if where.inclusive else 'lt'}": where.end,
        "posting__sealed__seal__lte": where.seal,
    }
    return queryset.filter(**{key: value for key, value in plain.items() if value is not None})


def read_page(
    whole: Sight,
    queryset: QuerySet[Movement],
    *,
    cursor: Cursor | None = None,
    newest_first: bool = True,
    limit: int | None = PAGE,
) -> Page:
    """The rows of ``queryset`` after ``cursor``, named and masked for who sees ``whole``."""
    if cursor is not None:
        step = "lt" if newest_first else "gt"
        queryset = queryset.filter(
            Q(**{f"effective_at__{step}": cursor.at})
            | Q(effective_at=cursor.at, **{f"id__{step}": cursor.id}),
            **{f"effective_at__{step}e": cursor.at},
        )
    order = ("-effective_at", "-id") if newest_first else ("effective_at", "id")
    found = queryset.order_by(*order).values_list(*_FIELDS)
    rows = list(found if limit is None else found[: limit + 1])
    more = limit is not None and len(rows) > limit
    rows = rows[:limit] if more else rows
    named = name_rows(whole, rows)
    following = Cursor(named[-1].effective_at, named[-1].id) if more else None
    return Page(named, following)


def name_rows(whole: Sight, rows: Sequence[tuple[Any, ...]]) -> list[MovementRow]:
    """Rows of the fields above with their names; what may not be seen is left out of them."""
    items = facts.items(row[4] for row in rows)
    lots = facts.lots(row[5] for row in rows if row[5])
    places = facts.places(place for row in rows for place in row[6:8])
    named = []
    for row in rows:
        ends = [places[row[6]], places[row[7]]]
        sees_value = any(whole.shows_cost_of(end.warehouse) for end in ends) or (
            whole.everything
            and all(end.warehouse is None for end in ends)
            and whole.areas <= whole.cost_areas
        )
        source, target = (
            end if end.warehouse is None or end.warehouse in whole.warehouses else None
            for end in ends
        )
        named.append(
            MovementRow(
                id=row[0],
                posting=row[1],
                line=row[2],
                type=row[3],
                item=items[row[4]],
                lot=lots.get(row[5]),
                source=source,
                target=target,
                quantity=row[8],
                value=row[9] if sees_value else None,
                effective_at=row[10],
                recorded_at=row[11],
                document=row[12],
                actor_id=row[13],
                actor=row[14] or "",
                why=row[15],
                door=row[16],
                partner_code=row[17] or "",
                partner=row[18] or "",
                department=row[19] or "",
                cost_object=row[20],
                reason=row[21],
                reversal=row[22],
                original=row[23],
            )
        )
    return named
