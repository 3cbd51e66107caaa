"""How much of a change of cost still finds its goods in stock, and the lines of the book that carry it.

With FIFO it is what is left of the receipt's own layer. Where a pool has one cost, what left is taken to be the
oldest: the newest receipts are what the pool still holds, so that no two receipts are there with the same goods.
The rest has left; it goes to the revaluation place, whose account holds differences of cost.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.dialect import Dialect
from core.numbers import VALUE_PLACES, divide_half_up, from_scaled
from finance.moved import FOLLOWING
from people.models import Company
from stock import place_kinds
from stock.errors import Busy
from stock.models import CostLayer, CostPool, Item, Place
from stock.models.lots import NO_LOT
from stock.plan import LineInput
from stock.requests import Posted

_TRIES = 4
_BACK = """
COALESCE((SELECT SUM(x.quantity) FROM stock_movement x WHERE x.original_id = {of}.id
  AND x.target_id = {of}.source_id AND NOT EXISTS (SELECT 1 FROM stock_movement y
  WHERE y.original_id = x.id AND y.reversal)), 0)
"""
"""What went back of a receipt to where it came from, by returns or its reversal."""

_RECEIPTS = f"""
SELECT r.id, r.quantity - {_BACK.format(of="r")} AS kept, COALESCE((
  SELECT SUM(m.quantity - {_BACK.format(of="m")}) FROM stock_movement m
  JOIN stock_place t ON t.id = m.target_id AND t.kind IN ({{physical}})
  JOIN stock_warehouse tw ON tw.id = t.warehouse_id AND tw.area_id = w.area_id
  JOIN stock_place s ON s.id = m.source_id LEFT JOIN stock_warehouse sw ON sw.id = s.warehouse_id
  WHERE m.item_id = r.item_id AND m.id > r.id AND m.owner_id = r.owner_id AND NOT m.reversal
    AND m.type NOT IN ({{following}}) AND (c.cost_method <> 'specific' OR m.lot_id = r.lot_id)
    AND (s.kind = 'transit' OR sw.area_id IS NULL OR sw.area_id <> w.area_id)
), 0) AS later
FROM stock_movement r JOIN stock_place p ON p.id = r.target_id
JOIN stock_warehouse w ON w.id = p.warehouse_id
JOIN stock_item i ON i.id = r.item_id JOIN stock_category c ON c.id = i.category_id
WHERE {{among}}
""".replace("{physical}", ", ".join(f"'{kind}'" for kind in sorted(place_kinds.PHYSICAL))).replace(
    "{following}", ", ".join(f"'{kind}'" for kind in sorted(FOLLOWING))
)


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
    share: tuple[int, int] = (0, 1)
    """How much of the receipt is still there, and of how much."""


def split(changes: Sequence[Change], company: Company) -> None:
    """Find for each how much of it stays in stock."""
    step = 10 ** (VALUE_PLACES - company.currency_places)
    for one, (share, pool) in zip(changes, _found(changes), strict=True):
        one.share = share
        left, of = share
        stays = min(divide_half_up(abs(one.amount) * left, of * step) * step, abs(one.amount))
        if pool[0] <= 0:
            stays = 0
        if one.amount < 0:
            stays = min(stays, max(pool[1], 0))
        one.stays = stays if one.amount > 0 else -stays
        pool[1] += one.stays


def posted(changes: Sequence[Change], company: Company, post: Callable[[], Posted]) -> Posted:
    """What ``post`` returns once it has written the changes as they are split.

    Posting locks the pools. Where somebody else has taken of the goods between the look and the lock, it is done
    anew. Raises Busy if that goes on, and what ``post`` raises.
    """
    for _attempt in range(_TRIES):
        split(changes, company)
        with transaction.atomic():
            done = post()
            if [share for share, _pool in _found(changes)] == [one.share for one in changes]:
                return done
            transaction.set_rollback(True)
    raise Busy(_("The database is busy. Nothing was changed; try again."))


def _found(changes: Sequence[Change]) -> list[tuple[tuple[int, int], list[int]]]:
    """For each how much of its receipt is there, and quantity and value of its pool (one list per pool)."""
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
    receipts = _receipts(one.movement for one in changes)
    layers = _layers(one.movement for one in changes if methods[one.item] == "fifo")
    found = []
    for one in changes:
        method = methods[one.item]
        lot = one.lot if method == "specific" else NO_LOT
        pool = pools.get((one.item, areas[one.place] or 0, lot), [0, 0])
        kept, later = receipts.get(one.movement, (0, 0))
        left = layers.get(one.movement, 0) if method == "fifo" else pool[0] - later
        found.append(((min(max(left, 0), max(kept, 0)), max(kept, 1)), pool))
    return found


def _scaled(number: Decimal, places: int) -> int:
    return int(number.scaleb(places))


def _receipts(movements: Iterable[int]) -> dict[int, tuple[int, int]]:
    """What was kept of each receipt, and what came into its pool after it."""
    among, parameter = Dialect(connection.vendor).ids("r.id", sorted(set(movements)))
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPTS.format(among=among), [parameter])
        return {row[0]: (int(row[1]), int(row[2])) for row in cursor.fetchall()}


def _layers(movements: Iterable[int]) -> dict[int, int]:
    """What is left of the own layers of receipts."""
    left: dict[int, int] = {}
    for movement, quantity in CostLayer.objects.filter(movement__in=list(movements)).values_list(
        "movement", "quantity"
    ):
        left[movement or 0] = left.get(movement or 0, 0) + _scaled(quantity, 6)
    return left


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
