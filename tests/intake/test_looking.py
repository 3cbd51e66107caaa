"""Large files are looked at by a worker: with progress, cancelled, mended meanwhile, begun anew after a crash, and written."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from intake import tasks
from intake.importing import changes, door, looking, marking, understood, working
from intake.importing.signs import Lost, Telling
from intake.models import Import, ImportedRow
from intake.reading.grid import Book
from intake.understanding.result import Understanding
from intake.understanding.understand import understand_book
from people.access import SYSTEM
from stock.models import Unit
from tests.workflows.world import World

pytestmark = pytest.mark.django_db
ROWS = 1_200


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Every file is a large one, and the worker is there but has other work at first."""
    monkeypatch.setattr(looking, "PLAIN_BYTES", 1)
    monkeypatch.setattr(tasks, "start", lambda _job_id: True)
    return World("LK")


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.admin)
    return client


def sheet(code: str, *, rows: int = ROWS, unit: str = "PCS") -> bytes:
    lines = [
        f"2026-03-{n % 28 + 1:02},RK{n // 400},其他入库,{code},{n % 9 + 1},{unit if n % 100 else '合'},2"
        for n in range(rows)
    ]
    return ("日期,单号,业务类型,货号,数量,计量单位,单价\n" + "\n".join(lines) + "\n").encode()


def clean(code: str) -> bytes:
    return sheet(code).replace("合".encode(), b"PCS")


def drop(client: Client, world: World, content: bytes) -> Import:
    file = SimpleUploadedFile("large.csv", content)
    sent = client.post("/intake/new/", {"file": file, "warehouse": str(world.main.pk)})
    assert sent.status_code == 302
    return Import.objects.latest("pk")


def test_the_page_shows_how_far_the_worker_is_and_goes_on_by_itself(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = drop(client, world, sheet(world.item().code))
    assert (job.state, job.step, job.summary) == ("draft", "read", {})
    base = f"/intake/{job.key}/"
    assert "Being read" in client.get(base).content.decode()
    told: list[tuple[str, int, int]] = []
    found = looking.find(job, tell=lambda *facts: told.append(facts))
    assert [step for step, _n, _wrong in told] == sorted(
        (step for step, _n, _wrong in told), key=["read", "understand", "check"].index
    )
    assert ("read", ROWS + 1, 0) in told
    assert any(step == "understand" and 900 < n < ROWS for step, n, _wrong in told)
    assert told[-1] == ("check", ROWS, 12)
    assert len(found.out.wrong_rows) == 12
    claimed = working.claim(job.pk)
    assert claimed is not None
    tell = Telling(claimed)
    tell("read", ROWS)
    tell("understand", 600, 3)
    part = client.get(f"{base}progress/").content.decode()
    assert f"{ROWS} rows read, 600 understood" in part
    assert "3 wrong" in part
    assert 'value="42"' in part
    assert " s left" in part
    assert working.claim(job.pk) is None, "a second worker took what the first one works on"
    Import.objects.filter(pk=job.pk).update(beat_at=timezone.now() - working.SILENCE * 2)
    assert working.waiting() == [job.pk]
    looked = working.run(job.pk)
    assert looked is not None
    assert (looked.step, looked.summary["rows"], looked.summary["wrong"]) == ("", ROWS, 12)
    with pytest.raises(Lost):
        tell("check", 1)
    answer = client.get(f"{base}progress/")
    assert answer["HX-Refresh"] == "true"
    assert "12 rows to mend" in client.get(base).content.decode()
    monkeypatch.setattr(marking, "workbook", None)  # it was put aside, nobody waits for it
    assert client.get(f"{base}errors.xlsx").content[:2] == b"PK"


def test_a_mend_made_meanwhile_takes_the_file_from_its_worker(world: World, client: Client) -> None:
    job = drop(client, world, sheet(world.item().code))
    Unit.objects.create(code="盒", name="盒", decimals=0)
    working.run(job.pk)
    first = door.mend(job.pk, changes.leave_out("unknown_unit", "unit", None), access=SYSTEM)
    old = working.claim(job.pk)
    assert old is not None
    second = door.mend(
        job.pk, changes.give("unit", "合", "PCS"), access=SYSTEM, version=first.version
    )
    assert working._look(old, None) == (None, None)
    assert Import.objects.get(pk=job.pk).version == second.version
    looked = working.run(job.pk)
    assert looked is not None
    # The mends hold in the order in which they were said: what has a meaning by now is not left out.
    assert (looked.summary["wrong"], looked.summary["left_out"], looked.summary["good"]) == (
        0,
        0,
        ROWS,
    )


def test_rows_of_a_group_are_left_out_by_the_worker(world: World, client: Client) -> None:
    job = drop(client, world, sheet(world.item().code))
    working.run(job.pk)
    door.mend(job.pk, changes.leave_out("unknown_unit", "unit", "合"), access=SYSTEM)
    looked = working.run(job.pk)
    assert looked is not None
    assert (looked.summary["wrong"], looked.summary["left_out"]) == (0, 12)
    assert len(looked.mends["left_out"]) == 12
    assert looked.mends["groups"] == []


def test_what_was_seen_is_written_and_nothing_else(world: World, client: Client) -> None:
    item = world.item()
    job = drop(client, world, sheet(item.code))
    working.run(job.pk)
    job.refresh_from_db()
    base = f"/intake/{job.key}/"
    # Somebody gives the item's unit another name meanwhile: more rows could be written than were seen.
    Unit.objects.create(code="合", name="合", decimals=0)
    sent = {"version": str(job.version)}
    assert client.post(f"{base}do/write/", sent).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.step) == ("draft", "read")
    assert client.post(f"{base}do/write/", {"version": str(job.version)}).status_code == 409
    Import.objects.filter(pk=job.pk).update(content_hash="0" * 64)
    Import.objects.filter(pk=job.pk).update(
        wish={**job.wish, "goal": {**job.wish["goal"], "seen": "0" * 64}}
    )
    working.run(job.pk)
    job.refresh_from_db()
    assert job.state == "draft"
    assert "has changed since" in job.problem
    assert job.problem in client.get(base).content.decode()
    assert ImportedRow.objects.count() == 0
    assert client.post(f"{base}do/write/", {"version": str(job.version)}).status_code == 302
    done = working.run(job.pk)
    assert done is not None
    assert (done.state, done.written) == ("done", ROWS - 12)


