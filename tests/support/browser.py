"""A real Chromium on the live server; every page fails its test on a refusal of the security policy."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
expect.set_options(timeout=30_000)  # a machine that others use takes its time


@dataclass
class Seen:
    """What a page said and asked for."""

    messages: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def seen() -> Seen:
    """What the pages of this test have said and asked for."""
    return Seen()


@pytest.fixture
def open_page(chromium: Browser, live_server: Any, seen: Seen) -> Iterator[Any]:
    """``open_page(path, user=None, language="en", viewport=DESKTOP, dark=False)`` → Page.

    At the end the test fails if any page logged an error or asked another origin for anything.
    """
    contexts = []

    def open_it(
        path: str,
        *,
        user: Any = None,
        language: str = "en",
        viewport: dict[str, int] = DESKTOP,
        dark: bool = False,
    ) -> Page:
        context = chromium.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            locale={"zh-hans": "zh-CN"}.get(language, language),
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies([_session_of(user, live_server.url)])
        page = context.new_page()
        page.on(
            "console",
            lambda said: seen.messages.append(said.text) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: seen.messages.append(str(error)))
        page.on("request", lambda asked: _note_foreign(asked.url, live_server.url, seen))
        page.goto(live_server.url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert seen == Seen()


def holds(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression is true.

    Playwright's own wait_for_function evaluates text in the page as soon as it asks twice, which our policy forbids.
    """
    until = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < until, expression
        page.wait_for_timeout(50)


def _note_foreign(url: str, ours: str, seen: Seen) -> None:
    if urlsplit(url).scheme in {"http", "https"} and not url.startswith(ours):
        seen.foreign.append(url)


def _session_of(user: Any, url: str) -> Any:
    """The cookie of a session in which the user is signed in."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}
