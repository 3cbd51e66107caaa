"""The search box in a real browser: keys, thumbs, what was opened last, and a person who types fast."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from people.models import User
from stock.models import Lot
from tests.support.browser import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_item_is_opened_by_its_initials_with_six_keys(
    demo: dict[str, User], open_page: Any
) -> None:
    page = open_page("/", user=demo["zhao"])
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("dj")  # at once: nothing has been fetched yet
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/*/")
    expect(page.locator("h1")).to_contain_text("电机")


def test_arrows_choose_escape_closes_and_the_last_is_remembered(
    demo: dict[str, User], open_page: Any
) -> None:
    page = open_page("/stock/", user=demo["zhao"])
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.locator("#find").fill("dj")  # in one: an answer to the first letter would be another list
    options = page.locator("#hits .hit")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert page.locator("#find").get_attribute("aria-activedescendant") == "hit-item-2"
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(page.locator("#hits")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#hits")).to_be_visible()
    code = options.nth(0).locator(".code").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/*/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("group", name="Opened last").locator(".code")).to_have_text(code)


def test_a_lot_by_thumb_on_a_phone(demo: dict[str, User], open_page: Any) -> None:
    lot = Lot.objects.exclude(pk=0).exclude(expires_on=None)[0]
    page = open_page("/", user=demo["zhao"], viewport=PHONE, language="zh-hans", dark=True)
    page.locator("#find").click()
    page.locator("#find").fill(lot.number)
    page.locator("#hits .hit", has_text=lot.number).first.click()
    page.wait_for_url("**/lots/*/")
