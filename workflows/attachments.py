"""The only writer of attachments: checks a file by its content, keeps it under its own hash, notes it on the timeline.

A file is no content of a document: adding one leaves its version, so nobody's verdict is refused over a photo.
"""

import os
import tempfile
import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from people.access import Access
from people.models import User
from workflows import door, file_kinds, queries, reading, saving
from workflows.errors import DocumentRefused, DocumentUnknown, WrongState
from workflows.file_kinds import Content
from workflows.models import Attachment, CustomField, Document, Line
from workflows.move import Move

MAX_FILES = 100
"""So many files a document may have."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked file whose content lies in its place, to be kept with a document."""

    name: str
    content: Content
    digest: str


def prepare(file: BinaryIO, name: str) -> Prepared:
    """Check a file and put its content in its place; raises DocumentRefused (kind, size, pixels, damage).

    Making a photo anew takes long: it is done before anything is locked.
    """
    name = _clean(name)
    content = file_kinds.read(file, name)
    return Prepared(_named(name, content.suffix), content, _keep(content))


def add(  # noqa: PLR0913 - one argument per fact of the upload
    document_id: int,
    file: BinaryIO,
    name: str,
    *,
    actor: User,
    access: Access,
    key: str = "",
    line: str = "",
    field: str = "",
    door_name: str = "form",
) -> Attachment:
    """Keep a photo or file with a document; the same ``key`` (a UUID of the device) keeps it once.

    Raises what ``prepare`` and ``keep`` raise.
    """
    number = str(reading.read_key(key) if key else uuid.uuid4())
    known = Attachment.objects.filter(document_id=document_id, key=number).exists()
    prepared = None if known else prepare(file, name)
    return keep(
        document_id,
        prepared,
        actor=actor,
        access=access,
        key=number,
        line=line,
        field=field,
        door_name=door_name,
    )


@transaction.atomic
def keep(
    document_id: int,
    prepared: Prepared | None,
    *,
    actor: User,
    access: Access,
    key: str,
    line: str = "",
    field: str = "",
    door_name: str = "form",
) -> Attachment:
    """Note a prepared file (None: the key is known) with a document, once per ``key``.

    ``line`` is the key of a line it belongs to, ``field`` the custom field of kind photo that it fills.
    Raises DocumentRefused (line, field, count), DocumentUnknown.
    """
    document = _seen(document_id, actor, access)
    number = reading.read_key(key)
    there = Attachment.objects.filter(document_id=document_id, key=number).first()
    if there is not None or prepared is None:
        if there is None:
            raise DocumentUnknown(_("There is no such file."))
        return there
    if document.attachments.filter(removed_at=None).count() >= MAX_FILES:
        raise DocumentRefused(_("A document has at most %d files.") % MAX_FILES, code="file_count")
    content = prepared.content
    made = Attachment.objects.create(
        document=document,
        line=_line(document, line),
        key=number,
        field=_field(document, field),
        name=prepared.name,
        content_type=content.content_type,
        size=len(content.data),
        sha256=prepared.digest,
        width=content.width,
        height=content.height,
        has_thumbnail=bool(content.thumbnail),
        user=actor,
        created_at=timezone.now(),
    )
    move = Move(document, actor, access, "attach", made.created_at, door=door_name)
    move.log("attach", data={"file": str(made.key), "name": made.name})
    saving.note(move)
    return made


@transaction.atomic
def remove(
    document_id: int, key: str, *, actor: User, access: Access, door_name: str = "form"
) -> Attachment:
    """Take a file away, until the document is posted; its content stays with the history.

    Raises DocumentUnknown (the document or the file), WrongState, NotAllowed.
    """
    document = _seen(document_id, actor, access)
    found = document.attachments.filter(key=reading.read_key(key)).first()
    if found is None:
        raise DocumentUnknown(_("There is no such file."))
    if found.removed_at is not None:
        return found
    if document.posting_id is not None:
        raise WrongState(_("It is posted: its files stay."), code="posted")
    if actor.pk not in {found.user_id, document.asker_id}:
        raise NotAllowed(_("Only whoever added a file, or the asker, may take it away."))
    found.removed_at, found.removed_by = timezone.now(), actor
    found.save(update_fields=["removed_at", "removed_by"])
    move = Move(document, actor, access, "detach", found.removed_at, door=door_name)
    move.log("detach", data={"file": str(found.key), "name": found.name})
    saving.save(move)
    return found


class Stored(Protocol):
    """A row whose content lies here; other apps keep theirs beside ours."""

    @property
    def sha256(self) -> str:
        """Names the content."""
        ...


def path(attachment: Stored, *, thumbnail: bool = False) -> Path:
    """Where the content lies; away from the web, read through the door of files only."""
    return _place(attachment.sha256, thumbnail=thumbnail)


# Helpers -------------------------------------------------------------------------------------------


def _seen(document_id: int, actor: User, access: Access) -> Document:
    document = door.lock(document_id)
    if document is None or not queries.may_see(actor, document, access):
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    return document


def _line(document: Document, key: str) -> Line | None:
    if not key:
        return None
    line = document.lines.filter(key=reading.read_key(key)).first()
    if line is None:
        raise DocumentRefused(_("There is no such line."), code="unknown_line")
    return line


def _field(document: Document, key: str) -> str:
    photos = CustomField.objects.filter(type=document.type, kind=CustomField.Kind.PHOTO)
    if key and not photos.filter(key=key).exists():
        raise DocumentRefused(_("There is no such field for photos."), code="unknown_field")
    return key


def _clean(name: str) -> str:
    """The bare name that a person gave, without folders and what does not print."""
    bare = PurePath(name.replace("\\", "/")).name
    return "".join(one for one in bare if one.isprintable()).strip()[:150] or "file"


def _named(name: str, suffix: str) -> str:
    """The name says what the content is, whatever it said before."""
    ending = PurePath(name).suffix.lower()
    alike = {".jpg": {".jpg", ".jpeg", ".jpe"}, ".txt": {".txt", ".log", ".md"}}
    return name if ending in alike.get(suffix, {suffix}) else f"{name}{suffix}"


def _place(digest: str, *, thumbnail: bool) -> Path:
    folder = Path(settings.MEDIA_ROOT) / "attachments" / digest[:2]
    return folder / (f"{digest}.small" if thumbnail else digest)


def _keep(content: Content) -> str:
    """Write the content (and its thumbnail) unless it is there; returns its SHA-256."""
    digest = sha256(content.data).hexdigest()
    put(_place(digest, thumbnail=False), content.data)
    if content.thumbnail:
        put(_place(digest, thumbnail=True), content.thumbnail)
    return digest


def put(target: Path, data: bytes) -> None:
    """Aside, synced, then renamed: a reader or a backup finds the whole file or none."""
    if target.exists() and target.stat().st_size == len(data):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
