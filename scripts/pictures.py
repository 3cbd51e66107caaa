"""Makes the pictures of the README and the guides from the demo company as it is today: `make docs`.

For each language a demo company that speaks it, looked at with a browser that does; and what its messages look like
where they arrive (``scripts.letters``).
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import compile_messages, letters, servers
from scripts.screenshot import signed_in

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images"
MANAGE = [sys.executable, "manage.py"]
PORT = int(os.environ.get("PORT", "8000"))
LARGEST = 150_000
"""Bytes; a page with ten pictures still opens at once."""
COLOURS = 128
"""Of a screen nobody sees the difference, and the file is half as large."""
SETTLES = 1500
"""Milliseconds after which what was asked for by typing or choosing has been drawn."""


class Picture(NamedTuple):
    """A page as one user sees it.

    ``open_first`` follows the first row of the list, as a user would; then he presses what ``press`` names.
    """

    name: str
    path: str
    user: str = "zhao"
    open_first: bool = False
    size: tuple[int, int] = (1180, 620)
    press: tuple[str, ...] = ()


PHONE = (360, 640)
LIST = (
    "documents/?group=state&col=number&col=type&col=state&col=subject&col=asker&col=amount&col=step"
)
HOME = (1366, 720)
PICTURES = (
    Picture("home-warehouse", "", user="wangmin", size=HOME),
    Picture("home-manager", "", user="zheng", size=HOME),
    Picture("home-procurement", "", user="chenxiao", size=HOME),
    Picture("home-sales", "", user="xulin", size=HOME),
    Picture("home-production", "", user="wulei", size=HOME),
    Picture("home-finance", "", user="qian", size=HOME),
    Picture("home-admin", "", user="admin", size=HOME),
    Picture("home-phone", "", user="wangmin", size=(360, 740)),
    Picture("map", "warehouses/1/map/?by=moves", size=(1180, 560)),
    Picture("who-may", "users/access/?right=cost.view", user="admin", size=(1180, 480)),
    Picture("document", "documents/?q=PIN-MAIN-00004", user="zheng", open_first=True),
    Picture("inbox", "todo/", user="zheng", size=(1366, 660), press=("tr[data-peek] td.c-s",)),
    Picture(
        "decide", "todo/?type=production_issue", user="zheng", open_first=True, size=(360, 700)
    ),
    Picture(
        "entry",
        "documents/?q=PIN-MAIN-00004",
        user="chenxiao",
        open_first=True,
        size=(1366, 700),
        press=("details.more summary", "form[action$='/copy/'] button"),
    ),
    Picture("count", "documents/?q=PIN-MAIN-00003", user="wangmin", open_first=True),
    Picture("process", "processes/", user="admin", press=("main a[href*='/scrap/']",)),
    Picture("item", "items/?q=10044", open_first=True),
    Picture("low", "items/?state=low"),
    Picture("list", LIST, user="zhao", size=(1366, 640)),
    Picture("alerts", "alerts/?tab=all", user="zhao", size=(1366, 560)),
    Picture("case", "alerts/?tab=all", user="zhao", open_first=True, size=(360, 740)),
    Picture("lots", "lots/?expiry=90"),
    Picture("phone", "stock/?q=dj", size=PHONE),
    Picture("summary", "summary/", user="qian"),
    Picture("explain", "explain/?item={item}", user="qian"),
    Picture("finance-review", "finance/", user="qian", size=(1366, 700)),
    Picture("finance-vouchers", "finance/ways/new/", user="qian", size=(1180, 420)),
    Picture("user", "users/?q=wangmin", user="admin", open_first=True),
    Picture("import", "master/import/", user="admin", size=(1180, 420)),
)


LANGUAGES = {"en": ("en", "en-US"), "zh": ("zh-hans", "zh-CN")}
"""What a picture's name ends with: the language of the demo, and that of the browser's own controls."""


@contextmanager
def demo(language: str) -> Iterator[dict[str, str]]:
    """The demo company in a language; yields the environment in which it is."""
    with tempfile.TemporaryDirectory(prefix="inv-docs-", ignore_cleanup_errors=True) as var:
        environment = {**os.environ, "INVENTORY_VAR": var, "PORT": str(PORT)}
        for command in (["migrate", "--verbosity=0"], ["seed_demo", "--language", language]):
            subprocess.run([*MANAGE, *command], cwd=ROOT, env=environment, check=True)
        yield environment


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """A server for the demo company; yields its address."""
    server = subprocess.Popen([*MANAGE, "up", "--no-demo"], cwd=ROOT, env=environment)
    try:
        address = f"http://127.0.0.1:{PORT}"
        _wait(address)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            urlopen(f"{address}/readyz", timeout=2).close()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    sys.exit("The demo did not become ready.")


def main() -> None:
    """Take each picture in both languages; only those whose names are given, if any are."""
    wanted = sys.argv[1:]
    chosen = [picture for picture in PICTURES if not wanted or picture.name in wanted]
    arrived = [kind for kind in letters.KINDS if not wanted or letters.name_of(kind) in wanted]
    compile_messages.main()
    TARGET.mkdir(exist_ok=True)
    for language, (spoken, locale) in LANGUAGES.items():
        with demo(spoken) as environment, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=servers.chromium(),
                args=["--no-sandbox", f"--lang={locale}"],
                env={**os.environ, "LANGUAGE": locale.replace("-", "_")},
            )
            if arrived:
                take_letters(browser, arrived, environment, language, spoken)
            if chosen:
                with served(environment) as address:
                    take_pages(browser, chosen, address, language)
            browser.close()


def take_letters(
    browser: Browser, kinds: list[str], environment: dict[str, str], language: str, spoken: str
) -> None:
    """What each kind of channel has brought, in one language."""
    page = browser.new_page(viewport={"width": letters.WIDTH, "height": 400})
    for kind, html in letters.pages(environment, spoken).items():
        if kind in kinds:
            page.set_content(html)
            keep(page, letters.name_of(kind), language, whole=True)
    page.close()


def take_pages(browser: Browser, chosen: list[Picture], address: str, language: str) -> None:
    """The pictures of pages in one language, user by user."""
    for user in sorted({picture.user for picture in chosen}):
        with signed_in(
            browser, address, user, "demo", size="desktop", language=language, theme="light"
        ) as page:
            for picture in chosen:
                if picture.user == user:
                    take(page, picture, address, language)


def take(page: Page, picture: Picture, address: str, language: str) -> None:
    """One picture in one language."""
    width, height = picture.size
    page.set_viewport_size({"width": width, "height": height})
    path = picture.path
    if "{item}" in path:
        page.goto(f"{address}/items/?q=10044")
        number = page.locator("main tbody a").first.get_attribute("href") or ""
        path = path.format(item=number.strip("/").rpartition("/")[2])
    page.goto(f"{address}/{path}", wait_until="networkidle")
    if picture.open_first:
        page.locator("main table tbody a:visible").first.click()
        page.wait_for_load_state("networkidle")
    for selector in picture.press:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")
    if picture.press:
        page.wait_for_timeout(SETTLES)
    keep(page, picture.name, language)


def keep(page: Page, name: str, language: str, *, whole: bool = False) -> None:
    """Keep what the page shows; a picture that is too large to be read with ease ends the run."""
    target = TARGET / f"{name}.{language}.png"
    page.screenshot(path=target, full_page=whole)
    with Image.open(target) as picture_file:
        few = picture_file.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    if target.stat().st_size > LARGEST:
        sys.exit(f"{target.name} is {target.stat().st_size:,} bytes; at most {LARGEST:,}.")


if __name__ == "__main__":
    main()
