"""The same on PostgreSQL."""

import pytest

from tests.stock.test_cost_method_page import *  # noqa: F403 - the same tests

pytestmark = pytest.mark.postgres
