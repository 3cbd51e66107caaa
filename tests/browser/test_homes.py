"""The homes on desk and phone: answered without scrolling, usable by all, walked by keys alone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from people.models import User
from stock.models import Movement, Warehouse
from tests.support.browser import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOMES = (
    ("wangmin", "warehouse"),
    ("zheng", "manager"),
    ("chenxiao", "procurement"),
    ("xulin", "sales"),
    ("wulei", "production"),
    ("qian", "finance"),
    ("admin", "admin"),
    ("liuyang", "work"),
)
LOWEST = """() => {
  const bar = document.querySelector('.tabbar');
  const floor = bar.checkVisibility() ? bar.getBoundingClientRect().top : innerHeight;
  const seen = [...document.querySelectorAll('.glance .t, .p-tasks .task, .p-tasks .none')].filter(e => e.checkVisibility());
  return floor - Math.max(...seen.map(e => e.getBoundingClientRect().bottom));
}"""
"""How much room is left below the lowest tile and task that are shown; below zero it must be scrolled for."""


def whole(page: Page, what: str) -> None:
    """The page fits, and nothing stands in the way of anybody."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, what
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == [], what


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_question_is_answered_without_scrolling(
    demo: dict[str, User], open_page: Any, phone: bool
) -> None:
    for number, (name, home) in enumerate(HOMES):
        language, dark = (("en", False), ("zh-hans", True))[number % 2]
        User.objects.filter(username=name).update(language=language)
        page = open_page(
            "/", user=demo[name], language=language, viewport=PHONE if phone else DESKTOP, dark=dark
        )
        assert page.evaluate(LOWEST) >= 0, (home, page.evaluate(LOWEST))
        whole(page, home)


def test_lists_behind_homes_and_new_pages_are_whole(
    demo: dict[str, User], live_server: Any, open_page: Any
) -> None:
    drawn = f"/warehouses/{Warehouse.objects.get(code='MAIN').pk}/map/"
    for name, viewport, language, dark, paths in (
        ("zhao", DESKTOP, "zh-hans", True, ("/reorder/", "/handling/", drawn)),
        ("zhao", PHONE, "en", False, ("/reorder/", f"{drawn}?by=rest", "/profile/")),
        ("admin", DESKTOP, "en", False, ("/users/access/", "/processes/numbering/", "/help/")),
        ("admin", PHONE, "zh-hans", True, ("/users/access/", "/help/warehouse/", "/help/")),
    ):
        User.objects.filter(username=name).update(language=language)
        page = open_page("/", user=demo[name], language=language, viewport=viewport, dark=dark)
        for path in paths:
            assert page.goto(live_server.url + path).status == 200, path
            whole(page, path)


def test_the_day_begins_by_keys_alone(demo: dict[str, User], open_page: Any) -> None:
    """J chooses the first thing to do, Enter opens it; ? shows the help of the page that is open."""
    page = open_page("/", user=demo["wangmin"])
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    assert first.startswith("/documents/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") != first
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: first.split("#")[0] in url)
    expect(page.locator("h1")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Carry out what waits")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_single_keys_can_be_switched_off(demo: dict[str, User], open_page: Any) -> None:
    User.objects.filter(username="wangmin").update(single_keys=False)
    page = open_page("/", user=demo["wangmin"])
    page.keyboard.press("j")
    page.keyboard.press("?")
    page.wait_for_timeout(200)
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert not page.locator("#keys").is_visible()


def test_which_customers_got_a_lot_takes_three_interactions(
    demo: dict[str, User], open_page: Any
) -> None:
    """Ctrl K, the number, Enter: the lot's page begins with where it went."""
    lot = Movement.objects.filter(type="sales_out").exclude(lot__number="").latest("pk").lot.number
    page = open_page("/", user=demo["zhao"])
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(lot, delay=90)
    expect(page.locator("#hits .hit").first).to_contain_text(lot)
    page.keyboard.press("Enter")
    page.wait_for_url("**/lots/*/")
    expect(page.locator("main .sech h2").first).to_have_text("Where it went")
