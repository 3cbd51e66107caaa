"""Stock before → after of lines, from the balances alone: cheap enough for a list of documents; only reads.

Where nobody has picked a place yet it is that of the whole warehouse. The preview knows better, one by one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Min

from core.errors import LineError
from people.access import Access
from stock.models import Balance, Place
from stock.queries.sight import see
from workflows import amounts
from workflows.models import Document, Line


@dataclass(frozen=True, slots=True)
class Change:
    """Stock of one item, lot and place before and after, in base units."""

    before: Decimal
    after: Decimal


Stock = dict[tuple[int, int], list[tuple[int, int, Decimal]]]


def there(items: set[int], houses: set[int]) -> Stock:
    """(item, warehouse) → (lot, place, on hand) of our own goods in storage and quarantine."""
    found: Stock = defaultdict(list)
    balances = Balance.objects.filter(item__in=items, place__warehouse__in=houses, owner=0)
    for item, house, lot, place, number in balances.values_list(
        "item_id", "place__warehouse_id", "lot_id", "place_id", "on_hand"
    ):
        found[item, house].append((lot or 0, place, number))
    return found


def usual_places(houses: set[int]) -> dict[int, int]:
    """Warehouse → the place that goods leave from when nobody names or picks another."""
    rows = Place.objects.filter(
        warehouse__in=houses, kind="storage", is_group=False, archived_at=None
    )
    return dict(rows.order_by().values_list("warehouse").annotate(first=Min("pk")))


def stock_of(document: Document, lines: Sequence[Line], access: Access) -> dict[int, Change]:
    """Line → stock before and after; where nobody has picked a place yet, of the whole warehouse."""
    houses = {document.warehouse_id or 0} & set(see(access).warehouses)
    balances, usual = there({line.item_id for line in lines}, houses), usual_places(houses)
    found = {line.pk: change(line, document, balances, usual) for line in lines} if houses else {}
    return {pk: one for pk, one in found.items() if one is not None}


def serious(document: Document, errors: Sequence[LineError]) -> list[LineError]:
    """What really stands in the way: that the usual place is empty does not, if places are still to be picked."""
    if not document.kind.picks:
        return list(errors)
    open_ = set(document.lines.filter(source=None, actual=None).values_list("position", flat=True))
    return [error for error in errors if error.code != "short" or error.line not in open_]


def change(
    line: Line, document: Document, balances: Stock, usual: Mapping[int, int]
) -> Change | None:
    """Before and after for one line, from balances read for many; None where nothing can be said.

    Once it is posted the balances hold it already, so nothing lies ahead.
    """
    if document.kind.shape == "value" or document.warehouse_id is None or document.posting_id:
        return None
    try:
        quantity = amounts.base(line, amounts.done(line))
    except amounts.AmountError:
        return None
    leaves = document.kind.source.chosen and line.side != Line.Side.OUTPUT
    place = line.source_id if leaves else line.target_id
    if leaves and place is None and not document.kind.picks:
        place = usual.get(document.warehouse_id)
    before = sum(
        (
            number
            for lot, where, number in balances.get((line.item_id, document.warehouse_id), ())
            if (place is None or where == place) and (not line.lot_id or lot == line.lot_id)
        ),
        Decimal(0),
    )
    return Change(before, before - quantity if leaves else before + quantity)
