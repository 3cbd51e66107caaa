"""A real Chromium on the live server; every page fails its test on a refusal of the security policy."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.servers.basehttp import WSGIRequestHandler
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

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


def comes(page: Page, condition: Callable[[], Any], what: str) -> None:
    """Wait until something holds that the page does not show, in the database or in what was asked for."""
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, what
        page.wait_for_timeout(50)


def stop_clock(page: Page) -> None:
    """From here on the page's time passes by ``page.clock.run_for`` alone, however long the machine takes."""
    page.clock.install()
    page.clock.pause_at(timezone.now() + timedelta(hours=1))


def refused(page: Page, seen: Seen, status: int = 422) -> None:
    """The browser has noted one refusal, which the page shows, and nothing else."""
    comes(page, lambda: seen.messages, f"no word of {status}")
    assert len(seen.messages) == 1, seen.messages
    assert f"status of {status}" in seen.messages.pop()


class Held:
    """Requests of a page to an address: they wait in ``routes`` to be answered by hand, until all are let go."""

    def __init__(self, page: Page, pattern: str, kinds: tuple[str, ...] = ("fetch", "xhr")) -> None:
        self.page = page
        self.pattern = pattern
        self.kinds = kinds
        self.holding = True
        self.routes: list[Route] = []
        page.route(pattern, self._take)

    def _take(self, route: Route) -> None:
        if self.holding and route.request.resource_type in self.kinds:
            self.routes.append(route)
        else:
            route.continue_()

    def wait(self, many: int = 1) -> None:
        """Wait until so many are held."""
        comes(self.page, lambda: len(self.routes) >= many, f"{many} of {self.pattern}")

    def let_go(self) -> None:
        """Those that are held, and those to come."""
        self.holding = False
        while self.routes:
            self.routes.pop(0).continue_()


class Network:
    """Away and back again. The browser's switch alone lets single requests through while a page is loaded anew, so
    that the server hears nothing either: it closes what is asked for without an answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._there = True
        read = WSGIRequestHandler.parse_request

        def parse_request(handler: WSGIRequestHandler) -> bool:
            heard = read(handler)
            if not self._there:
                handler.close_connection = True
            return heard and self._there

        monkeypatch.setattr(WSGIRequestHandler, "parse_request", parse_request)

    def away(self, page: Page) -> None:
        """From now on, until ``back``."""
        page.context.set_offline(True)
        self._there = False
        expect(page.locator("[data-net]")).to_have_text("Offline")

    def back(self, page: Page) -> None:
        """As before."""
        self._there = True
        page.context.set_offline(False)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """The network of the test's pages."""
    return Network(monkeypatch)


IMPATIENT = """AbortSignal.timeout = (ms) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), ms / 20);
  return stop.signal;
}"""
"""For `page.add_init_script`: what a page gives up after twenty seconds, it gives up after one."""


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
