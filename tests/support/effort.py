"""What a task costs a person: taps, keys, scans, dialogs and milliseconds in a real browser, beside its budget.

A test takes the fixture ``effort``; what it measured stands in a table at the end of the run.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support import gun

NAME = "effort"
_COUNT = """(() => {
  if (window.__effort) return;
  const kept = JSON.parse(sessionStorage.getItem("effort") || '{"taps":0,"keys":0,"dialogs":0}');
  window.__effort = kept;
  const more = (name) => { kept[name] += 1; sessionStorage.setItem("effort", JSON.stringify(kept)); };
  addEventListener("pointerdown", (event) => { if (event.isTrusted) more("taps"); }, true);
  addEventListener("keydown", (event) => { if (event.isTrusted && !event.repeat) more("keys"); }, true);
  for (const name of ["alert", "confirm", "prompt"]) window[name] = () => { more("dialogs"); return true; };
})()"""


@dataclass
class Effort:
    """Counts what is done in a page from now on."""

    page: Page
    scans: int = 0
    beside: int = 0
    began: float = field(default_factory=time.monotonic)
    _gun_keys: int = 0

    def __post_init__(self) -> None:
        self.page.add_init_script(_COUNT)
        self.page.evaluate(_COUNT)

    def scan(self, code: str) -> None:
        """One scan by a gun."""
        gun.scan(self.page, code)
        self.scans += 1
        self._gun_keys += len(code) + 1

    def key(self, *names: str) -> None:
        """Keys of a hand, one after the other; a chord like Control+k is two."""
        for name in names:
            self.page.keyboard.press(name, delay=70)
            self.page.wait_for_timeout(70)

    def tap(self, selector: str) -> None:
        """One tap on what the selector names."""
        self.page.locator(selector).first.click()

    def outside(self, taps: int) -> None:
        """Taps in what the browser draws itself (camera, lists), which no page can count."""
        self.beside += taps

    def got(self) -> dict[str, int]:
        """What it has cost so far."""
        counted = self.page.evaluate("window.__effort")
        return {
            "taps": counted["taps"] + self.beside,
            "keys": counted["keys"] - self._gun_keys,
            "scans": self.scans,
            "dialogs": counted["dialogs"],
            "ms": round((time.monotonic() - self.began) * 1000),
        }


Record = Callable[..., None]


@pytest.fixture
def budget(request: pytest.FixtureRequest) -> Record:
    """``budget(task, got, taps=…, keys=…, scans=…)``: to be printed, and to be kept; no dialog is ever allowed."""

    def record(task: str, got: dict[str, int], **limits: int) -> None:
        over = {name: got[name] for name, most in limits.items() if got[name] > most}
        over |= {"dialogs": got["dialogs"]} if got.get("dialogs") else {}
        request.node.user_properties.append((NAME, {"task": task, "got": got, "limits": limits}))
        assert over == {}, (task, got, limits)

    return record


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table of all tasks that were measured in this run."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in getattr(report, "user_properties", ())
        if name == NAME
    ]
    if not rows:
        return
    terminalreporter.section("what tasks cost (in brackets the budget)")
    for row in sorted(rows, key=lambda row: int(row["task"].split()[0])):
        parts = []
        for name in ("taps", "keys", "scans"):
            most = row["limits"].get(name)
            parts.append(f"{row['got'][name]} {name}" + ("" if most is None else f" ({most})"))
        terminalreporter.write_line(
            f"{row['task']:<44}"
            + "".join(f"{part:<16}" for part in parts)
            + f"{row['got']['ms']:>8} ms"
        )
