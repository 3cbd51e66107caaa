"""Doors of the API to the lines of a draft: one at a time, by a key that the client chose."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.operations import One, Operation, writes
from people.api.doors import Door
from workflows import drafting, sight
from workflows.api import found, rows
from workflows.api.documents import PATH, WRITE
from workflows.api.shapes import LINE, LINE_SHOWN, MOVED
from workflows.models import Document

_LINE_PATH = PATH | {"line": _("Key of the line, a UUID; a new one makes a new line")}


class OneLine(Door):
    """One line of a draft."""

    @writes(
        Operation(
            "document_line_set",
            summary=_("Write a line of a draft: a new one, or only the keys that are sent"),
            path=_LINE_PATH,
            body=LINE,
            answer=LINE_SHOWN,
            versioned=True,
            **WRITE,
        )
    )
    def put(self, body: dict[str, Any], document: str, line: str) -> One:
        """The line; the new version of the document is the ETag."""
        user = found.user_of(self)
        pk, version = found.match(self, document)
        with found.on_version():
            made = drafting.set_line(
                pk, body, key=line, actor=user, access=self.access, version=version
            )
        money = sight.sees_money(made.document, self.access, user)
        row = rows.line(made, money=money)
        return One(row, costs=True, headers=found.tagged(made.document.version))

    @writes(
        Operation(
            "document_line_remove",
            summary=_("Take a line out of a draft; one that is gone already is no error"),
            path=_LINE_PATH,
            answer=MOVED,
            versioned=True,
            **WRITE,
        )
    )
    def delete(self, _body: dict[str, Any], document: str, line: str) -> One:
        """Where the document is."""
        pk, version = found.match(self, document)
        with found.on_version():
            drafting.remove_line(
                pk, line, actor=found.user_of(self), access=self.access, version=version
            )
        made = Document.objects.get(pk=pk)
        return One(rows.moved(made), headers=found.tagged(made.version))
