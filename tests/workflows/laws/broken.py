"""Ways to take one keeper of a law away, so that the other is proved alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection, transaction

from core import triggers
from workflows import guards


@contextmanager
def without_triggers() -> Iterator[None]:
    """The documents' triggers are off within: only the code keeps the law."""
    triggers.drop(connection, guards.TRIGGERS)
    try:
        yield
    finally:
        triggers.install(connection, guards.TRIGGERS)


@contextmanager
def without_four_eyes() -> Iterator[None]:
    """The code forgets who wrote the content: only the database keeps the law."""
    with (
        mock.patch("workflows.who.barred", return_value=set()),
        mock.patch("workflows.deciding._four_eyes", return_value=None),
    ):
        yield


def refused_by_database(write: Callable[..., Any], message: str, *given: Any, **named: Any) -> None:
    """The database refuses the write (called with what is given), with the words of its trigger."""
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        write(*given, **named)


def sql(statement: str, *arguments: Any) -> None:
    """Write past every line of Python."""
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
