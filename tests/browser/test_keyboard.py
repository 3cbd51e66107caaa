"""The main tasks by keys alone: Tab leads to everything, Enter and figures do the rest, and the focus can always be seen.

Asking stands in tests/workflows/test_entry_browser.py, searching in test_search.py.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FileChooser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from intake.models import Import
from tests.intake.test_import_browser import sheet
from tests.workflows.counting.world import D, Shelves
from tests.workflows.world import World
from workflows.models import CountLine, Document

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]
HAND = 90
"""Milliseconds between keys, too slow for a gun."""
SOON = 30_000
FAR = 150
"""So many stops of Tab are the most that a task may need."""
SEEN = """() => { const box = document.activeElement.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight && document.activeElement.matches(':focus-visible') }"""


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def reach(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus."""
    expect(page.locator(selector).first).to_be_visible(timeout=SOON)
    for _stop in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            assert page.evaluate(SEEN), f"{selector} has the focus and it cannot be seen"
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def press(page: Page, selector: str) -> None:
    reach(page, selector)
    page.keyboard.press("Enter")


def asked(world: World) -> Document:
    """Ten pieces that somebody wants to buy."""
    line = {"item": world.item().code, "quantity": "10", "price": "100"}
    document: Document = world.draft("purchase_in", line)
    world.act(document, "submit", world.ann)
    return Document.objects.get(pk=document.pk)


def test_approving(world: World, open_page: Any) -> None:
    document = asked(world)
    page = open_page("/todo/", user=world.buyer)
    press(page, f'main a[href*="{document.key}"]')
    expect(page.locator("h1")).to_contain_text(str(document), timeout=SOON)
    press(page, ".head .act .btn-p, .foot .btn-p")
    expect(page.locator("h1")).to_contain_text("Agree", timeout=SOON)
    press(page, ".foot .btn-p")
    expect(page.locator(".undo-bar")).to_contain_text("takes effect in a moment", timeout=SOON)


def test_carrying_out(world: World, open_page: Any) -> None:
    document = asked(world)
    world.act(document, "approve", world.buyer)
    page = open_page(f"/documents/{document.key}/", user=world.cat)
    reach(page, '[name^="actual."]')
    page.keyboard.type("8", delay=HAND)
    page.keyboard.press("Tab")
    expect(page.locator("[data-saved]")).to_have_text("Saved", timeout=SOON)
    press(page, ".carry-f .btn-p")
    expect(page.locator(".say.done")).to_be_visible(timeout=SOON)
    assert document.lines.get().actual == D(8)


def test_counting(transactional_db: None, open_page: Any) -> None:
    world = Shelves()
    for code in ("W-1", "W-2"):
        world.fill(code)
    document = world.sealed(
        zones=["W-1", "W-2"], sheets=1, counters=[world.cat.pk], empty_places=False
    )
    page = open_page(f"/counting/{document.key}/count/", user=world.cat)
    for code, figure in (("W-1", "10"), ("W-2", "9")):
        expect(page.locator("[data-place]")).to_have_text(code, timeout=SOON)
        page.keyboard.type(figure, delay=HAND)
        page.wait_for_timeout(HAND)
        page.keyboard.press("Enter")
    expect(page.locator("[data-work]")).to_be_hidden(timeout=SOON)
    counted = CountLine.objects.filter(document=document).order_by("place__code")
    figures: list[Any] = []
    for _time in range(300):  # the last count is on its way when the page has nothing more to ask
        figures = list(counted.values_list("counted", flat=True))
        if None not in figures:
            break
        page.wait_for_timeout(100)
    assert figures == [D(10), D(9)]


def _choosing(page: Page) -> FileChooser:
    """The dialog of the file field; a busy browser may take a key before it tells of its dialogs: pressed again."""
    for _time in range(6):
        reach(page, "main input[type=file]")
        try:
            with page.expect_file_chooser(timeout=SOON / 6) as chosen:
                page.keyboard.press("Enter")
        except PlaywrightTimeout:
            continue
        return chosen.value
    raise AssertionError("Enter opens no dialog to choose a file")


def test_importing(world: World, open_page: Any, tmp_path: Path) -> None:
    page = open_page("/intake/", user=world.admin)
    chosen = _choosing(page)
    chosen.set_files(sheet(tmp_path / "旧表.xlsx"))
    press(page, "main form:has(input[type=file]) [type=submit]")
    expect(page.locator("h1")).to_contain_text("Import: ", timeout=60_000)
    assert Import.objects.count() == 1
