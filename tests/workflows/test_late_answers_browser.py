"""At work with documents: answers that come late, never or not at all take nothing away and decide nothing else."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from intake.models import DeviceScan
from stock.models import Barcode
from stock.search_keys import refresh_items
from tests.support.browser import IMPATIENT, PHONE, Held, Seen, comes
from tests.support.gun import scan
from tests.workflows.test_entry_browser import lines_of, saved
from tests.workflows.test_page_browser import fresh, kept, open_document
from tests.workflows.test_phone_browser import arrived, photo
from tests.workflows.world import D, World
from workflows.models import Document, Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def test_ctrl_enter_agrees_to_what_is_chosen_and_shown(world: World, open_page: Any) -> None:
    """While the next document is on its way the one before still stands beside the list: no key may agree to it."""
    item = world.stocked(5000)
    first, second = (
        world.draft("scrap", {"item": item.code, "quantity": "80"}) for _number in range(2)
    )
    world.act(first, "submit", world.ann)
    world.act(second, "submit", world.ann)
    page = open_page("/todo/", user=world.head)
    peek = page.locator("#peek")
    expect(peek).to_contain_text(str(fresh(first)))
    answers = Held(page, "**/decide/?part=1")
    page.keyboard.press("j")
    expect(page.locator("tr[data-row].on")).to_contain_text(str(fresh(second)))
    answers.wait()
    page.keyboard.press("Control+Enter")
    page.keyboard.press("r")
    page.wait_for_timeout(500)
    assert page.url.endswith("/todo/")
    answers.let_go()
    expect(peek).to_contain_text(str(fresh(second)))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo-bar")).to_be_visible()
    assert Task.objects.get(state=Task.State.HELD).document == second
    assert Task.objects.get(user=world.head, state="open").document == first


def test_a_reason_chosen_before_its_script_came_gives_the_words(
    world: World, open_page: Any
) -> None:
    """On a slow phone a form is there before what helps to fill it."""
    item = world.stocked(5000)
    document = world.draft("scrap", {"item": item.code, "quantity": "80"})
    world.act(document, "submit", world.ann)
    page = open_page("/todo/", user=world.head, viewport=PHONE)
    script = Held(page, "**/js/reason*", kinds=("script",))
    refuse = page.url.replace("/todo/", f"/documents/{document.key}/do/refuse/")
    page.goto(refuse, wait_until="commit")
    page.locator("label", has_text="Damaged").click()
    expect(page.get_by_label("Damaged")).to_be_checked()
    script.wait()
    script.let_go()
    expect(page.locator("[name=text]")).to_have_value("Damaged")
    page.locator(".foot .btn-d").click()
    expect(page).not_to_have_url(refuse)
    assert (fresh(document).state, document.events.get(verb="refuse").text) == (
        "rejected",
        "Damaged",
    )


def test_enter_takes_no_suggestion_of_older_letters(world: World, open_page: Any) -> None:
    """Who types on and presses Enter means what stands there, not what the list still shows."""
    short, long_ = world.item(), world.item()
    short.code, long_.code = "AB1", "AB12"
    for item in (short, long_):
        item.save()
    refresh_items([short, long_])
    page: Page = open_page("/documents/new/other_in/", user=world.ann)
    cell = page.locator("tr.line [name=item]").first
    cell.focus()
    page.keyboard.type("AB1", delay=90)
    expect(page.locator("#options li[aria-selected=true]")).to_contain_text("AB1")
    expect(cell).not_to_have_attribute("data-pending", "1")
    answers = Held(page, "**/look-up/item/**")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.keyboard.type("7", delay=90)
    page.keyboard.press("Enter")
    answers.wait()
    answers.let_go()
    expect(cell).to_have_value(str(long_))
    saved(page)
    assert lines_of(Document.objects.get()) == [("AB12", "7", "0")]


def test_what_is_typed_before_the_script_came_keeps_the_focus(world: World, open_page: Any) -> None:
    draft = world.draft("other_in", {"item": world.item().code, "quantity": "5"})
    page: Page = open_page("/stock/", user=world.ann)
    script = Held(page, "**/js/grid.*", kinds=("script",))
    page.goto(page.url.replace("/stock/", f"/documents/{draft.key}/edit/"), wait_until="commit")
    quantity = page.locator("tr[data-known] [name=quantity]")
    quantity.fill("")
    page.keyboard.type("1", delay=90)
    script.wait()
    script.let_go()
    expect(page.locator("html")).to_have_attribute("data-scans", "on")
    page.keyboard.type("2", delay=90)
    expect(quantity).to_have_value("12")


def test_a_save_that_is_never_answered_holds_up_nothing(world: World, open_page: Any) -> None:
    item = world.item()
    page: Page = open_page("/stock/", user=world.ann)
    page.add_init_script(IMPATIENT)
    answers = Held(page, "**/save/")
    page.goto(page.url.replace("/stock/", "/documents/new/other_in/"))
    row = page.locator("tr.line").first
    row.locator("[name=item]").fill(item.code)
    row.locator("[name=quantity]").fill("4")
    row.locator("[name=quantity]").press("Enter")
    answers.wait()
    expect(page.locator("#told")).to_contain_text("kept here")
    answers.routes.clear()  # these are never answered
    answers.let_go()
    saved(page)
    assert lines_of(Document.objects.get()) == [(item.code, "4", "0")]


def test_a_name_that_was_chosen_closes_its_list_for_good(world: World, open_page: Any) -> None:
    document = world.draft("scrap", {"item": world.stocked().code, "quantity": "80"})
    page = open_document(open_page, document, world.ann)
    box = page.locator("form.comment textarea")
    box.press_sequentially("@hea")
    expect(page.locator(".mention li")).to_have_count(1)
    expect(page.locator(".mention li")).to_contain_text(world.head.username)
    answers = Held(page, "**people**q=head*")
    box.press_sequentially("d")
    answers.wait()
    box.press("Enter")
    expect(box).to_have_value(f"@{world.head.username} ")
    answers.let_go()
    page.wait_for_timeout(500)
    expect(page.locator(".mention")).to_be_hidden()


def test_enter_mentions_nobody_of_older_letters(world: World, open_page: Any) -> None:
    """Who types a name on and presses Enter means that one, not whom the list still shows."""
    document = world.draft("scrap", {"item": world.stocked().code, "quantity": "80"})
    page = open_document(open_page, document, world.ann)
    box = page.locator("form.comment textarea")
    box.press_sequentially("@ann")
    expect(page.locator(".mention li")).to_contain_text(world.ann.username)
    answers = Held(page, "**people**q=head*")
    box.fill("@head")
    answers.wait()
    box.press("Enter")
    expect(box).to_have_value("@head")
    answers.let_go()
    expect(box).to_have_value(f"@{world.head.username} ")


def test_the_last_figure_goes_before_the_button_that_finishes(world: World, open_page: Any) -> None:
    """Typed without a tap and finished at once: the figure goes first, although the button was free."""
    item = world.item()
    document = arrived(world, item, "40")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    scan(page, item.code)
    expect(page.locator(".waits")).to_be_hidden()
    expect(page.locator(".ph-f .btn-p")).to_have_attribute("aria-disabled", "false")
    page.keyboard.type("40", delay=90)
    page.locator(".ph-f .btn-p").click()
    expect(page.locator(".say.done")).to_be_visible()
    assert fresh(document).state == "posted"
    assert document.lines.get().actual == D(40)


def test_a_scan_waits_to_be_seen_in_the_moment_of_the_scan(world: World, open_page: Any) -> None:
    """Not once the store of the device has it: who finishes in between would finish without it."""
    item = world.item()
    document = arrived(world, item, "40")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    expect(page.locator(".ph-f .btn-p")).to_have_attribute("aria-disabled", "false")
    seen = page.evaluate(
        """code => {
          document.dispatchEvent(new CustomEvent("scan-code", { detail: { code, source: "gun" } }));
          return [document.querySelector(".waits b").textContent, document.querySelector("[data-needs-net]").ariaDisabled];
        }""",
        item.code,
    )
    assert seen == ["1", "true"]
    expect(page.locator(".waits")).to_be_hidden()
    assert document.lines.get().actual == D(1)


def test_a_device_that_keeps_nothing_sends_all_the_same(
    world: World, open_page: Any, seen: Seen
) -> None:
    item = world.item()
    document = arrived(world, item, "40")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    page.evaluate(
        "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); } }"
    )
    for _number in range(3):
        scan(page, item.code)
    comes(page, lambda: DeviceScan.objects.count() == 3, "three scans")
    expect(page.locator(".waits")).to_be_hidden()
    assert document.lines.get().actual == D(3)


def test_a_scan_that_is_not_understood_yet_is_carried_out(world: World, open_page: Any) -> None:
    """The button that finishes waits for it, and a refusal is seen first."""
    item = world.item()
    document = arrived(world, item, "2")
    page = open_document(open_page, document, world.cat)
    meanings = Held(page, "**/scan/read/**")
    finish = page.locator("form[data-carry] .btn-p")
    scan(page, item.code)
    scan(page, world.item().code)
    meanings.wait(2)
    finish.click()
    meanings.let_go()
    expect(page.locator("#scan-said")).to_contain_text("is not on this document")
    kept(page)
    assert (fresh(document).state, document.lines.get().actual) == ("in_execution", D(1))
    Barcode.objects.create(item=item, code="96385074")
    later = Held(page, "**/scan/read/**")
    scan(page, "96385074")
    later.wait()
    finish.click()
    later.let_go()
    comes(page, lambda: fresh(document).state == "posted", "the posting")
    expect(page.locator("form[data-carry]")).to_have_count(0)
    assert document.lines.get().actual == D(2)


def test_a_file_whose_answer_never_comes_holds_up_no_other(
    world: World, open_page: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    draft = world.draft("scrap", {"item": world.stocked().code, "quantity": "80"})
    page = open_document(open_page, draft, world.ann)
    page.add_init_script(IMPATIENT)
    page.reload()
    answers = Held(page, "**/files/**")
    chosen = page.locator("form[data-upload] input[type=file]").first
    expect(page.locator("form[data-upload].js-on").first).to_be_attached()
    chosen.set_input_files(photo() | {"name": "first.jpg"})
    answers.wait()
    chosen.set_input_files(photo() | {"name": "second.jpg"})
    answers.wait(2)
    answers.routes.clear()  # these are never answered
    answers.let_go()
    chosen.set_input_files(photo() | {"name": "third.jpg"})
    expect(page.locator("#files")).to_contain_text("third.jpg")
    assert draft.attachments.count() == 1
