"""The page of an item: another moment, why a number is what it is, and the period's figures that lead here."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from people.models import User
from stock.models import Item

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_number_leads_to_what_makes_it(demo: dict[str, User], open_page: Any) -> None:
    """From the period summary to the movements of an item, to one posting; from on hand to its reasons."""
    page = open_page("/summary/", user=demo["zhao"])
    expect(page.locator(".head .meta .ok")).to_contain_text("opening + in − out = closing")
    row = page.locator("tr", has=page.locator("a.row", has_text="10044"))
    figures = row.locator("td.g0")
    opening, came, went, closing = (
        int(text.replace(",", "").replace("—", "0")) for text in figures.all_inner_texts()
    )
    assert opening + came - went == closing

    figures.nth(3).locator("a").click()
    page.wait_for_url("**/explain/**")
    expect(page.locator("h1")).to_have_text(f"Why {closing} PCS")
    expect(page.locator(".note.ok")).to_contain_text("exactly the number")
    changes = page.locator("tbody td.n").all_inner_texts()
    assert sum(int(text.replace("−", "-").replace(",", "")) for text in changes) == closing

    page.locator("tbody a.row").last.click()
    page.wait_for_url(re.compile(r"/postings/\d+/"))
    expect(page.locator(".say.done")).to_contain_text("stock has changed")


def test_the_page_of_another_moment(demo: dict[str, User], open_page: Any) -> None:
    """By the moment, by the slider and back to now; nothing can be written in the past."""
    item = Item.objects.get(code="10044")
    page = open_page(f"/items/{item.pk}/", user=demo["zhao"])
    now = page.locator(".facts dd").first.inner_text()
    expect(page.locator(".head .act")).to_contain_text("Edit")

    page.locator("input[data-asof]").focus()
    for _step in range(3):
        page.keyboard.press("PageDown")
    page.wait_for_url(re.compile(r"at=\d{4}-\d\d-\d\dT23%3A59"))
    expect(page.locator(".asof-on")).to_contain_text("not today")
    expect(page.locator(".head .act")).not_to_contain_text("Edit")

    page.locator("#as").fill("2001-01-01T00:00")
    page.locator(".asof button").click()
    page.wait_for_url("**2001-01-01**")
    expect(page.locator(".facts dd").first).to_have_text("0")
    page.locator(".asof-on a").click()
    page.wait_for_url(lambda url: "at=" not in url)
    expect(page.locator(".facts dd").first).to_have_text(now)

    page.locator(".plot a").last.click()
    page.wait_for_url(re.compile(r"/postings/\d+/"))


def test_keys_work_and_a_scanner_does_not_press_them(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/items/", user=demo["zhao"])
    # All at once, as a gun does: keys sent one by one come too slowly where the processor is busy.
    page.evaluate(
        """() => { for (const key of "[?[?[?") document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); }"""
    )
    page.wait_for_timeout(150)
    assert page.locator(".app.slim").count() == 0
    assert not page.locator("#keys").evaluate("dialog => dialog.open")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    page.keyboard.press("[")
    expect(page.locator(".app.slim")).to_have_count(1)
    page.wait_for_timeout(100)
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("zzz9", delay=90)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?go=1&q=zzz9")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
