"""One scan everywhere in a real browser: a gun is told from a hand, unknown codes are linked, a flood is kept whole."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from people.models import User
from stock.models import Barcode, Item
from tests.support.browser import PHONE, holds
from tests.support.gun import hand, scan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_scan_opens_the_item_whatever_has_the_focus(
    demo: dict[str, User], open_page: Any
) -> None:
    item = Item.objects.get(code="10044")
    Barcode.objects.create(item=item, code="4006381333931")
    page = open_page("/stock/", user=demo["zhao"])
    field = page.locator(".bar input[type=search]")
    field.focus()
    hand(page, "dj")
    page.wait_for_timeout(100)
    scan(page, "4006381333931", end="Tab")
    page.wait_for_url(f"**/items/{item.pk}/")
    page.go_back()
    page.locator("body").press("Escape")
    scan(page, "(01)04006381333931(10)L1")
    page.wait_for_url(f"**/items/{item.pk}/")


def test_what_a_hand_types_is_never_eaten(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/stock/", user=demo["zhao"])
    heard = "document.addEventListener('scanned', e => { (window.heard ||= []).push(e.detail.code); e.preventDefault() })"
    page.evaluate(heard)
    field = page.locator("#find")
    field.focus()
    hand(page, "nothing here")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    page.evaluate(heard)
    field = page.locator("#find")
    field.fill("keep me")
    field.press("End")
    scan(page, "ABC-123 x")
    assert field.input_value() == "keep me"
    page.keyboard.type("abc")  # without Enter nothing is a scan
    page.wait_for_timeout(100)
    assert field.input_value() == "keep meabc"
    assert page.evaluate("window.heard") == ["ABC-123 x"]


def test_an_input_method_does_not_garble_a_scan(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/stock/", user=demo["zhao"])
    page.evaluate(
        "document.addEventListener('scanned', e => { window.heard = e.detail.code; e.preventDefault() })"
    )
    scan(page, "Ab12cD", composing=True)
    assert page.evaluate("window.heard") == "Ab12cD"


def test_a_password_is_never_read(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/profile/password/", user=demo["zhao"])
    page.evaluate("document.addEventListener('scanned', () => { window.heard = 1 })")
    field = page.locator("input[type=password]").first
    field.focus()
    scan(page, "correct-horse", end="Tab")
    assert field.input_value() == "correct-horse"
    assert page.evaluate("window.heard") is None


def test_an_unknown_code_is_linked_and_the_scan_goes_on(
    demo: dict[str, User], open_page: Any
) -> None:
    page = open_page("/scan/", user=demo["zhao"], language="zh-hans", viewport=PHONE)
    scan(page, "NEW-4711")
    page.get_by_role("button", name="关联到物料").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    hand(page, "10044")
    page.keyboard.press("Enter")
    expect(page.locator(".scan-card h2").first).to_contain_text("10044")
    assert Barcode.objects.get(code="NEW-4711").item.code == "10044"
    assert Axe().run(page).response["violations"] == []


def test_twenty_scans_a_second_are_kept_in_order(demo: dict[str, User], open_page: Any) -> None:
    """A gun that never rests, into a page that listens: none lost, none twice, the order kept."""
    page = open_page("/stock/", user=demo["zhao"])
    page.evaluate(
        "window.heard = []; document.addEventListener('scanned', e => { window.heard.push(e.detail.code); e.preventDefault() })"
    )
    codes = [f"SCAN-{number:04}" for number in range(100)]
    for code in codes:
        scan(page, code)
    assert page.evaluate("window.heard") == codes


def held(page: Page, pattern: str) -> list[Route]:
    """Requests that wait until the test lets them go."""
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route(pattern, hold)
    return asked


def test_a_scan_that_comes_before_the_scripts_of_its_page_waits(
    demo: dict[str, User], open_page: Any
) -> None:
    page = open_page("/stock/", user=demo["zhao"])
    asked = held(page, "**/js/look_up*")
    page.goto(page.url.replace("/stock/", "/scan/"), wait_until="commit")
    holds(page, "document.querySelector('#cards')")
    scan(page, "10044", early=True)
    expect(page.locator("html")).not_to_have_attribute("data-scans", "on")
    asked[0].continue_()
    expect(page.locator(".scan-card h2").first).to_contain_text("10044")


def test_a_scan_while_the_next_page_is_on_its_way_goes_along(
    demo: dict[str, User], open_page: Any
) -> None:
    """Else it would open the item, from the page that was just left."""
    page = open_page("/stock/", user=demo["zhao"])
    asked = held(page, "**/scan/")
    with page.expect_request("**/scan/"):
        page.evaluate("() => { setTimeout(() => location.assign('/scan/')); }")
    for code in ("10044", "10046"):
        scan(page, code, early=True)
    assert page.url.endswith("/stock/")
    asked[0].continue_()
    titles = page.locator(".scan-card h2")
    expect(titles).to_have_count(2)
    expect(titles.last).to_contain_text("10044")


def test_the_reader_of_the_camera_reads_a_photo(
    demo: dict[str, User], open_page: Any, tmp_path: Any
) -> None:
    """Debian's Chromium has no detector of its own: the reader is fetched from here, and compiles."""
    import segno

    picture = tmp_path / "code.png"
    segno.make("10044", micro=False).save(str(picture), scale=12, border=4)
    page = open_page("/scan/", user=demo["zhao"])
    page.locator("[data-camera]").click()
    page.locator("dialog[open] [data-photo]").set_input_files(picture)
    expect(page.locator(".scan-card h2").first).to_contain_text("10044")
