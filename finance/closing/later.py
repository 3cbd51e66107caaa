"""What changed after a month was closed: what was booked into it since, and which figures are others now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from core.templatetags import ui
from finance.models import ClosedAccount, ClosedStock, Closing, JournalEntry
from people.models import Company
from stock.closing import Kept


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of a closing and of the one that followed it (None: it was not there)."""

    name: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Between a closing and the next of the same month, or now."""

    closing: Closing
    entries: Sequence[JournalEntry]
    accounts: Sequence[Difference]
    stock: Sequence[Difference]


def changes(closing: Closing, most: int = 500) -> Changes:
    """Entries dated in the month or before that were recorded after it, and the figures that differ."""
    after = (closing.month + timedelta(days=31)).replace(day=1)
    entries = (
        JournalEntry.objects.filter(
            company=closing.company_id, date__lt=after, pk__gt=closing.last_entry, lines__gt=0
        )
        .select_related("actor")
        .order_by("pk")[:most]
    )
    following = Closing.objects.filter(
        company=closing.company_id, month=closing.month, number=closing.number + 1
    ).first()
    if following is None:
        return Changes(closing, list(entries), [], [])
    return Changes(
        closing,
        list(entries),
        _accounts(closing, following),
        _stock(closing, following),
    )


def _accounts(before: Closing, after: Closing) -> list[Difference]:
    def read(closing: Closing) -> dict[str, Decimal]:
        rows = ClosedAccount.objects.filter(closing=closing).values_list(
            "account__code", "closing_balance"
        )
        return dict(rows)

    return _compare(read(before), read(after))


def _stock(before: Closing, after: Closing) -> list[Difference]:
    def read(closing: Closing) -> dict[str, Decimal]:
        rows = ClosedStock.objects.filter(closing=closing).values_list(
            "item__code", "warehouse__code", "value"
        )
        return {f"{item} · {warehouse}": value for item, warehouse, value in rows}

    return _compare(read(before), read(after))


def _compare(before: dict[str, Decimal], after: dict[str, Decimal]) -> list[Difference]:
    return [
        Difference(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def kept(company: Company, month: date) -> Iterator[Kept]:
    """The closings of a month, for its page."""
    for one in Closing.objects.filter(company=company, month=month):
        text = _("Closing of %(when)s: figures, and what changed after it")
        yield Kept(
            text % {"when": ui.moment(one.closed_at)},
            reverse("finance:closing", args=[one.pk]),
            ("cost.view",),
        )
