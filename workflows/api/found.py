"""The document that a request is about, the version it was made on, and the keys that make it happen once."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import cast

from django.utils.translation import gettext as _

from core.api import etags
from people.api.doors import Door
from people.models import User
from workflows import errors, queries
from workflows.errors import DocumentRefused, DocumentUnknown
from workflows.models import Document

_OURS = uuid.UUID("6f1d2c53-7d0b-4c5e-9a64-3b1f5c0e8a17")


def user_of(door: Door) -> User:
    """Who asks; doors let nobody without a name pass."""
    return cast(User, door.request.user)


def find(door: Door, key: str) -> Document:
    """The document with what its rows show; raises DocumentUnknown, also for one that may not be seen."""
    rows = queries.with_names(queries.visible(user_of(door), door.access))
    document = rows.select_related("process").filter(key=key).first()
    if document is None:
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    return document


def match(door: Door, key: str) -> tuple[int, int]:
    """Id of the document and the version that If-Match names (0: another than there is).

    Raises PreconditionMissing or DocumentUnknown. Whether it may be seen and still is at that version is
    asked under its lock by whoever changes it.
    """
    tags = etags.named(door.request)
    found = Document.objects.filter(key=key).values_list("pk", "version").first()
    if found is None:
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    pk, version = found
    return pk, version if etags.tag(version) in tags else 0


@contextmanager
def on_version() -> Iterator[None]:
    """A version that moved on between the look and the lock is the same refusal as before it."""
    try:
        yield
    except errors.Changed as error:
        if "version" not in error.data:
            raise
        raise etags.Changed(error.message, etag=etags.tag(error.data["version"])) from error


def tagged(version: int) -> dict[str, str]:
    """The headers of an answer that carries the version."""
    return {"ETag": etags.tag(version)}


def event_key(door: Door) -> str:
    """The Idempotency-Key as the key of a verb; another person's equal key is another key."""
    return "api:" + sha256(_own(door).encode()).hexdigest()[:40]


def draft_key(door: Door) -> str:
    """The Idempotency-Key as the key of the document that it makes."""
    return str(uuid.uuid5(_OURS, _own(door)))


def _own(door: Door) -> str:
    return f"{user_of(door).pk}:{door.request.headers['Idempotency-Key']}"


def person(name: str) -> int:
    """The id of somebody by the name with which he signs in; raises DocumentRefused."""
    pk = User.objects.filter(username=name, is_active=True).values_list("pk", flat=True).first()
    if pk is None:
        raise DocumentRefused(_("There is nobody called “%s”.") % name[:60], code="user")
    return pk
