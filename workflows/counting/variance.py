"""The differences of a stocktake for those who judge them: with value, tolerance, counts and what moved since.

While people still count, only those who approve may look: whoever counts must not know the book.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet

from people.access import Access
from workflows.counting import figures, progress, staleness
from workflows.counting.figures import ZERO, Tolerance
from workflows.models import CountEntry, CountLine, Document


@dataclass(frozen=True, slots=True)
class Row:
    """One line with its difference; ``value`` is signed. ``first`` is what the first round counted."""

    line: CountLine
    difference: Decimal
    value: Decimal
    beyond: bool
    stale: bool
    first: CountEntry | None
    last: CountEntry | None

    @property
    def percent(self) -> Decimal | None:
        """Of the book; None where it had nothing."""
        if not self.line.book:
            return None
        return (self.difference * 100 / abs(self.line.book)).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole: lines counted, right and wrong, the net and absolute value of the differences."""

    lines: int
    counted: int
    right: int
    differing: int
    again: int
    blank: int
    net: Decimal
    absolute: Decimal

    @property
    def accuracy(self) -> Decimal | None:
        """Right lines of a hundred counted."""
        if not self.counted:
            return None
        return (Decimal(self.right) * 100 / self.counted).quantize(Decimal("0.1"))


def may_see(document: Document, access: Access) -> bool:
    """Whether somebody may know the differences now."""
    scope = document.warehouse.scope_id if document.warehouse else None
    if progress.counting_step(document):
        return access.may("document.approve", scope)
    return access.may("stock.view", scope)


def rows(document: Document, *, every: bool = False) -> list[Row]:
    """The lines that differ or wait for another count (``every``: all that were counted), dearest first."""
    lines = list(_lines(document, every=every))
    rates = figures.Rates(document, lines)
    tolerances = figures.Tolerances(document.stocktake, document.company)
    stale = set(staleness.find(document)) if document.posting_id is None else set()
    entries = _entries(document, lines)
    found = []
    for line in lines:
        difference = line.difference if line.difference is not None else ZERO
        value = rates.value(line, difference)
        limit: Tolerance = tolerances.of(line.item.category_id)
        first, last = entries.get(line.pk, (None, None))
        found.append(
            Row(
                line,
                difference,
                value,
                limit.beyond(difference, line.book or ZERO, value),
                line.stale or line.pk in stale,
                first,
                last,
            )
        )
    return sorted(found, key=lambda row: (-abs(row.value), row.line.bin.position, row.line.pk))


def _lines(document: Document, *, every: bool) -> QuerySet[CountLine]:
    rows = CountLine.objects.filter(document=document, round__gt=0).select_related(
        "place", "item", "item__base_unit", "lot", "owner", "bin", "counter", "cause"
    )
    return rows if every else rows.filter(figures.AGAIN | ~Q(counted=F("book")))


def _entries(
    document: Document, lines: Sequence[CountLine]
) -> dict[int, tuple[CountEntry, CountEntry]]:
    """The last count of the first round and the last of all, of each line that was counted twice."""
    wanted = [line.pk for line in lines if line.round > 1]
    found: dict[int, tuple[CountEntry, CountEntry]] = {}
    rows = CountEntry.objects.filter(document=document).select_related("counter").order_by("pk")
    if wanted:
        for entry in rows.filter(line__in=wanted):
            first = (
                entry if entry.round == 1 or entry.line_id not in found else found[entry.line_id][0]
            )
            found[entry.line_id] = (first, entry)
    return found


def summary(document: Document, found: Sequence[Row]) -> Summary:
    """The figures above the table."""
    tally = CountLine.objects.filter(document=document).aggregate(
        every=Count("pk"),
        known=Count("pk", filter=Q(round__gt=0)),
        equal=Count("pk", filter=Q(round__gt=0, counted=F("book"))),
        waiting=Count("pk", filter=figures.AGAIN),
    )
    return Summary(
        lines=tally["every"],
        counted=tally["known"],
        right=tally["equal"],
        differing=tally["known"] - tally["equal"],
        again=tally["waiting"],
        blank=tally["every"] - tally["known"],
        net=sum((row.value for row in found), ZERO),
        absolute=sum((abs(row.value) for row in found), ZERO),
    )
