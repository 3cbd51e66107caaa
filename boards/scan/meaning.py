"""A scanned code in words and addresses: what stock knows of it, and documents."""

from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core.fields import plain
from core.templatetags import ui
from people.access import Access
from people.models import User
from stock import units
from stock.models import Item, Lot, Place, Unit
from stock.queries import scans
from stock.queries.scans import Scan
from stock.views.book import item_url
from workflows import queries
from workflows.models import Document
from workflows.views import lists

Answer = dict[str, Any]


def of(text: str, user: User, access: Access) -> Answer:
    """What the code means for the asker, as JSON values; raises gs1.BadCode for a wrong GS1 code.

    Always there: kind (item, place, document, unknown), code, title, detail, url. Quantities are texts.
    """
    scan = scans.read(text, access)
    if scan.item is not None and scan.unit is not None:
        return _item(scan, scan.item, scan.unit)
    if scan.place is not None:
        return _place(scan, scan.place)
    document = document_of(scan, user, access)
    if document is not None:
        return _of_document(scan, document)
    return {
        "kind": "unknown",
        "code": scan.text,
        "title": scan.text,
        "detail": "",
        "url": "",
        "message": _("“%(code)s” is not known yet.") % {"code": scan.text[:60]},
    }


def _item(scan: Scan, item: Item, unit: Unit) -> Answer:
    lot = Lot.objects.filter(item=item, number=scan.lot).first() if scan.lot else None
    expires = scan.expires_on or (lot.expires_on if lot else None)
    many = scan.counted or unit.pk != item.base_unit_id
    counted = f"{ui.quantity(scan.quantity)} {unit.code}" if many else ""
    if unit.pk != item.base_unit_id:
        counted += f" = {ui.quantity(scan.base)} {item.base_unit.code}"
    return {
        "kind": "item",
        "code": scan.text,
        "title": f"{item.code} {item.name}",
        "detail": " · ".join(filter(None, (scan.lot, ui.day(expires), counted))),
        "url": reverse("stock:lot", args=[lot.pk]) if lot else item_url(item.pk),
        "item": item.code,
        "name": item.name,
        "tracking": item.tracking,
        "unit": unit.code,
        "quantity": plain(scan.quantity),
        "pack": plain(units.packed(units.packs([item.pk]).get(item.pk), _ratio(scan))),
        "base_unit": item.base_unit.code,
        "base": plain(scan.base),
        "counted": scan.counted,
        "lot": scan.lot,
        "expires_on": expires.isoformat() if expires else "",
    }


def _ratio(scan: Scan) -> Fraction:
    """Base units in the unit of the scan."""
    return Fraction(scan.base) / Fraction(scan.quantity) if scan.quantity else Fraction(1)


def _place(scan: Scan, place: Place) -> Answer:
    house = place.warehouse
    return {
        "kind": "place",
        "code": scan.text,
        "title": place.code,
        "detail": " · ".join(filter(None, (place.name, house.name if house else ""))),
        "url": reverse("stock:place", args=[place.pk]),
        "place": place.code,
        "warehouse": house.code if house else "",
    }


def document_of(scan: Scan, user: User, access: Access) -> Document | None:
    """By its address, its number, or (one alone) the number of its source document."""
    rows = queries.with_names(queries.listed(user, access))
    if scan.document:
        return rows.filter(key=UUID(scan.document)).first() if _is_key(scan.document) else None
    text = scan.text.strip()
    found = list(rows.filter(Q(number__iexact=text) | Q(reference=text)).order_by("-id")[:2])
    named = [one for one in found if (one.number or "").lower() == text.lower()]
    if named:
        return named[0]
    return found[0] if len(found) == 1 and text else None


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _of_document(scan: Scan, document: Document) -> Answer:
    return {
        "kind": "document",
        "code": scan.text,
        "title": f"{document.kind.label} {document}",
        "detail": str(document.about.label),
        "url": lists.url(document),
        "document": str(document.key),
    }
