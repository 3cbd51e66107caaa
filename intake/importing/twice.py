"""Says which rows of opening stock are about goods that a row above was about already: both are booked, one is often a slip.

Nothing is kept out by it. Rows that say exactly the same are told elsewhere (intake.importing.keys).
"""

from django.utils.translation import gettext as _

from intake.importing.found import Entry, Prepared, Problem
from intake.resolving.records import PlaceRef
from intake.understanding.result import plain

CODE = "opened_twice"


def check(out: Prepared) -> None:
    """Add a note for each later row of the same item, lot and place."""
    first: dict[tuple[object, ...], Entry] = {}
    said: set[int] = set()
    for entry in out.entries:
        place = entry.target
        if entry.type != "opening" or not isinstance(place, PlaceRef):
            continue
        above = first.setdefault(_goods(entry, place), entry)
        if above is not entry and entry.same not in said and not _one_row(above, entry):
            out.notes.append(_note(out, above, entry, place))
        said.add(entry.same)


def _goods(entry: Entry, place: PlaceRef) -> tuple[object, ...]:
    """What a row of opening stock is about; a record that is to be made is one object."""
    lot = entry.lot
    return (
        entry.item.pk or id(entry.item),
        0 if lot is None else lot.pk or id(lot),
        place.pk or id(place),
    )


def _one_row(one: Entry, other: Entry) -> bool:
    return one.sheet == other.sheet and one.row.number == other.row.number


def _note(out: Prepared, above: Entry, entry: Entry, place: PlaceRef) -> Problem:
    facts = {
        "row": above.row.number,
        "sheet": above.sheet,
        "item": f"{entry.item.code}{f' {entry.lot.number}' if entry.lot else ''}",
        "place": f"{place.warehouse.code}/{place.code}",
        "there": plain(above.quantity),
        "quantity": plain(entry.quantity),
    }
    if above.sheet == entry.sheet:
        message = _(
            "Row %(row)d states %(item)s in %(place)s already, with %(there)s: %(quantity)s is added to it."
        )
    else:
        message = _(
            "Row %(row)d of sheet %(sheet)s states %(item)s in %(place)s already, with %(there)s: %(quantity)s is added to it."
        )
    cell = out.understanding.cell(entry.row, "quantity")
    return Problem(entry.sheet, entry.row.number, cell, "", CODE, message % facts)
