"""Answers that come late, out of order, broken or never: what is on the screen is right in the end."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from stock.models import Item
from tests.browser.test_live import post, until_seen
from tests.support.browser import DESKTOP, IMPATIENT, PHONE, Held, Seen, comes, holds
from tests.support.gun import scan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME, READ = "/home/warehouse/", "**/home/warehouse/**"


def plain_item() -> Item:
    return Item.objects.filter(tracking="none")[0]


def home(open_page: Any, user: User) -> Page:
    """A home that has asked the pulse."""
    page: Page = open_page(HOME, user=user)
    holds(page, "performance.getEntriesByType('resource').some(e => e.name.includes('/pulse/'))")
    return page


def test_what_happened_while_the_page_was_drawn_is_shown(
    demo: dict[str, User], open_page: Any
) -> None:
    """Between reading the page and the first answer of the pulse, which must not pass for what the page shows."""
    page = home(open_page, demo["zhao"])
    pulse = Held(page, "**/pulse/**")
    page.reload()
    pulse.wait()
    document = post(plain_item(), 3)
    pulse.let_go()
    until_seen(page, document)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_count_of_notices_moves_nothing_that_is_about_to_be_pressed(
    demo: dict[str, User], open_page: Any, size: dict[str, int]
) -> None:
    """It comes after the page: what moves between the press and the release of a button is not pressed."""
    page = open_page("/items/", user=demo["zhao"], viewport=size)
    bell = Held(page, "**/notices/bell/")
    page.reload()
    bell.wait()
    before = [one.bounding_box() for one in page.locator(".top .tool .btn:visible").all()]
    bell.let_go()
    expect(page.locator(".bell .cnt")).to_be_visible()
    assert len(before) >= 2
    assert [one.bounding_box() for one in page.locator(".top .tool .btn:visible").all()] == before


def test_an_older_reading_does_not_take_the_place_of_a_newer_one(
    demo: dict[str, User], open_page: Any
) -> None:
    page = home(open_page, demo["zhao"])
    readings = Held(page, READ)
    first = post(plain_item(), 3)
    readings.wait()
    route = readings.routes.pop()
    old = route.fetch()
    assert first in old.text()
    readings.let_go()
    second = post(plain_item(), 4)
    page.wait_for_timeout(3000)
    route.fulfill(response=old)
    until_seen(page, second)
    page.wait_for_timeout(1000)
    expect(page.get_by_text(second).first).to_be_visible()


def test_a_reading_that_fails_is_tried_again(
    demo: dict[str, User], open_page: Any, seen: Seen
) -> None:
    page = home(open_page, demo["zhao"])
    readings = Held(page, READ)
    document = post(plain_item(), 3)
    readings.wait()
    readings.routes.pop().fulfill(status=503, body="later")
    readings.wait()
    readings.let_go()
    until_seen(page, document)
    assert ["503" in message for message in seen.messages] == [True]
    seen.messages.clear()


def test_the_search_opens_its_page_where_its_list_has_no_answer(
    demo: dict[str, User], open_page: Any, seen: Seen
) -> None:
    page = open_page("/stock/", user=demo["zhao"])
    page.locator("#find").focus()
    expect(page.locator("#find")).to_have_attribute("role", "combobox")
    page.route("**/palette/**", lambda route: route.fulfill(status=503))
    page.keyboard.type("zz9", delay=90)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**q=zz9**")
    seen.messages.clear()  # the browser notes the refusals


def test_a_scan_whose_meaning_never_comes_is_asked_again(
    demo: dict[str, User], open_page: Any
) -> None:
    """Those behind it wait in order, and would wait for ever."""
    page = open_page("/stock/", user=demo["zhao"])
    page.add_init_script(IMPATIENT)
    page.goto(page.url.replace("/stock/", "/documents/new/other_in/"))
    meanings = Held(page, "**/scan/read/**")
    scan(page, "10044")
    meanings.wait(2)
    expect(page.locator("#scan-said")).to_be_visible()
    meanings.routes.pop().continue_()
    expect(page.locator("tr.line [name=item]").first).to_have_value("10044 电机 24V")


def test_a_suggestion_of_older_letters_is_not_offered(
    demo: dict[str, User], open_page: Any
) -> None:
    page = open_page("/stock/", user=demo["zhao"])
    page.goto(page.url.replace("/stock/", "/scan/"))
    scan(page, "NEW-4711")
    page.get_by_role("button", name="Link to an item").click()
    field = page.locator("dialog[open] input[name=item]")
    expect(field).to_be_visible()
    asked = Held(page, "**/search/**")
    field.fill("1004")
    asked.wait()
    field.fill("10046")
    asked.wait(2)
    old, new = asked.routes
    answers = [old.fetch(), new.fetch()]
    new.fulfill(response=answers[1])
    options = page.locator("dialog[open] datalist option")
    comes(page, lambda: options.count() == 1, "the newer answer")
    old.fulfill(response=answers[0])
    page.wait_for_timeout(300)
    assert options.count() == 1


def test_an_answer_that_breaks_off_stops_no_look_up(demo: dict[str, User], open_page: Any) -> None:
    """The next scans are looked up all the same."""
    page = open_page("/scan/", user=demo["zhao"], viewport=PHONE)
    page.evaluate(
        """() => {
          const text = Response.prototype.text;
          Response.prototype.text = function () {
            if (!this.headers.has("X-Scan")) return text.call(this);
            Response.prototype.text = text;
            return Promise.reject(new TypeError("network error"));
          };
        }"""
    )
    scan(page, "10044")
    expect(page.locator("#scan-said")).to_have_class(re.compile("bad"))
    scan(page, "10046")
    expect(page.locator(".scan-card")).to_contain_text("10046")
