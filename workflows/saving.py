"""The only writer of a moved document: raises its version, gives its number last, writes its timeline and outbox row."""

from collections.abc import Sequence
from typing import Any

from core import histories, outbox
from people import notices
from workflows import numbering, states
from workflows.errors import Changed
from workflows.models import Document, Event, Line
from workflows.move import Move

TOPIC = "workflows.moved"
_UNNUMBERED = frozenset({states.DRAFT, states.VOID})


def save(move: Move) -> None:
    """Write the document if nobody else did meanwhile, then what was logged; raises Changed."""
    document = move.document
    old = document.version
    if document.number is None and document.state not in _UNNUMBERED:
        document.number = numbering.give(document)
    document.version = old + 1
    document.changed_at = move.now
    document._history_user = move.actor
    document._history_date = move.now
    was = Document.objects.filter(pk=document.pk, version=old).values_list("state", flat=True)
    if not was:
        raise Changed(_changed(), version=document.version)
    _tell_states(move, was[0])
    document.save()
    Event.objects.bulk_create(move.events)
    move.events = []
    _tell(move)
    outbox.announce(TOPIC, subject=document.pk, data={"verb": move.verb, "state": document.state})


def _tell(move: Move) -> None:
    document = move.document
    for users, kind, data in move.notices:
        facts = {"type": document.type, "number": str(document), **data}
        notices.notify(users, kind, facts, f"/documents/{document.key}/")
    move.notices = []


def save_lines(move: Move, lines: Sequence[Line], names: Sequence[str] = (), **values: Any) -> None:
    """Write fields of lines with their history, in two statements however many lines there are.

    Those in ``names`` as each line has them; ``values`` are expressions that say it for all, which is quicker.
    """
    if not lines:
        return
    written = Line.objects.filter(pk__in=[line.pk for line in lines])
    if names:
        Line.objects.bulk_update(lines, names)
    if values:
        written.update(**values)
    histories.keep(written, user=move.actor.pk if move.actor else None, at=move.now)
    move.reckon()


def note(move: Move) -> None:
    """Write what was logged (and tell whom it concerns) beside a document that stays as it is, with its version."""
    Event.objects.bulk_create(move.events)
    move.events = []
    _tell(move)


def _tell_states(move: Move, was: str) -> None:
    """Let the entries tell every change of state once and in order.

    A change that no entry has told was made by the first entry since the last one that told any.
    """
    at, quiet = was, None
    for event in move.events:
        if event.old_state == event.new_state:
            quiet = quiet or event
            continue
        if event.old_state != at and quiet is not None:
            quiet.old_state, quiet.new_state = at, event.old_state
        elif event.old_state != at:
            event.old_state = at
        at, quiet = event.new_state, None
    now = move.document.state
    if at != now and quiet is not None:
        quiet.old_state, quiet.new_state = at, now
    elif at != now and move.events:
        move.events[-1].new_state = now


def _changed() -> str:
    from django.utils.translation import gettext as _

    return _("Somebody else has changed this document meanwhile. Look at it again, then repeat.")
