"""The index of what items are found by, on PostgreSQL."""

import pytest

from tests.stock.test_search_index import (  # noqa: F401 - the same tests
    test_archived_items_are_not_among_the_best,
    test_lots_are_found_in_any_case_and_by_their_supplier,
    test_of_a_common_text_what_is_named_in_full_is_not_left_out,
    test_the_best_are_the_first_of_all_and_one_statement,
    test_the_index_says_what_the_keys_say,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
