"""Doors of the API to documents: the list, a new one, one with all that belongs to it, its draft, its sisters."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import choice, text, when
from core.api.shapes import OBJECT, QUANTITY, TEXT, Field
from core.errors import LineError
from people.api.doors import Door
from stock.queries import codes
from stock.queries.sight import local_midnight, see
from workflows import copying, document_types, drafting, queries, states
from workflows.api import found, rows
from workflows.api.shapes import HEADER, KEY, NEW, SUMMARY, WHOLE
from workflows.errors import DocumentRefused
from workflows.models import Document

GROUP = _("Documents")
PATH = {"document": _("Key of the document")}
READ: dict[str, Any] = {"scope": "read", "right": "stock.view", "group": GROUP}
WRITE: dict[str, Any] = {"scope": "documents.write", "right": "document.ask", "group": GROUP}
_TYPES = sorted(document_types.BY_CODE)


class Documents(Door):
    """The list, and new ones."""

    @reads(
        Operation(
            "documents",
            summary=_("Documents that you may see, and your own drafts"),
            help=_(
                "With order=changed and updated-since a program follows what changes without missing anything."
            ),
            parameters=(
                choice("type", _("Type of document; may be repeated"), _TYPES, many=True),
                choice("state", _("State; may be repeated"), sorted(states.BY_CODE), many=True),
                text("warehouse", _("Code of a warehouse it leaves or enters")),
                text("number", _("Its number")),
                text("reference", _("Number of the paper or order it comes from")),
                text("asker", _("Who asked for it: the name with which he signs in")),
                when("updated-since", _("Changed at this moment or day, or after it")),
                choice(
                    "order",
                    _("Which rows come first"),
                    ("newest", "oldest", "changed"),
                    default="newest",
                ),
            ),
            answer=SUMMARY,
            paged=True,
            refusals=(422,),
            **READ,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Rows of the list."""
        user = found.user_of(self)
        asked = queries.with_names(queries.listed(user, self.access).filter(_limits(self, values)))
        if values["order"] == "changed":
            page, following = _by_change(asked, values)
        else:
            page, following = paging.by_key(
                asked,
                cursor=values["cursor"],
                limit=values["limit"],
                newest_first=values["order"] == "newest",
            )
        return Page(rows.summaries(page, user, self.access), following, costs=True)

    @writes(
        Operation(
            "document_make",
            summary=_("Write a draft: header and lines at once"),
            help=_("Lines may also be added one by one. A draft never touches stock."),
            body=NEW,
            answer=WHOLE,
            status=201,
            tagged=True,
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any]) -> One:
        """The new draft."""
        header = {one.key: body[one.key] for one in HEADER if one.key in body}
        made = drafting.create(
            body["type"],
            actor=found.user_of(self),
            access=self.access,
            header=header,
            lines=body.get("lines", ()),
            key=found.draft_key(self),
            door_name="api",
        )
        return shown(self, made)


def shown(door: Door, document: Document) -> One:
    """The whole document with its version."""
    row = rows.whole(document, found.user_of(door), door.access)
    return One(row, costs=True, headers=found.tagged(document.version))


def _limits(door: Door, values: Mapping[str, Any]) -> Q:
    where = Q()
    asked = {"type": "type__in", "state": "state__in", "asker": "asker__username"}
    for name, lookup in (asked | {"number": "number", "reference": "reference"}).items():
        if values[name]:
            where &= Q(**{lookup: values[name]})
    if values["warehouse"]:
        pk = codes.warehouse_id(door.access, values["warehouse"])
        where &= Q(warehouse=pk) | Q(target_warehouse=pk)
    if (since := values["updated-since"]) is not None:
        where &= Q(changed_at__gte=_since(door, since))
    return where


def _since(door: Door, since: date | datetime) -> datetime:
    zone = see(door.access).zone()
    if not isinstance(since, datetime):
        return local_midnight(since, zone)
    return since if since.tzinfo else since.replace(tzinfo=zone)


def _by_change(asked: QuerySet[Document], values: Mapping[str, Any]) -> tuple[list[Document], str]:
    """The oldest change first, so that whoever follows comes to what changes meanwhile."""
    start = paging.decode(values["cursor"], str, int)
    if start is not None:
        at = paging.moment_of(start[0])
        asked = asked.filter(Q(changed_at__gt=at) | Q(changed_at=at, pk__gt=start[1]))
    page = list(asked.order_by("changed_at", "pk")[: values["limit"] + 1])
    if len(page) <= values["limit"]:
        return page, ""
    last = page[values["limit"] - 1]
    return page[: values["limit"]], paging.encode(last.changed_at.isoformat(), last.pk)


class OneDocument(Door):
    """One document, and the header of a draft."""

    @reads(
        Operation(
            "document",
            summary=_("One document: header, lines, steps with their times, what you may do now"),
            path=PATH,
            answer=WHOLE,
            versioned=True,
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str) -> One:
        """The document."""
        return shown(self, found.find(self, document))

    @writes(
        Operation(
            "document_edit",
            summary=_("Change the header of a draft: only the keys that are sent"),
            path=PATH,
            body=HEADER,
            answer=SUMMARY,
            versioned=True,
            **WRITE,
        )
    )
    def patch(self, body: dict[str, Any], document: str) -> One:
        """The header after the change."""
        pk, version = found.match(self, document)
        with found.on_version():
            made = drafting.set_header(
                pk, body, actor=found.user_of(self), access=self.access, version=version
            )
        headers = found.tagged(made.version)
        return One(rows.summary(made, self.access), costs=True, headers=headers)


class Duplicate(Door):
    """A draft with the same content."""

    @writes(
        Operation(
            "document_duplicate",
            summary=_("Write a draft with the same content"),
            path=PATH,
            answer=WHOLE,
            status=201,
            tagged=True,
            **WRITE,
        )
    )
    def post(self, _body: dict[str, Any], document: str) -> One:
        """The new draft."""
        made = copying.copy(
            found.find(self, document),
            actor=found.user_of(self),
            access=self.access,
            key=found.draft_key(self),
            door_name="api",
        )
        return shown(self, made)


_WANTED = (KEY, Field("quantity", QUANTITY, _("How much of what is left, in the line's unit")))


class MakeFrom(Door):
    """A document of another type from a posted one."""

    @writes(
        Operation(
            "document_make_from",
            summary=_("Write a draft of another type with what is left of this document"),
            path=PATH,
            body=(
                Field("type", TEXT, _("Type of document")),
                Field(
                    "lines",
                    OBJECT,
                    _("Only these lines; without it all that have something left"),
                    optional=True,
                    many=True,
                    fields=_WANTED,
                    longest=10_000,
                ),
            ),
            answer=WHOLE,
            status=201,
            tagged=True,
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any], document: str) -> One:
        """The new draft."""
        source = found.find(self, document)
        wanted = None
        if "lines" in body:
            wanted = {str(row["key"]).lower(): row["quantity"] for row in body["lines"]}
            _check_known(source, body["lines"])
        made = copying.make_from(
            source.pk,
            body["type"],
            actor=found.user_of(self),
            access=self.access,
            lines=wanted,
            door_name="api",
            key=found.draft_key(self),
        )
        return shown(self, made)


def _check_known(source: Document, wanted: list[dict[str, Any]]) -> None:
    known = {str(key) for key in source.lines.values_list("key", flat=True)}
    errors = [
        LineError(number, "unknown_line", _("There is no such line."))
        for number, row in enumerate(wanted, 1)
        if str(row["key"]).lower() not in known
    ]
    if errors:
        raise DocumentRefused(errors[0].message, code="unknown_line", lines=errors)
