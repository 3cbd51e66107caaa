"""What a scanned code means: an item with pack, lot and quantity, a lot, a place, or nothing that is known.

Asked in this order: the addresses on our own labels, GS1, barcodes (of packs too), codes of items, places and
lots. Places are those that the asker may see. Nothing is guessed: a code means one thing or is unknown.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import unquote

from people.access import Access
from stock import gs1, units
from stock.models import Barcode, Item, Lot, Place, Unit
from stock.models.lots import NO_LOT
from stock.queries.sight import see
from stock.search_keys import plain

LONGEST = 400
"""No code that is scanned has more characters."""
_ITEM = re.compile(r"^/i/([^/]+)/?$")
_LOT = re.compile(r"^/l/([^/]+)/([^/]+)/?$")
_PLACE = re.compile(r"^/p/([^/]+)/([^/]+)/?$")
_DOCUMENT = re.compile(r"^/documents/([0-9a-f-]{36})/?$")
_AS_TYPED = {n: n - 0xFEE0 for n in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned code. ``kind`` is item, lot, place, document (``document`` is its key or number) or unknown.

    ``quantity`` is in ``unit`` (the pack's, else the base unit); ``base`` in base units. ``gtin`` stays where
    the item is unknown, so that it can be linked.
    """

    text: str
    kind: str
    item: Item | None = None
    unit: Unit | None = None
    quantity: Decimal = Decimal(1)
    counted: bool = False
    """The code itself says how many."""
    base: Decimal = Decimal(1)
    lot: str = ""
    expires_on: date | None = None
    serial: bool = False
    place: Place | None = None
    document: str = ""
    gtin: str = ""


def read(text: str, access: Access) -> Scan:
    """What the code means for the asker; raises gs1.BadCode for a GS1 code that is wrong."""
    text = text.translate(_AS_TYPED).strip()[:LONGEST]
    own = _own(text, access)
    if own is not None:
        return own
    code = gs1.read(text)
    if code is not None:
        return _gs1(text, code)
    return _plain(text, gs1.bare(text), access)


def _own(text: str, access: Access) -> Scan | None:
    """The addresses of our labels, whatever the name of the host."""
    link = gs1.address(text)
    if link is None:
        return None
    path = link.path
    if found := _DOCUMENT.match(path):
        return Scan(text, "document", document=found[1])
    if found := _ITEM.match(path):
        item = _item(unquote(found[1]))
        return _of_item(Scan(text, "item"), item) if item else Scan(text, "unknown")
    if found := _LOT.match(path):
        item = _item(unquote(found[1]))
        return _of_item(Scan(text, "item", lot=unquote(found[2])), item) if item else None
    if found := _PLACE.match(path):
        return _place(text, unquote(found[2]), access, house=unquote(found[1]))
    return None


def _gs1(text: str, code: gs1.Code) -> Scan:
    scan = Scan(
        text,
        "unknown",
        lot=code.serial or code.lot,
        serial=bool(code.serial),
        expires_on=code.expires_on,
        gtin=code.gtin,
    )
    if code.quantity:
        scan = replace(scan, quantity=code.quantity, counted=True)
    found = _barcode(gs1.forms(code.gtin)) if code.gtin else None
    item, unit = (found.item, found.unit) if found else (_by_number(code), None)
    if item is None:
        return scan
    lot = code.serial if item.tracking == Item.Tracking.SERIAL else code.lot
    return _of_item(replace(scan, kind="item", lot=lot or scan.lot), item, unit)


def _by_number(code: gs1.Code) -> Item | None:
    """Without a known GTIN: the number that the customer, we, gave it; else the maker's, if it is ours too."""
    for number in (code.customer_part, code.additional):
        item = _item(number) if number else None
        if item is not None:
            return item
    return None


def _plain(text: str, code: str, access: Access) -> Scan:
    scan = Scan(text, "unknown", gtin=code if gs1.is_gtin(code) else "")
    found = _barcode([code, *(gs1.forms(code) if scan.gtin else ())])
    if found is not None:
        return _of_item(replace(scan, kind="item"), found.item, found.unit)
    item = _item(code)
    if item is not None:
        return _of_item(replace(scan, kind="item"), item)
    place = _place(text, code, access)
    if place.kind == "place":
        return place
    lots = list(
        Lot.objects.filter(number__in={code, code.upper()}, archived_at=None)
        .exclude(pk=NO_LOT)
        .select_related("item__base_unit")[:2]
    )
    if len(lots) == 1 and lots[0].item is not None:
        lot = lots[0]
        made = replace(scan, kind="item", lot=lot.number, expires_on=lot.expires_on)
        return _of_item(made, lots[0].item)
    return scan


def _barcode(codes: list[str]) -> Barcode | None:
    rows = Barcode.objects.filter(code__in=codes, item__archived_at=None)
    return rows.select_related("item__base_unit", "unit").order_by("pk").first()


def _item(code: str) -> Item | None:
    rows = Item.objects.filter(archived_at=None, code__iexact=plain(code) or code)
    return rows.select_related("base_unit").first()


def _place(text: str, code: str, access: Access, *, house: str = "") -> Scan:
    """The one place with this code in a warehouse that one sees."""
    if not access.may("stock.view"):
        return Scan(text, "unknown")
    rows = Place.objects.filter(
        warehouse__in=see(access).warehouses, code__iexact=code, archived_at=None
    )
    if house:
        rows = rows.filter(warehouse__code__iexact=house)
    found = list(rows.select_related("warehouse")[:2])
    if len(found) != 1:
        return Scan(text, "unknown")
    return Scan(text, "place", place=found[0])


def _of_item(scan: Scan, item: Item, unit: Unit | None = None) -> Scan:
    """With the unit of the pack, and how many base units that makes."""
    chosen = unit or item.base_unit
    base = units.to_base(item, scan.quantity, chosen)
    return replace(scan, item=item, unit=chosen, base=base)
