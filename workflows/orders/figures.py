"""How far an order is, for its page, the list of what is open, and the API; only reads.

Quantities are in the line's own unit; values in the company's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from people.access import Access
from people.models import User
from stock.models import Movement
from workflows import queries, states
from workflows.models import Document, Line, OrderLine
from workflows.orders import making, progress, promises
from workflows.orders.promises import Promise


@dataclass(frozen=True, slots=True)
class Far:
    """One line: ordered = delivered + closed + open, and what stands ready for what is open."""

    line: Line
    arrives: bool
    ordered: Decimal
    delivered: Decimal
    closed: Decimal
    open: Decimal
    reserved: Decimal = Decimal(0)
    short: Decimal = Decimal(0)
    incoming: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    """Materials that came back from production, goods that came back from the customer."""

    @property
    def used(self) -> Decimal:
        """What stayed where it was delivered."""
        return self.delivered - self.returned

    @property
    def over(self) -> Decimal:
        """How much more than ordered was used; below zero less."""
        return self.used - self.ordered

    @property
    def percent(self) -> int:
        """How much of it is delivered, for a bar; at most 100."""
        return min(int(self.delivered * 100 / self.ordered), 100) if self.ordered else 0


@dataclass(frozen=True, slots=True)
class Production:
    """A production order in money: what went in, came back, was made of it, and is still open."""

    put_in: Decimal
    returned: Decimal
    received: Decimal
    open: Decimal
    made: Decimal
    planned: Decimal

    @property
    def unit_cost(self) -> Decimal | None:
        """Of the finished goods received so far."""
        return self.received / self.made if self.made else None

    @property
    def yield_percent(self) -> Decimal | None:
        """Received of planned."""
        return self.made * 100 / self.planned if self.planned else None


def lines(order: Document) -> list[Far]:
    """Every line of an order in force, in its order; empty for others."""
    rows = progress.of(order)
    kept = promises.of(rows)
    back = _returned(order)
    ordered = sorted(rows.values(), key=lambda row: (row.line.position, row.line_id))
    return [_far(row, kept.get(row.line_id, Promise()), back) for row in ordered]


def _far(row: OrderLine, kept: Promise, back: dict[int, Decimal]) -> Far:
    def own(quantity: Decimal) -> Decimal:
        return progress.in_unit(row.line, quantity)

    return Far(
        row.line,
        row.arrives,
        own(row.ordered),
        own(row.delivered),
        own(row.closed),
        own(row.open),
        own(kept.reserved),
        own(kept.short),
        own(kept.incoming),
        own(back.get(row.line_id, Decimal(0))),
    )


def _returned(order: Document) -> dict[int, Decimal]:
    """Order line → what of its deliveries was returned and stands, in base units."""
    made = Line.objects.filter(source_line__document=order, document__posting__isnull=False)
    keys = {str(line.key): line.source_line_id or 0 for line in made}
    rows = Movement.objects.filter(
        original__line_key__in=list(keys),
        original__posting__in=made.values("document__posting"),
        reversal=False,
        quantity__gt=0,
        successors__isnull=True,
    )
    found: dict[int, Decimal] = {}
    for key, quantity in rows.values_list("original__line_key", "quantity"):
        line = keys[key]
        found[line] = found.get(line, Decimal(0)) + quantity
    return found


def production(order: Document) -> Production | None:
    """What a production order has come to in money; None for other orders and before it is in force."""
    if order.type != "production_order" or not order.number:
        return None
    rows = Movement.objects.filter(
        cost_object=making.cost_object(order), posting__company=order.company_id
    )
    goes_in = rows.filter(target__kind="production")
    comes_out = rows.filter(source__kind="production")
    back = Q(type="production_return") | Q(reversal=True)
    made = comes_out.filter(type="production_receipt", reversal=False)
    undone = goes_in.filter(type="production_receipt", reversal=True)
    outputs = OrderLine.objects.filter(document=order, arrives=True)
    return Production(
        put_in=_sum(goes_in.exclude(pk__in=undone)),
        returned=_sum(comes_out.filter(back)),
        received=_sum(made) - _sum(undone),
        open=_sum(goes_in) - _sum(comes_out),
        made=outputs.aggregate(total=Sum("delivered"))["total"] or Decimal(0),
        planned=outputs.aggregate(total=Sum("ordered"))["total"] or Decimal(0),
    )


def _sum(rows: QuerySet[Movement]) -> Decimal:
    return rows.aggregate(total=Sum("value"))["total"] or Decimal(0)


def open_lines(user: User, access: Access) -> QuerySet[OrderLine]:
    """Lines of which something is open, of the orders that somebody may see; what is wanted first on top."""
    seen = queries.visible(user, access).filter(state__in=[*states.RUNNING, states.RETURNED])
    rows = OrderLine.objects.filter(ordered__gt=F("delivered") + F("closed"), document__in=seen)
    return rows.select_related(
        "document", "document__partner", "document__warehouse", "line", "line__unit", "item"
    ).order_by(F("document__wanted_on").asc(nulls_last=True), "document_id", "line__position")


def late(rows: QuerySet[OrderLine], today: date) -> QuerySet[OrderLine]:
    """Those that were wanted before today."""
    return rows.filter(document__wanted_on__lt=today)


def totals(found: Sequence[Far]) -> tuple[int, int]:
    """How many lines have something open, of how many."""
    return sum(1 for one in found if one.open), len(found)
