"""The same questions on PostgreSQL."""

import pytest

from tests.stock.queries.test_history import *  # noqa: F403 - the same tests
from tests.stock.queries.test_scope_and_cost import *  # noqa: F403 - the same tests

pytestmark = pytest.mark.postgres
