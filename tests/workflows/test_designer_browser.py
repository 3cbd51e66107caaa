"""In a real browser: scrap above 5,000 needs the finance manager within four hours, set without code, tried, activated."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, Seen, refused
from tests.workflows.world import World
from workflows.models import Document, ProcessVersion, StepRun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def scrapped(world: World, item: Any, quantity: int, *, approve: bool = True) -> Document:
    document = world.draft("scrap", {"item": item.code, "quantity": str(quantity)})
    world.act(document, "submit", world.ann)
    document = Document.objects.get(pk=document.pk)
    if approve and document.state == "in_approval":
        world.act(document, "approve", world.head)
    return Document.objects.get(pk=document.pk)


def add_the_step(page: Page) -> None:
    """What the admin does: every control is a pick-list, a figure or a name."""
    page.select_option("#new-kind", "approve")
    page.get_by_role("button", name="Add step").click()
    expect(page.locator("#step h2")).to_have_text("Step 2: Approval")
    page.fill("#name_zh", "财务经理")
    page.fill("#name_en", "Finance manager")
    page.select_option("#who", "role:finance")
    page.select_option("#who_scope", "any")
    page.locator("#part-when").get_by_role("button", name="Condition").click()
    page.fill("#when-0-0-value", "5,000")
    page.fill("#limit_hours", "4")
    page.press("#limit_hours", "Tab")
    row = page.locator("#s-approve2")
    expect(row).to_contain_text("Only if: Amount is more than 5,000")
    expect(row).to_contain_text("Within 4 working hours.")
    expect(row).to_contain_text("Finance of any warehouse")
    expect(page.locator("#flow")).to_contain_text("2. Finance manager")
    expect(page.locator("#gate .note.ok")).to_be_visible()


def test_an_admin_sets_a_step_tries_it_and_activates_it(world: World, open_page: Any) -> None:
    item = world.stocked(10_000, 10)
    for quantity in (10, 90, 90, 600, 700):
        scrapped(world, item, quantity)
    running = scrapped(world, item, 800, approve=False)
    page = open_page(f"/processes/{world.company.pk}/scrap/", user=world.admin)
    page.get_by_role("button", name="Start a draft").click()
    add_the_step(page)
    # What was typed is in the draft, field by field, without a button.
    step = ProcessVersion.objects.get(state="draft").read_steps()[1]
    assert (step.name_zh, step.who.role, step.limit_hours) == ("财务经理", "finance", 4)
    assert step.when[0][0].value == "5000"

    page.get_by_role("link", name="Simulate").click()
    longer = page.locator(".kvr > div", has_text="More steps")
    expect(longer.locator("dd")).to_have_text("3")
    expect(page.locator(".kvr > div", has_text="Same path").locator("dd")).to_have_text("3")
    longer.get_by_role("link").click()
    first = page.locator(".tried > li").first
    first.locator("summary").click()
    expect(first.locator(".trace")).to_contain_text("Amount is more than 5,000")
    expect(first.locator(".trace")).to_contain_text("asks fay")

    page.get_by_role("link", name="Back to the steps").click()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".diff .p").first).to_contain_text("Approval")
    page.go_back()
    page.get_by_role("button", name="Activate version 2").click()
    expect(page.locator("#messages")).to_contain_text("Version 2 is active")

    world.act(running, "approve", world.head)
    running.refresh_from_db(fields=["process", "posted_at"])
    assert running.process is not None
    assert running.process.number == 1
    assert running.posted_at is not None
    new = scrapped(world, item, 600)
    assert (new.process.number, new.state, new.step) == (2, "in_approval", "approve2")  # type: ignore[union-attr]
    assert [task.user for task in new.tasks.filter(state="open")] == [world.fay]
    assert StepRun.objects.get(document=new, step="approve2").trace[0]["outcome"] is True


def test_a_change_of_what_is_asked_draws_its_own_controls(
    world: World, open_page: Any, seen: Seen
) -> None:
    page = open_page(f"/processes/{world.company.pk}/scrap/", user=world.admin)
    page.get_by_role("button", name="Start a draft").click()
    page.locator("#part-when").get_by_role("button", name="Condition").click()
    page.select_option("#when-0-0-field", "reason")
    page.get_by_label("Damaged").check()
    expect(page.locator("#s-approve")).to_contain_text("Only if: Reason is one of Damaged")
    page.select_option("#when-0-0-field", "late")
    expect(page.get_by_label("Damaged")).to_have_count(0)
    expect(page.locator("#s-approve")).to_contain_text("Only if: Dated in the past")
    page.locator("#s-approve").get_by_role("button", name="Move Warehouse head down").press("Enter")
    expect(page.locator(".st-l > li").first).to_contain_text("Posting")
    expect(page.locator("#gate")).to_contain_text("After posting only finance steps follow.")
    page.get_by_role("button", name="Activate version 2").click()
    expect(page.locator("#gate")).to_contain_text("It was not activated:")
    assert ProcessVersion.objects.get(process__type="scrap", number=1).state == "active"
    refused(page, seen)


@pytest.mark.parametrize("look", ["phone dark zh", "desktop light en"])
def test_the_pages_fit(world: World, open_page: Any, look: str) -> None:
    scrapped(world, world.stocked(1000, 10), 90)
    home = f"/processes/{world.company.pk}/scrap/"
    more = {"viewport": PHONE, "dark": True, "language": "zh-hans"} if "phone" in look else {}
    page = open_page(home, user=world.admin, **more)
    page.locator("form[action$='/draft/'] button").first.click()
    expect(page.locator("#new-kind")).to_be_attached()
    for address in (
        "/processes/", home, f"{home}2/", f"{home}2/?step=options", f"{home}2/compare/",
        f"{home}2/simulate/", "/processes/fields/scrap/", "/processes/fields/scrap/new/",
        "/processes/calendar/",
    ):  # fmt: skip
        page.goto(page.url.split("/processes/")[0] + address)
        assert page.locator("h1").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
