"""What kinds of rules find, on PostgreSQL."""

import pytest

from tests.alerts.test_kinds import *  # noqa: F403 - the same tests

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
