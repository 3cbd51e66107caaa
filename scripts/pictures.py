"""Makes the pictures of the README and the guides from the demo company as it is today: `make docs`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import compile_messages, servers
from scripts.screenshot import signed_in

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images"
PORT = int(os.environ.get("PORT", "8000"))
PICTURES = {"item": "items/?q=10021"}
"""Name → a list whose first row is opened, as a user would."""


@contextmanager
def demo() -> Iterator[str]:
    """The demo company on a server of its own; yields its address."""
    with tempfile.TemporaryDirectory(prefix="inv-docs-", ignore_cleanup_errors=True) as var:
        environment = {**os.environ, "INVENTORY_VAR": var, "PORT": str(PORT)}
        manage = [sys.executable, "manage.py"]
        for command in (["migrate", "--verbosity=0"], ["seed_demo"]):
            subprocess.run([*manage, *command], cwd=ROOT, env=environment, check=True)
        server = subprocess.Popen([*manage, "up", "--no-demo"], cwd=ROOT, env=environment)
        try:
            address = f"http://127.0.0.1:{PORT}"
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait(60)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(f"{address}/readyz", timeout=2).close()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    sys.exit("The demo did not become ready.")


def main() -> None:
    """Take each picture in both languages."""
    compile_messages.main()
    TARGET.mkdir(exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=servers.chromium(), args=["--no-sandbox"]
        )
        for language in ("en", "zh"):
            with signed_in(
                browser, address, "zhao", "demo", size="desktop", language=language, theme="light"
            ) as page:
                for name, path in PICTURES.items():
                    page.goto(f"{address}/{path}", wait_until="networkidle")
                    page.locator("main table tbody a").first.click()
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=TARGET / f"{name}.{language}.png")
        browser.close()


if __name__ == "__main__":
    main()
