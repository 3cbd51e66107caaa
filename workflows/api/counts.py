"""Doors of the API for those who count: what is on the sheets, counts, found goods, empty places. Never the book."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import integer, text, yes_no
from core.api.shapes import DAY, INTEGER, MOMENT, OBJECT, QUANTITY, TEXT, YES_NO, Field
from people.api.doors import Door
from workflows.api import found
from workflows.api.counting import READ, WRITE, find
from workflows.counting import entering, progress
from workflows.counting.entering import Counted, Given
from workflows.models import CountLine

_LINE = (
    Field("line", TEXT, _("Key of the count line")),
    Field("sheet", INTEGER, _("Number of its sheet")),
    Field("place", TEXT, _("Code of the place")),
    Field("item", TEXT, _("Code of the item")),
    Field("name", TEXT, _("Name of the item")),
    Field("tracking", TEXT, _("none, lot or serial")),
    Field("lot", TEXT, _("Number of the lot")),
    Field("expires_on", DAY, _("Day on which the lot expires"), nullable=True),
    Field("unit", TEXT, _("Code of the base unit")),
    Field("added", YES_NO, _("Found; it was not on the sheet")),
    Field("done", YES_NO, _("Somebody has counted it")),
    Field("again", YES_NO, _("It waits for another count")),
)
_MINE = Field(
    "counted", QUANTITY, _("What you counted last; null if it was not you"), nullable=True
)
_DONE = (
    Field("line", TEXT, _("Key of the count line")),
    Field("key", TEXT, _("Key of the count")),
    Field("counted", QUANTITY, _("What was understood, in base units")),
    Field("repeated", YES_NO, _("The same key had counted before; nothing was done")),
    Field("again", YES_NO, _("Goods moved meanwhile: count once more")),
)
_ANSWER = (
    Field("counts", OBJECT, _("Every count with what became of it"), many=True, fields=_DONE),
)
_LIMIT = integer("limit", _("How many rows at most"), least=1, most=10_000, default=1000)


class Lines(Door):
    """What is on the sheets."""

    @reads(
        Operation(
            "stocktake_lines",
            summary=_("The lines to count, in walking order"),
            help=_("Blind: neither the book nor what others counted is told."),
            parameters=(
                integer("sheet", _("Number of a sheet"), least=1, most=10_000),
                text("place", _("Code of a place")),
                yes_no("mine", _("Only what waits for you")),
                _LIMIT,
            ),
            answer=(*_LINE, _MINE),
            listed=True,
            **READ,
        )
    )
    def get(self, values: dict[str, Any], document: str) -> Page:
        """The rows."""
        one, user = find(self, document), found.user_of(self)
        lines = progress.waiting_for(one, user) if values["mine"] else progress.blind_lines(one)
        if values["sheet"]:
            lines = lines.filter(bin__sheet__number=values["sheet"])
        if values["place"]:
            lines = lines.filter(place__code=values["place"])
        page = list(lines[: values["limit"]])
        return Page([_line(line) | {"counted": progress.shown_count(line, user)} for line in page])


def _line(line: CountLine) -> dict[str, Any]:
    return {
        "line": line.key,
        "sheet": line.bin.sheet.number,
        "place": line.place.code,
        "item": line.item.code,
        "name": line.item.name,
        "tracking": line.item.tracking,
        "lot": line.lot.number if line.lot_id else "",
        "expires_on": line.lot.expires_on,
        "unit": line.item.base_unit.code,
        "added": line.added,
        "done": line.round > 0,
        "again": line.again,
    }


def _answer(done: list[Counted]) -> One:
    return One(
        {
            "counts": [
                {
                    "line": one.line,
                    "key": one.key,
                    "counted": one.counted,
                    "repeated": one.repeated,
                    "again": one.again,
                }
                for one in done
            ]
        }
    )


_TIMES = (
    Field("began_at", MOMENT, _("When counting of it began, on the device's clock"), optional=True),
    Field("counted_at", MOMENT, _("When it was counted, on the device's clock"), optional=True),
)
_SENT = Field("sent_at", MOMENT, _("When the device sent it, on its own clock"), optional=True)


class Counts(Door):
    """Counts."""

    @writes(
        Operation(
            "stocktake_count",
            summary=_("Count lines"),
            help=_(
                "A key made by the device counts once, also if it comes again with another request. "
                "Times are of the device's clock; only the distances between them are used. All or none."
            ),
            body=(
                Field(
                    "counts",
                    OBJECT,
                    _("The counts"),
                    many=True,
                    longest=entering.MOST,
                    fields=(
                        Field("line", TEXT, _("Key of the count line")),
                        Field("quantity", QUANTITY, _("What is there; 0 is said, never left out")),
                        Field(
                            "unit",
                            TEXT,
                            _("Code of the unit; without it the base unit"),
                            optional=True,
                        ),
                        Field("key", TEXT, _("Key made by the device"), optional=True, longest=36),
                        *_TIMES,
                    ),
                ),
                _SENT,
            ),
            answer=_ANSWER,
            right="count.enter",
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any], document: str) -> One:
        """What became of each."""
        sent = body.get("sent_at")
        done = entering.count(
            find(self, document).pk,
            [_given(row, sent) for row in body["counts"]],
            actor=found.user_of(self),
            access=self.access,
            door="api",
        )
        return _answer(done)


def _given(row: Mapping[str, Any], sent: datetime | None) -> Given:
    return Given(
        row["line"],
        row["quantity"],
        unit=row.get("unit", ""),
        key=row.get("key", ""),
        began_at=row.get("began_at"),
        counted_at=row.get("counted_at"),
        sent_at=sent,
    )


class Found(Door):
    """Goods that are not on the sheet."""

    @writes(
        Operation(
            "stocktake_found",
            summary=_("The line of goods that were found in a place, made if there is none"),
            body=(
                Field("place", TEXT, _("Code of the place")),
                Field("item", TEXT, _("Code of the item")),
                Field("lot", TEXT, _("Number of the lot"), optional=True, longest=80),
            ),
            answer=_LINE,
            right="count.enter",
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any], document: str) -> One:
        """The line to count."""
        made = entering.find(
            find(self, document).pk,
            place=body["place"],
            item=body["item"],
            lot=body.get("lot", ""),
            actor=found.user_of(self),
            access=self.access,
            door="api",
        )
        one = find(self, document)
        return One(_line(progress.blind_lines(one).get(pk=made.pk)))


class Empty(Door):
    """A place holds nothing (more)."""

    @writes(
        Operation(
            "stocktake_empty",
            summary=_("Say that a place holds nothing (more)"),
            help=_("Lines of it that nobody has counted are counted as 0."),
            body=(Field("place", TEXT, _("Code of the place")),),
            answer=_ANSWER,
            right="count.enter",
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any], document: str) -> One:
        """What was counted as 0."""
        done = entering.empty(
            find(self, document).pk,
            body["place"],
            actor=found.user_of(self),
            access=self.access,
            door="api",
        )
        return _answer(done)
