"""Why a count differs: likely causes, ranked, each with what it was read from. Pure reading, no guess is booked.

Asked in bulk for the lines of one page: a document that waits to be posted, a doubled document, a unit or pack
mistake, the neighbouring bin, an item of nearly the same name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.fields import plain
from stock.models import ItemUnit, Movement, Posting
from workflows import amounts, states
from workflows.counting import figures
from workflows.models import CountLine, Document, Line

LABELS: Mapping[str, str | Promise] = {
    "unposted": _("A document is not posted yet"),
    "doubled": _("A document may be posted twice"),
    "unit": _("Unit mistake"),
    "digits": _("A digit slipped"),
    "neighbour": _("Lies in the neighbouring place"),
    "name": _("Mixed up with a similar item"),
}
SIMILAR = 0.75
"""From so much alike on (1 is the same) two names are easily mixed up."""
NEAR = 3
"""So many places further along the walk are neighbours."""
_DIRECTIONS = {"in": 1, "out": -1}


@dataclass(frozen=True, slots=True)
class Cause:
    """One likely cause: ``score`` from 0 to 100 ranks it; ``fact`` says what it was read from."""

    code: str
    score: int
    fact: str
    document: Document | None = None

    @property
    def label(self) -> str | Promise:
        """In words."""
        return LABELS[self.code]


def of(document: Document, lines: Sequence[CountLine]) -> dict[int, list[Cause]]:
    """Likely causes by line, likeliest first; a fixed number of statements however many lines."""
    found: dict[int, list[Cause]] = defaultdict(list)
    differing = [line for line in lines if line.difference]
    if not differing:
        return found
    _unposted(document, differing, found)
    _doubled(differing, found)
    _units(differing, found)
    _elsewhere(document, differing, found)
    for line in differing:
        found[line.pk].sort(key=lambda cause: -cause.score)
    return found


def _unposted(
    document: Document, lines: Sequence[CountLine], found: dict[int, list[Cause]]
) -> None:
    """Goods that came or went on paper that the book has not got."""
    waiting = (
        Line.objects.filter(
            document__warehouse=document.warehouse,
            document__state__in=[*states.RUNNING, states.RETURNED, states.DRAFT],
            item__in={line.item_id for line in lines},
        )
        .exclude(document__type="stocktake")
        .select_related("document", "unit")
        .order_by("-document__changed_at")[:2000]
    )
    by_item: dict[int, list[tuple[Line, Decimal]]] = defaultdict(list)
    for row in waiting:
        sign = _DIRECTIONS.get(row.document.kind.group)
        if sign is None or row.document.kind.orders:
            continue
        try:
            by_item[row.item_id].append((row, sign * amounts.base(row, amounts.done(row))))
        except amounts.AmountError:
            continue
    for line in lines:
        for row, change in by_item.get(line.item_id, ()):
            if change == line.difference:
                score = 98
            elif change * line.difference > 0 and abs(change) <= abs(line.difference):
                score = 60
            else:
                continue
            fact = f"{row.document} {plain(change)}"
            found[line.pk].append(Cause("unposted", score, fact, row.document))
            break


def _doubled(lines: Sequence[CountLine], found: dict[int, list[Cause]]) -> None:
    """Two movements of the same goods, quantity and partner within a day, of which one explains the difference."""
    recent = (
        Movement.objects.filter(
            Q(target__in={line.place_id for line in lines})
            | Q(source__in={line.place_id for line in lines}),
            item__in={line.item_id for line in lines},
            reversal=False,
            quantity__gt=0,
        )
        .exclude(type__in=("stocktake_gain", "stocktake_loss", "opening"))
        .order_by("-id")
        .values_list(
            "item_id", "source_id", "target_id", "type", "quantity", "partner_id", "posting_id",
            "effective_at",
        )[:_RECENT]
    )  # fmt: skip
    seen: dict[tuple[Any, ...], tuple[int, Any]] = {}
    twice: dict[tuple[int, int, Decimal], tuple[int, int]] = {}
    for item, source, target, kind, quantity, partner, posting, at in recent:
        key = (item, source, target, kind, quantity, partner)
        later = seen.get(key)
        if later is not None and later[0] != posting and (later[1] - at).days < 1:
            for place, sign in ((target, 1), (source, -1)):
                twice.setdefault((item, place, sign * quantity), (later[0], posting))
        seen[key] = (posting, at)
    hits = {
        line.pk: pair
        for line in lines
        if (pair := twice.get((line.item_id, line.place_id, -line.difference)))
    }
    known = Posting.objects.select_related("document_row").in_bulk(
        {posting for pair in hits.values() for posting in pair}
    )
    for line, (later_id, earlier_id) in hits.items():
        newer, older = known[later_id], known[earlier_id]
        fact = f"{older.document} = {newer.document}"
        found[line].append(Cause("doubled", 92, fact, getattr(newer, "document_row", None)))


_RECENT = 5_000
"""So many movements are looked through for doubled ones."""


def _units(lines: Sequence[CountLine], found: dict[int, list[Cause]]) -> None:
    """Counted in packs but read as pieces, or the other way; a nought too many or too few."""
    packs: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    rows = ItemUnit.objects.filter(item__in={line.item_id for line in lines}).select_related("unit")
    for row in rows:
        if row.numerator > row.denominator:
            packs[row.item_id].append((row.unit.code, Decimal(row.numerator) / row.denominator))
    for line in lines:
        found[line.pk] += [*_packs(line, packs.get(line.item_id, ())), *_slips(line)]


def _packs(line: CountLine, packs: Iterable[tuple[str, Decimal]]) -> Iterator[Cause]:
    """The pack was read as a piece, or the piece as a pack; or whole packs are missing or too many."""
    counted, book = line.counted or figures.ZERO, line.book or figures.ZERO
    for unit, size in packs:
        less, more = sorted((counted, book))
        if less and less * size == more:
            fact = f"{plain(less)} × {plain(size)} = {plain(more)} ({unit})"
            yield Cause("unit", 95, fact)
        elif abs(line.difference) % size == 0:
            yield Cause("unit", 45, f"{plain(abs(line.difference) / size)} {unit}")


def _slips(line: CountLine) -> Iterator[Cause]:
    """A nought too many or too few, or two digits changed places."""
    counted, book = line.counted or figures.ZERO, line.book or figures.ZERO
    if not (counted and book):
        return
    less, more = sorted((counted, book))
    for factor in (10, 100, 1000):
        if less * factor == more:
            yield Cause("unit", 90, f"× {factor}")
    before, after = plain(book), plain(counted)
    if before != after and sorted(before) == sorted(after) and len(before) > 1:
        yield Cause("digits", 70, f"{before} → {after}")


def _elsewhere(
    document: Document, lines: Sequence[CountLine], found: dict[int, list[Cause]]
) -> None:
    """The opposite difference: of the same item near by, or in the same place of an item of like name."""
    items = {line.item_id for line in lines}
    places = {line.place_id for line in lines}
    near: dict[int, list[_Other]] = defaultdict(list)
    beside: dict[int, list[_Other]] = defaultdict(list)
    for row in figures.differing(document).values_list(*_Other.COLUMNS):
        other = _Other(*row)
        if other.item in items:
            near[other.item].append(other)
        if other.place in places:
            beside[other.place].append(other)
    for line in lines:
        opposite = [one for one in near[line.item_id] if one.against(line)]
        if opposite:
            best = min(opposite, key=lambda one: one.distance(line))
            exact, steps = best.distance(line)
            if not exact or steps <= NEAR:
                score = (96 if steps <= NEAR else 80) if not exact else 50
                fact = f"{best.place_code} {_signed(best.difference)}"
                found[line.pk].append(Cause("neighbour", score, fact))
        for one in beside[line.place_id][:_BESIDE]:
            if one.item == line.item_id or not one.against(line):
                continue
            if SequenceMatcher(None, line.item.name, one.name).ratio() >= SIMILAR:
                score = 94 if one.difference == -line.difference else 55
                fact = f"{one.code} {one.name} {_signed(one.difference)}"
                found[line.pk].append(Cause("name", score, fact))
                break


_BESIDE = 50
"""So many items of one place are compared by name."""


@dataclass(frozen=True, slots=True)
class _Other:
    """Another line that differs."""

    COLUMNS: ClassVar = (
        "pk", "item_id", "place_id", "bin__position", "place__code", "item__code", "item__name",
        "counted", "book",
    )  # fmt: skip
    pk: int
    item: int
    place: int
    position: int
    place_code: str
    code: str
    name: str
    counted: Decimal
    book: Decimal

    @property
    def difference(self) -> Decimal:
        return self.counted - self.book

    def against(self, line: CountLine) -> bool:
        """Whether it has too much where the line has too little, or the other way."""
        return self.pk != line.pk and self.difference * line.difference < 0

    def distance(self, line: CountLine) -> tuple[bool, int]:
        """The exact opposite first, then the nearest on the walk."""
        return self.difference != -line.difference, abs(self.position - line.bin.position)


def _signed(number: Decimal) -> str:
    return f"+{plain(number)}" if number > 0 else plain(number)
