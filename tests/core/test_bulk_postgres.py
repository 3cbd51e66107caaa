"""Rows that are written in few statements, on PostgreSQL."""

import pytest
from django.db import connection

from tests.core.test_bulk import *  # noqa: F403 - the same tests under another mark

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def test_engine() -> None:
    assert connection.vendor == "postgresql"
