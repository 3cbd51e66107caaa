"""How the content of a file is answered: as what it is, in a sandbox, so that it can never act as a page."""

from typing import Protocol

from django.http import FileResponse, Http404

from people.models import User
from workflows import attachments, filling
from workflows.models import Attachment, Document

POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'none'; frame-ancestors 'none'"


def find(document: Document, key: str, user: User) -> Attachment:
    """A file of the document that was not taken away and is not hidden from the reader; raises Http404."""
    found = filling.shown_files(document, filling.hidden(document, user)).filter(key=key).first()
    if found is None:
        raise Http404
    return found


class Served(attachments.Stored, Protocol):
    """What must be known of a file to answer it."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def content_type(self) -> str:
        """What it is."""
        ...

    @property
    def has_thumbnail(self) -> bool:
        """Whether there is a small picture of it."""
        ...


def answer(file: Served, *, small: bool = False, download: bool = False) -> FileResponse:
    """The content: photos to look at (``small``: their thumbnail), everything else to download; raises Http404."""
    where = attachments.path(file, thumbnail=small)
    if (small and not file.has_thumbnail) or not where.exists():
        raise Http404
    photo = file.content_type.startswith("image/")
    response = FileResponse(
        where.open("rb"),
        as_attachment=not photo or download,
        filename=file.name,
        content_type="image/jpeg" if small else file.content_type,
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    if small:
        response.headers["Cache-Control"] = "private, max-age=600"
    return response
