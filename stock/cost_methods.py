"""The only way to change how a category is valued: the value of its stock stays the same to the cent."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.dialect import Dialect
from core.errors import DomainError
from core.numbers import QUANTITY_SCALE, VALUE_PLACES, VALUE_SCALE, from_scaled, to_scaled
from people.access import Access
from people.models import Company, User
from stock import costing
from stock.book_sql import facts
from stock.models import (
    Balance,
    Category,
    CostLayer,
    CostMethodChange,
    CostPool,
    Movement,
    ValuationArea,
)
from stock.models.lots import NO_LOT
from stock.models.partners import US

LONGEST_REASON = 100
"""Characters that the history keeps."""


@transaction.atomic
def change_method(
    category: Category, method: str, *, actor: User | None, access: Access, reason: str = ""
) -> CostMethodChange:
    """Value the stock of a category's items by another method from now on.

    Moving average becomes one FIFO layer; layers become an average; for specific cost the value of
    each pool is shared out among its lots by quantity, and summed up again on the way back. Raises
    DomainError while stock of the category is below zero. Waits for postings under way, and none
    starts until it is done.
    """
    access.require("master.edit")
    with connection.cursor() as cursor:
        for company in Company.objects.order_by("pk").values_list("pk", flat=True):
            facts.hold_periods(cursor, Dialect(connection.vendor), company)
    category = Category.objects.select_for_update().get(pk=category.pk)
    before = category.cost_method
    if method not in Category.CostMethod.values:
        raise DomainError(_("There is no cost method “%(method)s”.") % {"method": method})
    if method == before:
        raise DomainError(_("This category is valued like that already."), code="unchanged")
    pools = list(
        CostPool.objects.select_for_update(of=("self",) if _has_of() else ())
        .filter(item__category=category)
        .order_by("item_id", "area_id", "lot_id", "shipment")
    )
    below = Balance.objects.filter(item__category=category, owner_id=US, on_hand__lt=0)
    if any(pool.quantity < 0 for pool in pools) or below.exists():
        raise _below_zero()
    CostLayer.objects.filter(pool__in=pools).delete()
    if before == Category.CostMethod.SPECIFIC:
        pools = _merge(pools)
    if method == Category.CostMethod.SPECIFIC:
        pools = _split(pools)
    for pool in pools:
        pool.method = method
        pool.save()
    if method == Category.CostMethod.FIFO:
        CostLayer.objects.bulk_create(
            CostLayer(pool=pool, movement=None, quantity=pool.quantity, value=pool.value)
            for pool in pools
            if pool.quantity
        )
    category.cost_method = method
    category._history_user = actor  # type: ignore[attr-defined]  # simple-history reads both
    category._change_reason = reason[:LONGEST_REASON]  # type: ignore[attr-defined]
    category.save()
    newest = Movement.objects.filter(item__category=category).aggregate(newest=Max("pk"))
    return CostMethodChange.objects.create(
        category=category,
        method_before=before,
        method_after=method,
        after_movement=newest["newest"] or 0,
        changed_at=timezone.now(),
        actor=actor,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What the change would do: the value in stock and the pools it lies in, before and after."""

    value_before: Decimal
    value_after: Decimal
    pools_before: int
    pools_after: int


def preview(category: Category, method: str, *, actor: User | None, access: Access) -> Preview:
    """Try the change and take it back; raises what ``change_method`` raises. Leaves nothing behind."""
    before = _worth(category)
    with transaction.atomic():
        change_method(category, method, actor=actor, access=access)
        after = _worth(category)
        transaction.set_rollback(True)
    return Preview(before[0], after[0], before[1], after[1])


def _worth(category: Category) -> tuple[Decimal, int]:
    pools = CostPool.objects.filter(item__category=category).exclude(quantity=0, value=0)
    return pools.aggregate(total=Sum("value"))["total"] or Decimal(0), pools.count()


def _below_zero() -> DomainError:
    return DomainError(
        _("Stock of this category is below zero. Settle it first, then change the method."),
        code="below_zero",
    )


def _has_of() -> bool:
    return bool(connection.features.has_select_for_update_of)


def _merge(pools: Iterable[CostPool]) -> list[CostPool]:
    """One pool per item, area and shipment from those of its lots."""
    groups: dict[tuple[int, int, str], list[CostPool]] = {}
    for pool in pools:
        groups.setdefault((pool.item_id, pool.area_id, pool.shipment), []).append(pool)
    merged = []
    for members in groups.values():
        quantity = sum((pool.quantity for pool in members), Decimal(0))
        value = sum((pool.value for pool in members), Decimal(0))
        last = max(members, key=lambda pool: pool.pk)
        kept = next((pool for pool in members if pool.lot_id == NO_LOT), None)
        for pool in members:
            if pool is not kept:
                pool.delete()
        kept = kept or CostPool(
            item_id=last.item_id, area_id=last.area_id, lot_id=NO_LOT, shipment=last.shipment
        )
        kept.quantity, kept.value = quantity, value
        kept.last_quantity, kept.last_value = last.last_quantity, last.last_value
        merged.append(kept)
    return merged


def _split(pools: Iterable[CostPool]) -> list[CostPool]:
    """A pool per lot, each with its share of the value by quantity."""
    result = []
    for pool in pools:
        lots = _lots_of(pool)
        if any(quantity < 0 for _lot, quantity in lots):
            raise _below_zero()
        places = ValuationArea.objects.select_related("company").get(pk=pool.area_id)
        step = 10 ** (VALUE_PLACES - places.company.currency_places)
        parts = costing.allot(
            to_scaled(pool.value, VALUE_SCALE),
            [to_scaled(quantity, QUANTITY_SCALE) for _lot, quantity in lots],
            step,
        )
        for (lot, quantity), part in zip(lots, parts, strict=True):
            if lot == NO_LOT:
                continue
            result.append(
                CostPool(
                    item_id=pool.item_id,
                    area_id=pool.area_id,
                    lot_id=lot,
                    shipment=pool.shipment,
                    quantity=quantity,
                    value=from_scaled(part, VALUE_PLACES),
                    last_quantity=pool.last_quantity,
                    last_value=pool.last_value,
                )
            )
        own = next(
            ((q, part) for (lot, q), part in zip(lots, parts, strict=True) if lot == NO_LOT),
            (Decimal(0), 0),
        )
        pool.quantity, pool.value = own[0], from_scaled(own[1], VALUE_PLACES)
        result.append(pool)
    return result


def _lots_of(pool: CostPool) -> list[tuple[int, Decimal]]:
    """What lots a pool is made of: from the balances of its area, or from the book for a shipment."""
    if pool.shipment:
        legs = Movement.objects.filter(item_id=pool.item_id, cost_object=pool.shipment, owner_id=US)
        there: dict[int, Decimal] = {}
        for sign, end in ((1, "target"), (-1, "source")):
            rows = legs.filter(
                **{f"{end}__kind": "transit", f"{end}__warehouse__area_id": pool.area_id}
            )
            for lot, quantity in rows.values_list("lot_id").annotate(total=Sum("quantity")):
                there[lot] = there.get(lot, Decimal(0)) + sign * quantity
    else:
        balances = Balance.objects.filter(
            item_id=pool.item_id, owner_id=US, place__warehouse__area_id=pool.area_id
        ).exclude(place__kind="transit")
        there = dict(balances.values_list("lot_id").annotate(total=Sum("on_hand")))
    return sorted((lot, quantity) for lot, quantity in there.items() if quantity)
