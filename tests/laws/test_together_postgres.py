"""Postings that are made together, on PostgreSQL."""

import pytest
from django.db import connection

from tests.laws.test_together import *  # noqa: F403 - the same tests under another mark

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def test_engine():
    assert connection.vendor == "postgresql"
