"""What every test may lean on: tables that can be emptied although the book is append-only."""

from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

from stock import bootstrap


@pytest.fixture(autouse=True, scope="session")
def _emptied_in_spite_of_triggers() -> None:
    """Take the triggers off while a test's tables are flushed; post_migrate puts them back."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        for name in self._databases_names(include_mirrors=False):
            bootstrap.drop_triggers(connections[name])
        flush(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
