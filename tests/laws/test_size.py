"""The book keeps 64 bits of every number: what would be larger is refused, and never becomes a float."""

import pytest
from django.db import DatabaseError, connection, transaction

from stock import verify
from stock.errors import PostingRefused
from stock.models import CostPool, Posting
from tests.laws.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_a_value_that_does_not_fit_is_refused_by_line(world: World) -> None:
    item = world.item()
    with pytest.raises(PostingRefused) as error:
        world.post(
            world.line("purchase_in", item, 1, unit_cost=1),
            world.line("purchase_in", item, 999_999_999, unit_cost=9_999_999),
        )
    assert [(line.line, line.code) for line in error.value.lines] == [(2, "too_large")]
    assert not Posting.objects.exists()


@pytest.mark.parametrize(("quantity", "cost"), [(9_000_000_000_000, 0), (90_000, 9_000_000_000)])
def test_a_sum_that_does_not_fit_is_refused(world: World, quantity: int, cost: int) -> None:
    item = world.item()
    world.move("purchase_in", item, quantity, unit_cost=cost)
    with pytest.raises(PostingRefused) as error:
        world.move("purchase_in", item, quantity, unit_cost=cost)
    assert {line.code for line in error.value.lines} == {"too_large"}
    assert Posting.objects.count() == 1
    assert verify.verify().ok


def test_the_tables_take_no_float(world: World) -> None:
    world.move("purchase_in", world.item(), 1, unit_cost=1)
    table = CostPool._meta.db_table
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET value = 99999999000000010000")
