"""The number of SQL statements of a posting does not depend on the number of its lines."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.laws.world import World


def _statements(world: World, kind: str, items: list, **facts) -> int:
    lines = [world.line(kind, item, 1, **facts) for item in items]
    with CaptureQueriesContext(connection) as caught:
        world.post(*lines)
    return len([q for q in caught.captured_queries if "PREPARE" not in q["sql"][:12]])


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["average", "fifo"])
def test_flat(method):
    world = World()
    items = [world.item(method) for _ in range(1_000)]
    for kind, facts in (("purchase_in", {"unit_cost": 2}), ("sales_out", {})):
        _statements(world, kind, items, **facts)  # every balance exists from here on
        counts = {n: _statements(world, kind, items[:n], **facts) for n in (1, 10, 100, 1_000)}
        assert len(set(counts.values())) == 1, (kind, counts)
        assert counts[1] <= 14, counts


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("method", ["average", "fifo"])
def test_flat_on_postgresql(method):
    test_flat(method)


@pytest.mark.postgres
@pytest.mark.django_db
def test_planned_once():
    world = World()
    item = world.item("average")
    for _number in range(3):
        world.post(world.line("purchase_in", item, 1, unit_cost=2))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUM(generic_plans), SUM(custom_plans) FROM pg_prepared_statements "
            "WHERE name LIKE 'kept%'"
        )
        kept, made_anew = cursor.fetchone()
    assert kept >= 9
    assert made_anew == 0
