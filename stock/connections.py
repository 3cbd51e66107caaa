"""What every new connection to PostgreSQL is told before the book is written through it."""

from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper


def keep_plans(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Let a connection plan a prepared statement once, not again for every posting.

    Left to itself PostgreSQL plans short postings anew each time, which takes it longer than posting them.
    """
    if connection.vendor == "postgresql" and settings.DATABASE_PREPARED_STATEMENTS:
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan")
