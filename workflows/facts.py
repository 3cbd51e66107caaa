"""What conditions may ask of a document; only what is asked for is looked up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from core import bulk, prepared
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from people.models import Membership
from stock.models import Balance, Category
from workflows import amounts, moment
from workflows.counting import figures
from workflows.models import CountLine, Document, Line


class Facts(Mapping[str, Any]):
    """Every fact by its field's code (see workflows.conditions), each looked up when it is first asked for.

    Amounts are in the company's currency. What was looked up stays as it was then.
    """

    def __init__(
        self, document: Document, lines: Sequence[Line], known: Mapping[str, Any] | None = None
    ) -> None:
        self._document, self._lines = document, lines
        self._known: dict[str, Any] = dict(known or ()) | {
            f"custom:{key}:{kind}": value
            for key, value in document.custom.items()
            for kind in ("number", "choice", "flag")
        }

    def __getitem__(self, code: str) -> Any:
        if code not in self._known:
            counted = self._document.kind.shape == "count" and code in _COUNT_READERS
            readers = _COUNT_READERS if counted else _READERS
            self._known[code] = readers[code](self._document, self._lines)
        return self._known[code]

    def __iter__(self) -> Iterator[str]:
        yield from {**_READERS, **self._known}

    def __len__(self) -> int:
        return len({**_READERS, **self._known})


def gather(
    document: Document, lines: Sequence[Line], known: Mapping[str, Any] | None = None
) -> Facts:
    """What conditions may ask of the document, in few statements however many lines it has.

    ``known`` are facts that whoever asks has read already.
    """
    return Facts(document, lines, known)


def estimate(document: Document, lines: Sequence[Line]) -> Decimal:
    """What the document is worth: given prices, else the cost of the pools now; in the company's currency."""
    kind, places = document.kind, document.company.currency_places
    priced = kind.gives_cost and kind.group in {"in", "order"}
    total = Decimal(0)
    carried: dict[int, Decimal] = {}
    for line in lines:
        if kind.shape == "value":
            total += abs(line.value or Decimal(0))
            continue
        if kind.shape in {"conversion", "order"} and line.side == Line.Side.OUTPUT:
            continue
        value = None
        if priced:
            value = amounts.net_value(line, amounts.done(line), document.rate, places)
        if value is not None:
            total += value
        else:
            quantity = amounts.base(line, amounts.done(line))
            carried[line.item_id] = carried.get(line.item_id, Decimal(0)) + quantity
    if carried and document.warehouse is not None:
        for item, rate in _rates(document.warehouse.area_id, list(carried)).items():
            total += carried[item] * rate
    return total.quantize(Decimal(1).scaleb(-places))


def _rates(area: int, items: list[int]) -> dict[int, Decimal]:
    """Value ÷ quantity of the items' pools in a valuation area."""
    among, keys = bulk.among("item_id", items)
    rows = prepared.fetch(
        "SELECT item_id, SUM(quantity), SUM(value) FROM stock_costpool "
        f"WHERE area_id = %s AND {among} GROUP BY item_id",
        area,
        keys,
    )
    return {
        item: from_scaled(int(value), VALUE_PLACES) / from_scaled(int(quantity), QUANTITY_PLACES)
        for item, quantity, value in rows
        if quantity > 0
    }


def _times(document: Document, lines: Sequence[Line]) -> int:
    """How many documents of this type with one of these items were posted in the last 30 days."""
    since = moment.now() - timedelta(days=30)
    among, items = bulk.among("l.item_id", {line.item_id for line in lines})
    ((count,),) = prepared.fetch(
        "SELECT COUNT(*) FROM workflows_document d WHERE d.type = %s AND d.state = 'posted' "
        "AND d.posted_at >= %s AND d.id <> %s AND EXISTS (SELECT 1 FROM workflows_line l "
        f"WHERE l.document_id = d.id AND {among})",
        document.type,
        connection.ops.adapt_datetimefield_value(since),
        document.pk or 0,
        items,
    )
    return int(count)


def _categories(lines: Sequence[Line]) -> list[str]:
    """The categories of the items and all above them."""
    parents = {
        pk: (code, up) for pk, code, up in Category.objects.values_list("pk", "code", "parent")
    }
    found: set[str] = set()
    for line in lines:
        key: int | None = line.item.category_id
        while key is not None and parents[key][0] not in found:
            found.add(parents[key][0])
            key = parents[key][1]
    return sorted(found)


def _roles(document: Document) -> list[str]:
    rows = Membership.objects.filter(user=document.asker_id)
    return sorted(rows.values_list("role__code", flat=True)) if document.asker_id else []


