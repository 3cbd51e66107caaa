"""What a line cannot be, said when it is asked for and entered and not only by the book: pieces and places."""

from decimal import Decimal

from core.said import said as _
from stock.models import Item, Place
from workflows import amounts
from workflows.document_types import End
from workflows.models import Line


def pieces(line: Line, *quantities: Decimal | None) -> str:
    """What is wrong with quantities of an item with serial numbers: one piece a line, or none; else empty."""
    if line.item.tracking != Item.Tracking.SERIAL:
        return ""
    if all(quantity is None or amounts.base(line, quantity) in {0, 1} for quantity in quantities):
        return ""
    message = _("%(item)s is tracked by serial number: one piece a line.")
    return message % {"item": line.item.code}


def misfit(end: End, place: Place | None) -> str:
    """Why a line cannot begin or end at this place; empty if it can."""
    if place is None or not end.chosen or place.kind in end.kinds:
        return ""
    message = _("Place %(place)s is %(kind)s: it does not fit this document.")
    return message % {"place": place.code, "kind": place.get_kind_display()}
