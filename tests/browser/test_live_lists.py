"""Lists, the inbox and a document's page show what others do within seconds; what is ticked, typed or pointed at stays."""

import time
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people.access import access_for
from people.models import Company, User
from stock.models import Item
from tests.browser.test_live import LIMIT, post
from tests.support.browser import holds
from workflows import door, drafting
from workflows.models import Document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def draft(item: Item, quantity: int = 1_000) -> Document:
    """What liqiang would scrap, worth too much to be passed by rule."""
    user = User.objects.get(username="liqiang")
    return drafting.create(
        "scrap",
        actor=user,
        access=access_for(user),
        company=Company.objects.get(),
        header={"warehouse": "MAIN", "reason": "damaged"},
        lines=[{"item": item.code, "quantity": str(quantity)}],
    )


def act(document: Document, verb: str, username: str, **more: Any) -> None:
    door.act(document.pk, verb, actor=User.objects.get(username=username), **more)


def ready(page: Page) -> None:
    """The page has asked the pulse once, so that it knows what is old."""
    holds(page, "performance.getEntriesByType('resource').some(e => e.name.includes('/pulse/'))")


def until(page: Page, text: str) -> float:
    """Milliseconds until a text is there."""
    began = time.monotonic()
    page.locator("#main").get_by_text(text).first.wait_for(timeout=LIMIT)
    return (time.monotonic() - began) * 1000


def test_what_is_done_elsewhere_appears_where_one_looks(
    demo: dict[str, User], open_page: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    item = Item.objects.filter(tracking="none")[0]
    one = draft(item)
    act(one, "submit", "liqiang")
    one.refresh_from_db()
    documents = open_page("/documents/?type=scrap&sort=-created", user=demo["zhao"])
    inbox = open_page("/todo/", user=demo["zhao"])
    sheet = open_page(f"/documents/{one.key}/", user=demo["liqiang"])
    stock = open_page(f"/stock/?by=warehouse&q={item.code}", user=demo["wangmin"])
    for page in (documents, inbox, sheet, stock):
        ready(page)
        page.evaluate("window.mark = 1")
    other = draft(item, 1_001)
    act(other, "submit", "liqiang")
    other.refresh_from_db()
    figures = [until(documents, other.number or ""), until(inbox, other.number or "")]
    act(one, "comment", "zhao", text="Look at the motor first")
    figures.append(until(sheet, "Look at the motor first"))
    before = stock.locator("#list tbody tr").first.inner_text()
    post(item, 77_777)
    began = time.monotonic()
    expect(stock.locator("#list tbody tr").first).not_to_have_text(before, timeout=LIMIT)
    figures.append((time.monotonic() - began) * 1000)
    assert all(page.evaluate("window.mark === 1") for page in (documents, inbox, sheet, stock))
    with capsys.disabled():
        print("\nlive lists: seen after", ", ".join(f"{one:.0f}" for one in figures), "ms")


def test_ticks_pointer_and_what_is_typed_stay(demo: dict[str, User], open_page: Any) -> None:
    item = Item.objects.filter(tracking="none")[0]
    first = draft(item)
    act(first, "submit", "liqiang")
    first.refresh_from_db()
    page = open_page("/documents/?sort=-created", user=demo["zhao"])
    ready(page)
    ticks = page.locator('#list input[name="pick"]')
    ticks.nth(0).check()
    ticks.nth(2).check()
    chosen = [ticks.nth(place).get_attribute("value") for place in (0, 2)]
    row = page.locator("#list tbody tr").nth(3)
    row.hover()
    shown = row.inner_text()
    other = draft(item, 1_002)
    act(other, "submit", "liqiang")
    other.refresh_from_db()
    news = page.locator("#list .news")
    expect(news).to_be_visible(timeout=LIMIT)
    assert row.inner_text() == shown
    assert page.get_by_text(other.number or "").count() == 0
    act(first, "comment", "zhao", text="seen")
    news.click()
    until(page, other.number or "")
    for value in chosen:
        expect(page.locator(f'#list input[value="{value}"]')).to_be_checked()
    expect(page.locator("[data-chosen]")).to_contain_text("2 rows chosen")

    sheet = open_page(f"/documents/{first.key}/", user=demo["liqiang"])
    ready(sheet)
    sheet.mouse.move(2, 2)
    box = sheet.locator("#comment textarea")
    box.fill("half a sentence")
    act(first, "comment", "zhao", text="Another one")
    until(sheet, "Another one")
    expect(box).to_have_value("half a sentence")


def test_a_row_changes_in_place_under_the_pointer(demo: dict[str, User], open_page: Any) -> None:
    item = Item.objects.filter(tracking="none")[0]
    one = draft(item)
    act(one, "submit", "liqiang")
    one.refresh_from_db()
    page = open_page("/documents/?sort=-created", user=demo["zhao"])
    ready(page)
    row = page.locator("#list tbody tr", has_text=one.number or "")
    row.hover()
    where = row.bounding_box()
    act(one, "withdraw", "liqiang", key=uuid.uuid4().hex)
    expect(row).to_contain_text("Withdrawn", timeout=LIMIT)
    now = row.bounding_box()
    assert where is not None
    assert now is not None
    assert abs(where["y"] - now["y"]) < 1


def test_several_are_chosen_by_keys_and_with_shift(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/items/", user=demo["zhao"])
    bar = page.locator("#chosen")
    expect(bar).to_be_hidden()
    ticks = page.locator('#list input[name="pick"]')
    ticks.nth(1).click()
    ticks.nth(5).click(modifiers=["Shift"])
    expect(bar).to_contain_text("5 rows chosen")
    page.keyboard.press("j")
    expect(page.locator("#list tbody tr").nth(6).locator("a").first).to_be_focused()
    page.keyboard.press("x")
    expect(bar).to_contain_text("6 rows chosen")
    page.locator("[data-all-rows]").check()
    expect(bar).to_contain_text("50 rows chosen")
    page.locator("[data-unchoose]").click()
    expect(bar).to_be_hidden()
    ticks.nth(0).click()
    ticks.nth(1).click()
    page.locator("#chosen button", has_text="Labels").click()
    expect(page.locator("h1")).to_have_text("Print labels")
    expect(page.locator("#main")).to_contain_text("2 different labels")
    page.go_back()
    expect(page.locator("#chosen")).to_contain_text("2 rows chosen")
    expect(ticks.nth(1)).to_be_checked()
