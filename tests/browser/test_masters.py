"""Master data as people keep it: create, mend what is wrong, edit, copy, archive, see the history; by a sheet."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from stock.models import Category, Item, Unit
from tests.support.browser import Seen, refused

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill(page: Page, code: str, name: str) -> None:
    """The fields that an item must have."""
    page.locator("#id_code").fill(code)
    page.locator("#id_name").fill(name)
    page.locator("#id_category").select_option(str(Category.objects.get(code="11").pk))
    page.locator("#id_base_unit").select_option(str(Unit.objects.get(code="PCS").pk))


def test_an_item_from_its_making_to_its_archive(
    demo: dict[str, User], open_page: Any, seen: Seen
) -> None:
    page = open_page("/items/", user=demo["zhao"])
    page.locator("a", has_text="New item").click()
    expect(page.locator("#id_code")).to_be_visible()
    fill(page, "10044", "试验电机 9V")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".note.err")).to_contain_text("Code")
    expect(page.locator("#id_name")).to_have_value("试验电机 9V")
    refused(page, seen)

    page.locator("#id_code").fill("10999")
    page.locator("#id_barcodes-0-code").fill("6900000010999")
    page.locator("button", has_text="Save").click()
    page.wait_for_url(re.compile(r"/items/\d+/$"))
    expect(page.locator("#messages")).to_contain_text("10999")
    made = Item.objects.get(code="10999")
    assert list(made.barcodes.values_list("code", flat=True)) == ["6900000010999"]

    page.locator(".act a", has_text="Edit").click()
    page.locator("#id_name").fill("试验电机 12V")
    page.locator("button", has_text="Save").click()
    page.wait_for_url(re.compile(r"/items/\d+/$"))
    page.locator(".tabs a", has_text="History").click()
    history = page.locator(".hist")
    expect(history.locator("del").first).to_have_text("试验电机 9V")
    expect(history.locator("ins").first).to_have_text("试验电机 12V")
    expect(history).to_contain_text("赵建国")

    page.locator(".act a", has_text="Copy").click()
    expect(page.locator("#id_name")).to_have_value("试验电机 12V")
    expect(page.locator("#id_code")).to_have_value("")
    page.locator("#id_code").fill("10998")
    page.locator("button", has_text="Save").click()
    page.wait_for_url(re.compile(r"/items/\d+/$"))

    page.locator(".act a", has_text="Edit").click()
    page.locator("button[value=archive]").click()
    expect(page.locator(".chip.dead")).to_be_visible()
    page.goto(page.url.split("/master/")[0] + "/items/?q=10998")
    expect(page.locator(".empty")).to_be_visible()
    page.locator("select[name=state]").select_option("archived")
    expect(page.locator("#list tbody tr")).to_have_count(1)


def test_two_people_at_one_record_lose_nothing(
    demo: dict[str, User], open_page: Any, seen: Seen
) -> None:
    """Who saves second is told, and keeps what was typed."""
    item = Item.objects.get(code="10046")
    path = f"/master/items/{item.pk}/edit/"
    first, second = open_page(path, user=demo["zhao"]), open_page(path, user=demo["zhao"])
    first.locator("#id_name").fill("电机 12V 甲")
    first.locator("button", has_text="Save").click()
    first.wait_for_url(re.compile(r"/items/\d+/$"))
    second.locator("#id_note").fill("乙的说明")
    second.locator("button", has_text="Save").click()
    expect(second.locator(".note.err")).to_be_visible()
    refused(second, seen)
    expect(second.locator("#id_note")).to_have_value("乙的说明")
    item.refresh_from_db()
    assert item.name == "电机 12V 甲"


def test_a_sheet_goes_out_and_comes_back(
    demo: dict[str, User], open_page: Any, tmp_path: Path
) -> None:
    """Export, change a name and the barcodes, upload: only that is a difference."""
    page = open_page("/master/import/", user=demo["admin"])
    with page.expect_download() as waiting:
        page.locator("li", has_text="Items").locator("a", has_text="CSV").click()
    sheet = tmp_path / "items.csv"
    waiting.value.save_as(sheet)
    text = sheet.read_text("utf-8-sig")
    line = next(line for line in text.splitlines() if line.startswith("10044,"))
    codes = line.split(",")[11]
    changed = line.replace("电机 24V", "电机 24V 新").replace(codes, "6900000000017")
    sheet.write_text(text.replace(line, changed), "utf-8")
    page.locator("#file").set_input_files(sheet)
    page.locator("button", has_text="Check the file").click()
    page.wait_for_url("**/master/import/*-*/")
    expect(page.locator(".facts dd")).to_have_text(["0", "1", str(Item.objects.count() - 1), "0"])
    expect(page.locator(".hist")).to_have_text(
        f"Name: 电机 24V → 电机 24V 新; Barcodes: {codes} → 6900000000017"
    )
    page.locator("button", has_text="Write all of it").click()
    expect(page.locator("#messages .toast")).to_be_visible()
    item = Item.objects.get(code="10044")
    assert item.name == "电机 24V 新"
    assert [code.code for code in item.barcodes.all()] == ["6900000000017"]
