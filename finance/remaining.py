"""How much of a change of cost still finds its goods in stock, and the lines of the book that carry it.

With FIFO it is what is left of the receipt's own layer, else as much as the pool still holds of the
quantity. The rest has left; it goes to the revaluation place, whose account holds differences of cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.numbers import VALUE_PLACES, divide_half_up, from_scaled
from people.models import Company
from stock.models import CostLayer, CostPool, Item, Movement, Place
from stock.models.lots import NO_LOT
from stock.plan import LineInput


@dataclass(slots=True)
class Change:
    """A receipt whose cost changes by ``amount`` (scaled) for ``quantity`` of it (scaled, not below zero)."""

    movement: int
    item: int
    lot: int
    place: int
    partner: int | None
    quantity: int
    amount: int
    stays: int = 0
    """How much of the amount goes into stock."""


def split(changes: Sequence[Change], company: Company) -> None:
    """Find for each how much of it stays in stock; pools are used up in turn, so nothing counts twice."""
    step = 10 ** (VALUE_PLACES - company.currency_places)
    methods = dict(
        Item.objects.filter(pk__in={one.item for one in changes}).values_list(
            "pk", "category__cost_method"
        )
    )
    areas = dict(
        Place.objects.filter(pk__in={one.place for one in changes}).values_list(
            "pk", "warehouse__area"
        )
    )
    pools = {
        (pool.item_id, pool.area_id, pool.lot_id): [
            _scaled(pool.quantity, 6),
            _scaled(pool.value, 4),
        ]
        for pool in CostPool.objects.filter(
            item__in=methods, area__in=set(areas.values()), shipment=""
        )
    }
    layers = _layers(changes, methods)
    for one in changes:
        method = methods[one.item]
        lot = one.lot if method == "specific" else NO_LOT
        pool = pools.get((one.item, areas[one.place] or 0, lot), [0, 0])
        empty = pool[0] <= 0
        if method == "fifo":
            left, of = layers.get(one.movement, (0, 1))
        else:
            left, of = min(max(pool[0], 0), one.quantity), max(one.quantity, 1)
            pool[0] -= left
        stays = divide_half_up(abs(one.amount) * left, of * step) * step
        stays = min(stays, abs(one.amount))
        if empty:
            stays = 0
        if one.amount < 0:
            stays = min(stays, max(pool[1], 0))
        one.stays = stays if one.amount > 0 else -stays
        pool[1] += one.stays


def _scaled(number: Decimal, places: int) -> int:
    return int(number.scaleb(places))


def _layers(changes: Sequence[Change], methods: dict[int, str]) -> dict[int, tuple[int, int]]:
    """What is left of the own layer of each FIFO receipt, and what the receipt was."""
    ids = [one.movement for one in changes if methods[one.item] == "fifo"]
    left: dict[int, int] = {}
    for movement, quantity in CostLayer.objects.filter(movement__in=ids).values_list(
        "movement", "quantity"
    ):
        left[movement or 0] = left.get(movement or 0, 0) + _scaled(quantity, 6)
    whole = dict(Movement.objects.filter(pk__in=ids).values_list("pk", "quantity"))
    return {
        key: (left.get(key, 0), max(_scaled(quantity, 6), 1)) for key, quantity in whole.items()
    }


def lines(
    kind: str, changes: Sequence[Change], *, supplier: int, revaluation: int
) -> list[LineInput]:
    """The movements of value, each naming its receipt: into stock (or out of it), the rest to variance."""
    made = []
    for one in changes:
        for amount, place in ((one.stays, one.place), (one.amount - one.stays, revaluation)):
            if not amount:
                continue
            ends = (supplier, place) if amount > 0 else (place, supplier)
            made.append(
                LineInput(
                    type=kind,
                    item=one.item,
                    source=ends[0],
                    target=ends[1],
                    quantity=Decimal(0),
                    lot=one.lot,
                    value=from_scaled(abs(amount), VALUE_PLACES),
                    partner=one.partner,
                    original=one.movement,
                )
            )
    return made
