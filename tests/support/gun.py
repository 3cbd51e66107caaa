"""A gun scanner for browser tests: keys with a gun's timestamps, however busy the machine is; and a hand to compare."""

import time
from typing import Any

from playwright.sync_api import Page, expect

PACE = 0.004
"""Seconds from key to key."""
_ENDS = {"Enter": {"text": "\r", "windowsVirtualKeyCode": 13}, "Tab": {"windowsVirtualKeyCode": 9}}
_sessions: dict[Page, Any] = {}


def scan(
    page: Page, code: str, end: str = "Enter", *, composing: bool = False, early: bool = False
) -> None:
    """Type the code as a gun does, once the page listens; after a click that leads elsewhere, expect that page first.

    ``composing``: an input method keeps the letters to itself; ``early``: the gun does not wait for the page.
    """
    if not early:
        expect(page.locator("html")).to_have_attribute("data-scans", "on")
    if page not in _sessions:
        _sessions[page] = page.context.new_cdp_session(page)
    at = time.time()
    for letter in code:
        at += PACE
        _press(_sessions[page], at, _key(letter, composing=composing))
    _press(_sessions[page], at + PACE, {"key": end, "code": end, **_ENDS[end]})


def _key(letter: str, *, composing: bool) -> dict[str, Any]:
    if not composing:
        return {"key": letter, "text": letter, "unmodifiedText": letter}
    kind = "Digit" if letter.isdigit() else "Key"
    return {"key": "Process", "code": f"{kind}{letter.upper()}", "windowsVirtualKeyCode": 229,
            "modifiers": 8 if letter.isupper() else 0}  # fmt: skip


def _press(session: Any, at: float, key: dict[str, Any]) -> None:
    """Down only: no page of ours listens for a key that comes up, and each message to the browser takes its time."""
    kind = "keyDown" if "text" in key else "rawKeyDown"
    session.send("Input.dispatchKeyEvent", {"type": kind, "timestamp": at, **key})


def hand(page: Page, text: str) -> None:
    """Type as a quick person does."""
    page.keyboard.type(text, delay=45)
