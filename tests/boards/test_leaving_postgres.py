"""The end of the demo on PostgreSQL, which truncates where SQLite deletes."""

import pytest

from tests.boards.test_leaving import (
    test_it_is_empty_and_one_s_own_with_the_demo_in_a_backup,
    test_nothing_is_gone_if_the_set_up_fails,
    test_the_book_is_append_only_again_and_takes_the_first_goods,
    world,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = [
    "test_it_is_empty_and_one_s_own_with_the_demo_in_a_backup",
    "test_nothing_is_gone_if_the_set_up_fails",
    "test_the_book_is_append_only_again_and_takes_the_first_goods",
    "world",
]
