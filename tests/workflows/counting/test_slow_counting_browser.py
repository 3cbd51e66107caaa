"""Counting while answers are on their way: no count is lost or stays that was taken back, codes are taken in their order."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, Held, Seen, comes, stop_clock
from tests.workflows.counting.world import D, Shelves
from workflows.models import CountEntry, CountLine, Document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACES = ["W-001", "W-002"]


@pytest.fixture
def world(transactional_db: None) -> Shelves:
    return Shelves()


def begun(world: Shelves) -> Document:
    """A stocktake of two places with one item each."""
    for place in PLACES:
        world.fill(place)
    return world.sealed(zones=PLACES, counters=[world.cat.pk], empty_places=False)


def counting(open_page: Any, world: Shelves, document: Document) -> Page:
    page: Page = open_page(f"/counting/{document.key}/count/", user=world.cat, viewport=PHONE)
    expect(page.locator("[data-place]")).to_have_text(PLACES[0])
    return page


def counted(page: Page, digit: str) -> None:
    page.locator(f'[data-key="{digit}"]').click()
    page.locator('[data-do="next"]').click()


def waiting(page: Page, many: int) -> None:
    expect(page.locator("[data-net]")).to_contain_text(f"{many} to be sent")


def figures(document: Document) -> dict[str, Any]:
    rows = CountLine.objects.filter(document=document, round__gt=0)
    return dict(rows.values_list("place__code", "counted"))


def test_an_answer_of_another_page_loses_no_count(
    world: Shelves, open_page: Any, seen: Seen
) -> None:
    """Signed out, a network that wants its own page seen first, a token of before: counts wait for an answer of ours."""
    document = begun(world)
    page = counting(open_page, world, document)
    stop_clock(page)
    answers = Held(page, "**/count/send/")
    counted(page, "5")
    for status in (200, 403):
        answers.wait()
        kind = "text/html" if status == 200 else "application/json"
        body = "<p>Sign in</p>" if status == 200 else '{"message": "Signed in anew."}'
        answers.routes.pop().fulfill(status=status, content_type=kind, body=body)
        waiting(page, 1)
        page.clock.run_for(4100)
    answers.wait()
    answers.let_go()
    expect(page.locator("[data-net]")).to_have_text("Online")
    assert figures(document) == {PLACES[0]: D(5)}
    seen.messages.clear()


def test_what_is_taken_back_is_the_last_count(world: Shelves, open_page: Any, seen: Seen) -> None:
    """One that was on its way when it was taken back is not it; and there is one try at a time."""
    document = begun(world)
    page = counting(open_page, world, document)
    stop_clock(page)
    answers = Held(page, "**/count/send/")
    counted(page, "5")
    answers.wait()
    page.locator('.undo [data-do="undo"]').click()
    expect(page.locator("[data-place]")).to_have_text(PLACES[0])
    counted(page, "7")
    answers.routes.pop().abort()
    waiting(page, 2)
    page.locator('.undo [data-do="undo"]').click()
    waiting(page, 1)
    page.clock.run_for(4100)
    answers.wait()
    page.clock.run_for(4100)
    assert len(answers.routes) == 1
    answers.let_go()
    expect(page.locator("[data-net]")).to_have_text("Online")
    assert figures(document) == {PLACES[0]: D(5)}
    counted(page, "8")
    comes(page, lambda: figures(document) == {PLACES[0]: D(8)}, "the count made anew")
    seen.messages.clear()


def test_many_counts_without_a_network_are_tried_together(
    world: Shelves, open_page: Any, seen: Seen
) -> None:
    document = begun(world)
    page = counting(open_page, world, document)
    stop_clock(page)
    tries: list[Any] = []

    def fail(route: Any) -> None:
        tries.append(route)
        route.abort()

    page.route("**/count/send/", fail)
    for number, digit in enumerate("57", 1):
        counted(page, digit)
        comes(page, lambda number=number: len(tries) == number, "a try")
        waiting(page, number)
        page.clock.run_for(1500)
    page.clock.run_for(1500)
    assert len(tries) == 2
    page.clock.run_for(1500)
    comes(page, lambda: len(tries) > 2, "a later try")
    page.wait_for_timeout(500)
    assert len(tries) == 3
    page.unroute("**/count/send/")
    page.clock.run_for(4100)
    comes(page, lambda: len(figures(document)) == 2, "both counts")
    seen.messages.clear()


def test_a_place_is_empty_although_something_was_counted_and_taken_back(
    world: Shelves, open_page: Any
) -> None:
    document = begun(world)
    page = counting(open_page, world, document)
    counted(page, "5")
    comes(page, lambda: figures(document) == {PLACES[0]: D(5)}, "the count")
    page.locator('.undo [data-do="undo"]').click()
    expect(page.locator("[data-place]")).to_have_text(PLACES[0])
    page.locator('[data-do="empty"]').click()
    expect(page.locator("[data-net]")).to_have_text("Online")
    comes(page, lambda: figures(document) == {PLACES[0]: D(0)}, "nothing there")


def test_a_count_taken_back_stays_while_the_list_is_read_again(
    world: Shelves, open_page: Any
) -> None:
    """Whoever is done looks again by himself; the answer comes when he has gone on."""
    document = begun(world)
    page = counting(open_page, world, document)
    stop_clock(page)
    readings = Held(page, "**/count/lines/")
    counted(page, "5")
    counted(page, "7")
    expect(page.locator("[data-done]")).to_be_visible()
    comes(page, lambda: len(figures(document)) == 2, "both counts")
    page.clock.run_for(30_100)
    readings.wait()
    page.evaluate("document.querySelector('[data-do=undo]').click()")
    expect(page.locator("[data-place]")).to_have_text(PLACES[1])
    page.locator('[data-key="8"]').click()
    readings.let_go()
    page.wait_for_timeout(500)
    expect(page.locator("[data-typed]")).to_have_text("8")
    page.locator('[data-do="next"]').click()
    comes(page, lambda: figures(document)[PLACES[1]] == D(8), "the count made anew")


def found(page: Page) -> None:
    page.locator('[data-do="found"]').click()
    expect(page.locator("[data-found-input]")).to_be_focused()


def test_goods_and_their_lot_are_scanned_one_after_the_other(
    world: Shelves, open_page: Any, seen: Seen
) -> None:
    """The lot comes before the answer that asks for it."""
    document, lots = begun(world), world.item("lot")
    page = counting(open_page, world, document)
    found(page)
    answers = Held(page, "**/count/found/")
    for code in (lots.code, "LOT-7"):
        page.locator("[data-found-input]").fill(code)
        page.locator("[data-found-input]").press("Enter")
    answers.wait()
    answers.let_go()
    expect(page.locator("[data-more]")).to_contain_text("LOT-7")
    counted(page, "3")
    comes(page, lambda: CountEntry.objects.filter(line__item=lots, counted=3), "the count")
    seen.messages.clear()  # the browser notes the answer that asks for the lot


def test_goods_that_were_found_twice_by_a_double_tap(world: Shelves, open_page: Any) -> None:
    """The second answer takes no figure away that is typed by then."""
    document, other = begun(world), world.item()
    page = counting(open_page, world, document)
    found(page)
    answers = Held(page, "**/count/found/")
    page.locator("[data-found-input]").fill(other.code)
    page.evaluate(
        "() => { const form = document.querySelector('[data-found-form]'); form.requestSubmit(); form.requestSubmit(); }"
    )
    answers.wait()
    answers.routes.pop(0).continue_()
    expect(page.locator("[data-item]")).to_have_text(other.code)
    page.locator('[data-key="3"]').click()
    answers.let_go()
    page.wait_for_timeout(500)
    expect(page.locator("[data-typed]")).to_have_text("3")
    expect(page.locator("[data-net]")).to_have_text("Online")


def test_goods_found_and_cancelled_before_the_answer(world: Shelves, open_page: Any) -> None:
    """The figure that is typed meanwhile stays; the line, which is there by then, is counted after it."""
    document, other = begun(world), world.item()
    page = counting(open_page, world, document)
    found(page)
    answers = Held(page, "**/count/found/")
    page.locator("[data-found-input]").fill(other.code)
    page.locator("[data-found-input]").press("Enter")
    answers.wait()
    page.locator('[data-do="found-no"]').click()
    page.locator('[data-key="4"]').click()
    answers.let_go()
    comes(page, lambda: CountLine.objects.filter(document=document, item=other), "the line")
    page.wait_for_timeout(300)
    expect(page.locator("[data-typed]")).to_have_text("4")
    expect(page.locator("[data-net]")).to_have_text("Online")
    page.locator('[data-do="next"]').click()
    expect(page.locator("[data-item]")).to_have_text(other.code)
