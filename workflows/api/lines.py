"""Doors of the API to the lines of a draft: one at a time, by a key that the client chose."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from people.api.doors import Door
from workflows import checks, drafting, sight
from workflows.api import found, rows
from workflows.api.documents import PATH, READ, WRITE
from workflows.api.shapes import LINE, LINE_SET, LINE_WARNED, MOVED
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
            answer=LINE_SET,
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
        named = made.document.lines.select_related(*checks.NAMES).get(pk=made.pk)
        looked = checks.look(made.document, [named], self.access)[made.pk]
        warnings = [rows.warning(one) for one in looked.checks]
        row = rows.line(made, money=money) | {"warnings": warnings}
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


class Warnings(Door):
    """What is said of the lines of a document, a draft or one that is carried out."""

    @reads(
        Operation(
            "document_warnings",
            summary=_(
                "What is unusual or wrong about the lines of a document; lines without are left out"
            ),
            path=PATH,
            answer=LINE_WARNED,
            paged=True,
            **READ,
        )
    )
    def get(self, values: dict[str, Any], document: str) -> Page:
        """In the order in which the lines were made."""
        made = found.find(self, document)
        lines, following = paging.by_key(
            made.lines.select_related(*checks.NAMES),
            cursor=values["cursor"],
            limit=values["limit"],
            newest_first=False,
        )
        looked = checks.look(made, lines, self.access)
        answer = [
            {
                "key": line.key,
                "position": line.position,
                "warnings": [rows.warning(one) for one in looked[line.pk].checks],
            }
            for line in lines
            if looked[line.pk].checks
        ]
        return Page(answer, following)
