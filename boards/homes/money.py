"""Tiles of finance on the journal: what waits for review, lacks an account, is questioned, or is not handed over."""

from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.homes import asking, places
from finance.models import JournalEntry, VoucherBatch
from finance.reports import balances
from finance.review import reviewing
from people.homes import Asked, Figure, Tile
from people.models import Company

RIGHTS = ("finance.review",)


def _company(asked: Asked) -> Company | None:
    found: Company | None = asked.once(
        "first company", lambda: Company.objects.order_by("pk").first()
    )
    return found


def _entries(asked: Asked) -> QuerySet[JournalEntry]:
    """Those of the company whose queue is shown first."""
    return JournalEntry.objects.filter(company=_company(asked)).exclude(review="none")


def _review(asked: Asked, *, state: str) -> Figure:
    number = _entries(asked).filter(review=state).count()
    return Figure(number, asking.address("finance:review", review=state), tone="warn")


def _missing(asked: Asked) -> Figure:
    number = reviewing.without_account(_entries(asked)).count()
    return Figure(
        number,
        asking.address("finance:review", **{"is": "missing"}),
        note=_("one account mends all like it") if number else "",
        tone="bad",
    )


def _batches(asked: Asked, *, state: str) -> Figure:
    number = VoucherBatch.objects.filter(company=_company(asked), state=state).count()
    return Figure(number, asking.address("finance:batches", state=state), tone="warn")


def _unequal(asked: Asked) -> Figure:
    company = _company(asked)
    equal = company is None or balances.standing(company.pk).equal
    return Figure(
        0 if equal else 1,
        asking.address("finance:reconcile"),
        note="" if equal else _("the page names the rows"),
        tone="bad",
    )


TILES = (
    Tile(
        "unreviewed",
        gettext_lazy("Entries to review"),
        {places.FINANCE: 5},
        partial(_review, state="unreviewed"),
        RIGHTS,
    ),
    Tile("no_account", gettext_lazy("Without an account"), {places.FINANCE: 6}, _missing, RIGHTS),
    Tile(
        "questioned",
        gettext_lazy("Questions of finance"),
        {places.FINANCE: 7},
        partial(_review, state="questioned"),
        RIGHTS,
    ),
    Tile(
        "unconfirmed",
        gettext_lazy("Batches not confirmed"),
        {places.FINANCE: 8},
        partial(_batches, state="made"),
        RIGHTS,
    ),
    Tile(
        "push_failed",
        gettext_lazy("Batches not sent"),
        {places.FINANCE: 9},
        partial(_batches, state="failed"),
        RIGHTS,
    ),
    Tile(
        "stock_and_books",
        gettext_lazy("Stock and books differ"),
        {places.FINANCE: 13},
        _unequal,
        RIGHTS,
    ),
)
