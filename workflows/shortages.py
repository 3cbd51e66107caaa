"""Which documents on their way ask for more than is available: what is missing, of what, and where."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet, Sum

from stock.models import Availability, Balance, Item, Reservation
from stock.models.partners import US
from workflows import amounts, document_types, states
from workflows.models import Document, Line

LEAVING = tuple(
    kind.code
    for kind in document_types.DOCUMENT_TYPES
    if kind.source.chosen and kind.source.kinds[:1] == ("storage",) and kind.shape == "plain"
)
"""Types whose goods leave the shelves of the document's warehouse."""
_Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Missing:
    """An item of which a document asks for more than is available, in its base unit."""

    item: Item
    wanted: Decimal
    available: Decimal


@dataclass(slots=True)
class Short:
    """A document with what it lacks."""

    document: Document
    missing: list[Missing] = field(default_factory=list)


def short(rows: QuerySet[Document]) -> list[Short]:
    """Those of ``rows`` that are on their way and lack something; four statements whatever their number."""
    running = rows.filter(
        type__in=LEAVING, state__in=states.RUNNING | {states.RETURNED}, warehouse__isnull=False
    )
    lines = list(
        Line.objects.filter(document__in=running.order_by().values("pk"))
        .select_related("document", "item", "item__base_unit")
        .order_by("document", "position")
    )
    free = _free(lines)
    wanted: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for line in lines:
        wanted[line.document_id, line.item_id] += amounts.base(line, amounts.planned(line))
    own = _own([line.reservation for line in lines if line.reservation])
    promised: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for line in lines:
        promised[line.document_id, line.item_id] += own.get(line.reservation or 0, Decimal(0))
    found: dict[int, Short] = {}
    for line in lines:
        key = (line.document_id, line.item_id)
        if key not in wanted:
            continue
        want = wanted.pop(key)
        there = free[line.item_id, line.document.warehouse_id or 0] + promised[key]
        if want > there:
            one = found.setdefault(line.document_id, Short(line.document))
            one.missing.append(Missing(line.item, want, there))
    return list(found.values())


def _free(lines: Sequence[Line]) -> dict[_Key, Decimal]:
    """Item and warehouse → our own goods on the shelves that are promised to nobody."""
    items = {line.item_id for line in lines}
    houses = {line.document.warehouse_id for line in lines}
    free: dict[_Key, Decimal] = defaultdict(Decimal)
    shelf = Balance.objects.filter(
        item__in=items, place__warehouse__in=houses, place__kind="storage", owner=US
    )
    for item, house, quantity in (
        shelf.order_by().values_list("item", "place__warehouse").annotate(n=Sum("on_hand"))
    ):
        free[item, house] += quantity
    promised = Availability.objects.filter(item__in=items, warehouse__in=houses)
    for item, house, quantity in promised.values_list("item", "warehouse", "reserved"):
        free[item, house] -= quantity
    return free


def _own(keys: Sequence[int]) -> dict[int, Decimal]:
    """Reservation → what is still promised by it."""
    return dict(Reservation.objects.filter(pk__in=keys).values_list("pk", "remaining"))
