"""The differences of a stocktake for those who judge them: with value, tolerance, counts and what moved since.

While people still count, only those who approve may look: whoever counts must not know the book.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q

from people.access import Access
from workflows.counting import figures, progress, staleness
from workflows.counting.figures import ZERO
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


_SHOWN = (
    "document", "key", "added", "counted", "book", "counted_at", "round", "wanted", "stale",
    "place__code", "item__code", "item__name", "item__base_unit__decimals", "lot__number",
    "bin__position", "counter__username", "counter__name", "cause__code", "cause__name", "owner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """What is reckoned of every line before any is shown: the difference, its signed value, what is wrong with it."""

    pk: int
    difference: Decimal
    value: Decimal
    beyond: bool
    stale: bool
    explained: bool


def reckon(document: Document) -> list[Figure]:
    """The lines that differ or wait for another count, dearest first."""
    stale = set(staleness.find(document)) if document.posting_id is None else set()
    differs = figures.AGAIN | ~Q(counted=F("book"))
    rows = list(
        CountLine.objects.filter(differs, document=document, round__gt=0)
        .order_by("bin__position", "pk")
        .values_list(
            "pk", "item_id", "lot_id", "owner_id", "item__category_id", "counted", "book", "stale",
            "cause_id",
        )
    )  # fmt: skip
    rates = figures.Rates(document, {row[1] for row in rows})
    tolerances = figures.Tolerances(document.stocktake, document.company)
    found = []
    for pk, item, lot, owner, category, counted_, book_, flagged, cause in rows:
        counted, book = counted_ or ZERO, book_ or ZERO
        difference = counted - book
        value = rates.of(item, lot, owner, difference)
        beyond = tolerances.of(category).beyond(difference, book, value)
        found.append(
            Figure(pk, difference, value, beyond, flagged or pk in stale, cause is not None)
        )
    return sorted(found, key=lambda one: -abs(one.value))


def rows(document: Document, reckoned: Sequence[Figure] | None = None) -> list[Row]:
    """The lines of the figures (all of them without any given), with what is shown of each."""
    wanted = reckon(document) if reckoned is None else reckoned
    shown = CountLine.objects.select_related(
        "place", "item__base_unit", "lot", "bin", "counter", "cause"
    ).only(*_SHOWN)
    lines = shown.in_bulk([one.pk for one in wanted])
    entries = _entries(document, list(lines.values()))
    found = []
    for one in wanted:
        first, last = entries.get(one.pk, (None, None))
        found.append(
            Row(lines[one.pk], one.difference, one.value, one.beyond, one.stale, first, last)
        )
    return found


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


def summary(document: Document, found: Sequence[Row | Figure]) -> Summary:
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
