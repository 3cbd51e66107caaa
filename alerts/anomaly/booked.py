"""The book as a history to measure with: what was posted, by whom and at which price, as alerts.anomaly.histories has it.

Items go by their codes, everything else by ids. A line counts as written when it happened, which is
how hours are learned. An order is a name alone: what it left open then is not kept.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from alerts.anomaly import observing
from alerts.anomaly.histories import Goods, History, Written
from alerts.anomaly.observing import Observed
from stock.models import Balance, ItemUnit, Movement
from workflows.models import Document

MOST = 20_000
"""Lines, the newest."""


def history() -> History:
    """The newest lines of the book in the order in which they happened; a dozen statements."""
    newest = observing.with_all(observing.standing()).select_related("lot", "item__base_unit")
    rows = {row.pk: row for row in newest.order_by("-pk")[:MOST]}
    observed = observing.observe(rows.values())
    references = _references(rows.values())
    lines = [_written(one, rows[one.seen.key], references) for one in observed]
    lines.sort(key=lambda line: (line.at, line.document, line.key))
    return History(
        "book",
        lines,
        _goods(rows.values(), lines),
        {},
        company=_company(lines),
        sourced=_sourced(rows.values()),
    )


def _references(rows: Collection[Movement]) -> dict[int, str]:
    found = Document.objects.filter(posting__in={row.posting_id for row in rows})
    return dict(found.exclude(reference="").values_list("posting_id", "reference"))


def _sourced(rows: Collection[Movement]) -> frozenset[str]:
    found = Document.objects.filter(posting__in={row.posting_id for row in rows})
    made = found.exclude(source=None).values_list("posting_id", flat=True)
    return frozenset(str(posting) for posting in made)


def _written(one: Observed, row: Movement, references: dict[int, str]) -> Written:
    seen = one.seen
    return Written(
        key=seen.key,
        document=str(row.posting_id),
        type=one.type,
        item=row.item.code,
        number=seen.quantity,
        at=one.at,
        price=seen.price,
        partner=_partner(one.type, seen.partner),
        person=str(seen.person or ""),
        warehouse=str(seen.warehouse or ""),
        source=str(seen.source or ""),
        target=str(seen.target or ""),
        department=str(seen.department or ""),
        reason=seen.reason,
        happened=one.at,
        lot=row.lot.number if row.lot else "",
        expires=row.lot.expires_on if row.lot else None,
        order=row.cost_object,
        reference=references.get(row.posting_id, ""),
        original=True,
    )


def _partner(kind: str, partner: int) -> str:
    """Suppliers begin with S and customers with C, as in other histories."""
    if not partner:
        return ""
    return f"{'C' if kind.startswith('sales') else 'S'}{partner}"


def _goods(rows: Collection[Movement], lines: list[Written]) -> dict[str, Goods]:
    homes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in lines:
        homes[line.item][line.warehouse] |= {line.source, line.target} - {""}
    packs: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for unit in ItemUnit.objects.filter(item__in={row.item_id for row in rows}).select_related(
        "unit"
    ):
        packs[unit.item_id].append((unit.unit.code, unit.numerator / unit.denominator))
    found: dict[str, Goods] = {}
    lots: dict[str, dict[str, tuple[str, date, date]]] = defaultdict(dict)
    touched: dict[str, dict[str, date]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row.pk):
        code = row.item.code
        if code not in found:
            found[code] = Goods(
                code,
                str(row.item.category_id),
                tuple(packs[row.item_id]),
                {house: tuple(sorted(at)) for house, at in homes[code].items() if at},
                row.item.shelf_life_days,
                row.item.base_unit.decimals,
            )
        if row.lot is not None and row.lot.number:
            since = row.effective_at.date()
            lots[code].setdefault(
                row.lot.number, (row.lot.number, since, row.lot.expires_on or date.max)
            )
            touched[code][row.lot.number] = since
    here = Balance.objects.filter(item__code__in=lots, on_hand__gt=0)
    left = set(here.values_list("item__code", "lot__number"))
    for code, of_item in lots.items():
        found[code].lots = list(of_item.values())
        found[code].gone = {
            number: day for number, day in touched[code].items() if (code, number) not in left
        }
    return found


def _company(lines: list[Written]) -> dict[str, tuple[str, ...]]:
    names = ("partner", "person", "warehouse", "department", "reason")
    return {name: tuple(sorted({getattr(x, name) for x in lines} - {""})) for name in names}
