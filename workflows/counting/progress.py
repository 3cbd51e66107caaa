"""What counters see: sheets, places and lines to count, and how far everybody is. Never what the book has.

Nothing here reads a book quantity or a difference, so no page, answer or file of a counter can hold one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from people.access import Access
from people.models import User
from workflows import states
from workflows.counting.figures import AGAIN
from workflows.models import CountBin, CountEntry, CountLine, CountSheet, Document

BLIND = (
    "key", "added", "counted", "round", "wanted", "stale", "counter", "counted_at",
    "item__code", "item__name", "item__specification", "item__tracking", "item__base_unit__code",
    "lot__number", "lot__expires_on", "owner__name",
)  # fmt: skip
"""The columns of lines that counters are shown."""


@dataclass(frozen=True, slots=True)
class SheetState:
    """How far one sheet is: places and lines, done and all."""

    sheet: CountSheet
    bins: int
    done: int
    lines: int
    counted: int
    again: int

    @property
    def percent(self) -> int:
        """Places done of a hundred."""
        return self.done * 100 // self.bins if self.bins else 100


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole stocktake and each sheet."""

    sheets: Sequence[SheetState] = field(default_factory=tuple)

    def total(self, name: str) -> int:
        """The sum over the sheets."""
        return sum(getattr(one, name) for one in self.sheets)

    @property
    def all_bins(self) -> int:
        """Places to count."""
        return self.total("bins")

    @property
    def done_bins(self) -> int:
        """Places that are done."""
        return self.total("done")

    @property
    def all_lines(self) -> int:
        """Lines to count."""
        return self.total("lines")

    @property
    def counted_lines(self) -> int:
        """Lines that are counted."""
        return self.total("counted")

    @property
    def again_lines(self) -> int:
        """Lines that wait for another count."""
        return self.total("again")

    @property
    def percent(self) -> int:
        """Places done of a hundred."""
        return self.done_bins * 100 // self.all_bins if self.all_bins else 0


def progress(document: Document) -> Progress:
    """How far everybody is, in three statements."""
    sheets = list(document.sheets.select_related("counter").order_by("number"))
    bins = _tally(_bins(document).values("sheet").annotate(n=Count("pk")))
    done = _tally(_done(document).values("sheet").annotate(n=Count("pk")))
    lines = {
        row["bin__sheet"]: row
        for row in CountLine.objects.filter(document=document)
        .values("bin__sheet")
        .annotate(
            all=Count("pk"),
            known=Count("pk", filter=Q(round__gt=0)),
            waiting=Count("pk", filter=AGAIN),
        )
    }
    rows = []
    for sheet in sheets:
        of = lines.get(sheet.pk, {"all": 0, "known": 0, "waiting": 0})
        rows.append(
            SheetState(
                sheet,
                bins.get(sheet.pk, 0),
                done.get(sheet.pk, 0),
                of["all"],
                of["known"],
                of["waiting"],
            )
        )
    return Progress(tuple(rows))


def _tally(rows: Any) -> dict[int, int]:
    return {row["sheet"]: row["n"] for row in rows}


def _bins(document: Document) -> QuerySet[CountBin]:
    return CountBin.objects.filter(document=document).order_by()


def _done(document: Document) -> QuerySet[CountBin]:
    """Places with every line counted, or called empty if they have none."""
    lines = CountLine.objects.filter(bin=OuterRef("pk"))
    return _bins(document).filter(
        Q(emptied_at__isnull=False) | Exists(lines), ~Exists(lines.filter(round=0))
    )


def done_of(document: Document, sheet: CountSheet) -> int:
    """How many places of a sheet are done."""
    return _done(document).filter(sheet=sheet).count()


def blind_lines(document: Document) -> QuerySet[CountLine]:
    """Lines in walking order with what counters may know of them, and nothing else."""
    return (
        CountLine.objects.filter(document=document)
        .select_related("place", "item__base_unit", "lot", "owner", "bin__sheet")
        .only(
            "document", "bin", "place", "item", "lot", "owner", "key", "added", "counted", "round",
            "wanted", "stale", "counter", "counted_at", "bin__position", "bin__sheet__number",
            "place__code", "place__name", "item__code", "item__name", "item__specification",
            "item__tracking", "item__base_unit__code", "item__base_unit__decimals", "lot__number",
            "lot__expires_on", "owner__name",
        )
        .order_by("bin__position", "item__code", "pk")
    )  # fmt: skip


def waiting_for(document: Document, user: User) -> QuerySet[CountLine]:
    """What the user could count now: his sheets and free ones, or what was sent back and was not his."""
    lines = blind_lines(document)
    first = counting_step(document) == "first"
    if first:
        return lines.filter(Q(bin__sheet__counter=user) | Q(bin__sheet__counter=None), round=0)
    mine = CountEntry.objects.filter(line=OuterRef("pk"), counter=user)
    other = Exists(mine.exclude(round=OuterRef("wanted")))
    return lines.filter(AGAIN).exclude(other)


def counting_step(document: Document) -> str:
    """``first`` while everything is counted, ``again`` while it is recounted, else empty."""
    if document.state not in {states.APPROVED, states.IN_EXECUTION} or document.process is None:
        return ""
    keys = [step.key for step in document.process.read_steps() if step.kind == "execute"]
    if document.step not in keys:
        return ""
    return "first" if document.step == keys[0] else "again"


def running(user: User, access: Access) -> QuerySet[Document]:
    """Stocktakes that are being counted where the user may count."""
    scopes = access.scopes("count.enter")
    rows = Document.objects.filter(
        type="stocktake", state__in=[states.APPROVED, states.IN_EXECUTION]
    ).select_related("warehouse", "process")
    return rows if scopes is None else rows.filter(warehouse__scope__in=scopes)


def may_count(document: Document, access: Access) -> bool:
    """Whether somebody may enter counts there."""
    scope = document.warehouse.scope_id if document.warehouse else None
    return access.may("count.enter", scope)


def shown_count(line: CountLine, user: User) -> Decimal | None:
    """What the user himself counted; another's figure is not his to see before he recounts."""
    return line.counted if line.counter_id == user.pk else None
