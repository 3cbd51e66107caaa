"""Cuts entries into documents: one source number, day, type, warehouse and partner each, of a bounded size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from intake.importing.found import Entry, hashed
from intake.resolving.records import PlaceRef, WarehouseRef

MOST_LINES = 500


@dataclass(slots=True)
class Planned:
    """A document to be: all its lines have one type, moment, warehouse, partner and source number."""

    type: str
    at: datetime
    warehouse: WarehouseRef
    target_warehouse: WarehouseRef | None
    source: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The same for the same rows."""
        return hashed(*(entry.key for entry in self.entries))

    def as_dict(self) -> dict[str, object]:
        """The document as the command's answer has it."""
        rows = [entry.row.number for entry in self.entries]
        return {
            "type": self.type,
            "day": self.at.date().isoformat(),
            "warehouse": self.warehouse.code,
            "source": self.source,
            "lines": len(rows),
            "rows": [min(rows), max(rows)],
        }


def documents(entries: Iterable[Entry]) -> list[Planned]:
    """The documents in the order in which they are written: by moment, of one moment what brings in first."""
    made: dict[tuple[object, ...], Planned] = {}
    finished: list[Planned] = []
    for entry in sorted(entries, key=_order):
        house, target = _houses(entry)
        key = (
            entry.at, not entry.brings_in, entry.type, house.code, target.code if target else "",
            entry.partner.code if entry.partner else "", entry.department, entry.document,
            entry.cost_object,
        )  # fmt: skip
        planned = made.get(key)
        if planned is None or len(planned.entries) >= MOST_LINES:
            planned = made[key] = Planned(entry.type, entry.at, house, target, entry.document)
            finished.append(planned)
        planned.entries.append(entry)
    return finished


def _order(entry: Entry) -> tuple[datetime, int, bool]:
    outside = isinstance(entry.source, str)
    between = isinstance(entry.source, PlaceRef) and isinstance(entry.target, PlaceRef)
    return entry.at, 0 if outside else 1 if between else 2, entry.type != "opening"


def _houses(entry: Entry) -> tuple[WarehouseRef, WarehouseRef | None]:
    source, target = entry.source, entry.target
    if isinstance(source, PlaceRef) and isinstance(target, PlaceRef):
        other = target.warehouse if target.warehouse is not source.warehouse else None
        return source.warehouse, other
    place = source if isinstance(source, PlaceRef) else target
    if not isinstance(place, PlaceRef):
        raise TypeError(entry.type)
    return place.warehouse, None


def rows_of(planned: Iterable[Planned]) -> Iterator[Entry]:
    """All entries, document by document."""
    for document in planned:
        yield from document.entries
