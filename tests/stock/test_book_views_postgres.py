"""The same addresses on PostgreSQL, whose integers and dates end elsewhere."""

import pytest

from tests.stock.test_book_views import (  # noqa: F401 - the same test and what it needs
    sign_in,
    test_nonsense_in_the_address_is_ignored,
    world,
)

pytestmark = pytest.mark.postgres
