"""What documents and the review of finance tell each other: the entry ahead, questions, where a document is."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.models import JournalEntry
from finance.reports import prices
from finance.review import ahead, papers, reviewing
from people.access import Access
from people.models import User
from stock.models import Movement
from stock.plan import Plan
from workflows import amounts, door, previewing, queries
from workflows.models import Document, Line


def register() -> None:
    """Let finance reach documents, and previews show what would be booked."""
    reviewing.on_question(ask)
    papers.register(address)
    prices.register(prices_of)
    previewing.register_panel(
        previewing.Panel("journal", _("Journal entry"), "finance/_ahead.html", build)
    )


def build(document: Document, plan: Plan, access: Access) -> Mapping[str, Any] | None:
    """The entry that posting would write; only for those who may see its amounts."""
    scope = document.warehouse.scope_id if document.warehouse else None
    if not access.may("cost.view", scope):
        return None
    legs = ahead.legs(document.company_id, plan.movements, plan.state)
    return {"legs": legs} if legs else None


def prices_of(movements: Collection[int]) -> dict[int, Fraction]:
    """What customers pay, from the lines of the documents that were posted."""
    found: dict[int, Fraction] = {}
    for part in _parts(sorted(movements)):
        keys = dict(Movement.objects.filter(pk__in=part).values_list("pk", "line_key"))
        postings = Movement.objects.filter(pk__in=part).values("posting")
        lines = Line.objects.filter(document__posting__in=postings, price__isnull=False)
        sold = {str(line.key): line for line in lines.select_related("document")}
        for movement, key in keys.items():
            line = sold.get(key)
            price = amounts.net_price(line, line.document.rate) if line else None
            if line is not None and price is not None:
                found[movement] = price * line.denominator / line.numerator
    return found


def _parts(ids: Sequence[int], most: int = 500) -> Iterator[Sequence[int]]:
    return (ids[start : start + most] for start in range(0, len(ids), most))


def _document(entry: JournalEntry) -> Document | None:
    if not entry.document:
        return None
    return Document.objects.filter(company=entry.company_id, number=entry.document).first()


def address(entry: JournalEntry, user: User, access: Access) -> str:
    """Where the document of an entry is, for those who may see it."""
    document = _document(entry)
    if document is None or not queries.may_see(user, document, access):
        return ""
    return reverse("workflows:page", args=[document.key])


def ask(entry: JournalEntry, text: str, actor: User) -> None:
    """Put a question of finance on the document, and tell its asker and who posted it."""
    document = _document(entry)
    if document is None or not queries.may_see(actor, document):
        return
    told = {document.asker, entry.actor} - {None, actor}
    door.act(
        document.pk,
        "comment",
        actor=actor,
        text=text,
        data={"mentions": sorted(user.username for user in told if user is not None)},
    )
