"""Every main page in a real browser, both languages, both sizes: it opens, fits and breaks no policy."""

from typing import Any

import pytest
from django.core.management import call_command

from people.models import User
from tests.support.browser import DESKTOP, PHONE, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ["/", "/items/", "/stock/", "/lots/", "/places/", "/movements/", "/summary/", "/notices/"]


@pytest.fixture
def demo(transactional_db: None) -> User:
    """The demo company; its warehouse head."""
    call_command("seed_demo")
    return User.objects.get(username="zhao")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_open_fit_and_keep_to_the_policy(
    demo: User, live_server: Any, open_page: Any, viewport: dict[str, int]
) -> None:
    for language, dark in (("en", False), ("zh-hans", True)):
        User.objects.filter(pk=demo.pk).update(language=language)
        page = open_page("/", user=demo, language=language, viewport=viewport, dark=dark)
        for path in PAGES:
            answer = page.goto(live_server.url + path)
            assert answer.status == 200, path
            assert page.locator("h1").first.inner_text().strip(), path
            assert (page.locator("html").get_attribute("lang") or "").lower() == language, path
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{path} is {width} px wide"


def test_a_newcomer_signs_in(demo: User, open_page: Any) -> None:
    """Through the form, as people do, and out again."""
    page = open_page("/items/")
    page.locator("input[name=username]").fill("zhao")
    page.locator("input[name=password]").fill("demo")
    page.locator("button[type=submit]").last.click()
    page.wait_for_url("**/items/")
    assert page.locator("h1").first.inner_text().strip()


def test_the_policy_is_watched(demo: User, open_page: Any, seen: Seen) -> None:
    """An inline script does not run, and the fixture notices that it was tried."""
    page = open_page("/login/")
    page.locator("body").evaluate(
        "body => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " body.append(s) }"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in seen.messages)
    seen.messages.clear()
