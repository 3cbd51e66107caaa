"""Why a count differs: likely causes, ranked, each with what it was read from. Pure reading, no guess is booked.

Asked in bulk for the lines of one page: a document that waits to be posted, a doubled document, a unit or pack
mistake, the neighbouring bin, an item of nearly the same name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.fields import plain
from stock.models import ItemUnit, Movement
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
    _doubled(document, differing, found)
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


def _doubled(document: Document, lines: Sequence[CountLine], found: dict[int, list[Cause]]) -> None:
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
        .select_related("posting", "posting__document_row")
        .order_by("-id")[:5000]
    )
    seen: dict[tuple[int, int, int, str, Decimal, int | None], Movement] = {}
    twice: dict[tuple[int, int, Decimal], tuple[Movement, Movement]] = {}
    for one in recent:
        key = (one.item_id, one.source_id, one.target_id, one.type, one.quantity, one.partner_id)
        later = seen.get(key)
        if (
            later is not None
            and later.posting_id != one.posting_id
            and (later.effective_at - one.effective_at).days < 1
        ):
            for place, sign in ((one.target_id, 1), (one.source_id, -1)):
                twice.setdefault((one.item_id, place, sign * one.quantity), (later, one))
        seen[key] = one
    for line in lines:
        pair = twice.get((line.item_id, line.place_id, -line.difference))
        if pair is not None:
            later, earlier = pair
            row = getattr(later.posting, "document_row", None)
            fact = f"{earlier.posting.document} = {later.posting.document}"
            found[line.pk].append(Cause("doubled", 92, fact, row))


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
    every = list(
        figures.differing(document).select_related("item", "place", "bin").order_by("bin__position")
    )
    by_item: dict[int, list[CountLine]] = defaultdict(list)
    by_place: dict[int, list[CountLine]] = defaultdict(list)
    for other in every:
        by_item[other.item_id].append(other)
        by_place[other.place_id].append(other)
    for line in lines:
        for other in by_item[line.item_id]:
            if other.pk == line.pk or other.difference * line.difference >= 0:
                continue
            steps = abs(other.bin.position - line.bin.position)
            exact = other.difference == -line.difference
            if exact or steps <= NEAR:
                score = 96 if exact and steps <= NEAR else 80 if exact else 50
                fact = f"{other.place.code} {_signed(other.difference)}"
                found[line.pk].append(Cause("neighbour", score, fact))
                break
        for other in by_place[line.place_id]:
            if other.item_id == line.item_id or other.difference * line.difference >= 0:
                continue
            alike = SequenceMatcher(None, line.item.name, other.item.name).ratio()
            if alike >= SIMILAR:
                score = 94 if other.difference == -line.difference else 55
                fact = f"{other.item.code} {other.item.name} {_signed(other.difference)}"
                found[line.pk].append(Cause("name", score, fact))
                break


def _signed(number: Decimal) -> str:
    return f"+{plain(number)}" if number > 0 else plain(number)
