"""Every page in a real browser, both languages, both sizes: it opens, fits, can be used by all, breaks no policy."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page

from alerts.models import Case, Rule
from finance.models import JournalEntry
from people.models import Company, Department, Role, User
from stock.models import Item, Lot, Place, Posting, Warehouse
from tests.support.browser import DESKTOP, PHONE, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

THUMB = 44
"""What is tapped on a phone is at least as high, in CSS pixels."""
SMALL = f"""() => [...document.querySelectorAll(
  'main :is(button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio])), .btn, .tabbar a')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height && !e.closest('dialog, .vh'))
  .filter(e => (e.closest('label.flt') || e).getBoundingClientRect().height < {THUMB} - 0.5)
  .map(e => e.outerHTML.slice(0, 90))"""


def book_pages() -> Iterator[str]:
    """What the warehouse head opens."""
    item = Item.objects.get(code="10044")
    yield from ("/", "/items/", "/items/?state=low", "/stock/", "/stock/?by=item", "/lots/")
    yield from ("/places/", "/movements/", "/summary/", "/summary/?types=1", "/notices/")
    yield from ("/summary/?by=warehouse&types=1", "/worth/")
    here = reverse("stock:item", args=[item.pk])
    yield from (here, f"{here}?tab=facts", f"{here}?tab=history", f"{here}?view=table")
    yield f"{here}?at={Posting.objects.latest('effective_at').effective_at.date()}"
    yield f"{reverse('stock:explain')}?item={item.pk}"
    yield reverse("stock:lot", args=[Lot.objects.filter(item=item)[0].pk])
    yield reverse("stock:place", args=[Place.objects.filter(kind="storage")[0].pk])
    yield reverse("stock:posting", args=[Posting.objects.earliest("pk").pk])
    yield reverse("stock:master_edit", args=["items", item.pk])
    yield reverse("stock:bins")
    for slug in ("warehouses", "partners", "categories", "units", "reasons"):
        yield reverse(f"stock:{slug}")
    yield from ("/items/?q=there-is-no-such-thing", "/profile/", "/profile/two-step/")
    yield from ("/alerts/", "/alerts/?tab=all", "/alerts/?tab=over", "/alerts/week/")
    yield reverse("alerts:case", args=[Case.objects.earliest("pk").key])
    yield from ("/profile/channels/", "/profile/channels/new/wecom/")


def office_pages() -> Iterator[str]:
    """What the administrator opens."""
    yield from ("/", "/users/", "/users/new/", "/roles/", "/roles/new/", "/departments/")
    yield from ("/processes/numbering/", "/processes/numbering/formats/", "/system/for-real/")
    yield reverse("workflows:number_format", args=[Company.objects.get().pk, "scrap"])
    yield from ("/departments/new/", "/system/", "/master/import/", "/profile/password/")
    yield from ("/alerts/channels/", "/alerts/channels/new/webhook/")
    yield reverse("people:user", args=[User.objects.get(username="wangmin").pk])
    yield reverse("people:role", args=[Role.objects.get(code="clerk").pk])
    yield from ("/alerts/rules/", "/alerts/warnings/")
    yield reverse("alerts:rule", args=[Rule.objects.get(code="stockout").pk])
    yield reverse("alerts:rule_new", args=["near-expiry"])
    yield reverse("people:department", args=[Department.objects.get(code="WH").pk])
    yield reverse("stock:master_edit", args=["warehouses", Warehouse.objects.earliest("pk").pk])


def money_pages() -> Iterator[str]:
    """What finance opens."""
    yield from ("/finance/", "/finance/?is=red", "/finance/vouchers/", "/finance/ways/new/")
    yield from ("/finance/reports/trial-balance/", "/finance/reports/stock-and-books/")
    yield from ("/finance/reports/not-invoiced/", "/finance/reports/cost-of-sales/")
    yield from ("/finance/reports/differences/", "/finance/accounts/", "/finance/missing/")
    yield reverse("finance:entry", args=[JournalEntry.objects.filter(lines__gt=0).latest("pk").pk])


def check(page: Page, path: str, *, language: str, phone: bool, axe: bool) -> None:
    """The page as it stands is whole."""
    assert page.locator("h1").first.inner_text().strip(), path
    assert (page.locator("html").get_attribute("lang") or "").lower() == language, path
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{path} is {wide} px too wide"
    if phone:
        assert page.evaluate(SMALL) == [], path
    if axe:
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == [], path


@pytest.mark.timeout(900)  # some hundred pages in two looks, one of them read by axe
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_page_is_whole(
    demo: dict[str, User], live_server: Any, open_page: Any, phone: bool
) -> None:
    """English light and Chinese dark; in one of them also for those who see, hear or move less."""
    for language, dark in (("en", False), ("zh-hans", True)):
        for name, pages in (
            ("zhao", list(book_pages())),
            ("admin", list(office_pages())),
            ("qian", list(money_pages())),
        ):
            User.objects.filter(username=name).update(language=language)
            page = open_page(
                "/",
                user=demo[name],
                language=language,
                viewport=PHONE if phone else DESKTOP,
                dark=dark,
            )
            for path in pages:
                answer = page.goto(live_server.url + path)
                assert answer.status == 200, path
                check(page, path, language=language, phone=phone, axe=phone == dark)


def test_pages_without_an_account_are_whole(demo: dict[str, User], open_page: Any) -> None:
    for language, viewport in (("en", DESKTOP), ("zh-hans", PHONE)):
        for path in ("/login/", "/login/?user=qian", "/password/reset/", "/password/reset/sent/"):
            page = open_page(path, language=language, viewport=viewport)
            check(page, path, language=language, phone=viewport is PHONE, axe=True)


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
