"""What stands on a label: words for people, bars for guns, a square code for phones. Of what one may see only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.templatetags import ui
from people.access import Access
from people.models import User
from stock import gs1
from stock.models import Barcode, Item, Lot, Place
from stock.models.lots import NO_LOT
from stock.queries.sight import see
from workflows import queries

MOST = 500
"""Different labels that are printed at once."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label. ``bars`` is for Code 128; ``gs1`` (in brackets) for a GS1 DataMatrix, else ``link`` for a QR code."""

    title: str
    lines: tuple[str, ...]
    bars: str
    link: str
    gs1: str = ""
    large: bool = False
    """The title is read from afar: places."""


def _link(*parts: str) -> str:
    return settings.SITE_URL + "/" + "/".join(quote(part, safe="") for part in parts) + "/"


def items(ids: Sequence[int], user: User, access: Access) -> list[Label]:
    """Labels of items: the first barcode as bars, else the code."""
    if not access.may("stock.view"):
        return []
    rows = Item.objects.filter(pk__in=ids).select_related("base_unit")
    codes = _barcodes([item.pk for item in rows])
    return [
        Label(
            item.code,
            tuple(filter(None, (item.name, item.specification, item.base_unit.code))),
            codes.get(item.pk, item.code),
            _link("i", item.code),
        )
        for item in _ordered(rows, ids)
    ]


def lots(ids: Sequence[int], user: User, access: Access) -> list[Label]:
    """Labels of lots and serial numbers; GS1 with expiry where the item has a GTIN."""
    if not access.may("stock.view"):
        return []
    rows = Lot.objects.filter(pk__in=ids).exclude(pk=NO_LOT).select_related("item")
    codes = _barcodes([lot.item_id for lot in rows if lot.item_id])
    found = []
    for lot in _ordered(rows, ids):
        expiry = ui.day(lot.expires_on)
        found.append(
            Label(
                lot.number,
                tuple(filter(None, (f"{lot.item.code} {lot.item.name}", expiry))),
                lot.number,
                _link("l", lot.item.code, lot.number),
                _of_gs1(lot, codes.get(lot.item_id, "")),
            )
        )
    return found


def _of_gs1(lot: Lot, code: str) -> str:
    """The elements of a lot; empty where it has no GTIN or letters that GS1 has not."""
    item = lot.item
    if item is None or not gs1.is_gtin(code) or len(lot.number) > 20:
        return ""
    ai = "21" if item.tracking == Item.Tracking.SERIAL else "10"
    day = f"(17){lot.expires_on:%y%m%d}" if lot.expires_on else ""
    text = f"(01){code.zfill(14)}{day}({ai}){lot.number}"
    try:
        found = gs1.read(text)
    except gs1.BadCode:
        return ""
    return text if found is not None and (found.lot or found.serial) == lot.number else ""


def places(ids: Sequence[int], user: User, access: Access) -> list[Label]:
    """Labels of places in warehouses one sees."""
    if not access.may("stock.view"):
        return []
    rows = Place.objects.filter(pk__in=ids, warehouse__in=see(access).warehouses)
    return [
        Label(
            place.code,
            tuple(filter(None, (place.name if place.name != place.code else "", str(place.warehouse.name)))),
            place.code,
            _link("p", place.warehouse.code, place.code),
            large=True,
        )
        for place in _ordered(rows.select_related("warehouse"), ids)
    ]  # fmt: skip


def documents(ids: Sequence[int], user: User, access: Access) -> list[Label]:
    """Labels of documents that one may see."""
    rows = queries.with_names(queries.visible(user, access).filter(pk__in=ids))
    return [
        Label(
            document.number or str(document),
            tuple(filter(None, (str(document.kind.label), str(document.partner or ""), ui.day(document.created_at)))),
            document.number or "",
            settings.SITE_URL + reverse("workflows:page", args=[document.key]),
        )
        for document in _ordered(rows, ids)
    ]  # fmt: skip


COMMANDS: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    (
        "OK",
        pgettext_lazy("card", "Confirm"),
        _("Shows the button that goes on; press it yourself."),
    ),
    ("UNDO", pgettext_lazy("card", "Take back"), _("The last scan or figure.")),
    ("NEXT", pgettext_lazy("card", "Next"), _("The next line that lacks something.")),
    ("ADD10", pgettext_lazy("card", "+10"), _("Ten more of the goods scanned last.")),
    ("PACK", _("A full pack"), _("One pack more of the goods scanned last.")),
    ("EMPTY", _("Empty place"), _("Counting: nothing lies here.")),
    ("PAUSE", pgettext_lazy("card", "Pause"), _("Leaves the task; everything is kept.")),
)
"""Commands that a gun reads from a card: code, name, what it does. static/js/app.js knows the codes."""


def commands(ids: Sequence[int], user: User, access: Access) -> list[Label]:
    """The cards of commands, all of them whatever is asked for; nothing on them is anybody's secret."""
    return [
        Label(str(name), (str(does),), f"CMD-{code}", f"CMD-{code}")
        for code, name, does in COMMANDS
    ]


def _barcodes(item_ids: Sequence[int]) -> dict[int, str]:
    """Item → its first barcode of a single piece; one statement."""
    found: dict[int, str] = {}
    rows = Barcode.objects.filter(item__in=item_ids, unit=None).order_by("pk")
    for item, code in rows.values_list("item_id", "code"):
        found.setdefault(item, code)
    return found


def _ordered(rows: QuerySet, ids: Sequence[int]) -> list:  # type: ignore[type-arg]
    """The rows in the order in which they were asked for."""
    place = {pk: number for number, pk in enumerate(ids)}
    return sorted(rows, key=lambda row: place[row.pk])


KINDS: dict[str, Callable[[Sequence[int], User, Access], list[Label]]] = {
    "items": items,
    "lots": lots,
    "places": places,
    "documents": documents,
    "commands": commands,
}
