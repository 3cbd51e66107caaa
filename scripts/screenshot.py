"""Takes pictures of pages in every look (desktop, phone × zh, en × light, dark) into one folder; says what is wrong.

    .venv/bin/python scripts/screenshot.py OUT /items/ stock=/stock/?state=low --user zhao

Needs a running server. Each page is also checked: sideways scroll, console errors, policy violations
and (with --axe) accessibility; anything found is printed and makes the exit status 1.
"""

import argparse
import itertools
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import servers

SIZES = {"desktop": (1366, 768), "phone": (360, 740)}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
THEMES = ("light", "dark")


def file_name(page: str) -> tuple[str, str]:
    """(name, path) of ``name=/path/`` or ``/path/``."""
    name, mark, path = page.partition("=")
    if not mark or "/" in name:
        name, path = re.sub(r"[^a-z0-9]+", "-", page.lower()).strip("-") or "home", page
    return name, path


@contextmanager
def signed_in(
    browser: Browser, base: str, user: str, password: str, *, size: str, language: str, theme: str
) -> Iterator[Page]:
    """A page of one look; signed in unless ``user`` is empty."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=LOCALES[language],
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=size == "phone",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if user:
        page.goto(f"{base}/login/")
        page.fill("input[name$=username]", user)
        page.fill("input[name$=password]", password)
        page.press("input[name$=password]", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
    yield page
    context.close()


def problems(page: Page, *, axe: bool) -> list[str]:
    """What is wrong with the page as it stands."""
    found = []
    width = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if width > 0:
        found.append(f"{width} px of sideways scroll")
    if axe:
        from axe_playwright_python.sync_playwright import Axe

        for violation in Axe().run(page).response["violations"]:
            where = violation["nodes"][0]["html"][:120]
            found.append(f"axe {violation['id']} ×{len(violation['nodes'])}: {where}")
    return found


def main() -> int:
    """Take the pictures; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("pages", nargs="+", help="/path/ or name=/path/")
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="admin", help="empty: not signed in")
    parser.add_argument("--password", default="demo")
    parser.add_argument(
        "--only", default="", help="looks, for example zh-desktop-light,en-phone-dark"
    )
    parser.add_argument("--axe", action="store_true")
    parser.add_argument(
        "--full", action="store_true", help="the whole page, not only the first screen"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    looks = [
        look
        for look in itertools.product(LOCALES, SIZES, THEMES)
        if not options.only or "-".join(look) in options.only.split(",")
    ]
    wrong = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.chromium())
        for language, size, theme in looks:
            with signed_in(
                browser,
                options.base,
                options.user,
                options.password,
                size=size,
                language=language,
                theme=theme,
            ) as page:
                said: list[str] = []
                page.on(
                    "console",
                    lambda message, said=said: (
                        said.append(message.text) if message.type in {"error", "warning"} else None
                    ),
                )
                for name, path in map(file_name, options.pages):
                    said.clear()
                    page.goto(options.base + path, wait_until="networkidle")
                    target = options.out / f"{name}-{language}-{size}-{theme}.png"
                    page.screenshot(path=target, full_page=options.full)
                    for problem in [*said, *problems(page, axe=options.axe)]:
                        wrong += 1
                        print(f"{target.stem}: {problem}")
        browser.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
