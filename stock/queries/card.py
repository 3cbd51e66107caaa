"""The stock card of an item: what came, what went and what was left after each, one page at a time.

A page starts from a balance that is known without reading the history (the balance of now, or the month
balance before the page), so it costs the same however long the history is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from core.numbers import VALUE_PLACES
from people.access import Access
from stock.models import Balance, CostPool
from stock.queries import facts
from stock.queries.as_of import quantity_and_value
from stock.queries.history import Moment, Where, only
from stock.queries.movements import (
    PAGE,
    Cursor,
    MovementFilter,
    MovementRow,
    read_page,
    seen_by,
)
from stock.queries.sight import Sight, see, snapshot

NOTHING = Decimal(0).scaleb(-VALUE_PLACES)


@dataclass(frozen=True, slots=True)
class CardRow:
    """A movement as the card sees it; moves inside what the card covers are both in and out."""

    movement: MovementRow
    quantity_in: Decimal
    quantity_out: Decimal
    balance: Decimal
    balance_value: Decimal | None

    @property
    def change(self) -> Decimal:
        """The signed quantity."""
        return self.quantity_in - self.quantity_out

    @property
    def internal(self) -> bool:
        """Whether the goods only changed their place inside what the card covers."""
        return bool(self.quantity_in and self.quantity_out)


@dataclass(frozen=True, slots=True)
class Card:
    """One page of a card. ``opening`` is what was there before its oldest row, ``closing`` after its newest."""

    rows: list[CardRow]
    opening: Decimal
    closing: Decimal
    opening_value: Decimal | None
    closing_value: Decimal | None
    following: Cursor | None


def card(  # noqa: PLR0913 - one argument per filter of the card
    access: Access,
    item: int,
    *,
    warehouses: Sequence[int] | None = None,
    places: Sequence[int] | None = None,
    lots: Sequence[int] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    inclusive: bool = False,
    seal: int | None = None,
    cursor: Cursor | None = None,
    newest_first: bool = True,
    limit: int | None = PAGE,
) -> Card:
    """A page of the card, from ``start`` until before ``end`` (``inclusive``: up to it), known at ``seal``.

    At most 13 statements whatever its length; None as ``seal`` is what is known now.
    """
    with snapshot():
        whole = see(access)
        sight = whole.narrowed(warehouses)
        where = Where(items=(item,), lots=only(lots), places=only(places))
        wanted = MovementFilter(
            items=(item,),
            lots=lots,
            places=places,
            start=start,
            end=end,
            inclusive=inclusive,
            seal=seal,
        )
        page = read_page(
            whole, seen_by(sight, wanted), cursor=cursor, newest_first=newest_first, limit=limit
        )
        fresh = newest_first and cursor is None and end is None and seal is None
        anchor = (
            _now(sight, where)
            if fresh
            else quantity_and_value(
                sight, where, _anchor(wanted, page.rows, newest_first=newest_first)
            )
        )
        shows_value = sight.shows_value and places is None and lots is None
    return _run(
        sight,
        where,
        page.rows,
        anchor,
        page.following,
        newest_first=newest_first,
        shows_value=shows_value,
    )


def _now(sight: Sight, where: Where) -> tuple[Decimal, Decimal]:
    """What is there now, from the balances and pools."""
    balances = Balance.objects.filter(
        item__in=where.items or (), place__warehouse__in=sight.warehouses
    )
    if where.lots is not None:
        balances = balances.filter(lot__in=where.lots)
    if where.places is not None:
        balances = balances.filter(place__in=where.places)
    pools = CostPool.objects.filter(item__in=where.items or (), area__in=sight.areas)
    return (
        balances.aggregate(total=Sum("on_hand"))["total"] or Decimal(0),
        pools.aggregate(total=Sum("value"))["total"] or Decimal(0),
    )


def _anchor(wanted: MovementFilter, rows: Sequence[MovementRow], *, newest_first: bool) -> Moment:
    """The moment after the newest row of the page, or before its oldest if that comes first."""
    if rows:
        first = rows[0]
        number = first.id if newest_first else first.id - 1
        return Moment(first.effective_at, movement=number, seal=wanted.seal)
    if wanted.start is not None and not newest_first:
        return Moment(wanted.start, before=True, seal=wanted.seal)
    return Moment(wanted.end, before=not wanted.inclusive, seal=wanted.seal)


def _run(
    sight: Sight,
    where: Where,
    rows: Sequence[MovementRow],
    anchor: tuple[Decimal, Decimal],
    following: Cursor | None,
    *,
    newest_first: bool,
    shows_value: bool,
) -> Card:
    """Carry the balance along the rows, backwards or forwards."""
    quantity, value = anchor
    first = anchor
    made: list[CardRow] = []
    for row in rows:
        came = inside(row.target, sight, where)
        went = inside(row.source, sight, where)
        sign = int(came) - int(went)
        worth = sign * (row.value or NOTHING)
        if not newest_first:
            quantity, value = quantity + sign * row.quantity, value + worth
        made.append(
            CardRow(
                row,
                row.quantity if came else Decimal(0),
                row.quantity if went else Decimal(0),
                quantity,
                value if shows_value else None,
            )
        )
        if newest_first:
            quantity, value = quantity - sign * row.quantity, value - worth
    last = (quantity, value)
    opening, closing = (last, first) if newest_first else (first, last)
    return Card(
        made,
        opening[0],
        closing[0],
        opening[1] if shows_value else None,
        closing[1] if shows_value else None,
        following,
    )


def inside(place: facts.PlaceFacts | None, sight: Sight, where: Where) -> bool:
    """Whether an end of a movement is something the card covers."""
    return (
        place is not None
        and place.warehouse in sight.warehouses
        and (where.places is None or place.id in where.places)
    )
