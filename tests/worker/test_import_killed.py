"""kill -9 of the worker that writes an import, again and again: in the end every row is in the book once."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Count, Sum
from django.utils import timezone

from intake import tasks
from intake.importing import door, looking, working
from intake.models import Import, ImportedRow
from people.access import SYSTEM
from stock.models import Balance, Movement
from tests.worker.conftest import Worker, eventually
from tests.workflows.world import World
from workflows.models import Document

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
Start = Callable[..., Worker]
DOCUMENTS, LINES, KILLS = 1_000, 3, 3
"""Several transactions, with many documents in each."""


def test_every_row_once_whenever_the_worker_dies(start_worker: Start) -> None:
    world = World("KI")
    items = [world.item() for _n in range(LINES)]
    rows = [
        f"2026-03-{number % 28 + 1:02},RK{number},其他入库,{item.code},{number % 7 + 1},2"
        for number in range(DOCUMENTS)
        for item in items
    ]
    text = "日期,单号,业务类型,货号,数量,单价\n" + "\n".join(rows) + "\n"
    job = door.create(
        text.encode(), "killed.csv", company=world.company, actor=world.admin, access=SYSTEM,
        warehouse=world.main, purpose="movements",
    )  # fmt: skip
    door.look(job)
    door.submit(job.pk, actor=world.admin, access=SYSTEM)
    door.begin(job.pk, access=SYSTEM)
    chance = random.Random(7)
    seen = 0
    for _kill in range(KILLS):
        worker = start_worker()
        assert tasks.start(job.pk)
        before = seen
        eventually(lambda before=before: _written(job) > before, seconds=60)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.15))
        worker.kill()
        seen = _written(job)
        assert seen % LINES == 0
        # The next worker takes over after a while of silence.
        quiet = timezone.now() - working.SILENCE - timedelta(seconds=1)
        Import.objects.filter(pk=job.pk).update(beat_at=quiet)
    assert seen < DOCUMENTS * LINES, "the kills came too late to prove anything"
    start_worker()
    tasks.start(job.pk)
    eventually(lambda: Import.objects.get(pk=job.pk).state == "done", seconds=120)
    assert _written(job) == DOCUMENTS * LINES
    assert Document.objects.filter(imported_rows__job=job).distinct().count() == DOCUMENTS
    posted = Movement.objects.aggregate(n=Count("pk"), total=Sum("quantity"))
    wanted = sum(Decimal(number % 7 + 1) for number in range(DOCUMENTS)) * LINES
    assert posted == {"n": DOCUMENTS * LINES, "total": wanted}
    assert Balance.objects.aggregate(total=Sum("on_hand"))["total"] == wanted


def _written(job: Import) -> int:
    return ImportedRow.objects.filter(job=job).count()


def test_a_look_is_begun_anew_whenever_the_worker_dies(start_worker: Start) -> None:
    """A large file, and a worker that is killed while it understands it: the next one finds all of it."""
    world = World("KL")
    item = world.item()
    rows = 40_000
    text = "日期,单号,业务类型,货号,数量,单价\n" + "".join(
        f"2026-03-{n % 28 + 1:02},RK{n},其他入库,{item.code},{n % 7 + 1},2\n" for n in range(rows)
    )
    job = door.create(
        text.encode(), "looked.csv", company=world.company, actor=world.admin, access=SYSTEM,
        warehouse=world.main, purpose="movements",
    )  # fmt: skip
    assert looking.is_large(job)
    looking.ask(job)
    worker = start_worker()
    assert tasks.start(job.pk)
    eventually(lambda: _progress(job).get("understood", 0) > 0, seconds=60)
    worker.kill()
    assert Import.objects.get(pk=job.pk).step, "the kill came too late to prove anything"
    quiet = timezone.now() - working.SILENCE - timedelta(seconds=1)
    Import.objects.filter(pk=job.pk).update(beat_at=quiet, progress=None)
    start_worker()
    tasks.start(job.pk)
    eventually(lambda: not Import.objects.get(pk=job.pk).step, seconds=120)
    job.refresh_from_db()
    assert (job.problem, job.summary["rows"], job.summary["good"]) == ("", rows, rows)


def _progress(job: Import) -> dict[str, int]:
    return Import.objects.get(pk=job.pk).progress or {}