def _expired(document: Document, lines: Sequence[Line]) -> bool:
    today = moment.now().astimezone(ZoneInfo(document.company.time_zone)).date()
    return any(
        line.lot_id is not None
        and line.lot is not None
        and line.lot.expires_on is not None
        and line.lot.expires_on < today
        for line in lines
    )


def _short(document: Document, lines: Sequence[Line]) -> bool:
    """Whether a chosen place holds less than the lines take from it."""
    wanted: dict[tuple[int, int, int], Decimal] = {}
    for line in lines:
        if line.source_id is not None and line.side != Line.Side.OUTPUT:
            key = (line.item_id, line.lot_id or 0, line.source_id)
            quantity = amounts.base(line, amounts.done(line))
            wanted[key] = wanted.get(key, Decimal(0)) + quantity
    if not wanted or document.kind.shape == "value":
        return False
    rows = Balance.objects.filter(
        Q(item_id__in={key[0] for key in wanted}), place_id__in={key[2] for key in wanted}, owner=0
    )
    there = {(row.item_id, row.lot_id, row.place_id): row.on_hand for row in rows}
    return any(there.get(key, Decimal(0)) < quantity for key, quantity in wanted.items())


def _ordered(document: Document, lines: Sequence[Line]) -> bool:
    """Whether every line delivers an order that was approved, at no other price."""
    if document.source is None or not document.source.kind.orders:
        return False
    return delivers(document, lines, {line.pk: line for line in document.source.lines.all()})


def delivers(document: Document, lines: Sequence[Line], approved: Mapping[int, Line]) -> bool:
    """Whether the lines are of the ``approved`` lines of an order (id → line), goods bought at their price."""
    for line in lines:
        of = approved.get(line.source_line_id or 0)
        if of is None or line.item_id != of.item_id:
            return False
        if document.kind.group == "in" and (line.price, line.tax_rate) != (of.price, of.tax_rate):
            return False
    return bool(lines)


def _late(document: Document) -> bool:
    if document.effective_at is None:
        return False
    zone = ZoneInfo(document.company.time_zone)
    return document.effective_at.astimezone(zone).date() < moment.now().astimezone(zone).date()


def _reasons(document: Document, lines: Sequence[Line]) -> list[str]:
    reasons = [document.reason, *(line.reason for line in lines if line.reason_id is not None)]
    return sorted({reason.code for reason in reasons if reason is not None})


def _code(name: str) -> Callable[[Document, Sequence[Line]], str]:
    """The code of what the header names."""

    def read(document: Document, _lines: Sequence[Line]) -> str:
        related = getattr(document, name)
        return related.code if related is not None else ""

    return read


_READERS: Mapping[str, Callable[[Document, Sequence[Line]], Any]] = {
    "amount": estimate,
    "quantity": lambda _document, lines: sum(
        (amounts.base(line, amounts.done(line)) for line in lines), Decimal(0)
    ),
    "lines": lambda _document, lines: Decimal(len(lines)),
    "variance_percent": lambda document, lines: amounts.difference_percent(document, list(lines)),
    "times_30_days": lambda document, lines: Decimal(_times(document, lines)),
    "category": lambda _document, lines: _categories(lines),
    "warehouse": _code("warehouse"),
    "target_warehouse": _code("target_warehouse"),
    "reason": _reasons,
    "partner": _code("partner"),
    "department": _code("department"),
    "asker_role": lambda document, _lines: _roles(document),
    "lot_expired": _expired,
    "below_zero": lambda document, lines: bool(document.override) or _short(document, lines),
    "differences": lambda _document, _lines: Decimal(0),
    "recounts": lambda _document, _lines: Decimal(0),
    "without_original": lambda document, lines: (
        document.kind.returns and any(line.original_id is None for line in lines)
    ),
    "late": lambda document, _lines: _late(document),
    "ordered": _ordered,
}


def _differing(document: Document) -> list[CountLine]:
    return list(figures.differing(document))


def counted(document: Document) -> dict[str, Any]:
    """What a stocktake is asked of its differences, as they are now; nothing for other documents."""
    if document.kind.shape != "count":
        return {}
    return {code: read(document, ()) for code, read in _COUNT_READERS.items()}


_COUNT_READERS: Mapping[str, Callable[[Document, Sequence[Line]], Any]] = {
    "amount": lambda document, _lines: figures.worth(document, _differing(document)),
    "quantity": lambda document, _lines: sum(
        (abs(line.difference) for line in _differing(document)), Decimal(0)
    ),
    "lines": lambda document, _lines: Decimal(document.count_lines.count()),
    "variance_percent": lambda document, _lines: figures.largest_percent(_differing(document)),
    "differences": lambda document, _lines: Decimal(figures.differing(document).count()),
    "recounts": lambda document, _lines: Decimal(figures.again(document).count()),
}
"""What is asked of a stocktake: of its differences, of which it has none before somebody counted."""
