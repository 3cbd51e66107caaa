"""The only maker of an order's documents: written in the name of whoever asked for the order, and submitted."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from people.access import SYSTEM, access_for
from stock.errors import PostingRefused
from workflows import asking, copying, document_types, failures, rests, saving, states
from workflows.errors import DocumentRefused, WrongState
from workflows.models import Document, Editor, Event
from workflows.move import Move

DOOR = "order"


def make(move: Move, code: str) -> Document | None:
    """A draft of type ``code`` for all that is left of the order; None if nothing is."""

    order = move.document
    kind = document_types.BY_CODE[code]
    left = rests.remaining(order, kind, order.asker_id)
    sides = rests.sides(order, kind)
    if not any(left[line.pk] > 0 for line in sides):
        return None
    made = Document.objects.create(
        **header(order, code),
        key=uuid.uuid4(),
        asker=order.asker,
        door=DOOR,
        created_at=move.now,
        changed_at=move.now,
    )
    if order.asker is not None:
        Editor.objects.create(document=made, user=order.asker)
    copying.lines_from(order, made, None, priced=True)
    side = _move(made, move, "create")
    side.log("create", data={"made_from": str(order)})
    saving.save(side)
    return made


def header(order: Document, code: str) -> dict[str, object]:
    """The header of a document that is made from the order."""
    produces = order.type == "production_order"
    return {
        "company": order.company,
        "type": code,
        "department": order.department,
        "partner": order.partner,
        "warehouse": order.warehouse,
        "cost_object": cost_object(order) if produces else order.cost_object,
        "reference": order.number or "",
        "wanted_on": order.wanted_on,
        "currency": order.currency,
        "rate": order.rate,
        "source": order,
    }


def cost_object(order: Document) -> str:
    """The name under which the costs of a production order are gathered: its own, or its number."""
    return order.cost_object or order.number or ""


def recall(move: Move, *, why: str) -> list[str]:
    """Void the documents of the order that nobody has begun; raises WrongState where one has.

    Returns their names.
    """
    alive = Document.objects.filter(source=move.document, type__in=_made_types(move.document))
    alive = alive.exclude(state__in=states.FINAL | {states.POSTED}).select_for_update(of=("self",))
    made = list(alive.order_by("pk"))
    for one in made:
        if one.lines.exclude(actual=None).exists():
            raise WrongState(
                _("%(document)s is being carried out. Finish it, or have it returned, first.")
                % {"document": one},
                code="begun",
            )
    for one in made:
        side = _move(one, move, "void")
        side.reason, side.text = move.reason or "correction", why
        asking.void(side)
        saving.save(side)
    return [str(one) for one in made]


def _made_types(order: Document) -> list[str]:
    return [k.code for k in document_types.DOCUMENT_TYPES if order.type in k.made_from]


def _move(document: Document, move: Move, verb: str) -> Move:
    access = access_for(document.asker) if document.asker is not None else SYSTEM
    return Move(document, document.asker, access, verb, move.now, door=DOOR)


def submit(made: Document, move: Move) -> None:
    """Submit it; a refusal (a field that somebody has to fill) is noted on it and it stays a draft."""
    try:
        with transaction.atomic():
            side = _move(made, move, "submit")
            asking.submit(side)
            saving.save(side)
    except (DocumentRefused, PostingRefused) as error:
        made.refresh_from_db()
        Event.objects.create(
            document=made,
            at=move.now,
            verb="post_failed",
            door=DOOR,
            data=failures.note(error),
            old_state=made.state,
            new_state=made.state,
        )
