"""Writes that wait for each other and for nobody else go to the database in one round trip.

On PostgreSQL the statements of a ``Writes`` travel as one message, each prepared; they are carried out one
after the other, so constraints and triggers see what they would see if they came alone. SQLite is in the
process anyway and gets them one by one.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from core import prepared

Statement = tuple[str, Sequence[Any]]


class Writes:
    """Statements in the order in which they are to be carried out, and no sooner than ``send``."""

    def __init__(self) -> None:
        self._waiting: list[Statement] = []

    def add(self, *statements: Statement) -> None:
        """Let these follow."""
        self._waiting += statements

    def drop(self) -> None:
        """Forget what waits: what it belongs to was rolled back."""
        self._waiting = []

    def send(self) -> list[tuple[Any, ...]]:
        """Carry out what waits; the rows that the last of them returns."""
        statements, self._waiting = self._waiting, []
        if not statements:
            return []
        with connection.cursor() as cursor:
            if connection.vendor != "postgresql":
                for sql, parameters in statements:
                    cursor.execute(sql, parameters)
            else:
                calls = [
                    prepared.call(cursor, sql, len(parameters))
                    if settings.DATABASE_PREPARED_STATEMENTS
                    else sql
                    for sql, parameters in statements
                ]
                every = [value for _sql, parameters in statements for value in parameters]
                cursor.execute("; ".join(calls), every)
            return cursor.fetchall() if cursor.description else []