def test_a_look_can_be_cancelled_and_a_broken_file_says_so(world: World, client: Client) -> None:
    job = drop(client, world, sheet(world.item().code))
    worker = working.claim(job.pk)
    assert worker is not None
    assert client.post(f"/intake/{job.key}/do/stop/").status_code == 302
    assert working._look(worker, None) == (None, None)
    job.refresh_from_db()
    assert (job.state, job.step, job.summary) == ("cancelled", "", {})
    assert client.get(f"/intake/{job.key}/").status_code == 200
    broken = drop(client, world, b"PK\x03\x04 no workbook")
    assert broken.step == "read"
    working.run(broken.pk)
    broken.refresh_from_db()
    assert broken.step == ""
    page = client.get(f"/intake/{broken.key}/").content.decode()
    assert "is damaged" in page
    assert "Cancel this import" in page
    assert client.post(f"/intake/{broken.key}/do/write/").status_code == 409


def test_each_reader_sees_it_in_the_own_language(world: World, client: Client) -> None:
    job = drop(client, world, sheet(world.item().code))
    working.run(job.pk)
    client.cookies["django_language"] = "zh-hans"
    world.admin.language = "zh-hans"
    world.admin.save()
    page = client.get(f"/intake/{job.key}/").content.decode()
    assert "正在读取" in page
    working.run(job.pk)
    job.refresh_from_db()
    assert job.summary["language"] == "zh-hans"
    said = job.summary["groups"][0]["message"]
    assert "合" in said
    assert "There is" not in said


def test_a_worker_that_is_quiet_too_long_is_taken_for_dead() -> None:
    assert timedelta(seconds=10) < working.SILENCE < timedelta(minutes=2)


def test_a_file_is_understood_once_for_looks_and_writing(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(book: Book, *told: Any) -> Understanding:
        read.append(book.name)
        return understand_book(book, *told)

    monkeypatch.setattr(understood, "understand_book", counted)
    understood.forget()
    job = drop(client, world, clean(world.item().code))
    shown = working.run(job.pk)
    assert shown is not None
    client.post(f"/intake/{job.key}/do/write/", {"version": shown.version})
    done = working.run(job.pk)
    assert done is not None
    assert (done.state, done.written, done.problem) == ("done", ROWS, "")
    assert read == ["large.csv"]


def test_what_is_remembered_is_of_this_file_with_these_mends(world: World, client: Client) -> None:
    code = world.item().code
    first = working.run(drop(client, world, clean(code)).pk)
    other = drop(client, world, clean(code).replace(b",PCS,2\n", b",PCS,3\n"))
    second = working.run(other.pk)
    assert first is not None
    assert second is not None
    assert second.content_hash != first.content_hash
    where = f"{second.summary['tables'][0]['sheet']}!A2"
    door.mend(second.pk, changes.write_cells({where: "tomorrow"}), access=SYSTEM)
    mended = working.run(second.pk)
    assert mended is not None
    assert mended.summary["wrong"] == 1
