"""Gathers what is known of typed lines for their judgement; the same few statements however many lines there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from alerts.anomaly import observing, patience, repeats
from alerts.anomaly.lines import (
    Accepted,
    Around,
    Known,
    Limits,
    LotThere,
    Manners,
    Pack,
    Seen,
    Typed,
)
from alerts.models import Acceptance, Habit, Manner
from core.errors import DomainError
from stock.models import Balance, ItemUnit
from stock.models.partners import US
from workflows import amounts, rests, states
from workflows.models import Document, Line

_TWIN = timedelta(days=7)
_OF_ORDER = {
    ("purchase_order", ""): "purchase_in",
    ("sales_order", ""): "sales_out",
    ("production_order", Line.Side.INPUT.value): "production_issue",
    ("production_order", Line.Side.OUTPUT.value): "production_receipt",
}
"""What an order is judged by: the lines that deliver such orders."""
_MOST_TWINS = 20
_OVER = states.FINAL | {states.POSTED, states.CLOSED}
"""What is posted or will never be is not judged any more: it would be compared with itself."""


def type_of(document: Document, line: Line) -> str:
    """By which type's history a line is judged."""
    side = line.side if document.type == "production_order" else ""
    return _OF_ORDER.get((document.type, side), document.type)


@dataclass(frozen=True, slots=True)
class Case:
    """A line with all that its judgement needs."""

    line: Line
    typed: Typed
    around: Around
    known: Known


@dataclass(slots=True)
class Facts:
    """What is remembered of the items and types of some lines, and what surrounds their document."""

    habits: dict[tuple[str, int, str], Habit] = field(default_factory=dict)
    totals: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    manners: dict[str, Manner] = field(default_factory=dict)
    accepted: dict[tuple[int, str], list[Accepted]] = field(
        default_factory=lambda: defaultdict(list)
    )
    packs: dict[int, list[Pack]] = field(default_factory=lambda: defaultdict(list))
    lots: dict[tuple[int, int], list[LotThere]] = field(default_factory=lambda: defaultdict(list))
    left: dict[int, Decimal] = field(default_factory=dict)
    items_of_source: frozenset[int] | None = None
    twin: str = ""
    twin_reference: str = ""


def cases(document: Document, lines: Sequence[Line], *, moved: bool = False) -> list[Case]:
    """The lines (with item, unit, lot, source and target) ready to be judged; lines of value alone are left out.

    ``moved``: by what was really moved so far, where that is known; otherwise only where that is more than asked for.
    """
    if document.kind.shape in {"value", "count"} or document.state in _OVER or not lines:
        return []
    facts = _gather(document, lines)
    now = timezone.now().astimezone(ZoneInfo(document.company.time_zone))
    found = []
    for line in lines:
        number = _number(line, moved)
        if number:
            typed = _typed(document, line, number, now)
            known = known_of(line.item_id, line.item.category_id, typed.type, facts)
            found.append(Case(line, typed, _around(document, line, facts), known))
    return found


def _gather(document: Document, lines: Sequence[Line]) -> Facts:
    facts = Facts()
    items = {line.item_id for line in lines}
    types = {type_of(document, line) for line in lines}
    remember(facts, items, types, {line.item.category_id for line in lines})
    _lots(document, lines, facts)
    _source(document, facts)
    _twins(document, facts)
    return facts


def remember(
    facts: Facts, items: Set[int], types: Set[str], categories: Set[int] = frozenset()
) -> None:
    """Fill in what is remembered, in the same few statements however many items there are."""
    which = Q(level=Habit.Level.ITEM, subject__in=items)
    which |= Q(level=Habit.Level.CATEGORY, subject__in=categories, type__in=types)
    for row in Habit.objects.filter(which):
        facts.habits[row.level, row.subject, row.type] = row
        if row.level == Habit.Level.ITEM:
            facts.totals[row.subject] += row.total
    facts.manners = {row.type: row for row in Manner.objects.filter(type__in=types)}
    said = Acceptance.objects.filter(item__in=items, type__in=types)
    said = said.exclude(document__state__in=[states.VOID, states.REJECTED, states.REVERSED])
    for one in said.order_by("-pk")[:500]:
        accepted = Accepted(one.code, one.mark, one.amount)
        facts.accepted[one.item_id, one.type].append(accepted)
    for unit in ItemUnit.objects.filter(item__in=items).select_related("unit"):
        factor = unit.numerator / unit.denominator
        facts.packs[unit.item_id].append(Pack(unit.unit.code, factor))


def _lots(document: Document, lines: Sequence[Line], facts: Facts) -> None:
    """Lots that lie where tracked lines take their goods from."""
    tracked = [line for line in lines if line.lot_id and line.source_id]
    if not tracked or not document.kind.source.chosen:
        return
    rows = Balance.objects.filter(
        item__in={line.item_id for line in tracked},
        place__in={line.source_id for line in tracked},
        owner=US,
        on_hand__gt=0,
        lot__gt=0,
    ).select_related("lot")
    for row in rows:
        there = LotThere(row.lot.number, row.lot.expires_on)
        facts.lots[row.item_id, row.place_id].append(there)


def _source(document: Document, facts: Facts) -> None:
    """What the document that this one was made from leaves open."""
    if document.source is None:
        return
    source = document.source
    facts.left = rests.balance(source, document.kind, document.asker_id, without=document.pk or 0)
    facts.items_of_source = frozenset(source.lines.values_list("item_id", flat=True))


