"""Doors of the API to stocktakes: plans, the seal, sheets, differences. Approval and posting go as with all documents."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.shapes import INTEGER, MOMENT, OBJECT, QUANTITY, TEXT, VALUE, YES_NO, Field
from core.errors import NotAllowed
from people.api.doors import Door
from people.models import User
from workflows.api import found, rows
from workflows.api.shapes import MOVED
from workflows.counting import causes, planning, progress, variance
from workflows.counting.planning import Plan
from workflows.errors import DocumentUnknown
from workflows.models import Document

GROUP = _("Stocktakes")
PATH = {"document": _("Key of the stocktake, which is a document")}
READ: dict[str, Any] = {"scope": "read", "right": "stock.view", "group": GROUP, "path": PATH}
WRITE: dict[str, Any] = {"scope": "documents.write", "group": GROUP, "path": PATH}


def _codes(key: str, help: Any) -> Field:
    return Field(key, TEXT, help, optional=True, many=True, longest=planning.MOST_CODES)


_PLAN = (
    Field("warehouse", TEXT, _("Code of the warehouse")),
    _codes("zones", _("Codes of zones and places; without any the whole warehouse")),
    _codes("categories", _("Codes of categories, with all that belong to them")),
    _codes("items", _("Codes of items")),
    Field("empty_places", YES_NO, _("With places that the book calls empty"), optional=True),
    *(
        Field(name, QUANTITY, words, optional=True, nullable=True)
        for name, words in (
            ("tolerance_quantity", _("How far a count may be off, in base units")),
            ("tolerance_percent", _("How far a count may be off, in percent of the book")),
            ("tolerance_value", _("How far a count may be off, in the company's currency")),
        )
    ),
    Field("reference", TEXT, _("Number of the paper it comes from"), optional=True, longest=80),
    Field("note", TEXT, _("Note"), optional=True, longest=4000),
)
_SHEET = (
    Field("sheet", INTEGER, _("Number of the sheet")),
    Field("counter", TEXT, _("Who counts it; null for whoever begins it"), nullable=True),
    Field("places", INTEGER, _("Places on it")),
    Field("done", INTEGER, _("Places that are done")),
    Field("lines", INTEGER, _("Lines on it")),
    Field("counted", INTEGER, _("Lines that are counted")),
    Field("again", INTEGER, _("Lines that wait for another count")),
)
_STOCKTAKE = (
    *MOVED,
    Field("warehouse", TEXT, _("Code of the warehouse")),
    Field(
        "counting", TEXT, _("first: everything is counted; again: what was sent back; else empty")
    ),
    Field("seal", INTEGER, _("Number of the seal of its snapshot"), nullable=True),
    Field("sealed_at", MOMENT, _("When the book was sealed for it"), nullable=True),
    Field("places", INTEGER, _("Places to count")),
    Field("done", INTEGER, _("Places that are done")),
    Field("sheets", OBJECT, _("The sheets in walking order"), many=True, fields=_SHEET),
)


def find(door: Door, key: str) -> Document:
    """The stocktake; raises DocumentUnknown for other documents too."""
    document = found.find(door, key)
    if document.type != "stocktake":
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    return document


def shown(document: Document) -> One:
    """The stocktake with its sheets: what counters may know."""
    whole = progress.progress(document)
    plan = document.stocktake
    row = rows.moved(document) | {
        "warehouse": document.warehouse.code if document.warehouse else "",
        "counting": progress.counting_step(document),
        "seal": plan.seal_id,
        "sealed_at": plan.sealed_at,
        "places": whole.all_bins,
        "done": whole.done_bins,
        "sheets": [_sheet(one) for one in whole.sheets],
    }
    return One(row, headers=found.tagged(document.version))


def _sheet(one: progress.SheetState) -> dict[str, Any]:
    return {
        "sheet": one.sheet.number,
        "counter": one.sheet.counter.username if one.sheet.counter else None,
        "places": one.bins,
        "done": one.done,
        "lines": one.lines,
        "counted": one.counted,
        "again": one.again,
    }


class Stocktakes(Door):
    """New plans."""

    @writes(
        Operation(
            "stocktake_plan",
            summary=_("Plan a stocktake: what is counted, and how far it may be off"),
            help=_(
                "Nothing is counted before the book is sealed for it. Lists hold all documents."
            ),
            body=_PLAN,
            answer=_STOCKTAKE,
            status=201,
            tagged=True,
            right="document.ask",
            scope="documents.write",
            group=GROUP,
        )
    )
    def post(self, body: dict[str, Any]) -> One:
        """The new plan."""
        made = planning.create(
            body["warehouse"],
            Plan(
                zones=body.get("zones", ()),
                categories=body.get("categories", ()),
                items=body.get("items", ()),
                empty_places=body.get("empty_places", True),
                limits={name: body.get(name) for name in planning.LIMITS},
            ),
            actor=found.user_of(self),
            access=self.access,
            note=body.get("note", ""),
            reference=body.get("reference", ""),
            key=found.draft_key(self),
            door_name="api",
        )
        return shown(made)


class OneStocktake(Door):
    """One stocktake."""

    @reads(
        Operation(
            "stocktake",
            summary=_("One stocktake: how far its sheets are"),
            help=_("Never says what the book has."),
            answer=_STOCKTAKE,
            versioned=True,
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str) -> One:
        """The stocktake."""
        return shown(find(self, document))


class Seal(Door):
    """The book is sealed, and counting begins."""

    @writes(
        Operation(
            "stocktake_seal",
            summary=_("Seal the book and hand out the sheets"),
            body=(
                Field(
                    "sheets",
                    INTEGER,
                    _("How many sheets; without it one for each counter"),
                    optional=True,
                ),
                Field(
                    "counters",
                    TEXT,
                    _("Who counts: names with which they sign in, sheet by sheet in turn"),
                    optional=True,
                    many=True,
                ),
            ),
            answer=_STOCKTAKE,
            versioned=True,
            right="document.ask",
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any], document: str) -> One:
        """The stocktake with its sheets."""
        pk, version = found.match(self, document)
        find(self, document)
        with found.on_version():
            planning.seal(
                pk,
                actor=found.user_of(self),
                access=self.access,
                sheets=body.get("sheets", 0),
                counters=[found.person(name) for name in body.get("counters", ())],
                version=version,
                key=found.event_key(self),
                door_name="api",
            )
        return shown(find(self, document))


class Sheet(Door):
    """One sheet is given to somebody."""

    @writes(
        Operation(
            "stocktake_sheet",
            summary=_("Give a sheet to somebody, or to whoever begins it"),
            body=(Field("counter", TEXT, _("The name with which he signs in"), nullable=True),),
            answer=_STOCKTAKE,
            right="count.enter",
            scope="documents.write",
            group=GROUP,
            path={**PATH, "sheet": _("Number of the sheet")},
        )
    )
    def post(self, body: dict[str, Any], document: str, sheet: int) -> One:
        """The stocktake after it."""
        name = body["counter"]
        counter = User.objects.get(pk=found.person(name)) if name else None
        planning.assign(
            find(self, document).pk, sheet, counter, actor=found.user_of(self), access=self.access
        )
        return shown(find(self, document))


_CAUSE = (
    Field("cause", TEXT, _("Likely cause")),
    Field("score", INTEGER, _("How likely, from 0 to 100")),
    Field("fact", TEXT, _("What it was read from")),
)
_ROW = (
    Field("line", TEXT, _("Key of the count line")),
    Field("place", TEXT, _("Code of the place")),
    Field("item", TEXT, _("Code of the item")),
    Field("lot", TEXT, _("Number of the lot")),
    Field("book", QUANTITY, _("What the book had when it was counted")),
    Field("counted", QUANTITY, _("What was counted")),
    Field("difference", QUANTITY, _("Counted less book")),
    Field("value", VALUE, _("What the difference is worth"), cost=True),
    Field("beyond", YES_NO, _("Beyond the tolerance")),
    Field("stale", YES_NO, _("Cannot be told from a movement; has to be counted again")),
    Field("round", INTEGER, _("How often different people counted it")),
    Field("counter", TEXT, _("Who counted last")),
    Field("counted_at", MOMENT, _("When")),
    Field("cause", TEXT, _("Code of the reason that was given"), nullable=True),
    Field("likely", OBJECT, _("Likely causes, likeliest first"), many=True, fields=_CAUSE),
)


class Variance(Door):
    """Differences."""

    @reads(
        Operation(
            "stocktake_variance",
            summary=_("The differences of a stocktake, dearest first, with likely causes"),
            help=_("While people count, only those who approve may ask for it."),
            answer=_ROW,
            listed=True,
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str) -> Page:
        """The rows."""
        one = find(self, document)
        if not variance.may_see(one, self.access):
            raise NotAllowed(
                _("The differences are shown when counting is over."), right="document.approve"
            )
        scope = one.warehouse.scope_id if one.warehouse else None
        differing = variance.rows(one)
        likely = causes.of(one, [row.line for row in differing])
        return Page(
            [_row(row, likely.get(row.line.pk, [])) for row in differing],
            costs=self.access.may("cost.view", scope),
        )


def _row(row: variance.Row, likely: list[causes.Cause]) -> dict[str, Any]:
    line = row.line
    return {
        "line": line.key,
        "place": line.place.code,
        "item": line.item.code,
        "lot": line.lot.number if line.lot_id else "",
        "book": line.book,
        "counted": line.counted,
        "difference": row.difference,
        "value": row.value,
        "beyond": row.beyond,
        "stale": row.stale,
        "round": line.round,
        "counter": line.counter.username if line.counter else "",
        "counted_at": line.counted_at,
        "cause": line.cause.code if line.cause else None,
        "likely": [
            {"cause": cause.code, "score": cause.score, "fact": cause.fact} for cause in likely
        ],
    }


class Recount(Door):
    """Lines that somebody else counts again."""

    @writes(
        Operation(
            "stocktake_recount",
            summary=_("Have counted lines counted again by somebody else"),
            body=(Field("lines", TEXT, _("Keys of count lines"), many=True, longest=10_000),),
            answer=_STOCKTAKE,
            right="stock.view",
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any], document: str) -> One:
        """The stocktake after it."""
        planning.recount(
            find(self, document).pk, body["lines"], actor=found.user_of(self), access=self.access
        )
        return shown(find(self, document))


class Explain(Door):
    """Why a line differs."""

    @writes(
        Operation(
            "stocktake_cause",
            summary=_("Say why a line differs"),
            body=(
                Field("line", TEXT, _("Key of the count line")),
                Field("cause", TEXT, _("Code of a reason"), nullable=True),
                Field("note", TEXT, _("In own words"), optional=True),
            ),
            answer=_STOCKTAKE,
            right="stock.view",
            **WRITE,
        )
    )
    def post(self, body: dict[str, Any], document: str) -> One:
        """The stocktake after it."""
        planning.explain(
            find(self, document).pk,
            body["line"],
            body["cause"] or "",
            note=body.get("note", ""),
            actor=found.user_of(self),
            access=self.access,
        )
        return shown(find(self, document))
