"""The tasks that people do a hundred times a day, done as a person does them: none takes more taps, keys or scans than its budget.

Budgets are those of the user-experience reference (§3.2); task 3 is measured in tests/workflows/counting/test_walk_browser.py
and task 8 in tests/intake/test_import_browser.py. Times are printed, never judged: they are the machine's.
"""

import io
import re
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from alerts.models import Case
from people.access import SYSTEM, access_for
from people.models import User
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Balance, Barcode, Item, Lot, Movement, Place
from stock.search_keys import refresh_items
from tests.support.browser import PHONE
from tests.support.effort import Effort, Record
from tests.workflows.world import D, World
from workflows import designing, shipped
from workflows.models import Document, Task

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]


GTINS = ("6901234560008", "6901234560015", "6901234560022", "6901234560039", "6901234560046")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def test_1_receive_ten_lines_by_scan(world: World, open_page: Any, budget: Record) -> None:
    """Eight lines came in full, two short; on a phone, from its home to posted."""
    items = [world.item() for _number in range(10)]
    document = world.draft(
        "purchase_in", *({"item": item.code, "quantity": "24", "price": "1"} for item in items)
    )
    world.act(document, "submit", world.ann)
    world.act(fresh(document), "approve", world.buyer)
    number = fresh(document).number or ""
    page = open_page("/m/", user=world.cat, viewport=PHONE)
    effort = Effort(page)
    effort.scan(number)
    expect(page.locator(".tline")).to_have_count(10)
    for place, item in enumerate(items):
        effort.scan(item.code)
        line = page.locator(".tline.cur")
        expect(line).to_contain_text(item.code)
        if place in {3, 7}:
            line.locator("[data-total]").click()
            page.keyboard.type("18", delay=90)
        else:
            line.locator("[data-rest]").click()
            expect(line.locator("output")).to_have_text("24")
    effort.tap(".ph-f .btn-p")
    expect(page.locator(".say.done")).to_be_visible()
    budget("1 receive 10 lines, 2 of them short", effort.got(), taps=12, keys=4, scans=11)
    came = dict(document.lines.values_list("item__code", "actual"))
    assert came == {item.code: D(18 if n in {3, 7} else 24) for n, item in enumerate(items)}
    assert fresh(document).state == "posted"


def once_checked(world: World) -> None:
    """Material is picked once, without the second check of the shipped process."""
    access = access_for(world.admin)
    active = shipped.active_version(world.company, "production_issue")
    draft = designing.start_draft(active.process, access=access)
    (pick,) = [step for step in draft.read_steps() if step.key == "pick"]
    designing.put_step(draft, replace(pick, recheck=""), seen="", access=access)
    designing.activate(draft, actor=world.admin, access=access)


def in_lots(world: World, quantity: int) -> Item:
    """A new item of which two lots lie there; the one that expires first is to leave."""
    item = world.item("lot")
    opening = Place.objects.get(company=world.company, kind="opening").pk
    for days, name in ((400, "LATE"), (40, "SOON")):
        lot = Lot.objects.create(
            item=item,
            number=f"{name}-{item.pk}",
            expires_on=timezone.localdate() + timedelta(days=days),
        )
        line = LineInput(
            "opening", item.pk, opening, catalog.default_place(world.main).pk, D(quantity),
            lot=lot.pk, unit_cost=D(10),
        )  # fmt: skip
        ledger.post([line], company=world.company, key=uuid.uuid4().hex, actor=None, access=SYSTEM)
    return item


def test_2_issue_five_lines_to_a_work_order(world: World, open_page: Any, budget: Record) -> None:
    """At a desk with a gun, without the mouse: each lot is scanned, its figure typed, all sent by Ctrl Enter."""
    once_checked(world)
    items = [in_lots(world, 50) for _number in range(5)]
    for item, code in zip(items, GTINS, strict=True):
        Barcode.objects.create(item=item, code=code)
    document = world.draft(
        "production_issue", *({"item": item.code, "quantity": "6"} for item in items)
    )
    world.act(document, "submit", world.ann)
    number = fresh(document).number or ""
    page = open_page("/", user=world.cat)
    effort = Effort(page)
    effort.scan(number)
    expect(page.locator("#carry-out")).to_be_visible()
    for place, item in enumerate(items):
        effort.scan(f"(01)0{GTINS[place]}(10)SOON-{item.pk}")
        field = page.locator(".carry-l > li").nth(place).locator('[name^="actual."]')
        expect(field).to_be_focused()
        effort.key("6")
        expect(field).to_have_value("6")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".say.done")).to_be_visible()
    budget("2 issue 5 lots to a work order", effort.got(), taps=0, keys=10, scans=6)
    assert {line.actual for line in document.lines.all()} == {D(6)}
    assert all(line.lot_number.startswith("SOON") for line in document.lines.all())