def _twins(document: Document, facts: Facts) -> None:
    """Another document of the last days that says the same, or that has the same source number."""
    if document.pk is None or document.source_id is not None:
        return
    others = Document.objects.filter(
        type=document.type, company=document.company_id, partner=document.partner_id
    ).exclude(pk=document.pk)
    others = others.exclude(state__in=[states.DRAFT, states.VOID, states.REJECTED, states.REVERSED])
    if document.reference and document.partner_id:
        same = others.filter(reference__iexact=document.reference).order_by("-pk").first()
        facts.twin_reference = str(same) if same else ""
    if document.cost_object:  # another order has goods of its own, be they the same
        others = others.filter(cost_object__in=["", document.cost_object])
    since = timezone.now() - _TWIN
    mine = document.lines.values_list("item_id", "requested", "numerator", "denominator")
    wanted = {(item, _base(number, up, down)) for item, number, up, down in mine}
    if not wanted:
        return
    near = (
        others.filter(created_at__gte=since, lines__item=min(wanted)[0]).order_by("-pk").distinct()
    )
    near_rows = list(near[:_MOST_TWINS])
    content: dict[int, set[tuple[int, float]]] = defaultdict(set)
    names = ("document_id", "item_id", "requested", "numerator", "denominator")
    for pk, item, number, up, down in Line.objects.filter(document__in=near_rows).values_list(
        *names
    ):
        content[pk].add((item, _base(number, up, down)))
    for other in near_rows:
        if content[other.pk] == wanted and _striking(document, wanted, facts):
            facts.twin = str(other)
            return


def _base(number: Decimal, numerator: int, denominator: int) -> float:
    return float(number) * numerator / denominator


def _striking(document: Document, wanted: set[tuple[int, float]], facts: Facts) -> bool:
    """Whether these figures are not what the items always have."""
    rows = []
    missing = {item for item, _q in wanted} - {key[1] for key in facts.habits if key[0] == "item"}
    more = Habit.objects.filter(level="item", subject__in=missing, type=document.type)
    known = {row.subject: row for row in more}
    for item, quantity in wanted:
        row = facts.habits.get(("item", item, document.type)) or known.get(item)
        seen = observing.unpacked(row.seen) if row else []
        rows.append(([one.quantity for one in seen], quantity))
    return repeats.striking(rows, partner=document.partner_id is not None)


def _number(line: Line, moved: bool) -> Decimal:
    """How much, in the line's unit."""
    if line.actual is None:
        return line.requested
    return line.actual if moved else max(line.actual, line.requested)


def _typed(document: Document, line: Line, number: Decimal, now: datetime) -> Typed:
    happened = document.effective_at
    written = document.submitted_at or now
    price = amounts.net_price(line, document.rate)
    reason = line.reason or document.reason
    house = document.warehouse_id or 0
    return Typed(
        item=line.item_id,
        type=type_of(document, line),
        number=float(number),
        at=(happened or written).astimezone(now.tzinfo),
        unit=line.unit.code,
        factor=line.numerator / line.denominator,
        price=None if price is None else float(price),
        partner=document.partner_id or 0,
        person=document.asker_id or 0,
        warehouse=house,
        source=line.source_id or 0,
        target=line.target_id or 0,
        department=document.department_id or 0 if "department" in document.kind.header else 0,
        reason=reason.code if reason else "",
        lag=(written - happened).total_seconds() / 86_400 if happened else 0.0,
        lot=line.lot_number,
        expires=line.lot.expires_on if line.lot else line.expires_on,
        returns=document.kind.returns or document.kind.orders,
    )


def known_of(item: int, category: int, kind: str, facts: Facts) -> Known:
    """All that is remembered for a line of an item with a type."""
    mine = facts.habits.get(("item", item, kind))
    wider = facts.habits.get(("category", category, kind))
    row = facts.manners.get(kind)
    total = sum(row.hours) if row else 0
    return Known(
        item=_seen(mine),
        category=_seen(wider),
        others=facts.totals[item] - (mine.total if mine else 0),
        manners=Manners(row.hours, row.lags, row.counts) if row else Manners(),
        limits=Limits(**row.limits) if row and row.limits else Limits(),
        accepted=facts.accepted.get((item, kind), ()),
        patience=patience.lifts(_levels(row.levels), total) if row else {},
    )


def _seen(row: Habit | None) -> list[Seen]:
    return observing.unpacked(row.seen) if row else []


def _levels(stored: Mapping[str, Any]) -> dict[str, tuple[float, int]]:
    return {code: (float(level), int(lines)) for code, (level, lines) in stored.items()}


def _around(document: Document, line: Line, facts: Facts) -> Around:
    left = price = None
    source = line.source_line
    if source is not None and source.pk in facts.left:
        try:
            left = float(amounts.base(source, facts.left[source.pk]))
        except DomainError:
            left = None
        if source.price is not None and document.source is not None and document.source.kind.orders:
            net = amounts.net_price(source, document.source.rate)
            price = None if net is None else float(net) * source.denominator / source.numerator
    foreign = facts.items_of_source is not None and line.item_id not in facts.items_of_source
    return Around(
        packs=facts.packs.get(line.item_id, ()),
        base_unit=line.item.base_unit.code,
        left=left,
        source_price=price,
        foreign=foreign,
        lots=facts.lots.get((line.item_id, line.source_id or 0), ()),
        shelf_life=line.item.shelf_life_days,
        partner_fits=_fits(document),
        twin=facts.twin,
        twin_reference=facts.twin_reference,
        rates=[float(document.rate)] if document.rate != 1 else [],
    )


def _fits(document: Document) -> bool:
    """Whether the partner is what the type's virtual end wants."""
    partner = document.partner
    ends = {document.kind.source.virtual, document.kind.target.virtual}
    if partner is None:
        return True
    if "supplier" in ends:
        return partner.is_supplier
    return partner.is_customer or "customer" not in ends
