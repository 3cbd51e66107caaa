"""What every database of stock must contain: the rows that always exist, the triggers of the book, the index of items."""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core import triggers
from core.triggers import Trigger, append_only
from stock import catalog_triggers, search_index

_MESSAGE = "the book is append-only: reverse the posting instead"

BOOK_TRIGGERS: list[Trigger] = [
    *append_only("stock_posting", _MESSAGE),
    *append_only("stock_movement", _MESSAGE),
    *append_only("stock_seal", "seals are append-only"),
    *append_only("stock_sealedposting", "seals are append-only"),
]


def all_triggers() -> list[Trigger]:
    """The triggers of the book and of the master data it leans on."""
    return [*BOOK_TRIGGERS, *catalog_triggers.TRIGGERS]


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    """Create or renew every trigger."""
    triggers.install(connection, all_triggers())


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Remove every trigger, so that a test may empty its tables."""
    triggers.drop(connection, all_triggers())


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that are not in force."""
    return triggers.missing(connection, all_triggers())


def ensure_sentinels(using: str) -> None:
    """Make the rows «no lot» and «our own», on which keys lean, and the shipped reasons."""
    from stock.models import Lot, Partner, Reason
    from stock.models.reasons import SHIPPED

    Lot.objects.using(using).bulk_create([Lot(pk=0, number="")], ignore_conflicts=True)
    Partner.objects.using(using).bulk_create(
        [Partner(pk=0, code="", name="")], ignore_conflicts=True
    )
    Reason.objects.using(using).bulk_create(
        [Reason(code=code) for code in SHIPPED], ignore_conflicts=True
    )


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Bring the database to what this module promises; runs after every migrate and flush."""
    connection = connections[using]
    if "stock_movement" not in connection.introspection.table_names():
        return
    ensure_sentinels(using)
    install_triggers(connection)
    search_index.install(connection)
