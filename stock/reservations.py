"""The only writer of reservations: stock that is promised and not yet gone.

A promise is for an item in a warehouse, or for one lot or place of it. Locks are taken in the order
availability → balances, the same as posting.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from core.errors import LineError
from core.fields import plain
from core.said import said as _
from people.access import Access
from people.models import User
from stock import changes
from stock.errors import ReservationRefused
from stock.models import Availability, Balance, Item, Reservation, Warehouse
from stock.models.lots import NO_LOT
from stock.models.partners import US


@dataclass(frozen=True, slots=True)
class ReservationInput:
    """So much of an item in a warehouse, in the base unit; a lot or place only if it must be that one."""

    item: int
    warehouse: int
    quantity: Decimal
    lot: int = NO_LOT
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much should be promised, in base units, by a promise that exists already or by a new one."""

    reservation: int | None
    item: int
    warehouse: int
    quantity: Decimal


Pair = tuple[int, int]


@transaction.atomic
def reserve(
    lines: Sequence[ReservationInput],
    *,
    reference: str,
    actor: User | None,
    access: Access,
    expires_at: datetime | None = None,
) -> list[Reservation]:
    """Promise stock to ``reference``; all lines or none. Raises ReservationRefused with every short line."""
    pairs = {(line.item, line.warehouse) for line in lines}
    scopes = dict(
        Warehouse.objects.filter(pk__in={w for _i, w in pairs}).values_list("pk", "scope")
    )
    for _item, warehouse in pairs:
        access.require("stock.reserve", scopes[warehouse])
    _lock(pairs)
    free = {pair: _free(pair) for pair in sorted(pairs)}
    errors = []
    for number, line in enumerate(lines, 1):
        left = free[line.item, line.warehouse].left(line.lot, line.place)
        if line.quantity <= 0:
            errors.append(LineError(number, "quantity", _("Enter a quantity above zero.")))
        elif line.quantity > left:
            errors.append(_short(number, line, left))
        else:
            free[line.item, line.warehouse].promise(line.lot, line.place, line.quantity)
    if errors:
        raise ReservationRefused(_("Not everything can be reserved; nothing was."), lines=errors)
    now = timezone.now()
    made = Reservation.objects.bulk_create(
        Reservation(
            item_id=line.item,
            warehouse_id=line.warehouse,
            lot_id=line.lot,
            place_id=line.place,
            reference=reference,
            quantity=line.quantity,
            remaining=line.quantity,
            actor=actor,
            created_at=now,
            expires_at=expires_at,
        )
        for line in lines
    )
    _refresh(pairs)
    changes.items(item for item, _warehouse in pairs)
    return made


@transaction.atomic
def release(
    *, reference: str, access: Access, why: str = "", ids: Iterable[int] | None = None
) -> list[int]:
    """Give back what is still promised to ``reference`` (or only ``ids`` of it); returns the ids."""
    active = Reservation.objects.filter(reference=reference, state=Reservation.State.ACTIVE)
    if ids is not None:
        active = active.filter(pk__in=list(ids))
    for scope in set(active.values_list("warehouse__scope", flat=True)):
        access.require("stock.reserve", scope)
    return _end(active.values_list("pk", "item_id", "warehouse_id"), "released", why)


@transaction.atomic
def keep(
    wanted: Sequence[Wanted], *, reference: str, actor: User | None, why: str = ""
) -> list[tuple[int | None, Decimal]]:
    """Bring each promise to what is wanted, as far as goods are there; returns its id and what it promises.

    What is no longer wanted is given back first. The document that asks answers for the right to reserve.
    """
    known = Reservation.objects.in_bulk([one.reservation for one in wanted if one.reservation])
    pairs = {(one.item, one.warehouse) for one in wanted}
    pairs |= {(row.item_id, row.warehouse_id) for row in known.values()}
    _lock(pairs)
    known = {pk: row for pk, row in Reservation.objects.in_bulk(list(known)).items() if _lives(row)}
    for one in wanted:
        row = known.get(one.reservation or 0)
        if row is None:
            continue
        if (row.item_id, row.warehouse_id) != (one.item, one.warehouse):
            _shrink(row, Decimal(0), why)
            known.pop(row.pk)
        elif row.remaining > one.quantity:
            _shrink(row, one.quantity, why)
    free = {pair: _free(pair) for pair in sorted(pairs)}
    kept = [_grown(one, known, free, reference, actor) for one in wanted]
    _refresh(pairs)
    changes.items(item for item, _warehouse in pairs)
    return kept


