"""A problem met on the floor becomes a comment of the document it is about, or a draft that holds the goods."""

import uuid
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from boards.scan import meaning
from core.numbers import QUANTITY_PLACES, parse_decimal
from people.access import Access
from people.models import User
from workflows import door, drafting
from workflows.errors import DocumentRefused
from workflows.models import Document


def report(
    *, code: str, text: str, quantity: str, key: str, user: User, access: Access
) -> dict[str, str]:
    """Say it where it belongs; returns the address of the document and where its photos go.

    Raises DocumentRefused without words or without goods or a document.
    """
    if not text.strip():
        raise DocumentRefused(_("Say in a few words what is wrong."), code="text")
    found = meaning.of(code, user, access)
    if found["kind"] == "document":
        document = Document.objects.get(key=found["document"])
        door.act(document.pk, "comment", actor=user, access=access, text=text, key=f"report:{key}")
    elif found["kind"] == "item":
        document = _held(found, text, quantity, key, user, access)
    else:
        raise DocumentRefused(_("Scan the goods or the document that this is about."), code="code")
    return {
        "title": f"{document.kind.label} {document}",
        "url": reverse("workflows:page", args=[document.key]),
        "photos": reverse("workflows:file_add", args=[document.key]),
    }


def _held(
    found: dict[str, str], text: str, quantity: str, key: str, user: User, access: Access
) -> Document:
    """A draft that would put the goods on hold, with the words as its note."""
    number = parse_decimal(quantity, places=QUANTITY_PLACES) if quantity.strip() else Decimal(1)
    line = {"item": found["item"], "unit": found["unit"], "quantity": str(number)}
    line["key"] = str(uuid.uuid5(uuid.UUID(key), "line")) if key else str(uuid.uuid4())
    if found["lot"]:
        line["lot"] = found["lot"]
    return drafting.create(
        "hold",
        actor=user,
        access=access,
        header={"note": text},
        lines=[line],
        key=key,
        door_name="scan",
    )
