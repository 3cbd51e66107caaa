"""The page of number series: what was given, what is next, and a gap is named."""

import pytest
from django.test import Client

from tests.workflows.world import World
from workflows.models import NumberSeries
from workflows.views import numbering

pytestmark = pytest.mark.django_db(transaction=True)


def test_series_are_listed_with_their_next_number_and_without_gaps() -> None:
    world = World()
    item = world.stocked()
    for _ in range(3):
        document = world.draft("scrap", {"item": item.code, "quantity": "1"})
        world.act(document, "submit", world.ann)
    world.draft("scrap", {"item": item.code, "quantity": "1"})
    client = Client()
    client.force_login(world.admin)
    answer = client.get("/processes/numbering/")
    (row,) = answer.context["page"]["objects"]
    prefix = f"SCR-{world.main.code}"
    assert (row.last, row.following, row.given, row.missing) == (
        f"{prefix}-00003",
        f"{prefix}-00004",
        3,
        0,
    )
    assert "without gaps" in answer.content.decode()
    NumberSeries.objects.update(last=5)
    assert numbering.rows()[0].missing == 2
    assert "2 missing" in client.get("/processes/numbering/").content.decode()
    clerk = Client()
    clerk.force_login(world.cat)
    assert clerk.get("/processes/numbering/").status_code == 403
