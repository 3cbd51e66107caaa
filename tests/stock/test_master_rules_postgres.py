"""The same on PostgreSQL."""

import pytest

from tests.stock.test_master_rules import *  # noqa: F403 - the same tests

pytestmark = pytest.mark.postgres
