"""Who entered a quantity of a line last, as the timeline says, which nobody can change. Only reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.move import Move

ENTERED = ("record", "complete")


def last(move: Move, name: str) -> dict[int, int]:
    """Position of a line → whoever entered ``name`` (actual, rejected, rechecked) last, what this move wrote included.

    Actual quantities that nobody entered line by line are those of whoever first finished a step with them.
    """
    found: dict[int, int] = {}
    rows = move.document.events.filter(verb__in=ENTERED).exclude(actor=None).order_by("pk")
    for verb, actor, data in rows.values_list("verb", "actor", "data"):
        _take(found, data.get("lines") or (), name, actor)
        if verb == "complete" and name == "actual":
            for line in move.lines:
                found.setdefault(line.position, actor)
    if move.actor is not None:
        _take(found, move.result.get("recorded", ()), name, move.actor.pk)
    return found


def _take(found: dict[int, int], rows: Iterable[Mapping[str, Any]], name: str, actor: int) -> None:
    found.update({int(row["line"]): actor for row in rows if name in row})
