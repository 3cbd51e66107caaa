"""The verbs of an order in force: change it, close what is open, promise again, cancel it.

Bodies of the one door: they get a move under the lock and change it; they neither save nor log by themselves.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.fields import plain
from core.numbers import QUANTITY_PLACES, parse_decimal
from stock import units
from workflows import amounts, states
from workflows.errors import DocumentRefused, WrongState
from workflows.models import Line
from workflows.move import Move, rows
from workflows.orders import confirming, costing, making, progress, promises


def amend(move: Move) -> None:
    """Open the order for changes: what nobody has begun is taken back, and it goes to approval again."""
    recalled = making.recall(move, why=_("%s is being changed.") % move.document)
    order = move.document
    order.runs.filter(kind="post").update(valid=False)
    old = order.state
    order.send_back()
    order.step = ""
    move.log("amend", old_state=old, text=move.text, data={"recalled": recalled})


def close(move: Move) -> None:
    """Close what is open: all of it, or the lines of ``data.lines`` (key and, for a part, quantity)."""
    order = move.document
    recalled = making.recall(move, why=_("%s is closed short.") % order)
    given = rows(move.data)
    if given:
        chosen = _chosen(move, given)
        done = progress.close(order, list(chosen), quantities=_parts(chosen))
    else:
        done = progress.close(order, None, quantities={})
    known = progress.of(order)
    promises.keep(order, known, actor=move.actor, why="closed")
    old = order.state
    by_line = {line.pk: line for line in move.lines}
    told = [
        {"line": by_line[key].position, "quantity": plain(progress.in_unit(by_line[key], part))}
        for key, part in sorted(done.items())
    ]
    data: dict[str, Any] = {"lines": told, "recalled": recalled}
    left = costing.open_value(order)
    if left:
        data["value_left"] = plain(left)
    if progress.finished(order, known.values()):
        order.close()
        order.step = ""
    move.log("close", old_state=old, reason=move.reason, text=move.text, data=data)
    if order.state == states.IN_EXECUTION:
        confirming.make(move)


def _chosen(move: Move, given: list[Mapping[str, Any]]) -> dict[int, tuple[Line, Any]]:
    by_key = {str(line.key): line for line in move.lines}
    chosen = {}
    for row in given:
        line = by_key.get(str(row.get("key")).lower())
        if line is None:
            raise DocumentRefused(_("There is no such line."), code="unknown_line")
        chosen[line.pk] = (line, row.get("quantity"))
    return chosen


def _parts(chosen: Mapping[int, tuple[Line, Any]]) -> dict[int, Decimal]:
    """Quantities that were named, in base units."""
    found = {}
    for key, (line, text) in chosen.items():
        if text in (None, ""):
            continue
        quantity = parse_decimal(str(text), places=QUANTITY_PLACES, lenient=True)
        if quantity <= 0:
            raise DocumentRefused(_("Enter a quantity above zero."), code="quantity")
        units.check_decimals(quantity, line.unit)
        found[key] = amounts.base(line, quantity)
    return found


def reserve(move: Move) -> None:
    """Promise again what is open and was short: goods may have come meanwhile."""
    known = progress.of(move.document, lock=True)
    kept = promises.keep(move.document, known, actor=move.actor)
    told = [
        {
            "line": known[key].line.position,
            "reserved": plain(one.reserved),
            "short": plain(one.short),
        }
        for key, one in kept.items()
    ]
    move.log("reserve", data={"promises": told})


def cancel(move: Move) -> None:
    """Before an order is voided: nothing may have been delivered; what it promised and made is given back."""
    order = move.document
    known = progress.of(order, lock=True)
    if any(row.delivered for row in known.values()):
        raise WrongState(
            _("Part of %s was delivered. Close what is open instead.") % order, code="delivered"
        )
    if known:
        making.recall(move, why=_("%s is cancelled.") % order)
        progress.close(order, None, quantities={})
        promises.keep(order, progress.of(order), actor=move.actor, why="cancelled")


def refuse_refusal(move: Move) -> None:
    """A change of an order in force is returned, not refused: the order itself goes on."""
    if progress.in_force(move.document):
        raise WrongState(
            _("%s is in force. Return the change; what was ordered before stays.") % move.document,
            code="in_force",
        )
