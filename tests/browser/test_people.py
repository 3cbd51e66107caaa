"""People: the first minute of an installation, signing in, language and theme, inviting somebody."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from people.models import Company, User
from stock.models import Warehouse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_first_minute(
    transactional_db: None, settings: Any, tmp_path: Path, open_page: Any
) -> None:
    """Without the demo: one page makes the administrator, the company and the warehouse."""
    settings.VAR, settings.EMBEDDED = tmp_path, True
    page = open_page("/")
    page.wait_for_url("**/setup/")
    for name, text in {
        "name": "孙洁",
        "username": "sunjie",
        "password1": "correct-horse-battery",
        "password2": "correct-horse-battery",
        "company_name": "恒达机电",
        "warehouse_name": "主仓",
    }.items():
        page.locator(f"#id_{name}").fill(text)
    page.locator("button", has_text="Begin").click()
    page.wait_for_url("**/")
    expect(page.locator("#messages")).to_contain_text("Everything is ready.")
    assert Company.objects.get().name == "恒达机电"
    assert Warehouse.objects.get().name == "主仓"
    page.goto(page.url + "items/")
    expect(page.locator(".empty")).to_be_visible()


def test_a_newcomer_signs_in_and_makes_it_theirs(demo: dict[str, User], open_page: Any) -> None:
    """Account by account of the demo, wrong password, where one wanted to go, language, theme, out again."""
    page = open_page("/items/?state=low")
    page.locator("details.demo summary").click()
    page.locator("details.demo a", has_text="zhao").click()
    expect(page.locator("#id_username")).to_have_value("zhao")
    expect(page.locator("#id_password")).to_be_focused()
    page.locator("#id_password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".note.err")).to_be_visible()
    page.locator("#id_password").fill("demo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/?state=low")

    page.locator(".top button[name=language]").click()
    expect(page.locator("h1")).to_have_text("物料")
    assert page.url.endswith("/items/?state=low")
    dark = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(dark)
    page.locator(".top [data-theme-switch]").click()
    assert page.evaluate(dark) != light
    page.reload()
    assert page.evaluate(dark) != light
    page.locator(".rail .end button").click()
    page.wait_for_url("**/login/**")


def test_an_invitation_is_followed(demo: dict[str, User], open_page: Any) -> None:
    """The administrator invites; the guest chooses a password and sees what the role allows."""
    page = open_page("/users/new/", user=demo["admin"])
    page.locator("#id_name").fill("林芳")
    page.locator("#id_username").fill("linfang")
    row = page.locator("tr", has_text="Warehouse clerk")
    row.locator("input").first.check()
    row.locator("label", has_text="MAIN").locator("input").check()
    page.locator("button", has_text="Invite").click()
    page.wait_for_url("**/users/*/")
    link = page.locator("input[readonly]").input_value()

    guest = open_page("/login/")
    guest.goto(guest.url.split("/login/")[0] + "/invitation/" + link.split("/invitation/")[1])
    for field in guest.locator("input[type=password]").all():
        field.fill("a-long-enough-secret")
    guest.locator("form button[type=submit]").first.click()
    guest.wait_for_url("**/")
    expect(guest.locator(".rail")).to_contain_text("Movements")
    expect(guest.locator(".rail")).not_to_contain_text("Users")
    guest.goto(guest.url.rstrip("/") + "/places/")
    expect(guest.locator("#list")).not_to_contain_text("WH2")
