"""The entry form while answers are on their way: what was removed stays away, what was scanned goes along, one try at a time."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import IMPATIENT, Held, Seen, comes, stop_clock
from tests.support.gun import scan
from tests.workflows.test_entry_browser import lines_of, saved
from tests.workflows.world import World
from workflows.models import Document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def entered(page: Page, code: str, quantity: str) -> Any:
    """A line typed at the end; its row."""
    number = page.locator("tr.line").count() - 1
    row = page.locator("tr.line").nth(number)
    row.locator("[name=item]").fill(code)
    row.locator("[name=quantity]").fill(quantity)
    row.locator("[name=quantity]").press("Enter")
    return row


def still(page: Page, tries: list[Any]) -> int:
    """How many tries there are once no more have come for a while."""
    many = -1
    while many != len(tries):
        many = len(tries)
        assert many < 20, "tries without end"
        page.wait_for_timeout(1000)
    return many


def test_a_line_removed_while_it_was_saved_stays_away(world: World, open_page: Any) -> None:
    first, second = world.item(), world.item()
    page: Page = open_page("/documents/new/other_in/", user=world.ann)
    entered(page, first.code, "1")
    saved(page)
    saves = Held(page, "**/save/")
    row = entered(page, second.code, "2")
    saves.wait()
    row.locator("[name=quantity]").press("Control+Delete")
    expect(page.locator(".toast")).to_be_visible()
    saves.let_go()
    document = Document.objects.get()
    comes(
        page,
        lambda: document.version < Document.objects.get().version and document.lines.count() == 1,
        "one line",
    )
    assert lines_of(document) == [(first.code, "1", "0")]


def test_a_line_put_back_is_not_removed_by_a_later_try(
    world: World, open_page: Any, seen: Seen
) -> None:
    item = world.item()
    draft = world.draft("other_in", {"item": item.code, "quantity": "5"})
    page: Page = open_page(f"/documents/{draft.key}/edit/", user=world.ann)
    tries: list[Any] = []

    def fail_once(route: Any) -> None:
        tries.append(route)
        route.abort() if len(tries) == 1 else route.continue_()

    page.route("**/remove/", fail_once)
    stop_clock(page)
    page.locator("tr[data-known] [name=quantity]").press("Control+Delete")
    comes(page, lambda: len(tries) == 1, "a try")
    expect(page.locator("#told")).to_contain_text("kept here")
    page.locator(".toast button").click()
    expect(page.locator("tr[data-known]")).to_be_visible()
    page.clock.run_for(6000)
    page.locator("tr.line [name=quantity]").first.fill("6")
    page.locator("tr.line [name=quantity]").first.press("Enter")
    page.clock.run_for(6000)
    comes(page, lambda: lines_of(draft) == [(item.code, "6", "0")], "the line")
    assert len(tries) == 1
    seen.messages.clear()


def test_a_removal_that_waits_goes_before_the_document(
    world: World, open_page: Any, seen: Seen
) -> None:
    first, second = world.item(), world.item()
    lines = [{"item": one.code, "quantity": "5"} for one in (first, second)]
    draft = world.draft("other_in", *lines)
    page: Page = open_page(f"/documents/{draft.key}/edit/", user=world.ann)
    tries: list[Any] = []

    def fail_twice(route: Any) -> None:
        tries.append(route)
        route.abort() if len(tries) < 3 else route.continue_()

    page.route("**/remove/", fail_twice)
    stop_clock(page)
    page.locator("tr[data-known] [name=quantity]").last.press("Control+Delete")
    comes(page, lambda: len(tries) == 1, "a try")
    expect(page.locator("#told")).to_contain_text("kept here")
    submit = page.locator("#send [type=submit]")
    submit.click()
    comes(page, lambda: len(tries) == 2, "a second try")
    expect(submit).to_be_enabled()
    assert Document.objects.get().state == "draft"
    submit.click()
    page.wait_for_url(lambda url: url.endswith(f"/documents/{draft.key}/"))
    assert lines_of(draft) == [(first.code, "5", "0")]
    seen.messages.clear()


def test_one_try_at_a_time_while_the_network_is_away(
    world: World, open_page: Any, seen: Seen
) -> None:
    """Each cell and each press of the button tries once; there are not more and more tries afterwards."""
    item = world.item()
    page: Page = open_page("/documents/new/other_in/", user=world.ann)
    tries: list[Any] = []

    def fail(route: Any) -> None:
        tries.append(route)
        route.abort()

    page.route("**/save/", fail)
    stop_clock(page)
    row = page.locator("tr.line").first
    row.locator("[name=item]").fill(item.code)
    for number in range(1, 4):
        row.locator("[name=quantity]").fill(str(number))
        row.locator("[name=quantity]").press("Enter")
        while len(tries) < number:
            page.clock.run_for(50)  # its suggestions come first
            page.wait_for_timeout(50)
    expect(page.locator("#told")).to_contain_text("kept here")
    page.clock.run_for(500)
    before = still(page, tries)
    page.locator("#send [type=submit]").click()
    comes(page, lambda: len(tries) > before, "a try of the button")
    assert still(page, tries) == before + 1
    page.clock.run_for(5100)
    comes(page, lambda: len(tries) > before + 1, "a later try")
    assert still(page, tries) == before + 2
    page.unroute("**/save/")
    page.clock.run_for(5100)
    saved(page)
    assert lines_of(Document.objects.get()) == [(item.code, "3", "0")]
    seen.messages.clear()


def test_suggestions_that_never_come_hold_up_no_submitting(world: World, open_page: Any) -> None:
    first, second = world.item(), world.item()
    draft = world.draft("other_in", {"item": first.code, "quantity": "5"})
    page: Page = open_page("/stock/", user=world.ann)
    page.add_init_script(IMPATIENT)
    page.goto(page.url.replace("/stock/", f"/documents/{draft.key}/edit/"))
    asked = Held(page, "**/look-up/item/**")
    row = page.locator("tr.line").nth(1)
    row.locator("[name=item]").fill(second.code)
    row.locator("[name=quantity]").fill("4")
    page.locator("#send [type=submit]").click()
    asked.wait()
    page.wait_for_url(lambda url: url.endswith(f"/documents/{draft.key}/"))
    assert lines_of(draft) == [(first.code, "5", "0"), (second.code, "4", "0")]


def test_a_scan_that_is_not_understood_yet_goes_along(world: World, open_page: Any) -> None:
    """Submitted while its meaning is on its way: it is still of this document."""
    first, second = world.item(), world.item()
    draft = world.draft("other_in", {"item": first.code, "quantity": "5"})
    page: Page = open_page(f"/documents/{draft.key}/edit/", user=world.ann)
    meanings = Held(page, "**/scan/read/**")
    scan(page, second.code)
    meanings.wait()
    page.locator("#send [type=submit]").click()
    meanings.let_go()
    page.wait_for_url(lambda url: url.endswith(f"/documents/{draft.key}/"))
    assert lines_of(draft) == [(first.code, "5", "0"), (second.code, "1", "0")]


def test_a_scan_that_is_refused_in_between_is_seen_first(
    world: World, open_page: Any, seen: Seen
) -> None:
    draft = world.draft("other_in", {"item": world.item().code, "quantity": "5"})
    page: Page = open_page(f"/documents/{draft.key}/edit/", user=world.ann)
    meanings = Held(page, "**/scan/read/**")
    scan(page, "UNKNOWN-1")
    meanings.wait()
    page.locator("#send [type=submit]").click()
    meanings.let_go()
    expect(page.locator("#scan-said")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    assert Document.objects.get().state == "draft"
    seen.messages.clear()
