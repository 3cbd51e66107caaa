"""Scans of a device: each has one effect, whatever the network does; what cannot be taken is kept with the reason."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from intake import device_scans
from intake.device_scans import Sent
from intake.models import DeviceScan
from people.access import access_for
from people.models import User
from stock.models import Barcode, ItemUnit, Unit
from tests.workflows.world import D, World
from workflows.errors import DocumentRefused
from workflows.models import Document

pytestmark = pytest.mark.django_db
GTIN, PACK = "6901234567892", "16901234567899"


@pytest.fixture
def world() -> World:
    world = World()
    Unit.objects.get_or_create(code="BOX", defaults={"name": "box"})
    return world


def coded(world: World, tracking: str = "none") -> Any:
    item = world.item(tracking)
    box = Unit.objects.get(code="BOX")
    ItemUnit.objects.create(item=item, unit=box, numerator=12)
    Barcode.objects.create(item=item, code=GTIN)
    Barcode.objects.create(item=item, code=PACK, unit=box)
    return item


def take(document: Document, code: str, user: User, key: uuid.UUID | None = None) -> dict[str, Any]:
    sent = Sent(key or uuid.uuid4(), document.key, code, timezone.now())
    return device_scans.take(sent, user, access_for(user))


def at_work(world: World, item: Any, quantity: str = "24") -> Document:
    document = world.draft("purchase_in", {"item": item.code, "quantity": quantity, "price": "1"})
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    return Document.objects.get(pk=document.pk)


def test_goods_raise_what_was_moved_and_packs_count(world: World) -> None:
    document = at_work(world, coded(world))
    assert take(document, PACK, world.cat)["figure"] == "12"
    assert take(document, GTIN, world.cat)["figure"] == "13"
    told = take(document, f"(01)0{GTIN}(37)12", world.cat)
    assert (told["figure"], told["plan"], told["tone"]) == ("25", "24", "warn")
    assert document.lines.get().actual == D(25)


def test_the_same_scan_again_has_no_second_effect(world: World) -> None:
    document = at_work(world, coded(world))
    key = uuid.uuid4()
    first = take(document, GTIN, world.cat, key)
    take(document, GTIN, world.cat)
    assert take(document, GTIN, world.cat, key) == first
    assert document.lines.get().actual == D(2)
    assert DeviceScan.objects.count() == 2
    with pytest.raises(DocumentRefused):
        take(document, GTIN, world.buyer, key)


def test_a_refusal_is_kept_and_changes_nothing(world: World) -> None:
    item, other = coded(world), world.item()
    document = at_work(world, item)
    key = uuid.uuid4()
    for code in ("what is this", other.code, "(01)06901234567893"):
        told = take(document, code, world.cat, key if code == other.code else None)
        assert told["tone"] == "bad"
        assert told["text"]
    assert take(document, other.code, world.cat, key)["tone"] == "bad"
    assert document.lines.get().actual is None
    assert DeviceScan.objects.count() == 3


def test_a_draft_grows_by_scans(world: World) -> None:
    item, lots = coded(world), world.item("lot")
    Barcode.objects.create(item=lots, code="96385074")
    document = world.draft("purchase_in")
    for code in (
        GTIN,
        PACK,
        GTIN,
        "(01)00000096385074(17)270630(10)L1",
        "(01)00000096385074(10)L1",
    ):
        assert take(document, code, world.ann)["tone"] == "ok", code
    rows = document.lines.order_by("position").values_list(
        "item__code", "unit__code", "requested", "lot_number"
    )
    assert list(rows) == [
        (item.code, item.base_unit.code, D(2), ""),
        (item.code, "BOX", D(1), ""),
        (lots.code, lots.base_unit.code, D(2), "L1"),
    ]  # fmt: skip


def test_places_go_to_the_line_scanned_last(world: World) -> None:
    coded(world)
    document = world.draft("bin_move")
    here = world.main.places.filter(kind="storage").earliest("pk")
    there = world.main.places.create(
        company=here.company, kind="storage", code="B-02", path=f"{here.path}/B-02"
    )
    for code in (GTIN, f"https://x/p/{world.main.code}/{here.code}/", "B-02"):
        assert take(document, code, world.ann)["tone"] == "ok"
    line = document.lines.get()
    assert (line.source, line.target) == (here, there)


def test_a_place_before_goods_holds_for_what_follows(world: World) -> None:
    """Where goods lie, goods, where they go: twice, from two places."""
    item = coded(world)
    document = world.draft("bin_move")
    here = world.main.places.filter(kind="storage").earliest("pk")
    made = [
        world.main.places.create(
            company=here.company, kind="storage", code=code, path=f"{here.path}/{code}"
        )
        for code in ("B-02", "B-03")
    ]
    for code in ("B-02", GTIN, GTIN, "B-03", "B-03", GTIN, "B-02"):
        assert take(document, code, world.ann)["tone"] == "ok", code
    rows = document.lines.order_by("position").values_list("requested", "source", "target")
    one, two = (place.pk for place in made)
    assert list(rows) == [(D(2), one, two), (D(1), two, one)]
    received = at_work(world, item)
    assert take(received, "B-02", world.cat)["tone"] == "bad"  # no goods yet


def test_a_figure_typed_at_a_line_adds_what_it_says(world: World) -> None:
    """While carrying out and in a draft; twice the same has one effect; what is no figure changes nothing."""
    item = coded(world)
    document = at_work(world, item)
    take(document, GTIN, world.cat)
    line = document.lines.get()

    def typed(document: Document, quantity: Any, user: User, key: uuid.UUID) -> dict[str, Any]:
        now = timezone.now()
        line = document.lines.get().key
        sent = Sent(key, document.key, item.code, now, line, quantity)
        return device_scans.take(sent, user, access_for(user))

    key = uuid.uuid4()
    for _again in range(2):
        assert typed(document, D(23), world.cat, key)["figure"] == "24"
    assert typed(document, D(-4), world.cat, uuid.uuid4())["figure"] == "20"
    for wrong in (None, D(-100)):
        assert typed(document, wrong, world.cat, uuid.uuid4())["tone"] == "bad"
    line.refresh_from_db()
    assert line.actual == D(20)
    draft = world.draft("purchase_in")
    take(draft, GTIN, world.ann)
    assert typed(draft, D("2.5"), world.ann, uuid.uuid4())["figure"] == "3.5"
    assert DeviceScan.objects.exclude(quantity=None).count() == 4


def test_who_may_not_see_the_document_cannot_write_to_it(world: World) -> None:
    document = world.draft("purchase_in")
    with pytest.raises(DocumentRefused):
        take(document, GTIN, world.dan)
    late = Sent(uuid.uuid4(), document.key, GTIN, timezone.now() + timedelta(days=9))
    coded(world)
    device_scans.take(late, world.ann, access_for(world.ann))
    assert DeviceScan.objects.get().scanned_at <= timezone.now()


def test_a_posted_document_takes_no_scan(world: World) -> None:
    document = at_work(world, coded(world), "1")
    take(document, GTIN, world.cat)
    world.act(Document.objects.get(pk=document.pk), "complete", world.cat)
    assert Document.objects.get(pk=document.pk).state == "posted"
    assert take(document, GTIN, world.cat)["tone"] == "bad"
    assert document.lines.get().actual == D(1)


def test_what_is_taken_back_is_the_scan_that_it_was(world: World) -> None:
    """On the line that was chosen, by what it added, once, and nothing of a scan that was refused or is another's."""
    item = coded(world)
    lines = [{"item": item.code, "quantity": many, "price": "1"} for many in ("2", "5")]
    document = world.draft("purchase_in", *lines)
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    document = Document.objects.get(pk=document.pk)
    keys = [uuid.uuid4() for _number in range(4)]
    told = [
        take(document, code, world.cat, key)
        for code, key in zip([GTIN] * 3 + ["?"], keys, strict=True)
    ]
    assert [one.get("added") for one in told] == ["1", "1", "1", None]

    def back(key: uuid.UUID, own: uuid.UUID | None = None) -> dict[str, Any]:
        sent = Sent(own or uuid.uuid4(), document.key, GTIN, timezone.now(), back=key)
        return device_scans.take(sent, world.cat, access_for(world.cat))

    own = uuid.uuid4()
    for _again in range(2):
        assert (back(keys[2], own)["figure"], back(keys[2], own)["added"]) == ("0", "-1")
    for wrong in (keys[2], keys[3], uuid.uuid4()):
        assert (back(wrong)["tone"], back(wrong)["line"]) == ("bad", "")
    rows = document.lines.order_by("position").values_list("actual", flat=True)
    assert list(rows) == [D(2), D(0)]
