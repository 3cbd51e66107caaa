"""The only writer of a moved document: raises its version, gives its number last, writes its timeline and outbox row."""

from core import outbox
from people import notices
from workflows import numbering, states
from workflows.errors import Changed
from workflows.models import Document, Event
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
    if not Document.objects.filter(pk=document.pk, version=old).exists():
        raise Changed(_changed(), version=document.version)
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


def note(move: Move) -> None:
    """Write what was logged beside a document that itself stays as it is: its version stays too."""
    Event.objects.bulk_create(move.events)
    move.events = []


def _changed() -> str:
    from django.utils.translation import gettext as _

    return _("Somebody else has changed this document meanwhile. Look at it again, then repeat.")
