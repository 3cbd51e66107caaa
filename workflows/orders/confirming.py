"""Putting an order in force: what is open, what is promised, which documents deliver it; called where others post.

All of it happens in the transaction of the last approval, or not at all.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from core.errors import DomainError
from core.fields import plain
from workflows import failures, numbering, saving, states, who
from workflows.models import Document, OrderLine
from workflows.move import Move
from workflows.orders import making, progress, promises
from workflows.orders.promises import Promise
from workflows.steps import Step, Who

MAKES_NOTHING = "none"


def confirm(move: Move) -> None:
    """Put the order in force, or bring one that is in force to what was approved now."""
    order = move.document
    if order.number is None:
        order.number = numbering.give(order)
    rows = progress.put_in_force(move)
    kept = promises.keep(order, rows, actor=move.actor)
    old = order.state
    if progress.finished(order, rows.values()):
        order.close()
    else:
        order.begin()
    move.log("open", old_state=old, data={"promises": _told(rows, kept)})
    _tell_short(move, kept)
    if order.state == states.IN_EXECUTION:
        make(move)


def make(move: Move) -> None:
    """Once the order is saved: the documents that it makes now; finished goods come when material has gone."""
    order = move.document
    wanted = order.kind.makes[:1]
    if order.type == "production_order" and not _has_materials(order):
        wanted = order.kind.makes[1:]
    for code in wanted:
        make_one(move, code)


def make_one(move: Move, code: str) -> None:
    """Once the order is saved: one document for what is left, if its process wants that.

    What is made may be posted at once, and so move the order on.
    """
    if move.options.makes != MAKES_NOTHING:
        move.after.append(partial(_make, move, code))


def _make(move: Move, code: str) -> None:
    order = _saved(move.document)
    if order.state != states.IN_EXECUTION:
        return
    side = Move(order, move.actor, move.access, "make", move.now, door=move.door)
    made = None
    try:
        with transaction.atomic():
            made = making.make(side, code)
    except DomainError as error:
        side.log("make_failed", actor=None, data={"type": code, **failures.note(error)})
    if made is not None:
        side.log("make", actor=None, data={"type": code, "made": str(made.key)})
    if side.events:
        saving.save(side)
    if made is not None and move.options.makes != "draft":
        making.submit(made, move)


def _saved(order: Document) -> Document:
    """The order as it is saved now; it is locked already."""
    from workflows import door  # the door asks the orders

    found = door.lock(order.pk)
    if found is None:
        raise LookupError(order.pk)
    return found


def _has_materials(order: Document) -> bool:
    return order.lines.filter(side="input").exists()


def _told(rows: Mapping[int, OrderLine], kept: Mapping[int, Promise]) -> list[dict[str, Any]]:
    return [
        {
            "line": rows[key].line.position,
            "reserved": plain(one.reserved),
            "short": plain(one.short),
            "incoming": plain(one.incoming),
        }
        for key, one in kept.items()
    ]


def _tell_short(move: Move, kept: Mapping[int, Promise]) -> None:
    """Whoever asked, and those who buy for the warehouse, hear that not everything could be promised."""
    if not any(one.short > 0 for one in kept.values()):
        return
    step = Step("short", "confirm", "", "")
    buyers = who.resolve(Who("role", "procurement"), move.document, step, move.staff)
    people = [user.pk for user, _why in buyers]
    if move.document.asker_id:
        people.append(move.document.asker_id)
    move.tell(people, "workflows.short")
