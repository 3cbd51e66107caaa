"""Warnings on figures in a real browser: at a line of the entry grid by keyboard, and on the phone with a finger."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from alerts.models import Acceptance
from tests.alerts.test_remarking import USUAL, remember
from tests.support.browser import PHONE, Held
from tests.workflows.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = 30_000


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def test_a_warning_at_a_line_is_taken_or_accepted_by_keyboard(world: World, open_page: Any) -> None:
    item = world.stocked(100_000)
    remember(world, item, "other_out", *USUAL)
    page: Page = open_page("/documents/new/other_out/", user=world.ann)
    page.locator("tr.line [name=item]").first.fill(item.code)
    page.locator("tr.line [name=item]").first.press("Enter")
    number = page.locator("tr.line [name=quantity]").first
    number.fill("1000")
    number.press("Enter")
    warning = page.locator("tr.sub .note.warn")
    expect(warning).to_contain_text("80–120", timeout=LONG)
    number.focus()
    number.press("Alt+Enter")
    expect(number).to_have_value("100", timeout=LONG)
    expect(warning).to_have_count(0, timeout=LONG)
    number.fill("2000")
    number.press("Enter")
    expect(warning).to_contain_text("2000", timeout=LONG)
    number.focus()
    number.press("Alt+Shift+Enter")
    expect(page.locator("tr.sub .note.ok")).to_be_visible(timeout=LONG)
    assert Acceptance.objects.get().amount == 2000


def test_a_warning_on_the_phone_is_taken_or_accepted_by_a_tap(world: World, open_page: Any) -> None:
    item = world.item()
    remember(world, item, "purchase_in", *USUAL)
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "100", "price": "1"}, by=world.buyer
    )
    world.act(document, "submit", world.buyer)
    page: Page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    row = page.locator(".tline")
    row.click()
    row.locator("[data-total]").fill("1000")
    row.locator("[data-total]").press("Enter")
    warning = page.locator(".remark.warn")
    expect(warning).to_contain_text("80–120", timeout=LONG)
    page.get_by_role("button", name="Take 100").click()
    expect(warning).to_have_count(0, timeout=LONG)
    expect(row.locator("output")).to_have_text("100", timeout=LONG)
    row.locator("[data-total]").fill("1000")
    row.locator("[data-total]").press("Enter")
    expect(warning).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="It is right").click()
    expect(page.locator(".remark.ok")).to_be_visible(timeout=LONG)
    assert Acceptance.objects.get().by == world.cat


def test_an_answer_of_before_warns_of_nothing(world: World, open_page: Any) -> None:
    """Of a figure that was changed since, or one that was accepted since."""
    item = world.item()
    remember(world, item, "purchase_in", *USUAL)
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "100", "price": "1"}, by=world.buyer
    )
    world.act(document, "submit", world.buyer)
    page: Page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    row, warning = page.locator(".tline"), page.locator(".remark.warn")
    field = row.locator("[data-total]")
    row.click()
    answers = Held(page, "**/remarks/**")
    field.fill("1000")
    field.press("Enter")
    answers.wait()
    old = answers.routes.pop()
    said = old.fetch()
    assert "did you mean" in said.text()
    field.fill("100")
    field.press("Enter")
    answers.wait()
    answers.routes.pop().continue_()
    page.wait_for_timeout(500)
    old.fulfill(response=said)
    page.wait_for_timeout(500)
    expect(warning).to_have_count(0)

    answers.let_go()
    field.fill("1000")
    field.press("Enter")
    expect(warning).to_be_visible()
    answers = Held(page, "**/remarks/**")
    page.evaluate(
        "key => document.dispatchEvent(new CustomEvent('remarks-ask', { detail: { keys: [key] } }))",
        str(document.lines.get().key),
    )
    answers.wait()
    old = answers.routes.pop()
    said = old.fetch()
    page.get_by_role("button", name="It is right").click()
    expect(page.locator(".remark.ok")).to_be_visible()
    old.fulfill(response=said)
    page.wait_for_timeout(500)
    expect(warning).to_have_count(0)
