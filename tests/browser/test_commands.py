"""Cards of commands at the bench: on the phone and in the entry form they act on the line scanned last, and send nothing on."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from stock.models import Barcode, ItemUnit, Unit
from tests.support.browser import PHONE, Held
from tests.support.gun import scan
from tests.workflows.world import D, World
from workflows.models import Document

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]
GTIN = "6901234567892"
SOON = 30_000


@pytest.fixture
def world(transactional_db: None) -> World:
    world = World()
    item = world.item()
    box = Unit.objects.get_or_create(code="BOX", defaults={"name": "box"})[0]
    ItemUnit.objects.create(item=item, unit=box, numerator=12)
    Barcode.objects.create(item=item, code=GTIN)
    return world


def said(page: Page, text: str) -> None:
    expect(page.locator("#scan-said")).to_contain_text(text, timeout=SOON)


def test_cards_on_a_task_of_the_phone(world: World, open_page: Any) -> None:
    document = world.draft(
        "purchase_in", {"item": Barcode.objects.get().item.code, "quantity": "40", "price": "1"}
    )
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    figure = page.locator(".tline output")
    for code, figure_then in (
        (GTIN, "1"),
        ("CMD-ADD10", "11"),
        ("CMD-PACK", "23"),
        ("CMD-UNDO", "11"),
        ("cmd-undo", "1"),
        ("CMD-ADD10", "11"),
    ):
        scan(page, code)
        expect(figure).to_have_text(figure_then, timeout=SOON)
    scan(page, "CMD-EMPTY")
    said(page, "nothing to act on")
    scan(page, "CMD-OK")
    said(page, "press “Finish”")
    expect(page.locator("[data-needs-net]")).to_be_focused()
    expect(page.locator(".waits")).to_be_hidden(timeout=SOON)
    document = Document.objects.get(pk=document.pk)
    assert (document.state, document.lines.get().actual) == ("in_execution", D(11))
    scan(page, "CMD-PAUSE")
    page.wait_for_url("**/m/", timeout=SOON)


def test_what_is_taken_back_before_it_arrived_is_taken_back_once(
    world: World, open_page: Any
) -> None:
    """The server's answer about a scan comes after the card that took it back."""
    document = world.draft(
        "purchase_in", {"item": Barcode.objects.get().item.code, "quantity": "40", "price": "1"}
    )
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    held = Held(page, "**/m/scans/")
    figure = page.locator(".tline output")
    for code, figure_then in (
        (GTIN, "1"),
        ("CMD-ADD10", "11"),
        ("CMD-PACK", "23"),
        ("CMD-UNDO", "11"),
    ):
        scan(page, code)
        expect(figure).to_have_text(figure_then, timeout=SOON)
    held.let_go()
    expect(page.locator(".waits")).to_be_hidden(timeout=SOON)
    expect(figure).to_have_text("11")
    scan(page, "CMD-UNDO")
    expect(figure).to_have_text("1", timeout=SOON)
    scan(page, "CMD-UNDO")
    expect(figure).to_have_text("0", timeout=SOON)
    scan(page, "CMD-UNDO")
    said(page, "nothing to take back")
    expect(page.locator(".waits")).to_be_hidden(timeout=SOON)
    assert document.lines.get().actual == D(0)


def test_cards_in_the_entry_form(world: World, open_page: Any) -> None:
    page = open_page("/documents/new/purchase_in/", user=world.ann)
    quantity = page.locator("tr.line [name=quantity]").first
    scan(page, GTIN)
    expect(quantity).to_have_value("1", timeout=SOON)
    for card, then in (
        ("CMD-PACK", "13"),
        ("CMD-ADD10", "23"),
        ("CMD-UNDO", "13"),
        ("CMD-UNDO", "1"),
    ):
        scan(page, card)
        expect(quantity).to_have_value(then, timeout=SOON)
    scan(page, "CMD-OK")
    said(page, "press “Submit")
    expect(page.locator("#send [type=submit]")).to_be_focused()
    scan(page, "CMD-UNDO")
    expect(quantity).to_have_value("", timeout=SOON)
    scan(page, "CMD-UNDO")
    said(page, "nothing to take back")
    assert not Document.objects.exclude(state="draft").exists()
