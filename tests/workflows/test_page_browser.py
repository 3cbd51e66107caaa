"""The three named processes walked by their people in a real Chromium; each step and its time stands on the document."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from people.models import User
from stock.models import Balance, Unit
from tests.support.browser import PHONE, Seen, refused
from tests.workflows.world import D, World
from workflows import door
from workflows.models import Document, Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def world(transactional_db: None) -> World:
    Unit.objects.get_or_create(code="PCS", defaults={"name": "piece", "decimals": 0})
    return World()


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def ten_seconds_later() -> None:
    """What the worker does once a verdict has been held long enough."""
    past = timezone.now() - timedelta(seconds=1)
    assert Task.objects.filter(state=Task.State.HELD).update(held_until=past) == 1
    assert door.settle_due() == 1


def open_document(open_page: Any, document: Document, user: User, **more: Any) -> Page:
    page: Page = open_page(f"/documents/{document.key}/", user=user, **more)
    return page


def press(page: Page, name: str) -> None:
    page.locator(".head .act").get_by_text(name, exact=True).click()


def steps_of(page: Page) -> dict[str, str]:
    """Step → what stands below it."""
    return {
        step.locator("b").inner_text(): step.locator("> span").inner_text()
        for step in page.locator("ol.steps > li").all()
    }


def kept(page: Page) -> None:
    """Wait until all that was typed or scanned while carrying out is saved."""
    expect(page.locator("form[data-carry]")).to_have_attribute("aria-busy", "false")
    expect(page.locator("[data-saved]")).to_have_text("Saved")


def fill(page: Page, document: Document, **values: str) -> None:
    """Type figures of the only line, as a clerk does, and wait until they are saved."""
    key = document.lines.get().key
    for name, value in values.items():
        field = page.locator(f'[name="{name}.{key}"]')
        field.fill(value)
        field.press("Enter")
    kept(page)


def on_hand(item: Any, kind: str = "storage") -> Any:
    rows = Balance.objects.filter(item=item, place__kind=kind)
    return sum((row.on_hand for row in rows), D(0))


def test_boxes_to_choose_several_are_whole_on_a_phone(world: World, open_page: Any) -> None:
    item = world.stocked()
    document = world.draft("scrap", {"item": item.code, "quantity": "80"})
    world.act(document, "submit", world.ann)
    page: Page = open_page("/todo/", user=world.head, viewport=PHONE)
    box = page.locator("input[name=pick]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    name = page.locator("tr[data-row] a.only-ph").bounding_box()
    assert box["x"] + box["width"] <= name["x"]


def test_a_purchase_from_request_to_finance(world: World, open_page: Any, seen: Seen) -> None:
    item = world.item()
    document = world.draft("purchase_in", {"item": item.code, "quantity": "10", "price": "100"})
    page = open_document(open_page, document, world.ann)
    expect(page.locator(".say")).to_contain_text("Draft · stock not changed yet")
    press(page, "Submit")
    expect(page.locator(".say")).to_contain_text("In approval · stock not changed yet")

    page = open_page("/todo/", user=world.buyer)
    page.keyboard.press("j")
    expect(page.locator("#peek")).to_contain_text(str(fresh(document)))
    page.keyboard.press("Enter")
    press(page, "Confirm")
    page.locator('[name^="confirmed."]').fill("8")
    page.locator(".foot .btn-p").click()
    expect(page.locator(".undo-bar")).to_contain_text("takes effect in a moment")
    ten_seconds_later()

    page = open_document(open_page, document, world.cat, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator('[name^="actual."]').bounding_box()["height"] >= 44
    page.locator(".carry-f .btn-p").click()
    expect(page.locator(".note.err")).to_contain_text("has not been counted")
    refused(page, seen)
    fill(page, document, actual="8", rejected="1")
    assert document.lines.get().actual == 8
    page.locator(".carry-f .btn-p").click()
    expect(page.locator(".say.done")).to_contain_text("1 item came into A: 8")

    page = open_document(open_page, document, world.fay)
    press(page, "Finish")
    expect(page.locator(".head .bdg.ok")).to_have_text("With finance")
    steps = steps_of(page)
    clock = r"\d\d:\d\d"
    assert re.match(rf"ann {clock}", steps["Purchase request"])
    assert re.match(rf"buyer {clock}", steps["Order confirmation"])
    assert "not needed" in steps["Approval of large amounts"]
    assert re.match(rf"cat {clock}", steps["Receiving inspection"])
    assert re.match(rf"the system {clock}", steps["Posting"])
    assert re.match(rf"fay {clock}", steps["Finance sync"])
    expect(page.locator(".say .end")).to_contain_text("in all =")
    assert (on_hand(item), on_hand(item, "quarantine")) == (7, 1)
    expect(page.locator("#lines")).to_contain_text("10")
    expect(page.locator("#lines del").first).to_have_text("10")


def test_an_issue_that_used_more_than_planned_is_fed_back(
    world: World, open_page: Any, seen: Seen
) -> None:
    item = world.stocked(100, 10)
    document = world.draft("production_issue", {"item": item.code, "quantity": "50"})
    page = open_document(open_page, document, world.ann)
    press(page, "Submit")
    expect(page.locator(".say")).to_contain_text("Approved · stock not changed yet")

    page = open_document(open_page, document, world.cat)
    fill(page, document, actual="60", rechecked="59")
    page.locator(".carry-f .btn-p").click()
    expect(page.locator("main .note.err")).to_contain_text("the second check says 59")
    refused(page, seen)
    fill(page, document, rechecked="60")
    page.locator(".carry-f .btn-p").click()
    expect(page.locator(".say")).to_contain_text("In approval · stock not changed yet")

    page = open_page(f"/documents/{document.key}/decide/", user=world.bob, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.documentElement.scrollHeight") <= 740
    agree = page.locator(".ph-f .btn-p")
    assert agree.bounding_box()["height"] >= 48
    agree.click()
    expect(page).to_have_url(re.compile(r"/todo/$"))
    expect(page.locator(".undo-bar")).to_contain_text("Undo")
    page.locator(".undo-bar button").click()
    expect(page.locator(".msgs")).to_contain_text("1 verdict taken back")
    page.goto(page.url.replace("/todo/", f"/documents/{document.key}/decide/"))
    page.locator(".ph-f .btn-p").click()
    expect(page.locator(".undo-bar")).to_be_visible()
    ten_seconds_later()

    page = open_document(open_page, document, world.ann)
    expect(page.locator(".say.done")).to_contain_text("1 item left A: 60")
    steps = steps_of(page)
    assert "ann" in steps["Material request"]
    assert "bob" in steps["Production approval"]
    assert "cat" in steps["Warehouse issue"]
    assert "1 line differs from the plan" in steps["Exception feedback"]
    feedback = page.locator(".tl li").filter(has_text="exception feedback")
    expect(feedback.locator(".diff .m")).to_have_text("planned 50")
    expect(feedback.locator(".diff .p")).to_have_text("actual 60")
    page.goto(page.url.split("/documents")[0] + "/notices/")
    expect(page.locator("main")).to_contain_text("differs from what you asked for")
    assert on_hand(item) == 40


def test_a_return_is_made_from_the_sale_and_sorted(world: World, open_page: Any) -> None:
    item = world.stocked(10, 5)
    sale = world.draft("sales_out", {"item": item.code, "quantity": "4", "price": "20"})
    world.act(sale, "submit", world.ann)
    world.act(sale, "complete", world.cat)

    page = open_document(open_page, sale, world.ann)
    page.locator(".head .more > summary").click()
    page.get_by_role("button", name="Make: Sales return").click()
    expect(page).to_have_url(re.compile(r"/edit/"))
    document = Document.objects.get(type="sales_return")
    page = open_document(open_page, document, world.ann)
    expect(page.locator("#links")).to_contain_text(str(fresh(sale)))
    press(page, "Submit")

    page = open_page("/todo/", user=world.after)
    expect(page.locator("#peek")).to_contain_text("Agree")
    page.locator("#peek .btn-p").click()
    expect(page.locator(".undo-bar")).to_contain_text(str(fresh(document)))
    ten_seconds_later()

    page = open_document(open_page, document, world.cat)
    fill(page, document, actual="4", rejected="1")
    page.locator(".carry-f .btn-p").click()
    expect(page.locator(".say.done")).to_contain_text("1 item came into A: 4")
    page = open_document(open_page, document, world.fay)
    press(page, "Finish")
    steps = steps_of(page)
    assert "ann" in steps["Customer's request"]
    assert "after" in steps["After-sales review"]
    assert "cat" in steps["Back into stock"]
    assert "fay" in steps["Finance accounting"]
    assert (on_hand(item), on_hand(item, "quarantine")) == (9, 1)


def test_a_photo_is_added_and_somebody_is_mentioned(world: World, open_page: Any) -> None:
    document = world.draft("scrap", {"item": world.stocked().code, "quantity": "80"})
    world.act(document, "submit", world.ann)
    page = open_document(open_page, document, world.ann)
    out = BytesIO()
    Image.new("RGB", (80, 60), "red").save(out, "JPEG")
    photo = {"name": "dent.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    text = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"three are bent"}
    page.locator("#files input[multiple]").set_input_files([photo, text])
    expect(page.locator("#files .thumb")).to_have_count(1)
    expect(page.locator("#files")).to_contain_text("note.txt")
    assert page.evaluate("document.querySelector('#files .thumb').decode().then(() => true)")
    box = page.locator("form.comment textarea")
    box.press_sequentially("look @hea")
    expect(page.locator(".mention li")).to_have_text([f"head@{world.head.username}"])
    box.press("Enter")
    expect(box).to_have_value(f"look @{world.head.username} ")
    box.press_sequentially("please")
    box.press("Control+Enter")
    expect(page.locator(".tl")).to_contain_text(f"look @{world.head.username} please")
    page = open_page("/notices/", user=world.head)
    expect(page.locator("main")).to_contain_text(f"ann in Scrap {fresh(document)}: look")


def test_what_was_typed_survives_somebody_else(world: World, open_page: Any, seen: Seen) -> None:
    """A colleague's entry between two of mine: I am told, my figures stay, and the next save keeps them."""
    item = world.stocked(100, 10)
    document = world.draft("department_issue", {"item": item.code, "quantity": "50"})
    world.act(document, "submit", world.ann)
    page = open_document(open_page, document, world.cat)
    world.act(document, "comment", world.ann, text="hurry")
    key = document.lines.get().key
    field = page.locator(f'[name="actual.{key}"]')
    field.fill("45")
    field.press("Enter")
    expect(page.locator("#carry-note")).to_contain_text("What you typed is still in the fields")
    refused(page, seen, 409)
    expect(field).to_have_value("45")
    assert document.lines.get().actual is None
    page.locator(".carry-f .btn").filter(has_text="Save").click()
    expect(page.locator(".msgs")).to_contain_text("entered quantities")
    assert document.lines.get().actual == 45
