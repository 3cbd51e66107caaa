"""Rows of a sheet that are unusual for their item: said row by row before anything is written, and not in the way."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.importing import door
from intake.views import found
from people.access import SYSTEM
from tests.alerts.test_remarking import remember
from tests.intake.test_import_pages import client_of
from tests.workflows.world import World
from workflows import row_checks

pytestmark = pytest.mark.django_db
USUAL = [(float(n), 10.0) for n in (80, 84, 96, 100, 102, 108, 110, 115, 120, 95)]
ROWS = """日期,单号,业务类型,供应商,货号,数量,单位,单价
2026-03-02,RK1,采购入库,Supplier,{code},1000,PCS,10
2026-03-02,RK2,采购入库,Supplier,{code},100,PCS,100
2026-03-03,RK3,采购入库,Supplier,{code},100,PCS,10
"""


@pytest.fixture
def world() -> World:
    return World("RW")


def _look(world: World, text: str) -> Any:
    job = door.create(
        text.encode(),
        "sheet.csv",
        company=world.company,
        actor=world.admin,
        access=SYSTEM,
        warehouse=world.main,
        purpose="movements",
    )
    door.look(job)
    return job


def test_unusual_rows_are_said_and_may_be_written(world: World) -> None:
    item = world.item()
    remember(world, item, "purchase_in", *USUAL)
    job = _look(world, ROWS.format(code=item.code))
    notes = {note["code"]: note for note in job.summary["notes"]}
    [place] = notes["unusual"]["places"]
    assert place[1:3] == [2, "F2"]
    assert "80–120" in place[3]
    assert notes["unusual_price"]["count"] == 1
    assert job.summary["groups"] == []
    assert job.summary["good"] == 3
    page = client_of(world.admin).get(f"/intake/{job.key}/").content.decode()
    assert "80–120" in page
    hidden = found._notes(job.summary, money=False)
    assert [note["code"] for note in hidden] == ["unusual"]


def test_opening_stock_and_new_items_are_not_judged(world: World) -> None:
    item = world.item()
    job = _look(world, ROWS.format(code=item.code))
    assert not any(note["code"].startswith("unusual") for note in job.summary["notes"])


def test_statements_do_not_grow_with_rows(world: World) -> None:
    items = [world.item() for _one in range(12)]
    for item in items:
        remember(world, item, "purchase_in", *USUAL)

    def asked(number: int) -> int:
        rows = [
            row_checks.SheetRow(
                "purchase_in", item.pk, item.code, "PCS", Decimal(1000), timezone.now()
            )
            for item in items[:number]
        ]
        with CaptureQueriesContext(connection) as queries:
            assert len(row_checks.look(rows)) == number
        return len(queries)

    assert asked(2) == asked(12)
