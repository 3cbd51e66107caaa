"""Planned against actual: told to whoever asked once it is posted, by whichever way it was posted."""

from core.fields import plain
from workflows import amounts
from workflows.move import Move


def give(move: Move) -> None:
    """Note what differs from what was asked for, if the process wants that, and tell the asker of it."""
    if not move.options.feedback:
        return
    different = [
        {
            "line": line.position,
            "item": line.item.code,
            "planned": plain(amounts.planned(line)),
            "actual": plain(amounts.done(line)),
        }
        for line in move.lines
        if amounts.done(line) != line.requested
    ]
    move.log("feedback", actor=None, data={"lines": different})
    asker = move.document.asker_id
    if different and asker:
        move.tell([asker], "workflows.feedback", {"by": str(move.actor or "")})
