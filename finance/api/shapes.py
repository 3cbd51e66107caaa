"""What entries, batches and months consist of in answers; the keys are a contract."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.shapes import (
    DAY,
    INTEGER,
    MOMENT,
    OBJECT,
    QUANTITY,
    TEXT,
    VALUE,
    YES_NO,
    Field,
    Malformed,
)
from core.errors import LineError
from finance.models import BatchEvent, EntryNote, HandoverProfile, JournalEntry, VoucherBatch
from finance.review import facts
from people.models import Company
from stock.closing import Found
from stock.queries.months import Month

LINE = (
    Field("line", INTEGER, _("Its number")),
    Field("debit", TEXT, _("Number of the account that is debited")),
    Field("credit", TEXT, _("Number of the account that is credited")),
    Field("amount", VALUE, _("Amount; below zero it is in red"), cost=True),
    Field("item", TEXT, _("Code of the item"), nullable=True),
    Field("quantity", QUANTITY, _("Quantity of the movement"), nullable=True),
    Field("partner", TEXT, _("Code of the supplier or customer"), nullable=True),
    Field("waiting", YES_NO, _("An account is missing")),
)
ENTRY = (
    Field("entry", INTEGER, _("Number of the entry")),
    Field("date", DAY, _("Date of the books")),
    Field("recorded_at", MOMENT, _("When it was recorded")),
    Field("document", TEXT, _("Number of the document")),
    Field("kind", TEXT, _("Where it comes from"), choices=tuple(JournalEntry.Kind.values)),
    Field("summary", TEXT, _("Memo")),
    Field("review", TEXT, _("State of review"), choices=tuple(JournalEntry.Review.values)),
    Field("reviewed_by", TEXT, _("Who reviewed it"), nullable=True),
    Field("missing", YES_NO, _("An account is missing")),
    Field("voucher", TEXT, _("The voucher it is on, for example 记-0012; empty while on none")),
    Field("lines", OBJECT, _("Its lines"), many=True, fields=LINE),
)
NOTE = (
    Field("at", MOMENT, _("When")),
    Field("who", TEXT, _("Who; empty for the system"), nullable=True),
    Field("review", TEXT, _("State of review after it; empty for an answer")),
    Field("text", TEXT, _("Text")),
)
WHOLE = (*ENTRY, Field("notes", OBJECT, _("What was said, oldest first"), many=True, fields=NOTE))
REVIEWED = (
    Field("done", INTEGER, _("How many entries changed")),
    Field(
        "left",
        OBJECT,
        _("Why others did not"),
        many=True,
        fields=(
            Field("why", TEXT, _("Why")),
            Field("entries", INTEGER, _("How many entries")),
        ),
    ),
)
WAY = (
    Field("way", INTEGER, _("Number of the way of handing over")),
    Field("name", TEXT, _("Name")),
    Field("format", TEXT, _("Code of the format")),
    Field("grouping", TEXT, _("What one voucher is made of")),
    Field("word", TEXT, _("Voucher word")),
    Field("pushes", YES_NO, _("It can be sent to an address")),
)
EVENT = (
    Field("at", MOMENT, _("When")),
    Field("who", TEXT, _("Who; empty for the system"), nullable=True),
    Field("kind", TEXT, _("What happened"), choices=tuple(BatchEvent.Kind.values)),
    Field("text", TEXT, _("Text")),
)
BATCH = (
    Field("batch", TEXT, _("Key of the batch")),
    Field("number", TEXT, _("Its number")),
    Field("month", TEXT, _("Month, for example 2026-03")),
    Field("way", INTEGER, _("Number of the way of handing over")),
    Field("state", TEXT, _("State"), choices=tuple(VoucherBatch.State.values)),
    Field("entries", INTEGER, _("How many entries")),
    Field("vouchers", INTEGER, _("How many vouchers")),
    Field("total", VALUE, _("Sum of the debits"), cost=True),
    Field("digest", TEXT, _("SHA-256 of its vouchers")),
    Field("made_at", MOMENT, _("When it was made")),
    Field("made_by", TEXT, _("Who made it")),
)
WHOLE_BATCH = (
    *BATCH,
    Field("events", OBJECT, _("What happened, oldest first"), many=True, fields=EVENT),
)
MONTH = (
    Field("month", TEXT, _("Month, for example 2026-03")),
    Field("closed", YES_NO, _("Nothing can be posted into it")),
    Field("may_close", YES_NO, _("It can be closed now, if nothing blocks")),
    Field("may_reopen", YES_NO, _("It can be opened again now")),
)
CHECK = (
    Field("check", TEXT, _("Code of the check")),
    Field("text", TEXT, _("What is open")),
    Field("count", INTEGER, _("How many")),
    Field("blocks", YES_NO, _("It keeps the month open")),
)
WHOLE_MONTH = (
    *MONTH,
    Field("checks", OBJECT, _("What is still open"), many=True, fields=CHECK),
)
COMPANY = Field(
    "company", TEXT, _("Code of the company; without it the first"), optional=True, nullable=True
)


def company_of(code: str | None) -> Company:
    """The company of a code, the first without one. Raises Malformed."""
    rows = Company.objects.order_by("pk")
    found = rows.filter(code=code).first() if code else rows.first()
    if found is None:
        message = str(_("There is no such company."))
        raise Malformed(message, lines=[LineError(0, "invalid", message, {"field": "company"})])
    return found


def entry_row(one: JournalEntry) -> dict[str, Any]:
    """An entry of ``facts.entries`` with its lines."""
    named = ("date", "recorded_at", "document", "kind", "summary", "review")
    return {name: getattr(one, name) for name in named} | {
        "entry": one.pk,
        "reviewed_by": one.reviewed_by.username if one.reviewed_by else None,
        "missing": bool(getattr(one, "missing", False)),
        "voucher": facts.voucher(one),
        "lines": [_line_row(line) for line in one.every_line.all()],
    }


def _line_row(line: Any) -> dict[str, Any]:
    return {
        "line": line.number,
        "debit": line.debit_account.code,
        "credit": line.credit_account.code,
        "amount": line.amount,
        "item": line.item.code if line.item else None,
        "quantity": line.movement.quantity if line.movement else None,
        "partner": line.partner.code if line.partner else None,
        "waiting": line.waiting,
    }


def note_row(one: EntryNote) -> dict[str, Any]:
    """Something that was said of an entry."""
    who = one.user.username if one.user else None
    return {"at": one.at, "who": who, "review": one.review, "text": one.text}


def way_row(one: HandoverProfile) -> dict[str, Any]:
    """A way of handing over."""
    named = ("name", "format", "grouping", "word")
    return {name: getattr(one, name) for name in named} | {
        "way": one.pk,
        "pushes": bool(one.push_url),
    }


def batch_row(one: VoucherBatch) -> dict[str, Any]:
    """A batch."""
    named = ("state", "entries", "vouchers", "total", "digest", "made_at")
    return {name: getattr(one, name) for name in named} | {
        "batch": str(one.key),
        "number": str(one),
        "month": f"{one.month:%Y-%m}",
        "way": one.profile_id,
        "made_by": one.made_by.username,
    }


def event_row(one: BatchEvent) -> dict[str, Any]:
    """Something that happened to a batch."""
    who = one.user.username if one.user else None
    return {"at": one.at, "who": who, "kind": one.kind, "text": one.text}


def month_row(one: Month) -> dict[str, Any]:
    """A month."""
    return {
        "month": one.name,
        "closed": not one.takes_postings,
        "may_close": one.may_close,
        "may_reopen": one.may_reopen,
    }


def check_row(one: Found) -> dict[str, Any]:
    """Something that is open before a month is closed."""
    return {"check": one.code, "text": one.text, "count": one.count, "blocks": one.blocks}
