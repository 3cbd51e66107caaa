"""What stock offers a line while it is written: items with what is available, lots to take first, places, originals.

Figures are of the document's warehouse, and only for those who may see its stock. Statements do not grow
with the number of lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from people.access import Access
from stock.models import (
    Availability,
    Balance,
    Barcode,
    Item,
    ItemUnit,
    Movement,
    Partner,
    Place,
    Unit,
    Warehouse,
)
from stock.models.partners import US
from stock.search_keys import best
from workflows.document_types import DocumentType, End
from workflows.models import Document

MOST = 8
"""So many suggestions fit under a cell."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Goods that can be taken: quantity in base units."""

    lot: str
    expires_on: date | None
    place: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ItemOffer:
    """An item with what is available of it; None where it may not be seen."""

    item: Item
    available: Decimal | None
    place: str


@dataclass(frozen=True, slots=True)
class Original:
    """A movement that can be returned or adjusted."""

    movement: Movement
    document: str
    at: datetime


def warehouse_of(document: Document, end: End) -> Warehouse | None:
    """The warehouse whose places an end means."""
    return getattr(document, end.warehouse, None) if end.chosen else document.warehouse


def sees(access: Access, warehouse: Warehouse | None) -> bool:
    """Whether figures of the warehouse may be shown."""
    return warehouse is not None and access.may("stock.view", warehouse.scope_id)


def find_item(text: str) -> tuple[Item, Unit | None] | None:
    """The one item that the text means: its code, a barcode (with the pack's unit), or the only match."""
    word = text.strip()
    if not word:
        return None
    rows = Item.objects.select_related("base_unit").filter(archived_at=None)
    exact = rows.filter(code__iexact=word).first()
    if exact is not None:
        return exact, None
    barcode = Barcode.objects.select_related("item__base_unit", "unit").filter(code=word).first()
    if barcode is not None:
        return barcode.item, barcode.unit
    found = best(word, 2)
    return (found[0], None) if len(found) == 1 else None


def find_partner(text: str) -> Partner | None:
    """The partner with this code."""
    return Partner.objects.filter(code=text, archived_at=None).exclude(pk=US).first()


def items(text: str, warehouse: Warehouse | None, access: Access) -> list[ItemOffer]:
    """The items that match, best first, with what is available and where most of it lies."""
    found = best(text, MOST)
    if warehouse is None or not sees(access, warehouse):
        return [ItemOffer(item, None, "") for item in found]
    free = available([item.pk for item in found], warehouse)
    taken = picks([item.pk for item in found], warehouse, ("storage",))
    return [
        ItemOffer(
            item,
            free.get(item.pk, Decimal(0)),
            taken[item.pk][0].place if taken.get(item.pk) else "",
        )
        for item in found
    ]


def available(item_ids: Sequence[int], warehouse: Warehouse) -> dict[int, Decimal]:
    """Item → what lies in storage of the warehouse and is not promised; two statements."""
    free: dict[int, Decimal] = defaultdict(Decimal)
    shelf = Balance.objects.filter(
        item__in=item_ids, owner=US, place__warehouse=warehouse, place__kind="storage"
    )
    for item, quantity in shelf.values_list("item_id", "on_hand"):
        free[item] += quantity
    promised = Availability.objects.filter(item__in=item_ids, warehouse=warehouse)
    for item, quantity in promised.values_list("item_id", "reserved"):
        free[item] -= quantity
    return dict(free)


def picks(
    item_ids: Iterable[int], warehouse: Warehouse, kinds: Sequence[str]
) -> dict[int, list[Pick]]:
    """Item → what can be taken, the lot that expires first before the others; one statement."""
    rows = (
        Balance.objects.filter(
            item__in=list(item_ids),
            owner=US,
            place__warehouse=warehouse,
            place__kind__in=kinds,
            place__is_group=False,
            on_hand__gt=0,
        )
        .order_by(F("lot__expires_on").asc(nulls_last=True), "lot_id", "-on_hand", "place__path")
        .values_list(
            "item_id", "lot_id", "lot__number", "lot__expires_on", "place__code", "on_hand"
        )
    )
    found: dict[int, list[Pick]] = defaultdict(list)
    for item, lot, number, expires, place, quantity in rows:
        found[item].append(Pick(number if lot else "", expires, place, quantity))
    return dict(found)


def places(
    text: str, warehouse: Warehouse | None, kinds: Sequence[str], item: Item | None
) -> list[tuple[Place, Decimal | None]]:
    """Places that fit an end, those where the item lies first; with what lies there of it."""
    if warehouse is None:
        return []
    there: dict[int, Decimal] = defaultdict(Decimal)
    if item is not None:
        rows = Balance.objects.filter(item=item, place__warehouse=warehouse, owner=US)
        for pk, quantity in rows.filter(on_hand__gt=0).values_list("place_id", "on_hand"):
            there[pk] += quantity
    fitting = Place.objects.filter(
        warehouse=warehouse, is_group=False, archived_at=None, kind__in=kinds
    )
    word = text.strip()
    if word:
        fitting = fitting.filter(Q(code__icontains=word) | Q(name__icontains=word))
    known = list(fitting.filter(pk__in=list(there))[:MOST])
    rest = list(fitting.exclude(pk__in=list(there)).order_by("path")[: MOST - len(known)])
    return [(place, there.get(place.pk)) for place in (*known, *rest)]


def originals(kind: DocumentType, item: Item, document: Document) -> list[Original]:
    """The latest movements of the item that a line of this type can name."""
    rows: QuerySet[Movement] = Movement.objects.filter(
        posting__company=document.company, item=item, reversal=False, quantity__gt=0
    )
    if kind.made_from:
        rows = rows.filter(type__in=kind.made_from)
    house = document.warehouse
    rows = rows.filter(Q(source__warehouse=house) | Q(target__warehouse=house))
    if kind.source.virtual in {"supplier", "customer"} and document.partner_id:
        rows = rows.filter(partner=document.partner)
    return [
        Original(row, row.posting.document or str(row.posting_id), row.effective_at)
        for row in rows.select_related("posting", "lot").order_by("-id")[:MOST]
    ]


def units(item_ids: Sequence[int]) -> dict[int, list[str]]:
    """Item → codes of its units, the base unit first; units of the same family are among them."""
    found: dict[int, list[str]] = {}
    family: dict[int, list[str]] = defaultdict(list)
    for pk, code, reference in Unit.objects.filter(archived_at=None).values_list(
        "pk", "code", "reference_id"
    ):
        family[reference or pk].append(code)
    bases = Item.objects.filter(pk__in=item_ids).values_list(
        "pk", "base_unit__code", "base_unit_id", "base_unit__reference_id"
    )
    for pk, code, unit, base in bases:
        found[pk] = [code, *(other for other in family[base or unit] if other != code)]
    for pk, code in ItemUnit.objects.filter(item__in=item_ids).values_list("item_id", "unit__code"):
        if pk in found and code not in found[pk]:
            found[pk].append(code)
    return found
