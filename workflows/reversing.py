"""Taking back what was posted: refused while something that lives was made of it, replaced by what was really moved."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import LineError
from core.words import listed
from stock.models import Movement
from workflows import copying, followups, posting, rests, route, states
from workflows.errors import WrongState
from workflows.models import Document, Line, StepRun
from workflows.move import Move
from workflows.orders import delivering


def reverse(move: Move) -> None:
    """Reverse all that is left or the lines of ``data.lines``; ``data.replace`` makes a corrected draft to go on with.

    ``data.override`` is a reason for going below zero, which needs its right.
    """

    document = move.document
    keys = move.data.get("lines")
    chosen = None if keys is None else [str(key) for key in keys]
    undone = [line for line in _still_posted(document) if chosen is None or str(line.key) in chosen]
    _nothing_follows(document, undone)
    order = delivering.order_of(document)
    request = str(move.data.get("request") or move.now.timestamp())
    whole = posting.reverse(move, lines=chosen, key=f"reverse:{document.key}:{request}")
    old = document.state
    if whole:
        route.close_all(move, StepRun.Outcome.CANCELLED)
        document.undo()
        document.step = ""
    if order is not None:
        delivering.take_back(move, order, undone)
    followups.cancel(move, whole=whole)
    data = {"lines": chosen, "override": posting.given_override(move)}
    if move.data.get("replace") and move.actor is not None:
        made = copying.copy(
            document, actor=move.actor, access=move.access, replaces=True, only=undone
        )
        move.result["replacement"] = str(made.key)
        left = [str(rest) for rest in document.rests.exclude(state__in=states.FINAL)]
        data |= {"replacement": str(made.key), "name": str(made), "rests": left}
    move.log("reverse", old_state=old, reason=move.reason, text=move.text, data=data)


def _still_posted(document: Document) -> list[Line]:
    """The lines whose movements stand."""
    gone = rests.gone([document.posting_id])
    return [line for line in document.lines.all() if str(line.key) not in gone]


def _nothing_follows(document: Document, lines: Sequence[Line]) -> None:
    """Refuse while a document made of these lines is on its way or posted; the drafts of it are looked at later."""
    rows = Movement.objects.filter(
        posting_id=document.posting_id or 0, line_key__in=[str(line.key) for line in lines]
    )
    moved = dict(rows.values_list("pk", "line_key"))
    following = (
        Line.objects.filter(Q(source_line__in=[line.pk for line in lines]) | Q(original__in=moved))
        .exclude(document__state__in=states.FINAL | states.UNSENT)
        .exclude(document=document)
        .select_related("document")
        .order_by("document_id", "position")
    )
    gone = rests.gone([one.document.posting_id for one in following])
    by_line: dict[str, list[str]] = {}
    keys = {line.pk: str(line.key) for line in lines}
    for one in following:
        if str(one.key) in gone:
            continue
        key = keys.get(one.source_line_id or 0) or moved[one.original_id or 0]
        by_line.setdefault(key, []).append(f"{one.document} ({one.document.about.label})")
    message = _(
        "Line %(line)s: %(documents)s was made from it. Reverse that first, or void it if it is not posted."
    )
    errors = []
    for line in lines:
        names = listed(dict.fromkeys(by_line.get(str(line.key), ())))
        if names:
            data = {"line": line.position, "documents": names}
            errors.append(LineError(line.position, "followed", message % data, data))
    if errors:
        raise WrongState(str(errors[0].message), code="followed", lines=errors)
