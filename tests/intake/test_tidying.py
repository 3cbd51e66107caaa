"""What imports leave behind goes after its days, is noted, and nothing that is needed goes."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from core.models import JobRun
from intake.importing import door, storing, tidying
from intake.models import Import
from people.access import SYSTEM
from tests.intake.test_imports import given, write
from tests.workflows.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path: Path, settings: object) -> World:
    settings.MEDIA_ROOT = str(tmp_path)  # type: ignore[attr-defined]
    return World("TI")


def aged(path: Path, days: int) -> None:
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def test_only_what_nobody_needs_goes_and_it_is_noted(world: World) -> None:
    item = world.item()
    head = "日期,业务类型,货号,数量,单价\n"
    written = write(given(world, f"{head}2026-03-01,其他入库,{item.code},10,2\n"))
    draft = given(world, f"{head}2026-03-02,其他入库,{item.code},1,2\n")
    cancelled = given(world, f"{head}2026-03-03,其他入库,{item.code},2,2\n")
    door.stop(cancelled.pk, access=SYSTEM)
    Import.objects.filter(pk=cancelled.pk).update(created_at=in_days(-40))
    refused = storing.keep(b"nobody's")
    for sha in (written.sha256, draft.sha256, cancelled.sha256, refused):
        aged(storing.place_of(sha), 40)
    marked = Path(settings.MEDIA_ROOT) / "imports" / "marked"
    marked.mkdir()
    for name in (f"{draft.key}-1.xlsx", f"{written.key}-1.xlsx"):
        (marked / name).write_bytes(b"PK")
    run = tidying.run()
    assert run is not None
    assert run.ok
    assert sorted(run.detail["uploads"]["names"]) == sorted([cancelled.sha256, refused])
    assert run.detail["marked"]["names"] == [f"{written.key}-1.xlsx"]
    assert storing.path_of(written).exists()
    assert storing.path_of(draft).exists()
    assert run.detail["drafts"]["count"] == 0
    assert JobRun.objects.filter(name="intake.tidy").count() == 1


def test_a_file_that_comes_again_is_new_again(world: World) -> None:
    digest = storing.keep(b"the same")
    aged(storing.place_of(digest), 40)
    storing.keep(b"the same")
    assert tidying.tidy(timezone.now())["uploads"]["count"] == 0


def test_drafts_that_nobody_touched_are_cancelled_and_others_not(world: World) -> None:
    old = given(world, "货号,数量\nX,1\n", purpose="opening")
    Import.objects.filter(pk=old.pk).update(created_at=in_days(-100))
    assert tidying.tidy(timezone.now())["drafts"]["count"] == 0
    wish = {**old.wish, "touched_at": in_days(-95).isoformat()}
    Import.objects.filter(pk=old.pk).update(wish=wish)
    assert tidying.tidy(timezone.now())["drafts"]["names"] == [old.name]
    old.refresh_from_db()
    assert (old.state, bool(old.problem)) == ("cancelled", True)


def test_a_wish_to_write_does_not_hold_for_ever(world: World) -> None:
    job = given(world, "货号,数量\nX,1\n", purpose="opening")
    asked = {"goal": {"by": world.admin.pk, "seen": job.content_hash}}
    for hours, left in ((1, True), (30, False)):
        touched = (timezone.now() - timedelta(hours=hours)).isoformat()
        Import.objects.filter(pk=job.pk).update(step="read", wish={**asked, "touched_at": touched})
        tidying.tidy(timezone.now())
        job.refresh_from_db()
        assert ("goal" in job.wish) is left
    assert job.problem
