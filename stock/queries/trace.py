"""Traces a lot both ways: where its goods came from and where they went, through every conversion."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q

from people.access import Access
from stock.models import Lot
from stock.models.lots import NO_LOT
from stock.queries.as_of import as_of
from stock.queries.movements import MovementFilter, MovementRow, read_page, seen_by
from stock.queries.on_hand import OnHand, StockFilter, on_hand
from stock.queries.sight import Sight, see, snapshot

DEPTH = 12
"""Conversions of conversions are followed this far."""


@dataclass(frozen=True, slots=True)
class Step:
    """A movement on the way of the goods; ``depth`` 0 is the lot itself, 1 what it was made from or into."""

    depth: int
    movement: MovementRow


@dataclass(frozen=True, slots=True)
class Trace:
    """Both ways, and where the lot lies now."""

    lot: int
    origins: list[Step] = field(default_factory=list)
    """Into our stock: receipts, and the inputs of what made the lot."""
    uses: list[Step] = field(default_factory=list)
    """Out of our stock: customers, production, scrap …, and the outputs made from the lot."""
    places: list[OnHand] = field(default_factory=list)


def trace(
    access: Access, lot: int, *, at: datetime | None = None, seal: int | None = None
) -> Trace:
    """The whole way of a lot (up to ``at``, as known at ``seal``); None is now.

    A fixed number of statements per level of conversion.
    """
    if lot == NO_LOT:
        return Trace(lot)
    with snapshot():
        whole = see(access)
        item = Lot.objects.values_list("item_id", flat=True).get(pk=lot)
        known = MovementFilter(end=at, inclusive=True, seal=seal)
        where = StockFilter(items=(item,), lots=(lot,))
        return Trace(
            lot,
            _follow(whole, lot, known, back=True),
            _follow(whole, lot, known, back=False),
            on_hand(access, where)
            if at is None and seal is None
            else as_of(access, where, at=at, seal=seal),
        )


def _follow(whole: Sight, lot: int, known: MovementFilter, *, back: bool) -> list[Step]:
    """Level by level: what entered (or left) our stock of the lots, then the other side of conversions."""
    steps: list[Step] = []
    seen: set[int] = set()
    known_lots = {lot}
    lots = {lot}
    for depth in range(DEPTH):
        rows = [row for row in _crossing(whole, lots, known, into=back) if row.id not in seen]
        seen |= {row.id for row in rows}
        steps += [Step(depth, row) for row in rows]
        others = [row for row in _other_side(whole, rows, known, back=back) if row.id not in seen]
        seen |= {row.id for row in others}
        steps += [Step(depth + 1, row) for row in others]
        lots = {row.lot.id for row in others if row.lot} - known_lots
        known_lots |= lots
        if not lots:
            break
    return steps


def _crossing(
    whole: Sight, lots: Iterable[int], known: MovementFilter, *, into: bool
) -> list[MovementRow]:
    """Movements of the lots from outside into our stock, or the other way."""
    queryset = seen_by(whole, replace(known, lots=tuple(lots))).filter(
        source__warehouse__isnull=into, target__warehouse__isnull=not into, quantity__gt=0
    )
    return read_page(whole, queryset, newest_first=False, limit=None).rows


def _other_side(
    whole: Sight, rows: Iterable[MovementRow], known: MovementFilter, *, back: bool
) -> list[MovementRow]:
    """What went into the conversions and production orders that these came from, or came out of them."""
    outside = "source" if back else "target"
    postings = {
        row.posting for row in rows if (end := getattr(row, outside)) and end.kind == "conversion"
    }
    orders = {
        row.cost_object
        for row in rows
        if row.cost_object and (end := getattr(row, outside)) and end.kind == "production"
    }
    if not postings and not orders:
        return []
    far = "target" if back else "source"
    condition = Q(posting__in=postings, **{f"{far}__kind": "conversion"}) | Q(
        cost_object__in=orders, **{f"{far}__kind": "production"}
    )
    queryset = seen_by(whole, known).filter(condition, quantity__gt=0)
    return read_page(whole, queryset, newest_first=False, limit=None).rows