def _lives(row: Reservation) -> bool:
    return row.state == Reservation.State.ACTIVE


def _shrink(row: Reservation, to: Decimal, why: str) -> None:
    row.remaining = max(to, Decimal(0))
    if not row.remaining:
        row.state, row.ended_at, row.why = Reservation.State.RELEASED, timezone.now(), why[:200]
    row.save(update_fields=["remaining", "state", "ended_at", "why"])


def _grown(
    one: Wanted,
    known: Mapping[int, Reservation],
    free: Mapping[Pair, "_Free"],
    reference: str,
    actor: User | None,
) -> tuple[int | None, Decimal]:
    """The promise with as much more as is left; a new one where there was none."""
    row = known.get(one.reservation or 0)
    if row is not None and not _lives(row):
        row = None
    has = row.remaining if row is not None else Decimal(0)
    there = free[one.item, one.warehouse]
    more = min(one.quantity - has, there.left(NO_LOT, None))
    if more <= 0:
        return (row.pk if row is not None else None), has
    there.promise(NO_LOT, None, more)
    if row is None:
        row = Reservation(
            item_id=one.item,
            warehouse_id=one.warehouse,
            reference=reference,
            quantity=Decimal(0),
            remaining=Decimal(0),
            actor=actor,
            created_at=timezone.now(),
        )
    row.quantity += more
    row.remaining += more
    row.save()
    return row.pk, row.remaining


@transaction.atomic
def expire_due(now: datetime | None = None) -> list[int]:
    """End the promises whose time is over; returns their ids."""
    due = Reservation.objects.filter(
        state=Reservation.State.ACTIVE, expires_at__lte=now or timezone.now()
    )
    return _end(due.values_list("pk", "item_id", "warehouse_id"), "expired", "")


def goods_of(ids: Iterable[int]) -> dict[int, tuple[int, int, int, int | None]]:
    """What promises are for: id → item, warehouse, lot (0: any) and place (None: any)."""
    rows = Reservation.objects.filter(pk__in=list(ids))
    return {
        key: (item, warehouse, lot, place)
        for key, item, warehouse, lot, place in rows.values_list(
            "pk", "item_id", "warehouse_id", "lot_id", "place_id"
        )
    }


def consume(taken: dict[int, Decimal]) -> None:
    """Use up parts of promises (id → quantity); called by posting, which holds the locks.

    What ended before stays as it ended.
    """
    now = timezone.now()
    pairs: set[Pair] = set()
    for row in Reservation.objects.filter(pk__in=taken, state=Reservation.State.ACTIVE):
        part = min(taken[row.pk], row.remaining)
        row.remaining -= part
        if not row.remaining:
            row.state = Reservation.State.CONSUMED
            row.ended_at = now
        row.save(update_fields=["remaining", "state", "ended_at"])
        pairs.add((row.item_id, row.warehouse_id))
    _refresh(pairs)


@dataclass(frozen=True, slots=True)
class Overdrawn:
    """More is promised than is there."""

    item: int
    warehouse: int
    available: Decimal
    missing: Decimal


def overdrawn(pairs: Iterable[Pair]) -> list[Overdrawn]:
    """Which of the locked pairs promise more than they hold."""
    result = []
    for item, warehouse in sorted(pairs):
        free = _free((item, warehouse))
        missing = free.missing()
        if missing > 0:
            result.append(Overdrawn(item, warehouse, free.on_hand() - free.promised, missing))
    return result


def cut(pairs: Iterable[Pair], why: str) -> list[int]:
    """Release the newest promises until the rest can be kept; returns the released ids."""
    released: list[int] = []
    for pair in sorted(pairs):
        while _free(pair).missing() > 0:
            newest = (
                Reservation.objects.filter(
                    item_id=pair[0],
                    warehouse_id=pair[1],
                    state=Reservation.State.ACTIVE,
                )
                .order_by("-pk")
                .values_list("pk", "item_id", "warehouse_id")[:1]
            )
            released += _end(newest, "released", why)
    return released


