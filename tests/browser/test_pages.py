"""Every page in a real browser, both languages, both sizes, light and dark: it opens, fits, can be used by all, breaks no policy.

Which pages there are stands in pages.py.
"""

import json
import time
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page

from people.models import User
from tests.browser.pages import visited
from tests.support.browser import DESKTOP, PHONE, Seen
from workflows.models import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Axe().axe_script
WHOLE: dict[str, Any] = {"resultTypes": ["violations"]}
CONTRAST = WHOLE | {"runOnly": ["color-contrast"]}
THUMB = 44
"""What is tapped on a phone is at least as high, in CSS pixels."""
SMALL = f"""() => [...document.querySelectorAll(
  'main :is(button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio])), .btn, .tabbar a')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height && !e.closest('dialog, .vh'))
  .filter(e => (e.closest('label.flt') || e).getBoundingClientRect().height < {THUMB} - 0.5)
  .map(e => e.outerHTML.slice(0, 90))"""


def read(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    answer = page.evaluate(
        f"axe.run(document, {json.dumps(rules)}).then(r => r.violations.flatMap("
        "v => v.nodes.map(n => v.id + ' ' + n.html.slice(0, 160))))"
    )
    return list(answer)


def check(page: Page, *, language: str, phone: bool) -> list[str]:
    """What is not whole: no heading, another language, too wide, too small for a thumb."""
    wrong = []
    if not page.locator("h1").first.inner_text().strip():
        wrong.append("no heading")
    if (page.locator("html").get_attribute("lang") or "").lower() != language:
        wrong.append(f"not in {language}")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        wrong.append(f"{wide} px too wide")
    return wrong + (page.evaluate(SMALL) if phone else [])


def looked_at(page: Page, address: str, language: str) -> list[str]:
    """A page in one language: it fits at both sizes; axe reads it whole in one of the four looks, its contrast in three."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        return [f"answers {answer and answer.status}"]
    wrong = []
    for theme in ("light", "dark"):
        phone = theme == "dark"
        page.set_viewport_size(PHONE if phone else DESKTOP)  # type: ignore[arg-type]
        wrong += check(page, language=language, phone=phone)
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        whole = language == "zh-hans" and not phone
        wrong += [f"{theme}: {one}" for one in read(page, WHOLE if whole else CONTRAST)]
    return wrong


@pytest.mark.timeout(1500)  # some hundred and fifty pages in four looks
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_whole(
    demo: dict[str, User], live_server: Any, open_page: Any, language: str
) -> None:
    """One session and one page for whoever may do all; light at a desk, dark on a phone."""
    eve = User.objects.create(username="eve", name="Eve", is_superuser=True, language=language)
    User.objects.filter(username="zheng").update(language=language)
    task = Task.objects.filter(user=demo["zheng"], state="open", kind="approve").earliest("pk")
    pages = {eve: [one for some in visited().values() for one in some]}
    pages[demo["zheng"]] = [reverse("workflows:decide", args=[task.document.key])]
    began, wrong = time.monotonic(), {}
    for user, addresses in pages.items():
        page = open_page("/help/", user=user, language=language)
        page.emulate_media(reduced_motion="reduce")  # or colours are read half-way
        for address in addresses:
            if found := looked_at(page, live_server.url + address, language):
                wrong[address] = found
    print(f"{len(pages[eve])} pages looked at in {time.monotonic() - began:.0f} s")
    assert wrong == {}


def test_pages_without_an_account_are_whole(demo: dict[str, User], open_page: Any) -> None:
    for language, viewport in (("en", DESKTOP), ("zh-hans", PHONE)):
        for path in ("/login/", "/login/?user=qian", "/password/reset/", "/password/reset/sent/"):
            page = open_page(path, language=language, viewport=viewport)
            assert check(page, language=language, phone=viewport is PHONE) == [], path
            assert read(page, WHOLE) == [], path


def test_the_policy_is_watched(demo: dict[str, User], open_page: Any, seen: Seen) -> None:
    """An inline script does not run, and the fixture notices that it was tried."""
    page = open_page("/login/")
    page.locator("body").evaluate(
        "body => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " body.append(s) }"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in seen.messages)
    seen.messages.clear()
