"""Lists of items, lots and places with their figures as columns of one query, so that they sort and page."""

from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from core.fields import QuantityField, ValueField
from stock.models import Availability, Balance, CostPool, Item, Lot, Place
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.queries.sight import Sight


def items(sight: Sight) -> QuerySet[Item]:
    """Items with on_hand, available, reserved and (where it may be shown) value in the warehouses seen.

    ``kept``: whether the item lies or ever lay on a shelf there; True for all where everything is seen.
    """
    here = Q() if sight.everything else Q(place__warehouse__in=list(sight.warehouses))
    shelf = here & Q(owner=US, place__kind="storage")
    rows = Item.objects.select_related("category", "base_unit").annotate(
        on_hand=_sum(Balance.objects.filter(here), "on_hand"),
        shelf=_sum(Balance.objects.filter(shelf), "on_hand"),
        reserved=_sum(
            Availability.objects.filter(warehouse__in=list(sight.warehouses)), "reserved"
        ),
    )
    always = Value(True, output_field=BooleanField())
    rows = rows.annotate(
        available=ExpressionWrapper(F("shelf") - F("reserved"), output_field=QuantityField()),
        kept=always
        if sight.everything
        else Exists(Balance.objects.filter(shelf, item=OuterRef("pk"))),
    )
    if sight.shows_value:
        pools = CostPool.objects.filter(area__in=sight.areas)
        rows = rows.annotate(value=_sum(pools, "value", ValueField()))
    return rows


def low(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Items with less available than their reorder point; what is kept only in other warehouses lacks in none of these."""
    return rows.filter(
        archived_at=None, kept=True, reorder_point__gt=0, available__lt=F("reorder_point")
    )


def lots(sight: Sight) -> QuerySet[Lot]:
    """Lots that are or were in the warehouses seen, with on_hand there."""
    here = Q() if sight.everything else Q(place__warehouse__in=list(sight.warehouses))
    balances = Balance.objects.filter(here, lot=OuterRef("pk"))
    rows = Lot.objects.exclude(pk=NO_LOT).select_related("item", "item__base_unit", "supplier")
    if not sight.everything:
        rows = rows.filter(Exists(balances))
    return rows.annotate(on_hand=_sum(Balance.objects.filter(here), "on_hand", key="lot"))


def places(sight: Sight) -> QuerySet[Place]:
    """The places of the warehouses seen, with how many items lie in each."""
    return (
        Place.objects.filter(warehouse__in=list(sight.warehouses))
        .select_related("warehouse", "parent")
        .annotate(items=Count("balance__item", distinct=True, filter=~Q(balance__on_hand=0)))
    )


def _sum(rows: QuerySet[Any], column: str, field: Any = None, *, key: str = "item") -> Coalesce:
    """The sum of a column over the rows of the outer item or lot; zero where there are none."""
    field = field or QuantityField()
    found = rows.filter(**{key: OuterRef("pk")}).order_by().values(key)
    inner = Subquery(found.annotate(n=Sum(column)).values("n"), output_field=field)
    return Coalesce(inner, Value(0, output_field=field), output_field=field)
