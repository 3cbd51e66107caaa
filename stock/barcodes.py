"""The writer of single barcodes: a code met in the warehouse becomes one of an item."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import codes
from core.errors import DomainError
from people.access import Access
from people.models import User
from stock import gs1, search_keys, units
from stock.models import Barcode, Item, Unit


class CannotLink(DomainError):
    """The code cannot be one of this item; the message says why."""

    code = "barcode"


def linkable(text: str) -> str:
    """The part of a scanned code that names the goods: the GTIN of a GS1 code, else the code; empty for none."""
    code = gs1.read(text)
    if code is None:
        return gs1.bare(text.strip())[:80]
    return gs1.forms(code.gtin)[:2][-1] if code.gtin else ""


@transaction.atomic
def link(text: str, item: Item, unit: Unit | None, *, actor: User, access: Access) -> Barcode:
    """Make what was scanned a barcode of the item, of a pack if ``unit`` is given; again is no second one.

    Raises NotAllowed without the right to edit items, CannotLink, UnitError for a unit that is not the item's.
    """
    access.require("master.edit")
    code = linkable(text)
    if not code:
        raise CannotLink(_("This code names no goods, so it cannot be linked to an item."))
    if unit is not None:
        units.ratio(item, unit)
    known = Barcode.objects.filter(code__in=gs1.forms(code) if gs1.is_gtin(code) else [code])
    for other in known.select_related("item"):
        if other.item_id == item.pk:
            return other
        raise CannotLink(
            _("%(code)s is a barcode of %(item)s.") % {"code": code, "item": other.item.code}
        )
    made = Barcode(item=item, code=_read(code), unit=unit)
    made._history_user = actor  # type: ignore[attr-defined]
    try:
        made.full_clean()
    except ValidationError as error:
        raise CannotLink(" ".join(error.messages)) from error
    made.save()
    search_keys.refresh_items([item])
    return made


def _read(code: str) -> str:
    try:
        return codes.read(code)
    except ValidationError as error:
        raise CannotLink(" ".join(error.messages)) from error
