"""A stocktake from plan to posting: blind counts, recounts by others, approval, differences in one posting."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import NotAllowed
from people.access import SYSTEM, access_for
from stock import ledger
from stock.models import Movement, Place
from tests.workflows.counting.world import D, Shelves
from workflows import drafting, moment
from workflows.counting import entering, planning, staleness, timing
from workflows.counting.entering import Given
from workflows.errors import DocumentRefused, WrongState
from workflows.models import CountEntry, CountLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Shelves:
    return Shelves()


def test_from_plan_to_posting(world: Shelves) -> None:
    short, over, right = world.fill("A-1", 10), world.fill("A-2", 10), world.fill("A-3", 10)
    document = world.sealed(zones=["A-1", "A-2", "A-3"])
    assert (document.state, document.step) == ("in_execution", "count")
    for place, quantity in (("A-1", 8), ("A-2", 13), ("A-3", 10)):
        world.count(document, place, quantity)
    world.finish(document)
    assert (document.state, document.step) == ("in_execution", "recount")
    for place, quantity in (("A-1", 8), ("A-2", 13)):
        with pytest.raises(DocumentRefused, match="Somebody else"):
            world.count(document, place, quantity)
        world.count(document, place, quantity, by=world.eve)
    world.finish(document)
    assert (document.state, document.step) == ("in_approval", "approve")
    world.approve(document)
    assert document.state == "posted"
    assert [world.on_hand(item, f"A-{n}") for n, item in enumerate((short, over, right), 1)] == [
        8,
        13,
        10,
    ]
    made = Movement.objects.filter(posting=document.posting_id).order_by("line")
    assert [(m.type, m.quantity, m.value) for m in made] == [
        ("stocktake_loss", D(2), D(20)), ("stocktake_gain", D(3), D(30)),
    ]  # fmt: skip


def test_what_moves_meanwhile_is_folded_in(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    world.move("sales_out", item, 3, world.bin("A-1"))
    world.count(document, "A-1", 6)
    world.move("purchase_in", item, 5, world.bin("A-1"))
    world.finish(document)
    world.count(document, "A-1", 11, by=world.eve)
    world.move("sales_out", item, 4, world.bin("A-1"))
    world.finish(document)
    world.approve(document)
    assert world.on_hand(item, "A-1") == 11 - 4


def test_the_same_count_twice_counts_once(world: Shelves) -> None:
    world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    first = world.count(document, "A-1", 9, key="device-1")
    again = world.count(document, "A-1", 9, key="device-1")
    assert (first.repeated, again.repeated) == (False, True)
    assert CountEntry.objects.count() == 1
    line = world.line(document, "A-1")
    twice = [Given(line.key, 8, key="device-2"), Given(line.key, 8, key="device-2")]
    entering.count(document.pk, twice, actor=world.cat, access=access_for(world.cat))
    assert CountEntry.objects.count() == 2


def test_a_backdated_movement_makes_a_count_stale(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    before = timezone.now()
    world.count(document, "A-1", 10)
    world.move("sales_out", item, 2, world.bin("A-1"), effective_at=before)
    world.finish(document)
    assert document.step == "recount"
    assert world.line(document, "A-1").stale
    with pytest.raises(DocumentRefused, match="counted again"):
        world.finish(document)
    world.count(document, "A-1", 8)
    world.finish(document)
    assert document.state == "posted"
    assert document.posting_id is None


def test_a_stale_line_is_refused_at_posting(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    before = timezone.now()
    world.count(document, "A-1", 8)
    world.finish(document)
    world.count(document, "A-1", 8, by=world.eve)
    world.finish(document)
    world.move("sales_out", item, 2, world.bin("A-1"), effective_at=before)
    world.approve(document)
    assert document.state != "posted"
    assert world.on_hand(item, "A-1") == 8
    assert document.events.filter(verb="post_failed").exists()
    world.act(document, "return", world.cat, data={"to": "recount"})
    document.refresh_from_db()
    assert document.step == "recount"
    world.count(document, "A-1", 6, by=world.eve)
    world.finish(document)
    assert document.step == "approve"
    world.approve(document)
    assert (document.state, world.on_hand(item, "A-1")) == ("posted", 6)


def test_a_count_that_arrives_late_is_judged_against_what_moved_since(
    world: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "DOUBT", timedelta(0))
    monkeypatch.setattr(timing, "WAY", timedelta(0))
    item = world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    counted_at = timezone.now()
    world.move("sales_out", item, 3, world.bin("A-1"))
    sent_at = timezone.now()
    wrong = timedelta(hours=5)  # the device's clock is wrong by this
    times: dict[str, Any] = {"counted_at": counted_at + wrong, "sent_at": sent_at + wrong}
    with moment.told(sent_at):  # as if it were on its way for no time at all
        counted = world.count(document, "A-1", 9, **times)
    line = world.line(document, "A-1")
    assert (counted.again, line.stale, line.book) == (False, False, 10)
    world.finish(document)
    world.count(document, "A-1", 6, by=world.eve)
    world.finish(document)
    world.approve(document)
    assert world.on_hand(item, "A-1") == 6


@pytest.mark.parametrize("few", [0, 1_000])
def test_what_is_stale_is_found_however_much_moved_since(
    world: Shelves, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    item, other = world.fill("A-1", 10), world.fill("A-2", 10)
    document = world.sealed(zones=["A-1", "A-2"])
    before = timezone.now()
    world.count(document, "A-1", 10)
    world.count(document, "A-2", 10)
    world.move("sales_out", other, 1, world.bin("A-2"))
    monkeypatch.setattr(staleness, "_FEW", few)
    assert staleness.find(document) == []
    late = world.move("sales_out", item, 2, world.bin("A-1"), effective_at=before)
    assert staleness.find(document) == [world.line(document, "A-1").pk]
    assert staleness.find(document, without=late.posting_id) == []


def test_a_movement_within_the_time_of_a_count_makes_it_stale(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    began_at = timezone.now()
    world.move("sales_out", item, 3, world.bin("A-1"))
    now = timezone.now()
    counted = world.count(document, "A-1", 9, began_at=began_at, counted_at=now, sent_at=now)
    assert (counted.again, world.line(document, "A-1").stale) == (True, True)


def test_blank_is_not_zero(world: Shelves) -> None:
    world.fill("A-1", 10)
    world.bin("A-2")
    document = world.sealed(zones=["A-1", "A-2"])
    with pytest.raises(DocumentRefused, match="Blank is not zero"):
        world.count(document, "A-1", "")
    with pytest.raises(DocumentRefused, match="not counted"):
        world.finish(document)
    entering.empty(document.pk, "A-2", actor=world.cat, access=access_for(world.cat))
    world.count(document, "A-1", 10)
    world.finish(document)
    assert document.state == "posted"


def test_an_empty_bin_counts_its_lines_as_zero(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    entering.empty(document.pk, "A-1", actor=world.cat, access=access_for(world.cat))
    assert world.line(document, "A-1", item).counted == 0


def test_found_goods_are_counted_too(world: Shelves) -> None:
    world.fill("A-1", 10)
    other = world.fill("B-1", 5)
    document = world.sealed(zones=["A-1"])
    line = entering.find(
        document.pk, place="A-1", item=other.code, actor=world.cat, access=access_for(world.cat)
    )
    assert (line.added, line.snapshot) == (True, 0)
    world.count(document, "A-1", 2, item=other)
    line.refresh_from_db()
    assert (line.counted, line.book) == (2, 0)


def test_no_other_door_makes_gains_or_losses(world: Shelves) -> None:
    item = world.stocked()
    for kind in ("stocktake_gain", "stocktake_loss"):
        with pytest.raises(DocumentRefused, match="not written by hand"):
            drafting.create(kind, actor=world.ann, access=access_for(world.ann))
    adjustment = world.bin("Z-1")
    middle = Place.objects.get(company=world.company, kind="adjustment").pk
    line = ledger.LineInput(
        type="stocktake_gain", item=item.pk, source=middle, target=adjustment.pk, quantity=D(1)
    )
    with (
        pytest.raises(IntegrityError, match="only the posting of a stocktake"),
        transaction.atomic(),
    ):
        ledger.post([line], company=world.company, key="x", actor=None, access=SYSTEM)


def test_counters_and_planners_do_not_approve(world: Shelves) -> None:
    world.fill("A-1", 10)
    document = world.sealed(by=world.head, zones=["A-1"])
    world.count(document, "A-1", 9)
    world.finish(document)
    world.count(document, "A-1", 9, by=world.eve)
    world.finish(document)
    assert not document.tasks.filter(
        kind="approve", user__in=[world.head, world.cat, world.eve]
    ).exists()


def test_sheets_are_split_by_walking_order(world: Shelves) -> None:
    for number in range(9, 0, -1):
        world.bin(
            f"A-{number}",
        )
        world.fill(f"A-{number}", 1)
    document = world.sealed(
        sheets=3, counters=[world.cat.pk, world.eve.pk, world.gus.pk], empty_places=False
    )
    by_sheet = [
        [row.place.code for row in sheet.bins.select_related("place").order_by("position")]
        for sheet in document.sheets.order_by("number")
    ]
    assert by_sheet == [["A-1", "A-2", "A-3"], ["A-4", "A-5", "A-6"], ["A-7", "A-8", "A-9"]]
    with pytest.raises(NotAllowed, match="Sheet 2"):
        world.count(document, "A-4", 1, by=world.cat)
    planning.assign(document.pk, 2, world.cat, actor=world.pat, access=access_for(world.pat))
    world.count(document, "A-4", 1, by=world.cat)


def test_the_plan_stays_after_the_seal(world: Shelves) -> None:
    world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    with pytest.raises(WrongState):
        planning.change(document.pk, planning.Plan(), actor=world.pat, access=access_for(world.pat))
    assert CountLine.objects.filter(document=document).count() == 1
