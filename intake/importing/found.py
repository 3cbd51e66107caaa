"""What a look at a file found: entries that move stock, records of other kinds, and problems."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from intake.resolving.records import ItemRef, LotRef, PartnerRef, PlaceRef
from intake.understanding.result import Row, Table, Understanding

End = PlaceRef | str
"""A place of ours, or the kind of a place outside."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a row; it is not imported before it is mended. Row 0 is the whole file.

    ``kind`` is set where a text can be given a meaning (``raw`` = one of our codes); ``made``: whether its
    record can be made.
    """

    sheet: str
    row: int
    cell: str
    field: str
    code: str
    message: str
    raw: str = ""
    proposal: str = ""
    kind: str = ""
    made: bool = False
    hints: tuple[str, ...] = ()
    """Other texts of the row by which a record may be found."""

    def as_dict(self) -> dict[str, object]:
        """The problem as the command's answer has it."""
        names = ("sheet", "row", "cell", "field", "code", "message", "raw", "proposal")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Entry:
    """A row that moves stock (or one of several movements of a row)."""

    row: Row
    sheet: str
    type: str
    item: ItemRef
    quantity: Decimal
    source: End
    target: End
    at: datetime
    lot: LotRef | None = None
    unit_cost: Decimal | None = None
    value: Decimal | None = None
    partner: PartnerRef | None = None
    department: int | None = None
    cost_object: str = ""
    reason: str = ""
    document: str = ""
    """The number it has in the sheet."""
    key: str = ""
    mark: str = ""
    same: int = 0
    """Entries that say exactly the same have the same number."""

    @property
    def brings_in(self) -> bool:
        """Whether goods come from outside."""
        return isinstance(self.source, str)

    def content(self) -> tuple[object, ...]:
        """What it says, in codes: the same whoever looks and whenever."""
        return (
            self.type,
            self.item.code,
            format(self.quantity.normalize(), "f"),
            _end(self.source),
            _end(self.target),
            self.at.isoformat(),
            self.lot.number if self.lot else "",
            _figure(self.unit_cost),
            _figure(self.value),
            self.partner.code if self.partner else "",
            self.department or 0,
            self.cost_object,
            self.document,
        )


@dataclass(slots=True)
class Record:
    """A row that is master data, an order line, a line of a bill, or a count."""

    row: Row
    sheet: str
    kind: str
    values: dict[str, Any]
    key: str = ""
    mark: str = ""

    def content(self) -> tuple[object, ...]:
        """What it says."""
        return (self.kind, *sorted((k, str(v)) for k, v in self.values.items() if v is not None))


@dataclass(slots=True)
class Prepared:
    """Everything about a file that a person or a worker asks."""

    understanding: Understanding
    purpose: str = ""
    entries: list[Entry] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    """What holds only if an assumption does; nothing is kept out by it."""
    known: int = 0
    """Rows that were imported before."""
    left_out: int = 0
    opened: list[tuple[str, str]] = field(default_factory=list)
    """Key of an entry and the quantity that is opened before it, because it lacks so much."""
    made: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    """Kind → records to be made before anything is written."""

    @property
    def wrong_rows(self) -> set[tuple[str, int]]:
        """The rows that are kept out."""
        return {(p.sheet, p.row) for p in self.problems if p.row}

    @property
    def blocked(self) -> bool:
        """Whether something is wrong with the file as a whole, or is asked."""
        return bool(self.understanding.open_questions) or any(not p.row for p in self.problems)

    @property
    def things(self) -> "list[Entry | Record]":
        """Entries and records without anything wrong in their row."""
        entries, records = self.good()
        return [*entries, *records]

    def good(self) -> tuple[list[Entry], list[Record]]:
        """Entries and records without anything wrong in their row."""
        bad = self.wrong_rows
        entries = [e for e in self.entries if (e.sheet, e.row.number) not in bad]
        return entries, [r for r in self.records if (r.sheet, r.row.number) not in bad]

    def content_hash(self) -> str:
        """A hash of all that would be written; approvals are bound to it."""
        digest = sha256(self.purpose.encode())
        for one in self.things:
            # A key stands for all that the row says.
            digest.update(repr((one.sheet, one.row.number, one.row.at, one.key)).encode())
        return digest.hexdigest()

    def table_of(self, row: Row) -> Table:
        """The table a row is in."""
        return self.understanding.tables[row.table]


def _end(end: End) -> str:
    return end if isinstance(end, str) else f"{end.warehouse.code}/{end.code}"


def _figure(number: Decimal | None) -> str:
    return "" if number is None else format(number.normalize(), "f")


def hashed(*parts: object) -> str:
    """A short hash of what a row says."""
    return sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:40]
