"""The same steps and refusals of stocktakes on PostgreSQL."""

from typing import Any

import pytest
from django.db import connection

from tests.workflows.counting.test_counting import *  # noqa: F403 - the same tests under another mark

pytestmark: Any = [pytest.mark.postgres, pytest.mark.django_db]


def test_engine() -> None:
    assert connection.vendor == "postgresql"
