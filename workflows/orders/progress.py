"""The only writer of what an order's lines have come to: put in force, delivered, taken back, closed short.

Rows are locked in the order of their lines; beyond what is ordered and its tolerance the database refuses as
well. Quantities are base units.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from core.errors import LineError
from core.fields import plain
from core.numbers import QUANTITY_PLACES
from core.said import said as _
from workflows import amounts
from workflows.errors import DocumentRefused
from workflows.models import Document, Line, OrderLine
from workflows.move import Move


def of(order: Document, *, lock: bool = False) -> dict[int, OrderLine]:
    """Line id → how far it is; empty for an order that was never in force."""
    rows = OrderLine.objects.filter(document=order).select_related("line__item", "line__unit")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return {row.line_id: row for row in rows.order_by("line_id")}


def in_force(order: Document) -> bool:
    """Whether it was confirmed once, so that goods may have moved for it."""
    return order.kind.orders and OrderLine.objects.filter(document=order).exists()


def touched(line: Line) -> bool:
    """Whether something of the line was delivered or closed short already."""
    rows = OrderLine.objects.filter(line=line.pk or 0)
    return rows.exclude(delivered=0, closed=0).exists()


def delivered(order: Document) -> bool:
    """Whether something of the order was delivered and not taken back."""
    return order.kind.orders and OrderLine.objects.filter(document=order, delivered__gt=0).exists()


def problems(move: Move) -> list[LineError]:
    """Lines that ask for less than what was delivered of them already."""
    known = of(move.document)
    errors = []
    for line in move.lines:
        row = known.get(line.pk)
        if row is None:
            continue
        if _ordered(line) < row.delivered:
            data = {"line": line.position, "delivered": _shown(row, row.delivered)}
            message = _("Line %(line)s: %(delivered)s were delivered already; order at least that.")
            errors.append(LineError(line.position, "below_delivered", message % data, data))
    return errors


def put_in_force(move: Move) -> dict[int, OrderLine]:
    """Bring the rows to what was approved; what was closed short of a changed quantity is open again."""
    order = move.document
    known = of(order, lock=True)
    over = 1 + Decimal(move.options.over_percent) / 100
    made: list[OrderLine] = []
    for line in move.lines:
        ordered = _ordered(line)
        most = None if line.side == Line.Side.INPUT else _most(ordered, over)
        row = known.get(line.pk)
        if row is None:
            row = OrderLine(line=line, document=order, warehouse_id=order.warehouse_id or 0)
        if row.ordered != ordered:
            row.closed = Decimal(0)
        row.item, row.arrives = line.item, arrives(line, order)
        row.ordered, row.most, row.line = ordered, most, line
        if order.warehouse_id and row.warehouse_id != order.warehouse_id:
            row.warehouse_id = order.warehouse_id
        if row.pk is None:
            made.append(row)
        else:
            row.save()
        known[line.pk] = row
    OrderLine.objects.bulk_create(made)
    return known


def arrives(line: Line, order: Document) -> bool:
    """Whether the goods of the line are expected in stock: what is bought and what is made."""
    if order.type == "production_order":
        return line.side != Line.Side.INPUT
    return order.kind.direction == "in"


def deliver(order: Document, moved: Mapping[int, Decimal]) -> dict[int, OrderLine]:
    """Add what was delivered of each line (below zero: was taken back); raises DocumentRefused beyond the order."""
    rows = of(order, lock=True)
    errors = []
    for key, quantity in sorted(moved.items()):
        row = rows.get(key)
        if row is None:
            continue
        row.delivered = max(row.delivered + quantity, Decimal(0))
        if quantity > 0 and row.most is not None and row.delivered + row.closed > row.most:
            errors.append(_beyond(order, row, quantity))
    if errors:
        raise DocumentRefused(str(errors[0].message), code="beyond_order", lines=errors)
    for key in sorted(moved):
        if key in rows:
            rows[key].save(update_fields=["delivered"])
    return rows


def close(
    order: Document, keys: Iterable[int] | None, *, quantities: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """Close what is open of these lines (None: all) or the named part of it; returns line → quantity."""
    rows = of(order, lock=True)
    chosen = list(rows) if keys is None else list(keys)
    done: dict[int, Decimal] = {}
    for key in chosen:
        row = rows[key]
        part = quantities.get(key, row.open)
        if part > row.open:
            data = {"line": row.line.position, "open": _shown(row, row.open)}
            message = _("Line %(line)s: only %(open)s are open.") % data
            line = LineError(row.line.position, "over_open", message, data)
            raise DocumentRefused(message, code="over_open", lines=[line])
        if part > 0:
            row.closed += part
            if row.most is not None:
                row.most = max(row.ordered, row.delivered + row.closed)
            row.save(update_fields=["closed", "most"])
            done[key] = part
    return done


def finished(order: Document, rows: Iterable[OrderLine]) -> bool:
    """Whether nothing is open any more. What is left of a production order is said by a person."""
    return not any(row.open for row in rows)


def base_quantities(lines: Sequence[Line]) -> dict[int, Decimal]:
    """Order line id → what lines of one document moved of it, in base units."""
    moved: dict[int, Decimal] = {}
    for line in lines:
        if line.source_line_id is not None:
            part = amounts.base(line, amounts.done(line))
            moved[line.source_line_id] = moved.get(line.source_line_id, Decimal(0)) + part
    return moved


def in_unit(line: Line, quantity: Decimal) -> Decimal:
    """Base units in the line's own unit, at the decimals of quantities."""
    number = quantity * line.denominator / line.numerator
    return number.quantize(Decimal(1).scaleb(-QUANTITY_PLACES))


def _ordered(line: Line) -> Decimal:
    return amounts.base(line, amounts.planned(line))


def _most(ordered: Decimal, over: Decimal) -> Decimal:
    return (ordered * over).quantize(Decimal(1).scaleb(-QUANTITY_PLACES))


def _shown(row: OrderLine, quantity: Decimal) -> str:
    return f"{plain(in_unit(row.line, quantity))} {row.line.unit.code}"


def _beyond(order: Document, row: OrderLine, quantity: Decimal) -> LineError:
    before = row.delivered - quantity
    data = {
        "order": str(order),
        "line": row.line.position,
        "delivered": _shown(row, quantity),
        "left": _shown(row, max((row.most or Decimal(0)) - row.closed - before, Decimal(0))),
    }
    message = _(
        "%(order)s, line %(line)s: %(delivered)s are delivered, but at most %(left)s more may be. "
        "Deliver less, or change the order first."
    )
    return LineError(row.line.position, "beyond_order", message % data, data)
