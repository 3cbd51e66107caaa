"""The names of what rows mention, read in one statement per kind of thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

from stock.models import Item, Lot, Place

_MANY = 2_000
"""Beyond so many ids the whole table is read instead of naming them."""


class ItemFacts(NamedTuple):
    """What a row says of an item."""

    id: int
    code: str
    name: str
    specification: str
    unit: str
    decimals: int
    category: int
    category_name: str


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What a row says of a lot."""

    id: int
    number: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What a row says of a place; ``warehouse`` is None for virtual ones."""

    id: int
    code: str
    name: str
    kind: str
    path: str
    warehouse: int | None

    @property
    def label(self) -> str:
        """The code of a physical place, the kind of a virtual one."""
        return self.code


def _rows(queryset: QuerySet[Any], ids: Iterable[int], fields: tuple[str, ...]) -> Any:
    wanted = set(ids)
    if not wanted:
        return []
    if len(wanted) <= _MANY:
        queryset = queryset.filter(pk__in=wanted)
    return queryset.order_by().values_list(*fields)


def items(ids: Iterable[int]) -> dict[int, ItemFacts]:
    """Facts by item id."""
    fields = (
        "id",
        "code",
        "name",
        "specification",
        "base_unit__code",
        "base_unit__decimals",
        "category_id",
        "category__name",
    )
    return {row[0]: ItemFacts._make(row) for row in _rows(Item.objects.all(), ids, fields)}


def lots(ids: Iterable[int]) -> dict[int, LotFacts]:
    """Facts by lot id."""
    fields = ("id", "number", "expires_on")
    return {row[0]: LotFacts(*row) for row in _rows(Lot.objects.all(), ids, fields)}


def places(ids: Iterable[int]) -> dict[int, PlaceFacts]:
    """Facts by place id."""
    fields = ("id", "code", "name", "kind", "path", "warehouse_id")
    return {row[0]: PlaceFacts(*row) for row in _rows(Place.objects.all(), ids, fields)}
