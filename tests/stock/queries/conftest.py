"""The small company of these tests."""

import pytest

from tests.stock.queries.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()
