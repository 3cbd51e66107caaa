"""Scans into a draft and while carrying out, in a real browser: lines add up, packs count, wrong goods are told."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from stock.models import Barcode, ItemUnit, Unit
from tests.support.browser import PHONE
from tests.support.gun import scan
from tests.workflows.test_entry_browser import only, saved
from tests.workflows.test_page_browser import fresh, kept, open_document
from tests.workflows.world import D, World
from workflows.models import Document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GTIN, PACK = "6901234567892", "16901234567899"


@pytest.fixture
def world(transactional_db: None) -> World:
    world = World()
    Unit.objects.get_or_create(code="BOX", defaults={"name": "box"})
    return world


def coded(world: World, tracking: str = "none") -> Any:
    """An item with a barcode for one and another for a box of 12."""
    item = world.item(tracking)
    box = Unit.objects.get(code="BOX")
    ItemUnit.objects.create(item=item, unit=box, numerator=12)
    Barcode.objects.create(item=item, code=GTIN)
    Barcode.objects.create(item=item, code=PACK, unit=box)
    return item


def entered(document: Document) -> list[tuple[str, Any, str, str]]:
    rows = document.lines.select_related("item", "unit").order_by("position")
    return [(row.item.code, row.requested, row.unit.code, row.lot_number) for row in rows]


def told(page: Page) -> Any:
    return page.locator("#scan-said")


def quantities(page: Page) -> Any:
    return page.locator("tr.line [name=quantity]")


def test_scans_write_the_lines_of_a_draft(world: World, open_page: Any) -> None:
    item, lots = coded(world), world.item("lot")
    Barcode.objects.create(item=lots, code="96385074")
    page = open_page("/documents/new/purchase_in/", user=world.ann)
    for code in (GTIN, GTIN, PACK, f"(01)0{GTIN}(37)5", "(01)00000096385074(17)270630(10)L1"):
        scan(page, code)
    scan(page, "(01)00000096385074(10)L2")
    scan(page, "(01)00000096385074(10)L1")
    expect(quantities(page)).to_have_count(5)  # an empty one at the end
    for place, number in enumerate(("7", "1", "2", "1")):
        expect(quantities(page).nth(place)).to_have_value(number)
    expect(told(page)).to_contain_text("L1")
    expect(page.locator("#sums b")).to_have_text("4")
    saved(page)
    rows = entered(only())
    assert rows[:2] == [(item.code, D(7), item.base_unit.code, ""), (item.code, D(1), "BOX", "")]
    assert [(code, number, lot) for code, number, _unit, lot in rows[2:]] == [
        (lots.code, D(2), "L1"),
        (lots.code, D(1), "L2"),
    ]
    assert str(only().lines.get(lot_number="L1").expires_on) == "2027-06-30"


def test_a_flood_of_scans_into_a_draft_adds_up(world: World, open_page: Any) -> None:
    item = coded(world)
    other = world.item()
    page = open_page("/documents/new/purchase_in/", user=world.ann)
    for _number in range(30):
        scan(page, GTIN)
        scan(page, other.code)
    for place in range(2):
        expect(quantities(page).nth(place)).to_have_value("30")
    saved(page)
    assert {row[0]: row[1] for row in entered(only())} == {item.code: D(30), other.code: D(30)}


def test_a_move_is_place_goods_place(world: World, open_page: Any) -> None:
    coded(world)
    here = world.main.places.filter(kind="storage").earliest("pk")
    there = world.main.places.create(
        company=here.company, kind="storage", code="B-02", path=f"{here.path}/B-02"
    )
    page = open_page("/documents/new/bin_move/", user=world.ann)
    for code in (f"https://x/p/{world.main.code}/{here.code}/", GTIN, "B-02"):
        scan(page, code)
    expect(told(page)).to_contain_text("B-02")
    expect(page.locator("#sums b")).to_have_text("1")
    saved(page)
    line = only().lines.get()
    assert (line.source, line.target, line.requested) == (here, there, D(1))


def test_receiving_by_scan_raises_the_figure_and_tells_wrong_goods(
    world: World, open_page: Any
) -> None:
    item, other = coded(world), world.item()
    document = world.draft("purchase_in", {"item": item.code, "quantity": "13", "price": "1"})
    world.act(document, "submit", world.ann)
    world.act(fresh(document), "approve", world.buyer)
    page = open_document(open_page, document, world.cat, viewport=PHONE)
    scan(page, PACK)
    expect(told(page)).to_contain_text("12 / 13")
    scan(page, other.code)
    expect(told(page)).to_contain_text("is not on this document")
    scan(page, GTIN)
    expect(told(page)).to_contain_text("13 / 13")
    scan(page, GTIN)
    expect(told(page)).to_contain_text("more than planned")
    kept(page)
    assert document.lines.get().actual == D(14)
