"""What finance looks at before a month is closed."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from finance import receipts, reclassifying
from finance.models import JournalEntry, PurchaseInvoice
from people.models import Company
from stock import checking
from stock.closing import Found

_TO_DO = (JournalEntry.Review.UNREVIEWED, JournalEntry.Review.QUESTIONED)

_REVIEW = ("finance.review",)
_COSTS = ("finance.review", "cost.view")
_SYSTEM = ("system.manage",)
"""What the pages ask for where open things are seen."""


def keeps_open(company: Company, month: date) -> Iterator[Found]:
    """Missing accounts, and a book that its last check found wrong."""
    yield from _missing(company, _after(month))
    last = checking.last()
    if last is not None and not last.ok:
        yield Found(
            "book", _("The last check of the book found it wrong."), 1, "/system/", True, _SYSTEM
        )


def look(company: Company, month: date) -> Iterator[Found]:
    """What is not reviewed, posted or invoiced: for the person to judge."""
    after = _after(month)
    entries = JournalEntry.objects.filter(
        company=company, date__gte=month, date__lt=after, review__in=_TO_DO
    ).count()
    if entries:
        text = ngettext("%(n)d entry is not reviewed.", "%(n)d entries are not reviewed.", entries)
        yield Found(
            "review", text % {"n": entries}, entries, reverse("finance:review"), rights=_REVIEW
        )
    drafts = PurchaseInvoice.objects.filter(
        company=company, state=PurchaseInvoice.State.DRAFT, date__lt=after
    ).count()
    if drafts:
        text = ngettext("%(n)d invoice is not posted.", "%(n)d invoices are not posted.", drafts)
        yield Found(
            "invoices", text % {"n": drafts}, drafts, reverse("finance:invoices"), rights=_COSTS
        )
    open_ = receipts.count_open(company.pk, after)
    if open_:
        text = ngettext(
            "%(n)d receipt has no invoice; it stays estimated.",
            "%(n)d receipts have no invoice; they stay estimated.",
            open_,
        )
        yield Found("grni", text % {"n": open_}, open_, reverse("finance:grni"), rights=_COSTS)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _missing(company: Company, after: date) -> Iterator[Found]:
    waiting = [
        one for one in reclassifying.waiting(company.pk) if one.day < after and not one.solved
    ]
    if waiting:
        text = ngettext(
            "%(n)d booking misses an account.", "%(n)d bookings miss an account.", len(waiting)
        )
        yield Found(
            "accounts",
            text % {"n": len(waiting)},
            len(waiting),
            reverse("finance:missing"),
            blocks=True,
            rights=_REVIEW,
        )
