"""Doors of the API to the journal: entries with their lines, questions, and review."""

from datetime import date, datetime
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.errors import NotFound
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import choice, text, when, yes_no
from core.api.shapes import INTEGER, TEXT, Field
from finance.api import shapes
from finance.models import JournalEntry, JournalLine
from finance.review import facts, reviewing
from finance.review.reviewing import Reviewed
from people.api.doors import Door
from people.models import User

GROUP = _("Finance")
OPERATION: dict[str, Any] = {"group": GROUP, "scope": "finance", "right": reviewing.RIGHT}
MOST = 1_000
"""Entries that one request reviews."""
_ENTRY = {"entry": _("Number of the entry")}
_REVIEWS = tuple(code for code in JournalEntry.Review.values if code != "none")


def user_of(self: Door) -> User:
    """Who asks."""
    return cast(User, self.request.user)


def costs_of(self: Door) -> bool:
    """Whether he may see amounts."""
    return self.access.may("cost.view")


def _rows() -> QuerySet[JournalEntry]:
    rows = facts.entries(JournalEntry.objects.select_related("reviewed_by"))
    return rows.prefetch_related("every_line__item", "every_line__partner")


class Journal(Door):
    """The entries of a company."""

    @reads(
        Operation(
            "journal",
            summary=_("Entries of the journal with their lines"),
            parameters=(
                text("company", _("Code of the company; without it the first")),
                when("from", _("From this day of the books on")),
                when("to", _("Up to this day of the books")),
                choice("review", _("State of review; may be repeated"), _REVIEWS, many=True),
                text("document", _("Number of a document")),
                text("account", _("Number of an account")),
                yes_no("missing", _("Only those that miss an account")),
                yes_no("red", _("Only those with amounts in red")),
            ),
            answer=shapes.ENTRY,
            paged=True,
            **OPERATION,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Newest first; movements that change no account are left out."""
        company = shapes.company_of(values["company"])
        rows = _filtered(_rows().filter(company=company).exclude(review="none"), values)
        page, following = paging.by_key(rows, cursor=values["cursor"], limit=values["limit"])
        return Page([shapes.entry_row(one) for one in page], following, costs=costs_of(self))


def _filtered(rows: QuerySet[JournalEntry], values: dict[str, Any]) -> QuerySet[JournalEntry]:
    lines = JournalLine.objects.filter(entry=OuterRef("pk"))
    if values["from"]:
        rows = rows.filter(date__gte=_day(values["from"]))
    if values["to"]:
        rows = rows.filter(date__lte=_day(values["to"]))
    if values["review"]:
        rows = rows.filter(review__in=values["review"])
    if values["document"]:
        rows = rows.filter(document=values["document"])
    if values["account"]:
        code = values["account"]
        of_account = Q(debit_account__code=code) | Q(credit_account__code=code)
        rows = rows.filter(Exists(lines.filter(of_account)))
    if values["missing"]:
        rows = reviewing.without_account(rows)
    if values["red"]:
        rows = rows.filter(Exists(lines.filter(amount__lt=0)))
    return rows


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


class OneEntry(Door):
    """One entry."""

    @reads(
        Operation(
            "journal_entry",
            summary=_("One entry with what was said about it"),
            path=_ENTRY,
            answer=shapes.WHOLE,
            **OPERATION,
        )
    )
    def get(self, _values: dict[str, Any], entry: int) -> One:
        """The entry."""
        return _whole(self, entry)


def _whole(self: Door, entry: int) -> One:
    found = _rows().filter(pk=entry).first()
    if found is None:
        raise NotFound(_t("There is no such entry."))
    notes = found.notes.select_related("user").order_by("pk")
    row = shapes.entry_row(found) | {"notes": [shapes.note_row(one) for one in notes]}
    return One(row, costs=costs_of(self))


class Question(Door):
    """A question about an entry."""

    @writes(
        Operation(
            "journal_question",
            summary=_("Ask about an entry; the question goes back to its document"),
            path=_ENTRY,
            body=(Field("text", TEXT, _("What you want to know"), longest=reviewing.LONGEST),),
            answer=shapes.WHOLE,
            refusals=(404, 409),
            **OPERATION,
        )
    )
    def post(self, body: dict[str, Any], entry: int) -> One:
        """The entry after it."""
        if not JournalEntry.objects.filter(pk=entry).exists():
            raise NotFound(_t("There is no such entry."))
        reviewing.question(entry, body["text"], actor=user_of(self), access=self.access)
        return _whole(self, entry)


_ENTRIES = Field("entries", INTEGER, _("Numbers of entries"), many=True, longest=MOST)


def _answer(result: Reviewed) -> One:
    left = [{"why": str(why), "entries": number} for why, number in result.left.items()]
    return One({"done": result.done, "left": left})


class Review(Door):
    """Agreeing to entries."""

    @writes(
        Operation(
            "journal_review",
            summary=_("Mark entries as reviewed"),
            help=_("Whoever posted something does not review it; what lacks an account waits."),
            body=(_ENTRIES,),
            answer=shapes.REVIEWED,
            **OPERATION,
        )
    )
    def post(self, body: dict[str, Any]) -> One:
        """How many changed, and why others did not."""
        result = reviewing.accept(body["entries"], actor=user_of(self), access=self.access)
        return _answer(result)


class Reopen(Door):
    """Looking at entries again."""

    @writes(
        Operation(
            "journal_reopen",
            summary=_("Have entries looked at again that are not handed over"),
            body=(
                _ENTRIES,
                Field("text", TEXT, _("Why"), optional=True, longest=reviewing.LONGEST),
            ),
            answer=shapes.REVIEWED,
            **OPERATION,
        )
    )
    def post(self, body: dict[str, Any]) -> One:
        """How many changed, and why others did not."""
        result = reviewing.reopen(
            body["entries"], actor=user_of(self), access=self.access, text=body.get("text", "")
        )
        return _answer(result)
