"""The only writer of a moved document: raises its version, gives its number last, writes its timeline and outbox row."""

from collections.abc import Sequence

from core import bulk, histories, outbox
from people import notices
from workflows import amounts, numbering, states
from workflows.errors import Changed
from workflows.models import Document, Event, Line
from workflows.move import Move

TOPIC = "workflows.moved"
_MOVED_ON = ("state", "version", "step", "changed_at")
_UNNUMBERED = frozenset({states.DRAFT, states.VOID})


def save(move: Move) -> None:
    """Write the document if nobody else did meanwhile, then what was logged; raises Changed."""
    document = move.document
    old = document.version
    if document.number is None and document.state not in _UNNUMBERED:
        document.number = numbering.give(document)
    document.version = old + 1
    document.changed_at = move.now
    _tell_states(move, move.was)
    _note(move)
    _tell(move)
    change = bulk.assignments(document)
    user = move.actor.pk if move.actor else None
    if not histories.save(move.writes, document, change, version=old, user=user, at=move.now):
        raise Changed(_changed(), version=document.version)
    move.was = document.state
    outbox.announce(TOPIC, subject=document.pk, data={"verb": move.verb, "state": document.state})
    _follow(move)


def save_booked(documents: Sequence[Document], events: Sequence[Event]) -> None:
    """Write drafts of this transaction that were posted, their first history, their timeline and outbox rows.

    Nobody else can have seen them before, so their version cannot have moved.
    """
    for document in documents:
        document.version += 1
    bulk.update(documents, ("state", "posting", "posted_at", "amount", "posted_amount", "version"))
    keys = [document.pk for document in documents]
    written = bulk.those(Document.objects.all(), "id", keys)
    histories.begin(written, at="created_at", user="asker_id")
    bulk.insert(events)
    outbox.announce_many(TOPIC, keys, {"verb": "post", "state": states.POSTED})


def _follow(move: Move) -> None:
    """Do what comes after, which may have moved the document on: it is then as it was left."""
    if not move.after:
        return
    after, move.after = move.after, []
    for then in after:
        then()
    left = Document.objects.get(pk=move.document.pk)
    for name in _MOVED_ON:
        move.document.__dict__[name] = getattr(left, name)
    move.was = left.state


def _tell(move: Move) -> None:
    document = move.document
    for users, kind, data in move.notices:
        facts = {"type": document.type, "number": str(document), **data}
        move.writes.add(notices.telling(users, kind, facts, f"/documents/{document.key}/"))
    move.notices = []


def _note(move: Move) -> None:
    if move.events:
        move.writes.add(bulk.insertion(move.events))
    move.events = []


def save_lines(move: Move, lines: Sequence[Line], names: Sequence[str]) -> None:
    """Write these fields as each line has them, with their history, in two statements however many lines there are."""
    if not lines:
        return
    Line.objects.bulk_update(lines, names)
    written = Line.objects.filter(pk__in=[line.pk for line in lines])
    histories.keep(written, user=move.actor.pk if move.actor else None, at=move.now)
    move.reckon()


def save_planned(move: Move, lines: Sequence[Line]) -> None:
    """Let what was planned be what was really moved on these lines, with their history; written with the move."""
    if not lines:
        return
    for line in lines:
        line.actual = amounts.planned(line)
    where, keys = bulk.among("id", [line.pk for line in lines])
    planned = "actual = COALESCE(confirmed, requested)"
    user = move.actor.pk if move.actor else None
    move.writes.add(
        *histories.changing(Line, (planned, []), (where, [keys]), user=user, at=move.now)
    )
    move.reckon()


def note(move: Move) -> None:
    """Write what was logged (and tell whom it concerns) beside a document that stays as it is, with its version."""
    _note(move)
    _tell(move)
    move.writes.send()


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
