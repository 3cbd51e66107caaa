"""Imports by several at once on PostgreSQL, each with a connection of its own: every row once, and a message that tells why."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Count, Sum

from core.errors import DomainError
from intake.importing import door, working
from intake.models import Import, ImportedRow
from people.access import SYSTEM
from stock import periods, verify
from stock.models import Balance, Item, Movement
from tests.intake.test_imports import given
from tests.intake.test_row_laws import (
    test_a_row_belongs_to_the_company_of_its_import,  # noqa: F401 - the same on PostgreSQL
    test_an_import_that_wrote_rows_is_kept,  # noqa: F401
    test_the_document_of_a_row_is_there_and_kept,  # noqa: F401
)
from tests.workflows.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROWS = 240
"""More than one transaction of documents."""


def test_engine() -> None:
    assert connection.vendor == "postgresql"


@pytest.fixture
def world() -> World:
    return World("CP")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment; what each gave, or the refusal it met."""
    start = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        try:
            start.wait(30)
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [call.result(120) for call in [pool.submit(one, act) for act in acts]]


def sheet(item: Item, month: str = "2026-03", rows: int = ROWS) -> str:
    lines = [
        f"{month}-{n % 28 + 1:02},RK{n},其他入库,{item.code},{n % 7 + 1},2" for n in range(rows)
    ]
    return "日期,单号,业务类型,货号,数量,单价\n" + "\n".join(lines) + "\n"


def wanted(rows: int = ROWS) -> Decimal:
    return Decimal(sum(n % 7 + 1 for n in range(rows)))


def submitted(world: World, text: str) -> Import:
    job = given(world, text, purpose="movements")
    door.submit(job.pk, actor=world.admin, access=SYSTEM)
    door.begin(job.pk, access=SYSTEM)
    return job


def assert_once(item: Item, rows: int = ROWS) -> None:
    """Every row is in the book once: rows, movements that were not reversed, and stock agree."""
    active = ImportedRow.objects.filter(undone_at=None)
    assert active.values("key").annotate(n=Count("pk")).filter(n__gt=1).count() == 0
    assert active.count() == rows
    total = Balance.objects.filter(item=item, place__warehouse__isnull=False).aggregate(
        n=Sum("on_hand")
    )["n"]
    assert (total or 0) == wanted(rows)
    assert verify.verify().ok


def test_of_two_who_write_the_same_import_one_does(world: World) -> None:
    job = given(world, sheet(world.item()), purpose="movements")

    def write() -> Any:
        door.submit(job.pk, actor=world.admin, access=SYSTEM, version=job.version)
        return door.begin(job.pk, access=SYSTEM)

    outcomes = at_once(write, write)
    refused = [one for one in outcomes if isinstance(one, DomainError)]
    assert [(one.status, bool(str(one))) for one in refused] == [(409, True)]
    assert Import.objects.get(pk=job.pk).state == "writing"


def test_two_workers_of_one_import_write_every_row_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sees that the other is alive: the second takes the import away, the first ends at its next sign.

    Who finds rows locked that another is writing waits and goes on by itself: no person is asked.
    """
    monkeypatch.setattr(working, "SILENCE", timedelta(0))
    item = world.item()
    job = submitted(world, sheet(item))
    at_once(lambda: working.run(job.pk), lambda: working.run(job.pk), lambda: working.run(job.pk))
    job.refresh_from_db()
    assert job.state in {"writing", "done"}
    if job.state != "done":
        working.run(job.pk)
        job.refresh_from_db()
    assert (job.state, job.problem, job.written) == ("done", "", ROWS)
    assert_once(item)


def test_two_imports_of_one_file_write_every_row_once(world: World) -> None:
    item = world.item()
    jobs = [submitted(world, sheet(item)) for _n in range(2)]
    at_once(*(lambda job=job: working.run(job.pk) for job in jobs))
    for job in jobs:
        job.refresh_from_db()
    assert {job.state for job in jobs} <= {"done", "stopped"}
    assert all(job.problem for job in jobs if job.state == "stopped")
    assert sum(job.rows.count() for job in jobs) == ROWS
    assert_once(item)


def test_the_same_file_is_written_while_its_first_import_is_undone(world: World) -> None:
    item = world.item()
    first = submitted(world, sheet(item))
    working.run(first.pk)
    door.undo(first.pk, actor=world.admin, access=SYSTEM)

    def again() -> Any:
        job = given(world, sheet(item), purpose="movements")
        if not job.summary["good"]:
            return job
        door.submit(job.pk, actor=world.admin, access=SYSTEM)
        door.begin(job.pk, access=SYSTEM)
        return working.run(job.pk)

    _undone, second = at_once(lambda: working.run(first.pk), again)
    first.refresh_from_db()
    assert first.state in {"undone", "stopped"}
    assert first.state == "undone" or first.problem
    rows = ImportedRow.objects.filter(undone_at=None)
    assert rows.values("key").annotate(n=Count("pk")).filter(n__gt=1).count() == 0
    if isinstance(second, Import) and second.state == "stopped":
        assert second.problem
    sums = [Decimal(row.raw["quantity"]) for row in rows]
    held = Balance.objects.filter(item=item, place__warehouse__isnull=False).aggregate(
        n=Sum("on_hand")
    )["n"]
    assert (held or 0) == sum(sums)
    assert verify.verify().ok


def test_a_period_that_is_closed_meanwhile_stops_the_import_and_it_goes_on(world: World) -> None:
    """Between approval and writing the month is closed: nothing of it is written, and the page says why."""
    item = world.item()
    job = submitted(
        world, sheet(item, "2026-02", 30) + f"2026-03-05,RKX,其他入库,{item.code},1,2\n"
    )
    periods.close(world.company, date(2026, 2, 1), actor=world.fay, access=SYSTEM)
    working.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.rows.count(), Movement.objects.count()) == ("stopped", 0, 0)
    assert "2026-02" in job.problem
    periods.reopen(world.company, date(2026, 2, 1), actor=world.head, access=SYSTEM, reason="again")
    door.begin(job.pk, access=SYSTEM)
    working.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.written) == ("done", 31)


def test_a_period_is_closed_while_an_import_is_written(world: World) -> None:
    item = world.item()
    job = submitted(world, sheet(item, "2026-02"))
    closed = at_once(
        lambda: working.run(job.pk),
        lambda: periods.close(world.company, date(2026, 2, 1), actor=world.fay, access=SYSTEM),
    )[1]
    job.refresh_from_db()
    assert job.state in {"done", "stopped"}
    assert job.state == "done" or job.problem
    assert not isinstance(closed, DomainError) or str(closed)
    written = ImportedRow.objects.filter(job=job).count()
    assert written == Movement.objects.count() == job.written
    assert verify.verify().ok
