"""Two orders walked by their people in a real Chromium: one sold, sent and partly brought back; one produced."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.access import access_for
from people.models import User
from stock.models import Balance, Place, Unit
from tests.support.browser import PHONE
from tests.workflows.test_entry_browser import saved
from tests.workflows.test_orders import figures, made, reserved
from tests.workflows.test_page_browser import kept, open_document, press, ten_seconds_later
from tests.workflows.world import D, World
from workflows import boms
from workflows.models import Document, FollowUp, OrderLine

# A walk of several people takes minutes where the processor is busy.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]


@pytest.fixture
def world(transactional_db: None) -> World:
    Unit.objects.get_or_create(code="PCS", defaults={"name": "piece", "decimals": 0})
    return World()


def there(item: Any, kind: str = "storage") -> Any:
    rows = Balance.objects.filter(item=item, place__kind=kind)
    return sum((row.on_hand for row in rows), D(0))


def only(**wanted: Any) -> Document:
    return Document.objects.get(**wanted)


def put(page: Page, name: str, document: Document, *values: str) -> None:
    """Type figures into the fields of the lines and wait until they are saved."""
    keys = document.lines.order_by("position").values_list("key", flat=True)
    for key, value in zip(keys, values, strict=True):
        field = page.locator(f'[name="{name}.{key}"]')
        field.fill(value)
        field.press("Enter")
        kept(page)


def finish(page: Page) -> None:
    page.locator(".carry-f .btn-p").click()


def test_a_sale_is_promised_sent_in_parts_and_partly_brought_back(
    world: World, open_page: Any
) -> None:
    first, second = world.stocked(100, 10), world.stocked(8, 5)
    seller = world.person("sally", "sales")
    order = world.draft(
        "sales_order",
        {"item": first.code, "quantity": "50", "price": "20"},
        {"item": second.code, "quantity": "10", "price": "9"},
        by=seller,
        partner=world.customer.code,
    )
    page = open_page(f"/documents/{order.key}/edit/", user=seller)
    expect(page.locator("h1")).to_contain_text("Sales order")
    page.locator("#send button").click()
    expect(page.locator(".say")).to_contain_text("2 of 2 lines have something open")
    lines = page.locator("#progress tbody tr")
    expect(lines.nth(0)).to_contain_text("50 reserved")
    expect(lines.nth(1)).to_contain_text("8 reserved")
    expect(lines.nth(1)).to_contain_text("2 short")
    order = only(pk=order.pk)
    assert reserved(order) == 58

    (issue,) = made(order)
    page = open_document(open_page, issue, world.cat, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    put(page, "actual", issue, "30", "8")
    finish(page)
    expect(page.locator(".say.done")).to_contain_text("left A")
    rest = only(rest_of=issue)
    page = open_document(open_page, order, seller)
    expect(page.locator("#progress tbody tr").nth(0)).to_contain_text("20 reserved")
    page = open_document(open_page, rest, world.cat)
    put(page, "actual", rest, "20", "0")
    page.locator('[name="close_rest"]').check()
    finish(page)
    expect(page.locator(".say.done")).to_be_visible()
    assert figures(order) == [(50, 50, 0, 0), (10, 8, 0, 2)]

    page = open_document(open_page, order, seller)
    press(page, "Close what is open")
    page.locator('[name="reason"][value="other"]').check()
    page.locator('[name="text"]').fill("The customer takes eight")
    page.locator(".foot .btn-p").click()
    expect(page.locator(".say.done")).to_contain_text("nothing is open any more")

    page = open_page("/tasks/?kind=dispatch", user=world.cat, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    task = page.locator(".tasks > li").filter(has_text=str(issue))
    task.locator('[name="carrier"]').fill("SF")
    task.locator('[name="tracking"]').fill("SF100")
    task.get_by_role("button", name="Handed over").click()
    task = page.locator(".tasks > li").filter(has_text=str(issue))
    expect(task.locator(".chip")).to_have_text("Handed over")
    task.get_by_role("button", name="Delivered").click()
    expect(page.locator(".tasks > li").filter(has_text=str(issue))).to_have_count(0)
    assert FollowUp.objects.get(document=issue, kind="dispatch").tracking == "SF100"

    page = open_document(open_page, issue, seller)
    page.locator(".head .more summary").click()
    page.get_by_role("button", name="Make: Sales return").click()
    page.wait_for_url("**/edit/")
    back = only(type="sales_return")
    one, other = back.lines.order_by("position")
    quantity = page.locator(f'#l-{one.key} [name="quantity"]')
    quantity.fill("4")
    quantity.press("Enter")
    page.locator(f"#l-{other.key} [data-remove]").click()
    expect(page.locator("tr[data-known]")).to_have_count(1)
    saved(page)
    page.locator("#send button").click()
    expect(page.locator(".say")).to_contain_text("In approval")
    page = open_document(open_page, back, world.after)
    press(page, "Agree")
    expect(page.locator(".undo-bar")).to_be_visible()
    ten_seconds_later()
    page = open_document(open_page, back, world.cat)
    put(page, "actual", back, "4")
    put(page, "rejected", back, "3")
    finish(page)
    expect(page.locator(".say.done")).to_be_visible()
    assert (there(first), there(first, "quarantine")) == (51, 3)

    page = open_document(open_page, back, world.head)
    page.locator(".head .more summary").click()
    page.get_by_role("button", name="Make: Release").click()
    page.wait_for_url("**/edit/")
    page.locator("#send button").click()
    expect(page.locator(".say.done")).to_contain_text("3 PCS")
    assert (there(first), there(first, "quarantine")) == (54, 0)
    assert OrderLine.objects.filter(document=order, delivered=50).exists()

    page = open_page("/tasks/?kind=settlement", user=world.fay)
    task = page.locator(".tasks > li").filter(has_text=str(issue))
    task.locator('[name="note"]').fill("Invoice 77")
    task.get_by_role("button", name="Settled").click()
    expect(page.locator(".tasks > li").filter(has_text=str(issue))).to_have_count(0)


def test_a_product_takes_the_cost_of_what_went_into_it(world: World, open_page: Any) -> None:
    steel, screw, chair = world.stocked(100, 10), world.stocked(1000, "0.5"), world.item()
    boms.save(
        chair.code,
        quantity="1",
        lines=[{"item": steel.code, "quantity": "2"}, {"item": screw.code, "quantity": "8"}],
        actor=world.head,
        access=access_for(world.head),
    )
    maker = world.person("max", "production", "approver")
    order = world.draft(
        "production_order", {"item": chair.code, "quantity": "3", "side": "output"}, by=maker
    )
    page = open_page(f"/documents/{order.key}/edit/", user=maker)
    page.get_by_role("button", name="Fill in the materials").click()
    expect(page.locator("tr[data-known]")).to_have_count(3)
    assert order.lines.count() == 3
    page.locator("#send button").click()
    expect(page.locator("#progress h2")).to_have_text("Plan and actual")
    order = only(pk=order.pk)
    assert reserved(order) == 30

    (issue,) = made(order)
    page = open_document(open_page, issue, world.cat)
    put(page, "actual", issue, "9", "24")
    put(page, "rechecked", issue, "9", "24")
    finish(page)
    expect(page.locator(".say")).to_contain_text("In approval")  # half as much again is not routine
    page = open_document(open_page, issue, world.bob)
    press(page, "Agree")
    expect(page.locator(".undo-bar")).to_be_visible()
    ten_seconds_later()
    assert only(pk=issue.pk).state == "posted"
    assert issue.events.filter(verb="feedback").exists()

    page = open_document(open_page, order, world.bob)
    row = page.locator("#progress tbody tr").filter(has_text=steel.code)
    expect(row).to_contain_text("3 more than planned")
    expect(page.locator("#progress .kvr")).to_contain_text("102.00")  # 9 × 10 + 24 × 0.5

    (receipt,) = made(order, "production_receipt")
    page = open_document(open_page, receipt, world.cat, viewport=PHONE)
    put(page, "actual", receipt, "3")
    finish(page)
    expect(page.locator(".say.done")).to_contain_text("3")
    assert only(pk=receipt.pk).posted_amount == D(102)
    page = open_document(open_page, order, world.bob)
    money = page.locator("#progress .kvr")
    expect(money).to_contain_text("34.00")  # the cost of one
    expect(money).to_contain_text("100.0 %")
    page = open_document(open_page, order, maker, language="zh-hans", dark=True)
    expect(page.locator("#progress h2")).to_have_text("计划与实际")
    press(page, "关闭未交部分")
    page.locator('[name="reason"][value="other"]').check()
    page.locator('[name="text"]').fill("做完了")
    page.locator(".foot .btn-p").click()
    expect(page.locator(".say.done")).to_contain_text("已全部了结")
    assert Place.objects.filter(kind="production").exists()


def test_a_bill_is_written_in_a_browser(world: World, open_page: Any) -> None:
    steel, chair = world.stocked(100, 10), world.item()
    head: User = world.head
    page = open_page("/boms/new/", user=head)
    page.locator('[name="product"]').fill(chair.code)
    page.locator('[name="item"]').first.fill(steel.code)
    page.locator('[name="quantity_line"]').first.fill("2")
    page.locator(".foot .btn-p").click()
    expect(page.locator("h1")).to_contain_text(chair.code)
    assert chair.bom.lines.get().quantity == 2
