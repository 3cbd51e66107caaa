"""Explains a number: exactly the movements whose signed sum is what is on hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from people.access import Access
from stock.queries.as_of import quantity_and_value
from stock.queries.card import inside
from stock.queries.history import Moment, Where, only
from stock.queries.movements import Cursor, MovementFilter, MovementRow, read_page, seen_by
from stock.queries.sight import see, snapshot


@dataclass(frozen=True, slots=True)
class Part:
    """A movement and what it adds to the number (negative: takes from it)."""

    movement: MovementRow
    change: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """The number and its parts, oldest first; with a limit, one page of them."""

    on_hand: Decimal
    parts: list[Part]
    following: Cursor | None


def explain(  # noqa: PLR0913 - one argument per limit of the number
    access: Access,
    item: int,
    *,
    lots: Sequence[int] | None = None,
    places: Sequence[int] | None = None,
    warehouses: Sequence[int] | None = None,
    at: datetime | None = None,
    seal: int | None = None,
    cursor: Cursor | None = None,
    limit: int | None = None,
) -> Explanation:
    """The movements that make what is on hand of an item (lot, place, warehouse) now or at a moment.

    What only moved inside the places asked for adds nothing and is left out. Without ``limit`` all parts
    are there and their changes sum to ``on_hand``.
    """
    with snapshot():
        whole = see(access)
        sight = whole.narrowed(warehouses)
        where = Where(items=(item,), lots=only(lots), places=only(places))
        wanted = MovementFilter(
            items=(item,), lots=lots, places=places, end=at, inclusive=True, seal=seal
        )
        came, went = (
            Q(**{f"{end}__warehouse__in": list(sight.warehouses)})
            & (Q(**{f"{end}__in": places}) if places is not None else Q())
            for end in ("target", "source")
        )
        queryset = seen_by(sight, wanted).filter((came & ~went) | (went & ~came), quantity__gt=0)
        page = read_page(whole, queryset, cursor=cursor, newest_first=False, limit=limit)
        number, _value = quantity_and_value(sight, where, Moment(at, seal=seal))
    parts = [
        Part(row, row.quantity if inside(row.target, sight, where) else -row.quantity)
        for row in page.rows
    ]
    return Explanation(number, parts, page.following)
