"""The verbs of those who carry out: enter quantities, finish the step, post.

Executing writes actual values only. What goes beyond tolerance goes back to approval, and whoever entered it
is an editor of it then.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.errors import LineError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, NumberError, parse_decimal
from stock.models import Lot, Place
from workflows import amounts, deciding, fitting, hands, posting, route, saving, states
from workflows.counting import judging
from workflows.errors import DocumentRefused
from workflows.models import Line, StepRun, Task
from workflows.move import Move, rows

_QUANTITIES = ("actual", "rejected", "rechecked")
_CHOSEN = ("lot", "lot_number", "expires_on", "source", "target")


def record(move: Move) -> None:
    """Enter what was really moved: ``data.lines`` of key, actual, rejected, rechecked, lot, source, target."""
    task = _task(move)
    if move.document.kind.shape == "count":
        raise DocumentRefused(_("Quantities are entered on the count sheets."), code="lines")
    _write(move, rows(move.data))
    task.seen_at = task.seen_at or move.now
    task.save(update_fields=["seen_at"])
    move.log("record", step=task.run.step, data={"lines": move.result["recorded"]})
    if move.document.state == states.APPROVED:
        old = move.document.state
        move.document.begin()
        move.events[-1].old_state, move.events[-1].new_state = old, move.document.state


def complete(move: Move) -> None:
    """Finish my step; quantities may come along. Goods that arrive must all be counted."""
    task = _task(move)
    if task.kind == "finance":
        _sync(move, task)
        return
    if move.document.kind.shape == "count":
        if not judging.finish(move, route.step_of(move, task.run.step)):
            return
    else:
        if move.data.get("lines"):
            _write(move, rows(move.data))
        _check_entered(move, task)
    deciding._require_fields(move, task)
    if route.asks_again(move):
        _sign(move, task.run)
    deciding._decide(task, move, "done")
    deciding.finish(task, move)
    recorded = {"lines": move.result["recorded"]} if "recorded" in move.result else {}
    move.log("complete", step=task.run.step, text=move.text, data=recorded)
    if move.document.state == states.APPROVED:
        move.document.begin()
    deciding.settle_run(move, task.run, strict=True)


def post(move: Move) -> None:
    """Post by hand where the process (or a failed automatic posting) asks for it."""
    task = _task(move)
    deciding._require_fields(move, task)
    posting.post(move)
    deciding._decide(task, move, "done")
    deciding.finish(task, move)
    route.close(task.run, move, StepRun.Outcome.DONE)
    route.advance(move, strict=True)


# Helpers -------------------------------------------------------------------------------------------


def _task(move: Move) -> Task:
    return deciding._mine(move)


def _sign(move: Move, run: StepRun) -> None:
    """Whoever entered what has to be approved now is an editor of it."""
    hands = move.document.events.filter(verb="record", step=run.step, at__gte=run.entered_at)
    wrote = set(hands.exclude(actor=None).values_list("actor_id", flat=True))
    if move.actor is not None:
        wrote.add(move.actor.pk)
    move.sign(*sorted(wrote))


def _write(move: Move, given: Sequence[Mapping[str, Any]]) -> None:
    by_key = {str(line.key): line for line in move.lines}
    errors: list[LineError] = []
    recorded = []
    twice = route.step_of(move, move.task.run.step).recheck if move.task is not None else ""
    picked = hands.last(move, "actual") if twice == "other" else {}
    for row in given:
        line = by_key.get(str(row.get("key")))
        if line is None:
            errors.append(LineError(0, "unknown_line", _("There is no such line.")))
            continue
        before = {name: getattr(line, name) for name in _QUANTITIES}
        errors += _read(move, line, row)
        if twice:
            errors += _check_apart(line, before) or _check_other(move, line, before, picked)
        changed = {
            name: [_shown(before[name]), _shown(getattr(line, name))]
            for name in _QUANTITIES
            if before[name] != getattr(line, name)
        }
        if changed:
            recorded.append({"line": line.position, **changed})
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    written = [by_key[key] for key in dict.fromkeys(str(row.get("key")) for row in given)]
    saving.save_lines(move, written, [*_QUANTITIES, *_CHOSEN])
    move.result["recorded"] = recorded


def _check_apart(line: Line, before: Mapping[str, Any]) -> list[LineError]:
    """A second check is made of what was recorded before, by a request of its own: not typed along with it."""
    new = line.rechecked is not None and line.rechecked != before["rechecked"]
    if not new or (before["actual"] is not None and line.actual == before["actual"]):
        return []
    message = _(
        "Line %(line)s: save what was picked first; the second check is entered after that."
    )
    return [LineError(line.position, "recheck_apart", message % {"line": line.position})]


def _check_other(
    move: Move, line: Line, before: Mapping[str, Any], picked: Mapping[int, int]
) -> list[LineError]:
    """Where the process asks for another person: whoever picked a line does not check it."""
    new = line.rechecked is not None and line.rechecked != before["rechecked"]
    if not new or move.actor is None or picked.get(line.position) != move.actor.pk:
        return []
    return [_needs_other(line)]


def _needs_other(line: Line) -> LineError:
    message = _("Line %(line)s: somebody else than whoever picked it has to make the second check.")
    return LineError(line.position, "recheck_other", message % {"line": line.position})


def _read(move: Move, line: Line, row: Mapping[str, Any]) -> list[LineError]:
    errors = []
    for name in _QUANTITIES:
        if name not in row:
            continue
        try:
            setattr(line, name, _quantity(row[name]))
        except NumberError as error:
            errors.append(LineError(line.position, error.code, str(error)))
    for name in _QUANTITIES:
        quantity = getattr(line, name)
        if quantity is not None and quantity < 0:
            errors.append(
                LineError(line.position, "quantity", _("A quantity cannot be below zero."))
            )
    if line.rejected and line.rejected > (line.actual or 0):
        message = _("More was rejected than came.")
        errors.append(LineError(line.position, "rejected", message))
    if not errors and line.actual is not None:
        try:
            if wrong := fitting.pieces(line, line.actual, line.rejected):
                errors.append(LineError(line.position, "serial_quantity", wrong))
            amounts.base(line, line.actual)
        except amounts.AmountError as error:
            errors.append(LineError(line.position, error.code, str(error)))
    errors += _read_lot(move, line, row)
    errors += _read_places(move, line, row)
    return errors


def _read_lot(move: Move, line: Line, row: Mapping[str, Any]) -> list[LineError]:
    """Another lot than planned: chosen when carrying out (FEFO said so, or the label did)."""
    if "lot" not in row:
        return []
    number = str(row["lot"] or "").strip()
    if len(number) > 80:
        return [LineError(line.position, "lot", _("This lot number is too long."))]
    line.lot_number = number
    line.lot = Lot.objects.filter(item=line.item, number=number).first() if number else None
    arrives = bool(move.document.kind.source.virtual)
    if number and line.lot is None and not arrives:
        message = _("There is no lot “%(lot)s” of %(item)s.")
        message %= {"lot": number, "item": line.item.code}
        return [LineError(line.position, "unknown_lot", message)]
    if row.get("expires_on") and arrives:
        from workflows.reading import read_date

        line.expires_on = read_date(row["expires_on"])
    return []


def _read_places(move: Move, line: Line, row: Mapping[str, Any]) -> list[LineError]:
    errors = []
    for name, end in (("source", move.document.kind.source), ("target", move.document.kind.target)):
        if name not in row or not row[name] or not end.chosen:
            continue
        place = Place.objects.filter(
            warehouse=getattr(move.document, end.warehouse),
            code=str(row[name]).strip(),
            is_group=False,
        ).first()
        if place is None:
            message = _("There is no place “%(place)s” in this warehouse.")
            message %= {"place": row[name]}
            errors.append(LineError(line.position, "unknown_place", message))
        elif wrong := fitting.misfit(end, place):
            errors.append(LineError(line.position, "place_kind", wrong))
        else:
            setattr(line, name, place)
    return errors


def _quantity(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    return parse_decimal(str(value), places=QUANTITY_PLACES, lenient=True)


def _shown(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _check_entered(move: Move, task: Task) -> None:
    """Counted line by line where goods arrive; picked as planned where nothing else was said."""
    step = route.step_of(move, task.run.step)
    counts = move.document.kind.counts
    blank = [line for line in move.lines if line.actual is None]
    if counts:
        posting.refuse_uncounted(blank)
    saving.save_planned(move, blank)
    if not step.recheck:
        return
    unequal = [line for line in move.lines if line.rechecked != line.actual]
    if unequal:
        message = _("Line %(line)s: the second check says %(second)s, picked were %(first)s.")
        errors = [
            LineError(
                line.position,
                "recheck",
                message
                % {
                    "line": line.position,
                    "second": _shown(line.rechecked) or "—",
                    "first": _shown(line.actual),
                },
            )
            for line in unequal
        ]
        raise DocumentRefused(str(errors[0].message), code="recheck", lines=errors)
    if step.recheck == "other":
        _check_hands(move)


def _check_hands(move: Move) -> None:
    """Every line was picked by one person and checked by another, whoever entered what in between."""
    picked, checked = hands.last(move, "actual"), hands.last(move, "rechecked")
    errors = [
        _needs_other(line)
        for line in move.lines
        if checked.get(line.position) in {None, picked.get(line.position)}
    ]
    if errors:
        raise DocumentRefused(str(errors[0].message), code="recheck_other", lines=errors)


def _sync(move: Move, task: Task) -> None:
    """Finance has looked at it: a badge beside posted."""
    deciding._require_fields(move, task)
    deciding._decide(task, move, "done")
    deciding.finish(task, move)
    route.close(task.run, move, StepRun.Outcome.DONE)
    move.document.synced_at = move.now
    move.log("sync", step=task.run.step, text=move.text)
