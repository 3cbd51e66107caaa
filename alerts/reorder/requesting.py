"""Makes purchase requests of suggestions: one draft per supplier and warehouse, written by the one writer of drafts."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from alerts.models import Suggestion
from core.fields import plain
from people.access import Access
from people.models import User
from workflows import drafting
from workflows.models import Document

_SPACE = uuid.UUID("6f1a5a2e-4b0d-4f6e-9a55-0d1f3b7c2e11")


@dataclass(slots=True)
class Group:
    """Suggestions that go into one request."""

    key: tuple[int, int]
    rows: list[Suggestion] = field(default_factory=list)


def groups(rows: Sequence[Suggestion]) -> list[Group]:
    """By warehouse and supplier, what asks for nothing left out; at most a document's lines in each."""
    found: dict[tuple[int, int], Group] = {}
    made: list[Group] = []
    for row in rows:
        if not row.packs:
            continue
        key = (row.warehouse_id, row.supplier_id or 0)
        group = found.get(key)
        if group is None or len(group.rows) >= drafting.MAX_LINES:
            group = found[key] = Group(key)
            made.append(group)
        group.rows.append(row)
    return made


@transaction.atomic
def request(
    rows: Sequence[Suggestion], *, actor: User, access: Access, door_name: str = "form"
) -> list[Document]:
    """Drafts of purchase orders for these suggestions; the same suggestions asked for twice make the same drafts.

    Raises NotAllowed without the right to ask in a warehouse, DocumentRefused for what cannot be ordered; then
    nothing is made.
    """
    made = []
    for group in groups(rows):
        first = group.rows[0]
        header = {"warehouse": first.warehouse.code}
        if first.supplier is not None:
            header["partner"] = first.supplier.code
        lines = [
            {"item": row.item.code, "quantity": plain(row.packs), "unit": row.unit.code}
            for row in group.rows
        ]
        name = f"{actor.pk}:" + ",".join(f"{row.pk}" for row in group.rows)
        document = drafting.create(
            "purchase_order",
            actor=actor,
            access=access,
            header=header,
            lines=lines,
            key=str(uuid.uuid5(_SPACE, name)),
            door_name=door_name,
        )
        made.append(document)
    Suggestion.objects.filter(pk__in=[row.pk for row in rows]).update(packs=0, quantity=0)
    return made
