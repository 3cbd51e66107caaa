"""Says of rows that move stock what is unusual about them, beside what is wrong; nothing is kept out by it.

The judgement is that of typed lines (workflows.row_checks). Opening stock is compared with nothing.
"""

from decimal import Decimal

from intake.importing.found import Entry, Prepared, Problem
from intake.resolving.records import PlaceRef
from workflows import row_checks
from workflows.row_checks import SheetRow

MOST = 5_000
"""Rows that are compared; of a longer sheet the last ones, which nobody has looked at yet."""
PRICE, OTHER = "unusual_price", "unusual"


def check(out: Prepared) -> None:
    """Add what is unusual to the notes, row by row."""
    entries, _records = out.good()
    entries = [one for one in entries if one.type != "opening"][-MOST:]
    for place, found in row_checks.look([_row(one) for one in entries]).items():
        entry = entries[place]
        for one in found:
            name = "price" if one.money else "quantity"
            cell = out.understanding.cell(entry.row, name)
            code = PRICE if one.money else OTHER
            out.notes.append(Problem(entry.sheet, entry.row.number, cell, name, code, one.text))


def _row(entry: Entry) -> SheetRow:
    source, target = _place(entry.source), _place(entry.target)
    physical = source or target
    return SheetRow(
        type=entry.type,
        item=entry.item.pk or 0,
        item_code=entry.item.code,
        base_unit=entry.item.unit.code,
        quantity=entry.quantity,
        at=entry.at,
        price=_price(entry),
        partner=(entry.partner.pk if entry.partner else None) or 0,
        warehouse=(physical.warehouse.pk if physical else None) or 0,
        source=(source.pk if source else None) or 0,
        target=(target.pk if target else None) or 0,
        department=entry.department or 0,
        reason=entry.reason,
        lot=entry.lot.number if entry.lot else "",
        expires=entry.lot.expires_on if entry.lot else None,
    )


def _price(entry: Entry) -> Decimal | None:
    if entry.unit_cost is not None or entry.value is None:
        return entry.unit_cost
    return entry.value / entry.quantity


def _place(end: PlaceRef | str) -> PlaceRef | None:
    return end if isinstance(end, PlaceRef) else None
