"""Doors of the API to the photos and files of a document: the list, a new one, its content, its thumbnail."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import text
from people.api.doors import Door
from workflows import attachments, file_kinds, serving
from workflows.api import found, rows
from workflows.api.documents import PATH, READ, WRITE
from workflows.api.shapes import FILE
from workflows.attachments import Prepared
from workflows.models import Attachment

_WRITE: dict[str, Any] = WRITE | {"right": "stock.view"}
"""Whoever may see a document may add to it, as on its page."""
_FILE = PATH | {"file": _("Key of the file")}


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file that was checked, with the id of its document and where it belongs."""

    document: int
    file: Prepared
    line: str
    field: str


def _checked(self: Door, body: dict[str, Any], document: str) -> _Sent:
    """What may be kept, for a document that may be seen."""
    pk = found.find(self, document).pk
    file = attachments.prepare(BytesIO(body["file"]), body["name"])
    return _Sent(pk, file, body["line"] or "", body["field"] or "")


class Files(Door):
    """Photos and files."""

    @reads(
        Operation(
            "document_files",
            summary=_("Photos and files of a document"),
            path=PATH,
            answer=FILE,
            listed=True,
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str) -> Page:
        """The files."""
        return Page(
            [rows.file(one) for one in rows.files(found.find(self, document), found.user_of(self))]
        )

    @writes(
        Operation(
            "document_file_add",
            summary=_("Keep a photo or file with a document"),
            help=_(
                "The body is the file itself: JPEG, PNG or WebP up to 10 MB and 40 million pixels, PDF, XLSX, DOCX, CSV or TXT up to 20 MB. What it is, is told by its content; photos are made anew without hidden data. No verdict is refused over it."
            ),
            path=PATH,
            parameters=(
                text("name", _("Name of the file"), required=True),
                text("line", _("Key of the line it belongs to")),
                text("field", _("Key of the custom field that it fills")),
            ),
            upload=file_kinds.FILE_BYTES,
            answer=FILE,
            status=201,
            **_WRITE,
        ),
        before=_checked,
    )
    def post(self, sent: _Sent, document: str) -> One:
        """The file as it is kept."""
        made = attachments.keep(
            sent.document,
            sent.file,
            actor=found.user_of(self),
            access=self.access,
            key=found.draft_key(self),
            line=sent.line,
            field=sent.field,
            door_name="api",
        )
        return One(rows.file(made))


class _FileDoor(Door):
    """An address of one file."""

    def find(self, document: str, file: str) -> Attachment:
        """The file, for a document that may be seen; raises DocumentUnknown, Http404."""
        return serving.find(found.find(self, document), file, found.user_of(self))


class OneFile(_FileDoor):
    """The content of one file."""

    @reads(
        Operation(
            "document_file",
            summary=_("The content of a photo or file"),
            path=_FILE,
            hands_out=file_kinds.CONTENT_TYPES,
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str, file: str) -> HttpResponseBase:
        """The bytes."""
        return serving.answer(self.find(document, file))

    @writes(
        Operation(
            "document_file_remove",
            summary=_("Take a photo or file away: who added it, or the asker, until it is posted"),
            path=_FILE,
            answer=FILE,
            **_WRITE,
        )
    )
    def delete(self, _body: dict[str, Any], document: str, file: str) -> One:
        """The file that is gone."""
        gone = attachments.remove(
            found.find(self, document).pk,
            str(file),
            actor=found.user_of(self),
            access=self.access,
            door_name="api",
        )
        return One(rows.file(gone))


class Thumbnail(_FileDoor):
    """A photo made small."""

    @reads(
        Operation(
            "document_file_thumbnail",
            summary=_("A photo made small: a JPEG of at most 320 × 240"),
            path=_FILE,
            hands_out=("image/jpeg",),
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str, file: str) -> HttpResponseBase:
        """The bytes; a file that is no photo has none."""
        return serving.answer(self.find(document, file), small=True)
