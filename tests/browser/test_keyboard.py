"""The main tasks without a mouse: only Tab, Enter, Space, letters and figures are pressed, and a pointer fails the test.

Asking stands in tests/workflows/test_entry_browser.py, searching in test_search.py.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.workflows.counting.world import D
from tests.workflows.world import World
from workflows.models import Document

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


def reach(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus, and see that the focus shows."""
    expect(page.locator(selector).first).to_be_visible(timeout=SOON)
    for _stop in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            break
    else:
        raise AssertionError(f"{selector} is not reached by Tab")
    seen = page.evaluate(
        "(() => { const box = document.activeElement.getBoundingClientRect();"
        " return box.bottom > 0 && box.top < innerHeight && document.activeElement.matches(':focus-visible') })()"
    )
    assert seen, f"{selector} has the focus and it cannot be seen"


def press(page: Page, selector: str, key: str = "Enter") -> None:
    reach(page, selector)
    page.keyboard.press(key)


def without_mouse(page: Page) -> Page:
    page.add_init_script(
        "addEventListener('pointerdown', () => { document.title = 'a pointer was used' }, true)"
    )
    return page


def test_approving_and_receiving(world: World, open_page: Any) -> None:
    document = world.draft(
        "purchase_in", {"item": world.item().code, "quantity": "10", "price": "100"}
    )
    world.act(document, "submit", world.ann)
    page = without_mouse(open_page("/todo/", user=world.buyer))
    press(page, f'a[href*="{document.key}"]')
    press(page, ".head .act .btn-p, .decide .btn-p, .foot .btn-p")
    expect(page.locator("main")).to_contain_text("takes effect", timeout=SOON)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def test_carrying_out(world: World, open_page: Any) -> None:
    document = world.draft(
        "purchase_in", {"item": world.item().code, "quantity": "10", "price": "100"}
    )
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    page = without_mouse(open_page(f"/documents/{document.key}/", user=world.cat))
    reach(page, '[name^="actual."]')
    page.keyboard.type("8", delay=HAND)
    page.keyboard.press("Tab")
    expect(page.locator("[data-saved]")).to_have_text("Saved", timeout=SOON)
    press(page, ".carry-f .btn-p")
    expect(page.locator(".say.done")).to_be_visible(timeout=SOON)
    assert document.lines.get().actual == D(8)
