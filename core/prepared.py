"""Statements that are executed again and again: PostgreSQL prepares each once per connection and keeps its plan.

``DATABASE_PREPARED_STATEMENTS`` turns it off where a pooler gives every transaction another connection.
"""

import itertools
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

GONE = "26000"
"""PostgreSQL's code for a prepared statement that is not there (any more)."""
_KEPT = "_prepared_statements"
"""The attribute of a connection that remembers what is prepared on it."""
_serial = itertools.count()


def run(cursor: CursorWrapper, sql: str, parameters: Sequence[Any]) -> None:
    """Execute it, prepared where the engine can; ``%s`` marks parameters.

    A statement that a pooler took away is prepared anew, except within a transaction, which is over then:
    OperationalError with the code ``GONE`` is for whoever began it to ``forget`` and try again.
    """
    wrapper = cursor.db
    if wrapper.vendor != "postgresql" or not settings.DATABASE_PREPARED_STATEMENTS:
        cursor.execute(sql, parameters)
        return
    try:
        cursor.execute(call(cursor, sql, len(parameters)), parameters)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != GONE or wrapper.in_atomic_block:
            raise
        forget(wrapper)
        cursor.execute(call(cursor, sql, len(parameters)), parameters)


def fetch(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows that a statement finds."""
    with connection.cursor() as cursor:
        run(cursor, sql, parameters)
        return cursor.fetchall()


def call(cursor: CursorWrapper, sql: str, count: int) -> str:
    """What executes the statement with ``count`` parameters; prepares it if that is not done yet."""
    names = _prepared_on(cursor.db)
    name = names.get(sql)
    if name is None:
        name = f"kept_{next(_serial)}"
        parts = sql.replace("%%", "%").split("%s")
        numbered = "".join(
            f"{part}${n}" if n < len(parts) else part for n, part in enumerate(parts, 1)
        )
        cursor.execute(f"PREPARE {name} AS {numbered}")
        names[sql] = name
    marks = ", ".join(["%s"] * count)
    return f"EXECUTE {name} ({marks})" if count else f"EXECUTE {name}"


def forget(wrapper: BaseDatabaseWrapper) -> None:
    """Prepare anew: a pooler may have taken the statements away."""
    setattr(wrapper, _KEPT, (None, {}))


def _prepared_on(wrapper: BaseDatabaseWrapper) -> dict[str, str]:
    """Statement → name; forgotten when the connection is another."""
    kept: tuple[Any, dict[str, str]] = getattr(wrapper, _KEPT, (None, {}))
    raw, names = kept
    if raw is not wrapper.connection:
        names = {}
        setattr(wrapper, _KEPT, (wrapper.connection, names))
    return names
