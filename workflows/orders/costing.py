"""What is open on a production order in money: what went in, less what came back and what was made of it.

Finished goods take their share of it when they are received; the last ones take all that is left.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum

from core.numbers import VALUE_PLACES, VALUE_SCALE, from_scaled
from stock.costing import allot
from stock.models import Movement
from workflows import amounts
from workflows.models import Document, Line, OrderLine
from workflows.orders import making


def open_value(order: Document) -> Decimal:
    """The value that lies in production under the order now; 0 for other orders."""
    if order.type != "production_order" or not order.number:
        return Decimal(0)
    return value_in_production(order, making.cost_object(order))


def value_in_production(order: Document, cost_object: str) -> Decimal:
    """What went into production under a cost object, less what left it, in the company's currency."""
    rows = Movement.objects.filter(cost_object=cost_object, posting__company=order.company_id)
    put_in = rows.filter(target__kind="production").aggregate(total=Sum("value"))["total"]
    taken = rows.filter(source__kind="production").aggregate(total=Sum("value"))["total"]
    return Decimal(put_in or 0) - Decimal(taken or 0)


def receipt_values(document: Document, lines: Sequence[Line], *, last: bool) -> dict[int, Decimal]:
    """Line id → what the finished goods of it are worth; empty unless they are received for a production order.

    Each takes its share of what is open by quantity; with ``last`` (or when nothing stays open) all of it is taken.
    """
    order = document.source
    if document.type != "production_receipt" or order is None or order.type != "production_order":
        return {}
    mine = [line for line in lines if line.source_line_id and amounts.done(line)]
    if not mine:
        return {}
    step = VALUE_SCALE // 10**document.company.currency_places
    received = [int(amounts.base(line, amounts.done(line)).scaleb(6)) for line in mine]
    still = {
        row.line_id: row.open for row in OrderLine.objects.filter(document=order, arrives=True)
    }
    left = 0 if last else _left(still, mine)
    total = int(open_value(order).scaleb(VALUE_PLACES))
    if total <= 0:
        return dict.fromkeys((line.pk for line in mine), Decimal(0))
    parts = (
        allot(total, [*received, left], step)[: len(mine)] if left else allot(total, received, step)
    )
    return {
        line.pk: from_scaled(part, VALUE_PLACES) for line, part in zip(mine, parts, strict=True)
    }


def _left(still: dict[int, Decimal], lines: Sequence[Line]) -> int:
    """How much stays open after these lines, scaled; 0 if they finish the order."""
    after = dict(still)
    for line in lines:
        key = line.source_line_id or 0
        after[key] = after.get(key, Decimal(0)) - amounts.base(line, amounts.done(line))
    return int(sum((max(part, Decimal(0)) for part in after.values()), Decimal(0)).scaleb(6))