def test_4_approve_twenty_on_a_phone(world: World, open_page: Any, budget: Record) -> None:
    """Eighteen are agreed to, two are refused with a reason."""
    item = world.stocked(5000)
    for _number in range(20):
        document = world.draft("scrap", {"item": item.code, "quantity": "80"})
        world.act(document, "submit", world.ann)
    assert Task.objects.filter(user=world.head, state="open").count() == 20
    page = open_page("/todo/", user=world.head, viewport=PHONE)
    effort = Effort(page)
    effort.tap("tr[data-row] a.row:visible")
    one: dict[str, int] = {}
    for left in range(20, 0, -1):
        expect(page.locator(".ph-h .end")).to_contain_text(f"/ {left}")
        if left in {15, 6}:
            before = effort.got()["taps"]
            effort.tap(".ph-f .btn-d")
            page.locator("label", has_text="Damaged").click()
            expect(page.locator("[name=text]")).to_have_value("Damaged")
            effort.tap(".foot .btn-d")
            one = effort.got() | {"taps": effort.got()["taps"] - before}
        else:
            effort.tap(".ph-f .btn-p")
    expect(page).to_have_url(re.compile(r"/todo/$"))
    expect(page.locator(".undo-bar")).to_be_visible()
    budget("4 approve 20 requests, refuse 2 of them", effort.got(), taps=25, keys=0, scans=0)
    assert one["taps"] <= 3
    states = Task.objects.filter(user=world.head).values_list("state", flat=True)
    assert sorted(states) == ["done"] * 2 + ["held"] * 18


def test_5_which_customers_got_a_lot(demo: dict[str, User], open_page: Any, budget: Record) -> None:
    """Three interactions: Ctrl K, the number, Enter."""
    lot = Movement.objects.filter(type="sales_out").exclude(lot__number="").latest("pk").lot.number
    page = open_page("/", user=demo["zhao"])
    effort = Effort(page)
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(lot, delay=90)
    expect(page.locator("#hits .hit").first).to_contain_text(lot)
    effort.key("Enter")
    expect(page.locator("main .sech h2").first).to_have_text("Where it went")
    budget("5 which customers got a lot", effort.got(), taps=0, keys=11, scans=0)


def test_6_stock_of_an_item_in_a_warehouse_on_a_day(
    demo: dict[str, User], open_page: Any, budget: Record
) -> None:
    """The item and the day in the search box; the answer stands by warehouse."""
    item = Item.objects.get(code="10044")
    day = timezone.localdate() - timedelta(days=4)
    page = open_page("/", user=demo["zhao"])
    effort = Effort(page)
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(f"10044 {day.month}-{day.day}", delay=90)
    expect(page.locator("#hits .hit").first).to_contain_text("as of")
    effort.key("Enter")
    expect(page.locator(".asof-on")).to_be_visible()
    row = page.locator("section[aria-labelledby=w] tbody tr", has_text="MAIN")
    budget("6 stock of an item in a warehouse on a day", effort.got(), taps=0, keys=18, scans=0)
    moved = Movement.objects.filter(item=item, effective_at__date__lte=day)
    came, went = (
        sum(moved.filter(**{f"{end}__warehouse__code": "MAIN"}).values_list("quantity", flat=True))
        for end in ("target", "source")
    )
    expect(row.locator("td.n.b")).to_have_text(f"{came - went:,.0f}")


def test_7_move_from_bin_to_bin(world: World, open_page: Any, budget: Record) -> None:
    """On a handheld: where it lies, the goods, how many, where it goes, and one tap."""
    item = world.stocked(40)
    here = catalog.default_place(world.main)
    there = world.main.places.create(
        company=here.company, kind="storage", code="B-02", path=f"{here.path}/B-02"
    )
    page = open_page("/m/move/", user=world.cat, viewport=PHONE)
    effort = Effort(page)
    effort.scan(f"https://x/p/{world.main.code}/{here.code}/")
    expect(page.locator("#task")).to_be_visible()
    effort.scan(item.code)
    expect(page.locator(".tline.cur")).to_contain_text(item.code)
    effort.key("1", "2")
    expect(page.locator(".tline.cur [data-total]")).to_have_value("12")
    effort.scan("B-02")
    effort.tap(".ph-f .btn-p")
    expect(page.locator(".say.done")).to_be_visible()
    budget("7 move one item from bin to bin", effort.got(), taps=1, keys=2, scans=3)
    assert Balance.objects.get(item=item, place=there).on_hand == 12


def test_9_report_damage_with_a_photo(world: World, open_page: Any, budget: Record) -> None:
    item = world.stocked(40)
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    page = open_page("/m/", user=world.ann, viewport=PHONE)
    effort = Effort(page)
    page.get_by_role("link", name="Report a problem").click()
    expect(page.locator("#problem")).to_be_visible()
    effort.scan(item.code)
    expect(page.locator("[name=code]")).to_have_value(item.code)
    page.get_by_role("button", name="Damaged").click()
    effort.outside(2)  # the field of the photo, and the shutter of the camera
    page.locator("#problem [data-photo]").set_input_files(
        {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    )
    effort.tap(".ph-f button")
    expect(page.locator("#problem-said a")).to_be_visible()
    expect(page.locator(".waits")).to_be_hidden()
    budget("9 report damage with a photo", effort.got(), taps=5, keys=1, scans=1)
    assert Case.objects.get(rule__kind="problem").photos.count() == 1


def test_12_find_an_item_by_its_chinese_name(world: World, open_page: Any, budget: Record) -> None:
    item = world.stocked(40)
    item.name = "冷扣件"
    item.save()
    refresh_items([item])
    page = open_page("/", user=world.head, language="zh-hans")
    effort = Effort(page)
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("lkj", delay=90)
    effort.key("Enter")
    expect(page.locator("h1")).to_contain_text("冷扣件")
    budget("12 find an item by its Chinese name", effort.got(), taps=0, keys=6, scans=0)
