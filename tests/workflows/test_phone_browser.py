"""Tasks on a phone in a real browser: receiving by scan, the network away in the middle, a flood, problems with photos."""

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from alerts.models import Case
from intake.models import DeviceScan
from stock.models import Barcode, ItemUnit, Unit
from tests.support.browser import PHONE, Network, Seen
from tests.support.gun import scan
from tests.workflows.world import D, World
from workflows.models import Document

GTIN, PACK = "6901234567892", "16901234567899"
PROOF = bool(os.environ.get("PROOF"))
"""At full size: 1,200 scans in a minute, and two minutes without a network."""
# A walk of several people takes minutes where the processor is busy.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(2400 if PROOF else 600),
]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def world(transactional_db: None) -> World:
    world = World()
    Unit.objects.get_or_create(code="BOX", defaults={"name": "box"})
    return world


def coded(world: World) -> Any:
    item = world.item()
    box = Unit.objects.get(code="BOX")
    ItemUnit.objects.create(item=item, unit=box, numerator=12)
    Barcode.objects.create(item=item, code=GTIN)
    Barcode.objects.create(item=item, code=PACK, unit=box)
    return item


def arrived(world: World, item: Any, quantity: str) -> Document:
    document = world.draft("purchase_in", {"item": item.code, "quantity": quantity, "price": "1"})
    world.act(document, "submit", world.ann)
    world.act(Document.objects.get(pk=document.pk), "approve", world.buyer)
    return Document.objects.get(pk=document.pk)


