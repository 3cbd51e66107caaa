"""Every question about what is there now: on hand, reserved, available, held, in transit, and its value.

All figures add up in every grouping: on hand = available + reserved + held + in transit. What is reserved
without naming a lot or place is shown where it would be taken from: the lot that expires first.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.numbers import (
    QUANTITY_PLACES,
    QUANTITY_SCALE,
    VALUE_PLACES,
    VALUE_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)
from people.access import Access
from stock.models import Balance, CostPool, Reservation
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.queries import facts
from stock.queries.shares import share_out
from stock.queries.sight import Sight, see, snapshot

LEVELS = ("item", "lot", "place", "warehouse")
FINEST = ("item", "lot", "place", "warehouse")


@dataclass(slots=True)
class Figures:
    """Quantities in base units; ``value`` is None where it may not be seen or means nothing."""

    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    available: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    in_transit: Decimal = Decimal(0)
    value: Decimal | None = None
    own: Decimal = Decimal(0)
    """The part that is ours and so carries the value."""
    rate: Decimal | None = None
    """The unit cost of the one pool that all of it belongs to; None without one."""
    rows: int = 0

    def add(self, other: "Figures") -> None:
        """Count another row in."""
        if other.own:
            self.rate = other.rate if not self.rows or self.rate == other.rate else None
            self.rows += 1
        self.on_hand += other.on_hand
        self.reserved += other.reserved
        self.available += other.available
        self.held += other.held
        self.in_transit += other.in_transit
        self.own += other.own
        if other.value is not None:
            self.value = (self.value or Decimal(0)) + other.value

    @property
    def unit_cost(self) -> Decimal | None:
        """Value ÷ quantity with 6 decimals; None without a value or without goods."""
        if self.value is None or not self.own:
            return None
        return self.rate or (self.value / self.own).quantize(Decimal("0.000001"))


@dataclass(slots=True)
class OnHand:
    """One row: the keys that the question groups by, and the figures."""

    item: facts.ItemFacts | None
    lot: facts.LotFacts | None
    place: facts.PlaceFacts | None
    warehouse: int | None
    warehouse_code: str
    figures: Figures


@dataclass(slots=True)
class _Row:
    """The finest row, before grouping."""

    item: int
    lot: int
    place: int | None
    warehouse: int
    kind: str
    owner: int
    figures: Figures = field(default_factory=Figures)


@dataclass(frozen=True, slots=True)
class StockFilter:
    """What to look at; None is no limit."""

    items: Sequence[int] | None = None
    lots: Sequence[int] | None = None
    places: Sequence[int] | None = None
    warehouses: Sequence[int] | None = None
    categories: Sequence[int] | None = None


def on_hand(
    access: Access,
    where: StockFilter | None = None,
    *,
    by: Sequence[str] = FINEST,
    empty: bool = False,
) -> list[OnHand]:
    """What is there, grouped by some of item, lot, place and warehouse, in that order of sorting.

    ``empty`` keeps rows of nothing. Seven statements at most, whatever the number of rows.
    """
    where = where or StockFilter()
    with snapshot():
        sight = see(access, where.warehouses)
        rows = _fine_rows(sight, where)
        _reserve(sight, where, rows)
        rows = [row for row in rows if _wanted(row, where)]
        if sight.shows_cost:
            _value(sight, rows)
        return _grouped(sight, rows, by, empty=empty)


def _fine_rows(sight: Sight, where: StockFilter) -> list[_Row]:
    """The balances of every item concerned; all its places, so that reservations can be laid out."""
    balances = Balance.objects.all()
    if not sight.everything:
        balances = balances.filter(place__warehouse__in=sight.warehouses)
    if where.items is not None:
        balances = balances.filter(item__in=where.items)
    if where.categories is not None:
        balances = balances.filter(item__category__in=where.categories)
    narrow = Balance.objects.all()
    if where.lots is not None:
        balances = balances.filter(item__in=narrow.filter(lot__in=where.lots).values("item"))
    if where.places is not None:
        balances = balances.filter(item__in=narrow.filter(place__in=where.places).values("item"))
    return [
        _Row(item, lot, place, warehouse, kind, owner, Figures(on_hand=quantity))
        for item, lot, owner, place, quantity, kind, warehouse in balances.order_by(
            "item__code", "lot__expires_on", "lot__number", "place__path", "owner"
        ).values_list(
            "item_id",
            "lot_id",
            "owner_id",
            "place_id",
            "on_hand",
            "place__kind",
            "place__warehouse_id",
        )
    ]


def _reserve(sight: Sight, where: StockFilter, rows: list[_Row]) -> None:
    """Lay out the active reservations over the rows and split each row into its states."""
    promises = Reservation.objects.filter(
        state=Reservation.State.ACTIVE, warehouse__in=sight.warehouses
    )
    if where.items is not None:
        promises = promises.filter(item__in=where.items)
    elif where.lots is not None or where.places is not None:
        promises = promises.filter(item__in={row.item for row in rows})
    if where.categories is not None:
        promises = promises.filter(item__category__in=where.categories)
    shelf: dict[tuple[int, int], list[_Row]] = defaultdict(list)
    for row in rows:
        own = row.owner == US
        row.figures.own = row.figures.on_hand if own else Decimal(0)
        if own and row.kind == "storage":
            row.figures.available = row.figures.on_hand
            shelf[row.item, row.warehouse].append(row)
        elif row.kind == "transit":
            row.figures.in_transit = row.figures.on_hand
        else:
            row.figures.held = row.figures.on_hand
    for stock in shelf.values():
        stock.sort(key=lambda row: row.lot == NO_LOT)
    # Reservations that name a lot or place choose first; the others take what is left.
    wanted = sorted(
        promises.values_list("item_id", "warehouse_id", "lot_id", "place_id", "remaining", "id"),
        key=lambda row: (row[2] == NO_LOT, row[3] is None, row[5]),
    )
    for item, warehouse, lot, place, left, _id in wanted:
        fitting = [
            row
            for row in shelf[item, warehouse]
            if lot in {NO_LOT, row.lot} and place in {None, row.place}
        ]
        _lay_out(fitting, left, rows, (item, warehouse, lot, place))


def _lay_out(
    fitting: list[_Row],
    left: Decimal,
    rows: list[_Row],
    key: tuple[int, int, int, int | None],
) -> None:
    """Put a reservation on the rows it could be taken from; what exceeds them stays with the last."""
    for row in fitting:
        part = min(left, max(row.figures.available, Decimal(0)))
        row.figures.reserved += part
        row.figures.available -= part
        left -= part
    if not left:
        return
    if not fitting:
        item, warehouse, lot, place = key
        fitting = [_Row(item, lot, place, warehouse, "storage", US)]
        rows.append(fitting[0])
    fitting[-1].figures.reserved += left
    fitting[-1].figures.available -= left


def _wanted(row: _Row, where: StockFilter) -> bool:
    return (where.lots is None or row.lot in where.lots) and (
        where.places is None or row.place in where.places
    )


def _value(sight: Sight, rows: list[_Row]) -> None:
    """Give each row its share of the pool its goods belong to."""
    pools = CostPool.objects.filter(area__in=sight.areas & sight.cost_areas)
    items = {row.item for row in rows}
    if len(items) <= 2_000:
        pools = pools.filter(item__in=items)
    totals: dict[tuple[int, int, int, bool], tuple[int, int]] = {}
    by_lot: set[tuple[int, int]] = set()
    for item, area, lot, shipment, quantity, value in pools.values_list(
        "item_id", "area_id", "lot_id", "shipment", "quantity", "value"
    ):
        key = (item, area, lot, bool(shipment))
        known = totals.get(key, (0, 0))
        totals[key] = (
            known[0] + to_scaled(quantity, QUANTITY_SCALE),
            known[1] + to_scaled(value, VALUE_SCALE),
        )
        if lot:
            by_lot.add((item, area))
    mine = [row for row in rows if row.owner == US and sight.shows_cost_of(row.warehouse)]
    keyed = []
    for row in mine:
        area = sight.warehouses[row.warehouse].area
        lot = row.lot if (row.item, area) in by_lot else NO_LOT
        key = (row.item, area, lot, row.kind == "transit")
        keyed.append((key, to_scaled(row.figures.on_hand, QUANTITY_SCALE)))
    for row, share in zip(mine, share_out(keyed, totals, step=sight.step), strict=True):
        row.figures.value = from_scaled(share, VALUE_PLACES)
    for row, (key, _quantity) in zip(mine, keyed, strict=True):
        row.figures.rate = unit_cost(*totals.get(key, (0, 0)))


def _grouped(sight: Sight, rows: Iterable[_Row], by: Sequence[str], *, empty: bool) -> list[OnHand]:
    """The rows summed by the keys, with their names."""
    groups: dict[tuple[int | None, ...], Figures] = {}
    for row in rows:
        key = tuple(getattr(row, level) if level in by else None for level in LEVELS)
        if "place" in by:
            key = (*key[:3], row.warehouse)
        groups.setdefault(key, Figures()).add(row.figures)
    if not empty:
        groups = {
            key: figures for key, figures in groups.items() if figures.on_hand or figures.reserved
        }
    items = facts.items(key[0] for key in groups if key[0] is not None)
    lots = facts.lots(key[1] for key in groups if key[1])
    places = facts.places(key[2] for key in groups if key[2] is not None)
    found = [
        OnHand(
            items.get(item) if item is not None else None,
            lots.get(lot) if lot else None,
            places.get(place) if place is not None else None,
            warehouse,
            sight.warehouses[warehouse].code if warehouse is not None else "",
            figures,
        )
        for (item, lot, place, warehouse), figures in groups.items()
    ]
    return sorted(found, key=order_key)


def order_key(row: OnHand) -> tuple[str, date, str, str, str]:
    """Items by code, then the lot that expires first, then places."""
    return (
        row.item.code if row.item else "",
        (row.lot.expires_on if row.lot else None) or date.max,
        row.lot.number if row.lot else "",
        row.warehouse_code,
        row.place.path if row.place else "",
    )


def total(rows: Iterable[OnHand]) -> Figures:
    """The sum of rows of one item (quantities of different units are never added)."""
    figures = Figures()
    for row in rows:
        figures.add(row.figures)
    return figures


def unit_cost(quantity: int, value: int) -> Decimal | None:
    """Value × 10⁴ ÷ quantity × 10⁶ with 6 decimals; None without a quantity."""
    if not quantity:
        return None
    return from_scaled(divide_half_up(value * 10**8, quantity), QUANTITY_PLACES)
