"""Stock that is promised for orders: as much of what is open as there is; the rest is short, and said so."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Sum

from core.fields import QuantityField
from people.models import User
from stock import incoming, reservations
from stock.models import Reservation
from stock.reservations import Wanted
from workflows.models import Document, OrderLine


@dataclass(frozen=True, slots=True)
class Promise:
    """Of one line, in base units: what is kept for it, what is short, what is expected in its warehouse."""

    reserved: Decimal = Decimal(0)
    short: Decimal = Decimal(0)
    incoming: Decimal = Decimal(0)


def keep(
    order: Document, rows: Mapping[int, OrderLine], *, actor: User | None, why: str = ""
) -> dict[int, Promise]:
    """Promise what is open of the goods that leave, as far as they are there; give back what is no longer needed."""
    leaving = [row for _key, row in sorted(rows.items()) if not row.arrives]
    kept = reservations.keep(
        [Wanted(row.reservation, row.item_id, row.warehouse_id, row.open) for row in leaving],
        reference=order.number or str(order.key),
        actor=actor,
        why=why,
    )
    for row, (key, _remaining) in zip(leaving, kept, strict=True):
        if row.reservation != key:
            row.reservation = key
            row.save(update_fields=["reservation"])
    return of(rows)


def of(rows: Mapping[int, OrderLine]) -> dict[int, Promise]:
    """Line id → what is promised, short and expected for the goods that leave."""
    leaving = {key: row for key, row in rows.items() if not row.arrives}
    ids = [row.reservation for row in leaving.values() if row.reservation]
    remaining = dict(Reservation.objects.filter(pk__in=ids).values_list("pk", "remaining"))
    coming = incoming.expected({row.item_id for row in leaving.values()})
    found = {}
    for key, row in leaving.items():
        reserved = min(remaining.get(row.reservation or 0, Decimal(0)), row.open)
        expected = coming.get((row.item_id, row.warehouse_id), Decimal(0))
        found[key] = Promise(reserved, row.open - reserved, expected)
    return found


def expected(items: set[int] | None) -> dict[tuple[int, int], Decimal]:
    """Item and warehouse → what is open of orders that bring it; registered with the stock app."""
    rows = OrderLine.objects.filter(arrives=True, ordered__gt=F("delivered") + F("closed"))
    if items is not None:
        rows = rows.filter(item__in=items)
    left = Sum(F("ordered") - F("delivered") - F("closed"), output_field=QuantityField())
    summed = rows.order_by().values_list("item_id", "warehouse_id").annotate(left=left)
    return {(item, warehouse): quantity for item, warehouse, quantity in summed}
