"""What a posting or its reversal does to the order that it delivers: the only link from the book back to orders."""

from collections.abc import Sequence
from decimal import Decimal

from core.fields import plain
from people.access import SYSTEM
from stock.models import Reservation
from workflows import saving, states
from workflows.models import Document, Line, OrderLine
from workflows.move import Move
from workflows.orders import confirming, progress, promises


def order_of(document: Document) -> Document | None:
    """The order that the document delivers, locked until the transaction ends; None for others."""
    if document.source_id is None or document.source is None or not document.source.kind.orders:
        return None
    from workflows import door  # the door asks posting, posting asks this

    return door.lock(document.source_id)


def promised(document: Document, lines: Sequence[Line]) -> dict[int, int]:
    """Line id → the promise that goods of the order are kept with, for goods that leave stock."""
    if document.kind.group != "out" or document.source is None or not document.source.kind.orders:
        return {}
    known = Reservation.objects.filter(state=Reservation.State.ACTIVE)
    rows = OrderLine.objects.filter(document=document.source, reservation__in=known.values("pk"))
    kept = {
        row.line_id: row.reservation or 0
        for row in rows
        if row.warehouse_id == document.warehouse_id
    }
    return {line.pk: kept[line.source_line_id] for line in lines if line.source_line_id in kept}


def deliver(move: Move, order: Document) -> None:
    """After the posting of ``move``'s document: count what it moved, close the order when nothing is open."""
    moved = progress.base_quantities(move.lines)
    rows = progress.deliver(order, moved)
    side = _side(order, move, "deliver")
    side.log("deliver", data=_told(move.document, rows, moved))
    if order.state == states.IN_EXECUTION and _ends(order, rows):
        order.close()
        side.events[-1].new_state = order.state
        promises.keep(order, rows, actor=None, why="delivered")
    elif move.document.type == "production_issue":
        confirming.make_one(side, "production_receipt")
    saving.save(side)


def take_back(move: Move, order: Document, lines: Sequence[Line]) -> None:
    """After a reversal of ``lines``: they are open again, and so is the order; stock is promised again."""
    moved = {key: -part for key, part in progress.base_quantities(lines).items()}
    rows = progress.deliver(order, moved)
    side = _side(order, move, "take_back")
    old = order.state
    if order.state == states.CLOSED and not progress.finished(order, rows.values()):
        order.begin()
    promises.keep(order, rows, actor=None)
    side.log("take_back", old_state=old, data=_told(move.document, rows, moved))
    saving.save(side)


def _ends(order: Document, rows: dict[int, OrderLine]) -> bool:
    """Whether the order is over by itself; of a production order somebody has to say so."""
    return order.type != "production_order" and progress.finished(order, rows.values())


def _side(order: Document, move: Move, verb: str) -> Move:
    return Move(order, move.actor, SYSTEM, verb, move.now, door=move.door)


def _told(
    document: Document, rows: dict[int, OrderLine], moved: dict[int, Decimal]
) -> dict[str, object]:
    return {
        "document": str(document),
        "key": str(document.key),
        "lines": [
            {
                "line": rows[key].line.position,
                "quantity": plain(progress.in_unit(rows[key].line, part)),
                "open": plain(progress.in_unit(rows[key].line, rows[key].open)),
            }
            for key, part in sorted(moved.items())
            if key in rows
        ],
    }
