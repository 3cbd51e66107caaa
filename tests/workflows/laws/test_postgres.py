"""Four eyes, what is frozen what approvals are bound to, and series that count on, on PostgreSQL."""

import pytest
from django.db import connection

from tests.workflows.laws.test_bound import *  # noqa: F403 - the same tests under another mark
from tests.workflows.laws.test_four_eyes import *  # noqa: F403
from tests.workflows.laws.test_frozen import *  # noqa: F403
from tests.workflows.test_number_rules import (
    test_the_database_lets_no_series_count_back,  # noqa: F401
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def test_engine() -> None:
    assert connection.vendor == "postgresql"
