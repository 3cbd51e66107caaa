"""Opens what a sheet takes and the book never had, where a person chose that: an opening line before the row that lacks it.

Its quantity is what is missing at that moment or at any later one, its cost the current or last one of the item. What is
opened is found when the book is looked at, shown, and kept with the mends: the worker writes exactly that.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from intake.importing.found import Entry, Prepared, Problem, hashed
from intake.importing.mends import Mends
from intake.resolving.records import PlaceRef
from intake.understanding.result import plain

CHOICE = "opening"


def is_chosen(mends: Mends) -> bool:
    """Whether missing stock is opened."""
    return mends.choices.get("short") == CHOICE


def apply(out: Prepared, opened: list[tuple[str, str]]) -> None:
    """Add the opening lines: (key of the entry that lacks stock, quantity), in this order."""
    by_key = {entry.key: entry for entry in out.entries}
    for key, quantity in opened:
        lacking = by_key.get(key)
        if lacking is not None and isinstance(lacking.source, PlaceRef):
            out.entries.append(_entry(lacking, lacking.source, Decimal(quantity)))


def say(out: Prepared, entry: Entry, quantity: Decimal) -> None:
    """Tell what is opened for a row."""
    if not isinstance(entry.source, PlaceRef):
        return
    message = _(
        "%(quantity)s of %(item)s are opened in %(place)s on %(day)s: so many were missing."
    )
    facts = {
        "quantity": plain(quantity),
        "item": entry.item.code,
        "place": entry.source.code,
        "day": entry.at.date(),
    }
    cell = out.understanding.cell(entry.row, "quantity")
    note = Problem(entry.sheet, entry.row.number, cell, "", "short_opened", message % facts)
    out.notes.append(note)


def _entry(lacking: Entry, place: PlaceRef, quantity: Decimal) -> Entry:
    return Entry(
        lacking.row,
        lacking.sheet,
        "opening",
        lacking.item,
        quantity,
        "opening",
        place,
        lacking.at,
        lacking.lot,
        reason="opening",
        document=lacking.document,
        key=hashed("opened", lacking.key, plain(quantity)),
    )
