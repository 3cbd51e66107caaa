"""Count sheets: each counted row names goods in a place; blank is not counted, and only a typed 0 is zero."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from intake.importing.found import Record
from intake.importing.moving import Frame, number
from intake.importing.resolver import Resolver, text_of
from intake.resolving.catalogue import to_base
from intake.resolving.records import ItemRef, PlaceRef, WarehouseRef
from intake.understanding.result import Row, plain
from stock.models import Balance

_PLACE = ("warehouse", "place", "item", "lot")


def read(rows: Sequence[Row], resolver: Resolver, frame: Frame) -> None:
    """Turn counted rows into records; a sheet without places counts where the book has the item."""
    lying = _lying(resolver)
    there: dict[str, bool] = {}
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        record = _record(row, resolver, frame, lying)
        if record is None:
            continue
        values = record.values
        above = seen.setdefault(tuple(values[name] for name in _PLACE), row.number)
        if above != row.number:
            message = _("Row %(row)d counts the same goods in the same place.") % {"row": above}
            resolver.wrong(row, "counted", "counted_twice", message)
            continue
        house, known = values["warehouse"], bool(values.pop("known"))
        there[house] = there.get(house, False) or known
        resolver.out.records.append(record)
    for house, any_known in there.items():
        if not any_known:
            message = _(
                "Nothing of this sheet is in the book of %(house)s: import it as opening stock."
            )
            resolver.whole("nothing_to_count", message % {"house": house})


def _record(
    row: Row, resolver: Resolver, frame: Frame, lying: dict[tuple[int, int], set[int]]
) -> Record | None:
    """What a row counted, and whether its item is in the book; None for a blank count, or what is wrong (which is said)."""
    counted = number(row, "counted")
    if counted is None:
        return None
    before = len(resolver.out.problems)
    item = resolver.item(row)
    house = resolver.warehouse(row, frame.warehouse)
    unit = resolver.unit(row)
    if counted < 0:
        message = _("%(quantity)s is below zero: nothing is counted so.")
        resolver.wrong(row, "counted", "negative", message % {"quantity": counted})
    if item is None or house is None or counted < 0:
        return None
    place = _place(row, resolver, house, item, lying)
    lot = text_of(row, "lot") or text_of(row, "serial")
    ratio = resolver.ratio(row, item, unit, row.get("pack_factor"))
    if item.tracking != "none" and not lot:
        message = _("%(item)s is tracked: its lot is missing.") % {"item": item.code}
        resolver.wrong(row, "lot", "lot_missing", message)
    base = to_base(counted, ratio) if ratio is not None else None
    if ratio is not None and (base is None or base != round(base, item.unit.decimals)):
        message = _("%(quantity)s has too many decimals: %(unit)s has %(decimals)d.")
        facts = {"quantity": plain(counted), "unit": item.unit.code, "decimals": item.unit.decimals}
        resolver.wrong(row, "counted", "decimals", message % facts)
    if place is None or base is None or len(resolver.out.problems) > before:
        return None
    values = {
        "warehouse": house.code,
        "place": place.code,
        "item": item.code,
        "lot": lot if item.tracking != "none" else "",
        "counted": plain(base),
        "known": (house.pk or 0, item.pk or 0) in lying,
    }
    return Record(row, resolver.out.table_of(row).sheet, "count", values)


def _lying(resolver: Resolver) -> dict[tuple[int, int], set[int]]:
    """(warehouse, item) → the places in which the book has it."""
    found: dict[tuple[int, int], set[int]] = {}
    rows = Balance.objects.filter(
        place__company=resolver.catalogue.company, place__warehouse__isnull=False
    ).exclude(on_hand=0)
    for house, item, place in rows.values_list("place__warehouse", "item", "place"):
        found.setdefault((house, item), set()).add(place)
    return found


def _place(
    row: Row,
    resolver: Resolver,
    house: WarehouseRef,
    item: ItemRef,
    lying: dict[tuple[int, int], set[int]],
) -> PlaceRef | None:
    """Where it was counted: the named place, else the only one in which the book has the item."""
    if text_of(row, "place"):
        return resolver.place(row, house)
    there = lying.get((house.pk or 0, item.pk or 0), set())
    if len(there) > 1:
        message = _("%(item)s lies in %(count)d places of %(house)s: which one was counted?")
        facts = {"item": item.code, "count": len(there), "house": house.code}
        resolver.wrong(row, "place", "place_missing", message % facts)
        return None
    by_id = {place.pk: place for place in house.places.values()}
    return by_id.get(next(iter(there))) if there else house.defaults.get("storage")