def photo() -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    return {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def sent(page: Page) -> None:
    """Wait until nothing waits on the device any more."""
    expect(page.locator(".waits")).to_be_hidden(timeout=60_000)


def test_receiving_goes_on_while_the_network_is_away(
    world: World, open_page: Any, seen: Seen, network: Network
) -> None:
    """Nothing is lost, nothing counts twice, the order stays; photos and words wait as well."""
    item = coded(world)
    document = arrived(world, item, "40")
    page = open_page("/m/", user=world.cat, viewport=PHONE)
    page.get_by_role("link", name="Receive").click()
    page.locator(".work").first.click()
    expect(page.locator("h1")).to_contain_text(str(document))
    figure = page.locator(".tline output")
    scan(page, PACK)
    expect(figure).to_have_text("12")
    sent(page)

    network.away(page)
    for _number in range(10):
        scan(page, GTIN)
    scan(page, PACK)
    scan(page, "not known")
    page.locator("#words").fill("One box is wet")
    page.locator("#words").press("Enter")
    page.locator("#task-say [data-photo]").set_input_files(photo())
    expect(page.locator(".waits b")).to_have_text("14")
    expect(figure).to_have_text("34")
    expect(page.locator("[data-needs-net]")).to_have_attribute("aria-disabled", "true")
    assert document.lines.get().actual == D(12)

    network.back(page)
    sent(page)
    expect(figure).to_have_text("34")
    expect(page.locator("#task-refused")).to_contain_text("not known")
    assert document.lines.get().actual == D(34)
    codes = list(DeviceScan.objects.order_by("id").values_list("code", flat=True))
    assert codes == [PACK, *[GTIN] * 10, PACK, "not known"]
    assert document.attachments.count() == 1
    assert document.events.filter(verb="comment").count() == 1
    expect(page.locator("[data-needs-net]")).to_have_attribute("aria-disabled", "false")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    seen.messages.clear()  # the browser notes each request that failed meanwhile


def test_what_waits_outlives_the_page(
    world: World, open_page: Any, seen: Seen, network: Network
) -> None:
    """Closed and opened again without a network: what waited is still there, and is sent once."""
    document = arrived(world, coded(world), "40")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload()
    expect(page.locator("[data-net]")).to_have_text("Online")
    network.away(page)
    for _number in range(5):
        scan(page, GTIN)
    expect(page.locator(".waits b")).to_have_text("5")
    page.reload()
    expect(page.locator("h1")).to_contain_text(str(document))
    expect(page.locator(".waits b")).to_have_text("5")
    network.back(page)
    sent(page)
    assert document.lines.get().actual == D(5)
    assert DeviceScan.objects.count() == 5
    seen.messages.clear()


def test_a_scan_behind_the_last_look_of_the_queue_is_sent(world: World, open_page: Any) -> None:
    """It comes in when the running round has found nothing any more: another round follows."""
    document = arrived(world, coded(world), "40")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    expect(page.locator("[data-needs-net]")).to_have_attribute("aria-disabled", "false")
    page.evaluate(
        """code => {
          const more = () => document.dispatchEvent(new CustomEvent("scan-code", { detail: { code, source: "gun" } }));
          document.addEventListener("queue-done", () => document.addEventListener("queue-shown", more, { once: true }), { once: true });
          more();
        }""",
        GTIN,
    )
    expect(page.locator(".tline output")).to_have_text("2")
    expect(page.locator(".tline:not(.wait)")).to_be_visible(timeout=60_000)
    assert list(DeviceScan.objects.values_list("code", flat=True)) == [GTIN, GTIN]


def test_an_answer_that_is_lost_does_no_harm(world: World, open_page: Any, seen: Seen) -> None:
    """The server has taken the scans, the device never heard it: sent again, they have no second effect."""
    document = arrived(world, coded(world), "40")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    lost: list[str] = []

    def lose(route: Any) -> None:
        if len(lost) < 2:
            route.fetch()
            lost.append("x")
            route.abort()
        else:
            route.continue_()

    page.route("**/m/scans/", lose)
    for _number in range(3):
        scan(page, GTIN)
    sent(page)
    assert len(lost) == 2
    assert document.lines.get().actual == D(3)
    seen.messages.clear()


STREAM = """async ([codes, every]) => {
  const began = performance.now();
  for (const [number, code] of codes.entries()) {
    document.dispatchEvent(new CustomEvent("scan-code", { detail: { code, source: "gun" } }));
    const ahead = began + (number + 1) * every - performance.now();
    if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
  }
  return (performance.now() - began) / 1000;
}"""
"""Scans as they are recognised: keys pressed from outside the page, a message each, would set the pace."""


def stream(page: Page, count: int, rate: int) -> tuple[list[str], float]:
    """So many scans, at most ``rate`` a second; the codes and the seconds that they took."""
    codes = [PACK if number % 3 == 0 else GTIN for number in range(count)]
    if PROOF:
        scan(page, codes[0])
        return codes, 1 / rate + page.evaluate(STREAM, [codes[1:], 1000 / rate])
    began = time.monotonic()
    for number, code in enumerate(codes, 1):
        scan(page, code, early=number > 1)
    return codes, time.monotonic() - began


def arrive(page: Page, many: int) -> float:
    """Wait until the server has so many scans; the seconds that it took."""
    began = time.monotonic()
    while DeviceScan.objects.count() < many and time.monotonic() < began + 900:
        page.wait_for_timeout(200)
    return time.monotonic() - began


def all_there(document: Document, codes: list[str]) -> None:
    """Every scan arrived once, in order, and counts once."""
    assert list(DeviceScan.objects.order_by("id").values_list("code", flat=True)) == codes
    assert document.lines.get().actual == D(sum(12 if code == PACK else 1 for code in codes))


def test_twenty_scans_a_second_arrive_in_order(world: World, open_page: Any) -> None:
    """Shortened here; `PROOF=1` scans for a minute."""
    document = arrived(world, coded(world), "9999")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    codes, took = stream(page, 1200 if PROOF else 120, 20)
    after = arrive(page, len(codes))
    all_there(document, codes)
    rate = len(codes) / took
    print(f"{len(codes)} scans in {took:.0f} s = {rate:.1f} a second; all sent {after:.0f} s later")


def test_two_minutes_without_a_network_lose_nothing(
    world: World, open_page: Any, seen: Seen, network: Network
) -> None:
    """Away in the midst of receiving, with a reload before it is back; shortened unless `PROOF=1`."""
    document = arrived(world, coded(world), "9999")
    page = open_page(f"/m/task/{document.key}/", user=world.cat, viewport=PHONE)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload()
    before, _took = stream(page, 20, 5)
    arrive(page, len(before))
    sent(page)
    network.away(page)
    away, took = stream(page, 600 if PROOF else 40, 5)
    expect(page.locator(".waits b")).to_have_text(str(len(away)))
    page.reload()
    expect(page.locator(".waits b")).to_have_text(str(len(away)))
    assert DeviceScan.objects.count() == len(before)
    network.back(page)
    back = arrive(page, len(before) + len(away))
    sent(page)
    after, _took = stream(page, 20, 5)
    arrive(page, len(before) + len(away) + len(after))
    all_there(document, [*before, *away, *after])
    print(
        f"{len(away)} scans in {took:.0f} s without a network; all sent {back:.0f} s after it was back"
    )
    seen.messages.clear()  # the browser notes each request that failed meanwhile


SLOW_STORE = """
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
      if (sessionStorage.storeStopped) throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, given);
    };
"""


def test_what_the_phone_had_not_stored_yet_is_there_after_a_reload(
    world: World, open_page: Any, seen: Seen, network: Network
) -> None:
    """A page that is left in the midst of a burst, before the store has taken it, as one with a full store."""
    document = arrived(world, coded(world), "9999")
    page = open_page("/m/", user=world.cat, viewport=PHONE)
    page.add_init_script(SLOW_STORE)
    page.goto(page.url.removesuffix("/m/") + f"/m/task/{document.key}/")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload()
    network.away(page)
    stored, _took = stream(page, 3, 5)
    expect(page.locator(".waits b")).to_have_text("3")
    page.evaluate("sessionStorage.storeStopped = 1")
    late, _took = stream(page, 4, 5)
    expect(page.locator(".waits b")).to_have_text("7")
    page.reload()
    expect(page.locator(".waits b")).to_have_text("7")
    page.evaluate("delete sessionStorage.storeStopped")
    page.reload()
    expect(page.locator(".waits b")).to_have_text("7")
    page.wait_for_function("Object.keys(localStorage).every((key) => !key.startsWith('queue-'))")
    page.reload()
    network.back(page)
    arrive(page, 7)
    sent(page)
    all_there(document, [*stored, *late])
    seen.messages.clear()  # the browser notes each request that failed meanwhile


def test_a_problem_with_a_photo_becomes_a_case(world: World, open_page: Any) -> None:
    """Five taps and one scan: the tile, a chip, the photo, and the button."""
    coded(world)
    page = open_page("/m/", user=world.ann, viewport=PHONE, language="zh-hans", dark=True)
    page.get_by_role("link", name="上报问题").click()
    expect(page.locator("#problem")).to_be_visible()
    scan(page, GTIN)
    expect(page.locator("[name=code]")).to_have_value(GTIN)
    page.get_by_role("button", name="破损").click()
    page.locator("#problem [data-photo]").set_input_files(photo())
    page.locator(".ph-f button").click()
    expect(page.locator("#problem-said a")).to_be_visible()
    sent(page)
    case = Case.objects.get(rule__kind="problem")
    assert (case.state, case.figures["text"], case.reporter) == ("open", "破损", world.ann)
    assert case.photos.count() == 1
    assert Axe().run(page).response["violations"] == []


def test_it_can_be_installed(world: World, open_page: Any, live_server: Any) -> None:
    page = open_page("/m/", user=world.cat, viewport=PHONE)
    manifest = page.request.get(live_server.url + "/manifest.webmanifest").json()
    assert {"name", "start_url", "icons", "display"} <= manifest.keys()
    for icon in manifest["icons"]:
        assert page.request.get(live_server.url + icon["src"]).ok
    scope = page.evaluate("navigator.serviceWorker.ready.then(ready => ready.scope)")
    assert scope == f"{live_server.url}/"