class _Free:
    """What is there and what is promised of one item in one warehouse, by lot and place."""

    def __init__(
        self,
        there: list[tuple[int, int, Decimal]],
        promises: list[tuple[int, int | None, Decimal]],
    ) -> None:
        self.there = there
        self.promises = promises

    @property
    def promised(self) -> Decimal:
        """The sum of all promises."""
        return sum((quantity for _lot, _place, quantity in self.promises), Decimal(0))

    def on_hand(self, lot: int = NO_LOT, place: int | None = None) -> Decimal:
        """What is there of a lot (any if 0) in a place (any if None)."""
        return sum(
            (
                quantity
                for its_lot, its_place, quantity in self.there
                if lot in {NO_LOT, its_lot} and place in {None, its_place}
            ),
            Decimal(0),
        )

    def left(self, lot: int, place: int | None) -> Decimal:
        """What may still be promised of a lot and place."""
        return min(self._left_of(lot, place), self._left_of(NO_LOT, None))

    def _left_of(self, lot: int, place: int | None) -> Decimal:
        taken = sum(
            (
                quantity
                for its_lot, its_place, quantity in self.promises
                if lot in {NO_LOT, its_lot} and place in {None, its_place}
            ),
            Decimal(0),
        )
        return self.on_hand(lot, place) - taken

    def promise(self, lot: int, place: int | None, quantity: Decimal) -> None:
        """Count one more promise."""
        self.promises.append((lot, place, quantity))

    def missing(self) -> Decimal:
        """How much is promised beyond what is there, over all and for each lot and place; 0 if
        nothing is promised, even where stock is below zero.
        """
        if not self.promises:
            return Decimal(0)
        wants = {(lot, place) for lot, place, _quantity in self.promises} | {(NO_LOT, None)}
        return max((-self._left_of(lot, place) for lot, place in wants), default=Decimal(0))


def _free(pair: Pair) -> _Free:
    item, warehouse = pair
    there = Balance.objects.filter(
        item_id=item, place__warehouse_id=warehouse, place__kind="storage", owner_id=US
    )
    promises = Reservation.objects.filter(
        item_id=item, warehouse_id=warehouse, state=Reservation.State.ACTIVE
    )
    return _Free(
        list(there.values_list("lot_id", "place_id", "on_hand")),
        list(promises.values_list("lot_id", "place_id", "remaining")),
    )


def _lock(pairs: Iterable[Pair]) -> None:
    """Lock availability, then the balances whose sum is about to be promised, in key order."""
    pairs = sorted(pairs)
    Availability.objects.bulk_create(
        [Availability(item_id=item, warehouse_id=warehouse) for item, warehouse in pairs],
        ignore_conflicts=True,
    )
    if not connection.features.has_select_for_update:
        return
    items, warehouses = {item for item, _w in pairs}, {warehouse for _i, warehouse in pairs}
    promised = Availability.objects.filter(item_id__in=items, warehouse_id__in=warehouses)
    there = Balance.objects.filter(
        item_id__in=items, place__warehouse_id__in=warehouses, place__kind="storage"
    )
    promised = promised.order_by("item_id", "warehouse_id")
    there = there.order_by("item_id", "lot_id", "owner_id", "place_id")
    list(promised.select_for_update(of=("self",)).values_list("pk"))
    list(there.select_for_update(of=("self",)).values_list("pk"))


def _end(rows: Iterable[tuple[int, int, int]], state: str, why: str) -> list[int]:
    rows = list(rows)
    pairs = {(item, warehouse) for _pk, item, warehouse in rows}
    _lock(pairs)
    ids = [pk for pk, _item, _warehouse in rows]
    ended = Reservation.objects.filter(pk__in=ids, state=Reservation.State.ACTIVE)
    ids = list(ended.values_list("pk", flat=True))
    ended.update(state=state, remaining=Decimal(0), ended_at=timezone.now(), why=why[:200])
    _refresh(pairs)
    changes.items(item for item, _warehouse in pairs)
    return ids


def _refresh(pairs: Iterable[Pair]) -> None:
    """Bring the availability rows to the sum of the active promises."""
    for item, warehouse in sorted(pairs):
        reserved = Reservation.objects.filter(
            item_id=item, warehouse_id=warehouse, state=Reservation.State.ACTIVE
        ).aggregate(total=Sum("remaining"))["total"] or Decimal(0)
        Availability.objects.filter(item_id=item, warehouse_id=warehouse).update(reserved=reserved)


def _short(number: int, line: ReservationInput, left: Decimal) -> LineError:
    code = Item.objects.values_list("code", flat=True).get(pk=line.item)
    data = {
        "item": code,
        "wanted": plain(line.quantity),
        "available": plain(max(left, Decimal(0))),
    }
    message = _("Only %(available)s of %(item)s are available; wanted %(wanted)s.") % data
    return LineError(number, "short", message, data)
