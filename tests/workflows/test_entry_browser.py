"""The entry form in a real Chromium: by keyboard alone, from Excel, in two windows, on a phone, without a network."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.fields import plain
from stock.models import Unit
from stock.search_keys import refresh_items, refresh_partners
from tests.support.browser import PHONE, Seen, comes, holds
from tests.workflows.world import D, World
from workflows.models import Document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COUNT = """(() => { window.__ux = {taps: 0, keys: 0};
 addEventListener('pointerdown', e => e.isTrusted && window.__ux.taps++, true);
 addEventListener('keydown', e => e.isTrusted && !e.repeat && window.__ux.keys++, true); })()"""


@pytest.fixture
def world(transactional_db: None) -> World:
    Unit.objects.get_or_create(code="PCS", defaults={"name": "piece", "decimals": 3})
    world = World()
    names = {"冷扣件": "none", "法兰": "none", "垫片": "lot"}
    world.items = []  # type: ignore[attr-defined]
    for name, tracking in names.items():
        item = world.item(tracking)
        item.name = name
        item.save()
        world.items.append(item)  # type: ignore[attr-defined]
    refresh_items(world.items)  # type: ignore[attr-defined]
    refresh_partners([world.supplier, world.customer])
    return world


def saved(page: Page) -> None:
    """Wait until nothing is on its way any more."""
    expect(page.locator("#saved")).to_contain_text("Saved")
    holds(
        page,
        "() => [...document.querySelectorAll('#head [data-was], tr.line [data-was]')].every(el =>"
        " (el.matches(':focus') && el.dataset.typing) ||"
        " (el.type === 'checkbox' ? (el.checked ? 'true' : '') :"
        " el.dataset.look && el.value === el.dataset.shown ? el.dataset.raw : el.value.trim())"
        " === el.dataset.was)",
    )


def listed(page: Page, text: str) -> None:
    """Wait until what is typed has its suggestions, of which this is the first."""
    expect(page.locator("[data-pending]")).to_have_count(0)
    expect(page.locator("#options li[aria-selected=true]")).to_contain_text(text)


def active(page: Page) -> str:
    """The name of the cell that has the focus."""
    return str(page.evaluate("document.activeElement.name"))


def only() -> Document:
    return Document.objects.get()


def lines_of(document: Document) -> list[tuple[str, str, str]]:
    rows = document.lines.select_related("item").order_by("position")
    return [(row.item.code, plain(row.requested), plain(row.price or D(0))) for row in rows]


def test_a_receipt_of_three_lines_by_keyboard_alone(world: World, open_page: Any) -> None:
    """Partner, three lines, submit: no mouse; Enter goes from one needed cell to the next and never submits."""
    page: Page = open_page("/documents/new/purchase_in/", user=world.ann)
    page.evaluate(COUNT)
    press = page.keyboard.press

    def typed(text: str) -> None:
        page.keyboard.type(text, delay=90)  # a hand, not a gun

    assert active(page) == "partner"
    typed("sup")
    listed(page, "Supplier")
    press("Enter")
    assert active(page) == "item"
    typed("lkj")
    listed(page, "冷扣件")
    press("Enter")
    assert active(page) == "quantity"
    typed("12")
    press("Enter")
    assert active(page) == "price"
    typed("3.5")
    press("Enter")
    assert active(page) == "item"
    for text in ("fl", "5", "2"):  # faster than the suggestions come
        typed(text)
        press("Enter")
    typed("dp")
    listed(page, "垫片")
    press("Enter")
    assert active(page) == "lot"
    for text in ("L1", "100", "0.1"):
        typed(text)
        press("Enter")
    saved(page)
    assert Document.objects.get().state == "draft"
    assert re.search(r"/documents/[0-9a-f-]{36}/edit/$", page.url)
    counted = page.evaluate("window.__ux")
    press("Control+Enter")
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}/$"))
    document = only()
    assert document.state == "in_approval"
    codes = [item.code for item in world.items]  # type: ignore[attr-defined]
    assert lines_of(document) == [
        (codes[0], "12", "3.5"),
        (codes[1], "5", "2"),
        (codes[2], "100", "0.1"),
    ]
    assert document.lines.get(position=3).lot_number == "L1"
    assert counted["taps"] == 0
    assert counted["keys"] + 2 <= 45, counted


def test_keys_of_the_grid(world: World, open_page: Any) -> None:
    """Rows by arrows, copy from above, remove and undo; Enter inside a composition does nothing."""
    page: Page = open_page("/documents/new/other_in/", user=world.ann)
    code = world.items[0].code  # type: ignore[attr-defined]
    first = page.locator("tr.line").nth(0)
    first.locator("[name=item]").fill(code)
    first.locator("[name=quantity]").fill("7")
    first.locator("[name=quantity]").focus()
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    assert active(page) == "quantity"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+d")
    assert page.evaluate("document.activeElement.value") == "7"
    page.evaluate("document.activeElement.closest('tr').querySelector('[name=item]').focus()")
    page.keyboard.press("Control+d")
    page.keyboard.press("Enter")
    saved(page)
    expect(page.locator("tr[data-known]")).to_have_count(2)
    page.locator("tr.line").nth(0).locator("[name=quantity]").focus()
    page.keyboard.press("Control+Delete")
    expect(page.locator("tr[data-known]")).to_have_count(1)
    expect(page.locator("#sums b")).to_have_text("1")
    page.locator(".toast button").click()
    expect(page.locator("#sums b")).to_have_text("2")
    saved(page)
    assert lines_of(only()) == [(code, "7", "0")] * 2


def paste(page: Page, text: str) -> None:
    """What Ctrl V does after copying cells in Excel."""
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " document.activeElement.dispatchEvent(new ClipboardEvent('paste',"
        " {clipboardData: data, bubbles: true, cancelable: true})) }",
        text,
    )


def test_five_rows_from_excel_with_headings_and_one_unknown_item(
    world: World, open_page: Any
) -> None:
    page: Page = open_page("/documents/new/purchase_in/", user=world.ann)
    page.locator("tr.line [name=item]").first.focus()
    one, two, _three = (item.code for item in world.items)  # type: ignore[attr-defined]
    rows = [
        ("物料编码", "品名", "数量", "单价"),
        (one, "L", "1,200", "3.5"),
        (two, "M", "5", "2"),
        ("XX-404", "?", "6", "1"),
        (one, '"two\nlines"', "１２", "1"),
        (two, "", "8", ""),
    ]
    paste(page, "\r\n".join("\t".join(row) for row in rows) + "\r\n")
    expect(page.locator("tr[data-known]")).to_have_count(4)
    expect(page.locator("tr.sub .note.err")).to_contain_text("XX-404")
    expect(page.locator("#told")).to_contain_text("品名")
    assert lines_of(only()) == [
        (one, "1200", "3.5"),
        (two, "5", "2"),
        (one, "12", "1"),
        (two, "8", "0"),
    ]
    bad = page.locator("[name=item][aria-invalid=true]")
    bad.fill(two)
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-known]")).to_have_count(5)
    expect(page.locator("tr.sub")).to_have_count(0)


def test_a_block_without_headings_goes_by_position(world: World, open_page: Any) -> None:
    page: Page = open_page("/documents/new/scrap/", user=world.ann)
    page.locator("tr.line [name=quantity]").first.focus()
    paste(page, "4\t\n5\t\n")
    expect(page.locator("tr.line [name=quantity]").nth(1)).to_have_value("5")
    assert not Document.objects.exists()  # no item yet: nothing to save


def test_two_windows_lose_nothing(world: World, open_page: Any) -> None:
    item = world.items[0]  # type: ignore[attr-defined]
    draft = world.draft("purchase_in", {"item": item.code, "quantity": "12"})
    path = f"/documents/{draft.key}/edit/"
    mine: Page = open_page(path, user=world.ann)
    theirs: Page = open_page(path, user=world.cat)
    row = theirs.locator("tr[data-known]")
    row.locator("[name=quantity]").fill("10")
    row.locator("[name=quantity]").press("Enter")
    saved(theirs)
    row = mine.locator("tr[data-known]")
    row.locator("[name=quantity]").fill("8")
    row.locator("[name=note]").fill("soon")
    row.locator("[name=note]").press("Enter")
    clash = mine.locator("tr.sub .note")
    expect(clash).to_contain_text("“10”; you entered “8”")
    expect(clash).to_contain_text("cat")
    comes(
        mine, lambda: draft.lines.get().note == "soon", "the note, which may go with the next save"
    )
    assert draft.lines.get().requested == D(10)
    clash.get_by_role("button", name="Keep mine").click()
    expect(mine.locator("tr.sub")).to_have_count(0)
    saved(mine)
    assert draft.lines.get().requested == D(8)


def test_a_choice_stays_while_other_cells_are_saved(world: World, open_page: Any) -> None:
    """What is answered about the note does not take away the question about the quantity."""
    item = world.items[0]  # type: ignore[attr-defined]
    draft = world.draft("purchase_in", {"item": item.code, "quantity": "12"})
    path = f"/documents/{draft.key}/edit/"
    mine: Page = open_page(path, user=world.ann)
    theirs: Page = open_page(path, user=world.cat)
    for page, value in ((theirs, "10"), (mine, "8")):
        page.locator("tr[data-known] [name=quantity]").fill(value)
        page.locator("tr[data-known] [name=quantity]").press("Tab")
        comes(page, lambda: draft.lines.get().requested == D(10), "theirs")
    clash = mine.locator("tr.sub [data-clash]")
    expect(clash).to_contain_text("“10”; you entered “8”")
    mine.locator("tr[data-known] [name=note]").fill("soon")
    mine.locator("tr[data-known] [name=note]").press("Enter")
    expect(mine.locator("[name=note][data-was=soon]")).to_be_attached()
    clash.get_by_role("button", name="Keep mine").click()
    saved(mine)
    assert draft.lines.get().requested == D(8)


def test_a_network_that_fails_keeps_what_was_typed(
    world: World, open_page: Any, seen: Seen
) -> None:
    item = world.items[0]  # type: ignore[attr-defined]
    page: Page = open_page("/documents/new/other_in/", user=world.ann)
    page.route("**/save/", lambda route: route.abort())
    row = page.locator("tr.line").first
    row.locator("[name=item]").fill(item.code)
    row.locator("[name=quantity]").fill("4")
    row.locator("[name=quantity]").press("Enter")
    expect(page.locator("#told")).to_contain_text("kept here")
    page.unroute("**/save/")
    page.reload()
    expect(page.locator("tr[data-known]")).to_have_count(1)
    saved(page)
    assert lines_of(only()) == [(item.code, "4", "0")]
    seen.messages.clear()  # the browser says that the request was aborted, as it was


def test_a_refusal_stands_at_its_line(world: World, open_page: Any, seen: Seen) -> None:
    item = world.items[0]  # type: ignore[attr-defined]
    draft = world.draft("purchase_in", {"item": item.code})
    page: Page = open_page(f"/documents/{draft.key}/edit/", user=world.ann)
    page.locator("#send button").first.click()
    expect(page.locator("tr.sub .note.err")).to_contain_text("quantity above zero")
    expect(page.locator("#told")).to_contain_text("quantity above zero")
    seen.messages.clear()  # the browser notes the 422 that the page has shown


def test_a_row_without_an_item_says_what_it_lacks(world: World, open_page: Any) -> None:
    """Nothing of such a row is sent, so the server cannot say it; the cell to mend has the focus."""
    draft = world.draft("other_in", {"item": world.items[0].code, "quantity": "1"})  # type: ignore[attr-defined]
    page: Page = open_page(f"/documents/{draft.key}/edit/", user=world.ann)
    row = page.locator("tr.line").nth(1)
    row.locator("[name=quantity]").fill("7")
    page.locator("#send button").first.click()
    expect(page.locator("tr.sub .note.err")).to_contain_text("no item")
    expect(row.locator("[name=item]")).to_be_focused()
    expect(row.locator("[name=item]")).to_have_attribute("aria-invalid", "true")
    page.keyboard.type(world.items[1].code, delay=90)  # type: ignore[attr-defined]
    listed(page, world.items[1].code)  # type: ignore[attr-defined]
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-known]")).to_have_count(2)
    expect(page.locator("tr.sub .note.err")).to_have_count(0)


def test_a_thousand_lines_open_and_one_is_saved_alone(world: World, open_page: Any) -> None:
    codes = [item.code for item in world.items]  # type: ignore[attr-defined]
    draft = world.draft("other_in", *({"item": codes[n % 2], "quantity": "1"} for n in range(1000)))
    page: Page = open_page(f"/documents/{draft.key}/edit/", user=world.ann)
    # The page that is served holds a piece; the next comes as one scrolls.
    assert page.request.get(page.url).text().count("data-known") == 200
    sent: list[int] = []
    page.on(
        "request",
        lambda asked: sent.append(len(asked.post_data or "")) if "/save/" in asked.url else None,
    )
    page.locator("tr[data-known]").nth(199).scroll_into_view_if_needed()
    expect(page.locator("tr[data-known]").nth(250)).to_be_attached()
    cell = page.locator("tr[data-known]").nth(250).locator("[name=quantity]")
    cell.fill("9")
    cell.press("Enter")
    saved(page)
    assert draft.lines.get(position=251).requested == D(9)
    assert len(sent) == 1
    assert sent[0] < 500


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_phone_writes_a_report_of_damage(world: World, open_page: Any, language: str) -> None:
    item = world.stocked(40)
    item.name = "机油"
    item.save()
    refresh_items([item])
    page: Page = open_page(
        "/documents/new/scrap/", user=world.ann, viewport=PHONE, language=language
    )
    page.evaluate(COUNT)
    page.locator("#h-reason").select_option("damaged")
    page.locator("tr.line [name=item]").first.click()
    page.keyboard.type("jy")
    listed(page, "机油")
    page.locator("#options li").first.click()
    assert active(page) == "quantity"
    page.keyboard.type("2")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator(".foot button").click()
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}/$"))
    document = only()
    assert document.state == "posted"  # small, so that the rules let it pass
    assert lines_of(document) == [(item.code, "2", "0")]
    assert page.evaluate("window.__ux") is None  # another page: it was sent once
    assert document.lines.get().source is not None


def test_without_script_a_line_can_be_written(
    world: World, chromium: Any, live_server: Any, open_page: Any
) -> None:
    from tests.support.browser import _session_of

    item = world.items[0]  # type: ignore[attr-defined]
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies([_session_of(world.ann, live_server.url)])
    page = context.new_page()
    page.goto(f"{live_server.url}/documents/new/other_in/")
    form = page.locator("form.rec")
    form.locator("[name=item]").fill(item.code)
    form.locator("[name=quantity]").fill("3")
    form.locator("button").click()
    page.wait_for_url(re.compile("/edit/"))
    page.locator("#h-reason").select_option("found")
    page.locator("#head noscript button, #head button").first.click()
    page.wait_for_url(re.compile("/edit/"))
    page.locator("#send button").click()
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}/$"))
    assert only().state != "draft"
    context.close()
