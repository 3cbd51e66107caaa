"""The phone while answers are on their way: what is taken back is what was scanned, and what is shown is what is there."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from alerts.models import Case
from intake import device_scans
from intake.device_scans import Sent
from intake.models import DeviceScan
from people.access import access_for
from stock.models import Unit
from tests.support.browser import PHONE, Held, Network, Seen, comes
from tests.support.gun import scan
from tests.workflows.test_phone_browser import GTIN, PACK, arrived, coded, photo, sent
from tests.workflows.world import D, World
from workflows.models import Document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCANS = "**/m/scans/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def world(transactional_db: None) -> World:
    world = World()
    Unit.objects.get_or_create(code="BOX", defaults={"name": "box"})
    return world


def at_work(open_page: Any, document: Document, user: Any) -> Page:
    page: Page = open_page(f"/m/task/{document.key}/", user=user, viewport=PHONE)
    expect(page.locator("[data-needs-net]")).to_have_attribute("aria-disabled", "false")
    return page


def figures(document: Document) -> list[Any]:
    return list(document.lines.order_by("position").values_list("actual", flat=True))


def test_what_is_taken_back_is_the_line_that_the_server_chose(world: World, open_page: Any) -> None:
    """The page puts each scan on the first line of its goods; the server on one that still lacks some."""
    item = coded(world)
    lines = [{"item": item.code, "quantity": many, "price": "1"} for many in ("2", "5")]
    document = world.draft("purchase_in", *lines)
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    page = at_work(open_page, document, world.cat)
    held = Held(page, SCANS)
    for _number in range(4):
        scan(page, GTIN)
    scan(page, "CMD-UNDO")
    expect(page.locator(".tline output").first).to_have_text("3")
    held.let_go()
    sent(page)
    expect(page.locator(".tline output")).to_have_text(["2", "1"])
    assert figures(document) == [D(2), D(1)]


def test_a_scan_that_was_refused_takes_nothing_back(world: World, open_page: Any) -> None:
    """Echoed by the page, taken back, and refused by the server: nothing was added, nothing is taken off."""
    item = coded(world)
    line = {"item": item.code, "unit": "BOX", "quantity": "3", "price": "1"}
    document = world.draft("purchase_in", line)
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    page = at_work(open_page, document, world.cat)
    held = Held(page, SCANS)
    for code in (PACK, GTIN, "CMD-UNDO"):
        scan(page, code)
    expect(page.locator(".tline output")).to_have_text("1")
    held.let_go()
    sent(page)
    expect(page.locator("#task-refused li")).to_have_count(2)
    expect(page.locator(".tline output")).to_have_text("1")
    assert figures(document) == [D(1)]


def test_a_code_that_the_page_does_not_know_is_taken_back(world: World, open_page: Any) -> None:
    """The last scan is taken back, not the last one whose line the page knows."""
    first, other = coded(world), world.item()
    draft = world.draft("purchase_in", {"item": first.code, "quantity": "1", "price": "1"})
    page = at_work(open_page, draft, world.ann)
    held = Held(page, SCANS)
    for code in (GTIN, other.code, "CMD-UNDO"):
        scan(page, code)
    held.let_go()
    sent(page)
    expect(page.locator(".tline output")).to_have_text(["2", "0"])
    scan(page, "CMD-UNDO")
    expect(page.locator(".tline output")).to_have_text(["1", "0"])
    sent(page)
    rows = draft.lines.order_by("position").values_list("requested", flat=True)
    assert list(rows) == [D(1), D(0)]


def test_what_somebody_else_scanned_is_not_taken_back(world: World, open_page: Any) -> None:
    document = arrived(world, coded(world), "40")
    page = at_work(open_page, document, world.cat)
    held = Held(page, SCANS)
    scan(page, GTIN)
    held.wait()
    theirs = Sent(uuid.uuid4(), document.key, PACK, timezone.now())
    device_scans.take(theirs, world.cat, access_for(world.cat))
    held.let_go()
    sent(page)
    expect(page.locator(".tline output")).to_have_text("13")
    scan(page, "CMD-UNDO")
    expect(page.locator(".tline output")).to_have_text("12")
    sent(page)
    assert figures(document) == [D(12)]


def test_what_waits_is_part_of_the_figure_after_a_reload(
    world: World, open_page: Any, seen: Seen, network: Network
) -> None:
    """Else a figure that is typed then would count it twice; and it can still be taken back, once."""
    document = arrived(world, coded(world), "40")
    page = at_work(open_page, document, world.cat)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload()
    expect(page.locator("[data-net]")).to_have_text("Online")
    network.away(page)
    for code in (GTIN, PACK, GTIN, "CMD-UNDO"):
        scan(page, code)
    expect(page.locator(".waits b")).to_have_text("4")
    page.reload()
    figure = page.locator(".tline output")
    expect(figure).to_have_text("13")
    scan(page, "CMD-UNDO")
    expect(figure).to_have_text("1")
    page.locator(".tline").click()
    page.locator("[data-total]").fill("20")
    page.locator("[data-total]").press("Enter")
    expect(figure).to_have_text("20")
    network.back(page)
    sent(page)
    expect(figure).to_have_text("20")
    assert figures(document) == [D(20)]
    seen.messages.clear()


def test_a_page_that_the_phone_kept_shows_what_it_heard_since(
    world: World, open_page: Any, seen: Seen, network: Network
) -> None:
    """Opened again without a network it is the page of before; its figures are not."""
    item, other = coded(world), world.item()
    draft = world.draft("purchase_in", {"item": item.code, "quantity": "1", "price": "1"})
    page = at_work(open_page, draft, world.ann)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload()
    expect(page.locator("[data-needs-net]")).to_have_attribute("aria-disabled", "false")
    for code in (GTIN, GTIN, other.code):
        scan(page, code)
    expect(page.locator(".tline output")).to_have_text(["3", "1"])
    sent(page)
    network.away(page)
    page.reload()
    expect(page.locator(".tline output")).to_have_text(["3", "1"])
    network.back(page)
    expect(page.locator("[data-net]")).to_have_text("Online")
    page.reload()
    expect(page.locator(".tline output")).to_have_text(["3", "1"])
    seen.messages.clear()


def test_nothing_is_sent_before_the_page_listens(world: World, open_page: Any) -> None:
    """What an earlier page left is sent once the script of this one is there to hear of it."""
    document = arrived(world, coded(world), "40")
    page = open_page("/m/", user=world.cat, viewport=PHONE)
    left = {
        "kind": "scan", "url": "/m/scans/", "document": str(document.key), "code": PACK, "label": PACK,
        "id": str(uuid.uuid4()), "at": timezone.now().isoformat(), "user": str(world.cat.pk),
    }  # fmt: skip
    page.evaluate("() => navigator.serviceWorker.ready.then((one) => one.unregister())")
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [f"queue-{world.cat.pk}", json.dumps([left])])  # fmt: skip
    script = Held(page, "**/js/phone_task.*", kinds=("script",))
    page.goto(page.url.removesuffix("/m/") + f"/m/task/{document.key}/", wait_until="commit")
    script.wait()
    page.wait_for_timeout(1500)
    assert not DeviceScan.objects.exists()
    script.let_go()
    sent(page)
    expect(page.locator(".tline output")).to_have_text("12")
    comes(page, lambda: figures(document) == [D(12)], "the scan")
    expect(page.locator(".tline:not(.wait)")).to_be_visible()


def test_a_refusal_is_seen_before_the_document_is_finished(world: World, open_page: Any) -> None:
    """The button was pressed while the last scan was on its way; nobody knew that it would be refused."""
    document = arrived(world, coded(world), "40")
    page = at_work(open_page, document, world.cat)
    held = Held(page, SCANS)
    for code in (PACK, "not known"):
        scan(page, code)
    page.locator(".ph-f .btn-p").click(force=True)
    held.let_go()
    sent(page)
    expect(page.locator("#task-refused")).to_contain_text("not known")
    expect(page.locator("[data-needs-net]")).to_have_attribute("aria-disabled", "false")
    page.wait_for_timeout(500)
    assert Document.objects.get().state == "in_execution"


def test_photos_of_a_problem_go_from_whatever_page(
    world: World, open_page: Any, seen: Seen, network: Network
) -> None:
    """Reported without a network, sent when its page has long been left."""
    coded(world)
    page = open_page("/m/problem/", user=world.cat, viewport=PHONE)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.goto(page.url.replace("/problem/", "/"))
    expect(page.locator("[data-net]")).to_have_text("Online")
    page.goto(page.url + "problem/")
    expect(page.locator("[data-net]")).to_have_text("Online")
    network.away(page)
    page.locator("[name=code]").fill(GTIN)
    page.locator("[name=text]").fill("A hole")
    page.locator("#problem [data-photo]").set_input_files(photo())
    page.locator(".ph-f button").click()
    expect(page.locator(".waits b")).to_have_text("1")
    page.locator(".ph-h a").first.click()
    expect(page.locator("#problem")).to_have_count(0)
    expect(page.locator(".waits b")).to_have_text("1")
    network.back(page)
    sent(page)
    assert Case.objects.get(rule__kind="problem").photos.count() == 1
    seen.messages.clear()
