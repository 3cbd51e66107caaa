"""A month of finance in a real Chromium: question, missing account, review, hand-over in every format, close, reopen."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from finance import charts
from finance.models import AccountRule, JournalEntry, VoucherBatch
from stock.models import Period
from tests.finance import voucher_reader as reader
from tests.finance.test_formats import NAMES, TITLES
from tests.workflows.world import World

# A walk of several people takes minutes where the processor is busy.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]
LONG = 30_000


def last_month() -> datetime:
    """The middle of the month before this one."""
    first = timezone.localdate(timezone=ZoneInfo("Asia/Shanghai")).replace(day=1)
    return datetime.combine(
        first - timedelta(days=15), datetime.min.time(), ZoneInfo("Asia/Shanghai")
    ) + timedelta(hours=10)


@pytest.fixture
def world(transactional_db: None) -> World:
    """A receipt, a sale and a loss whose account nobody has set, all of last month."""
    from people.access import SYSTEM
    from stock import catalog, ledger
    from stock.ledger import LineInput
    from stock.models import Place

    made = World()
    item = made.item()
    charts.ensure(made.company)
    AccountRule.objects.filter(company=made.company, place_kind="scrap").delete()
    here = catalog.default_place(made.main).pk
    ends = {
        kind: Place.objects.get(company=made.company, kind=kind).pk
        for kind in ("supplier", "customer", "scrap")
    }
    for number, (kind, source, target, quantity) in enumerate(
        (
            ("purchase_in", ends["supplier"], here, 10),
            ("sales_out", here, ends["customer"], 4),
            ("scrap", here, ends["scrap"], 1),
        )
    ):
        ledger.post(
            [
                LineInput(
                    type=kind,
                    item=item.pk,
                    source=source,
                    target=target,
                    quantity=made_quantity(quantity),
                    unit_cost=made_quantity(5) if kind == "purchase_in" else None,
                    partner=made.supplier.pk if kind == "purchase_in" else None,
                )
            ],
            company=made.company,
            key=f"walk {number}",
            actor=made.cat,
            access=SYSTEM,
            effective_at=last_month() + timedelta(hours=number),
            document=f"DOC-{number + 1}",
        )
    return made


def made_quantity(number: int) -> Any:
    """A Decimal."""
    from decimal import Decimal

    return Decimal(number)


def said(page: Page, words: str) -> None:
    """Wait until the page says something."""
    expect(page.get_by_text(words).first).to_be_visible(timeout=LONG)


def take(page: Page, button: str) -> bytes:
    """The file that a button gives."""
    with page.expect_download(timeout=LONG) as waiting:
        page.get_by_role("button", name=button).click()
    return waiting.value.path().read_bytes()


def test_a_month_from_posting_to_handing_over(world: World, open_page: Any) -> None:
    """By the finance role; what is wrong is named on the way; reopening needs its right."""
    page: Page = open_page("/finance/", user=world.fay)
    said(page, "No account")
    page.get_by_role("link", name="DOC-2").click()
    said(page, "Where the amounts come from")
    page.fill("textarea[name=text]", "Why below list?")
    page.get_by_role("button", name="Ask", exact=True).click()
    said(page, "Why below list?")
    assert JournalEntry.objects.get(document="DOC-2").review == "questioned"

    page.goto(page.url.split("/finance/")[0] + reverse("finance:missing"))
    page.get_by_label("Account", exact=False).first.select_option(
        label="6711 Non-operating expenses"
    )
    page.get_by_role("button", name="Use for all like it").click()
    said(page, "was corrected")

    page.goto(page.url.split("/finance/")[0] + "/finance/")
    expect(page.get_by_text("No account", exact=True)).to_have_count(0, timeout=LONG)
    page.get_by_label("Choose all rows of this page").check()
    page.get_by_role("button", name="Mark as reviewed").click()
    said(page, "4 entries are done.")
    assert set(JournalEntry.objects.values_list("review", flat=True)) == {"reviewed"}

    hand_over(page, world)
    close_and_reopen(page, world, open_page)


def hand_over(page: Page, world: World) -> None:
    """A way for U8 and one for 云星空; the first batch in every format, taken back, and confirmed as the second."""
    base = page.url.split("/finance/")[0]
    for name, code in (("U8", "u8"), ("星空", "kingdee")):
        page.goto(base + reverse("finance:new_way"))
        page.fill("input[name=name]", name)
        page.select_option("select[name=format]", code)
        page.get_by_role("button", name="Save", exact=True).click()
        said(page, f"“{name}” is saved.")
    page.fill("textarea[name=rows]", "\t".join(NAMES) + "\n" + "\t".join(TITLES))
    page.get_by_role("button", name="Take the template").click()
    said(page, "FAccountBookID")
    page.locator("select[name=source-1]").select_option("=")
    page.locator("input[name=text-1]").fill("001")
    page.locator("input[name=word_code]").fill("PRE001")
    page.get_by_role("button", name="Save the columns").click()
    said(page, "“星空” is saved.")

    month = last_month().strftime("%Y-%m")
    made(page, base, month, "U8")
    rows = reader.u8(take(page, "Take the file"), "gbk")
    assert [row["summary"].split()[1] for row in rows[::2]][:3] == ["DOC-1", "DOC-2", "DOC-3"]
    assert sum(row["debit"] for row in rows) == sum(row["credit"] for row in rows)
    for button in ("金蝶 KIS/K3 standard workbook", "General workbook (XLSX)"):
        _sheet, _heads, found = reader.workbook(take(page, button))
        assert len(found) == len(rows)
    assert len(reader.generic_csv(take(page, "General table (CSV)"), "utf-8-sig")) == len(rows)
    assert len(reader.data(take(page, "General data (JSON)"))["vouchers"]) == 4
    page.reload()
    said(page, "The file was taken")
    page.fill("textarea[name=text]", "wrong account set")
    page.get_by_role("button", name="Take back").click()
    said(page, "It is taken back")

    made(page, base, month, "星空")
    _sheet, heads, found = reader.workbook(take(page, "Take the file"), 2)
    assert heads == [NAMES, TITLES]
    assert found[0]["FVOUCHERGROUPNO"] == 1
    page.get_by_role("button", name="It is booked").click()
    said(page, "The accounting system has these vouchers.")
    assert [batch.state for batch in VoucherBatch.objects.order_by("pk")] == [
        "withdrawn",
        "confirmed",
    ]


def made(page: Page, base: str, month: str, way: str) -> None:
    """Make a batch of a month by a way."""
    page.goto(f"{base}{reverse('finance:new_batch')}?month={month}")
    page.locator("select[name=way]").select_option(label=way)
    expect(page.locator("select[name=way] option:checked")).to_have_text(way, timeout=LONG)
    page.wait_for_url("**way=**")
    page.get_by_role("button", name="Make the batch").click()
    said(page, "is made.")


def close_and_reopen(page: Page, world: World, open_page: Any) -> None:
    """Finance closes; a buyer cannot reopen, and cannot even look at the page."""
    first = last_month().date().replace(day=1)
    path = reverse("stock:period", args=[world.company.pk, first.strftime("%Y-%m")])
    page.goto(page.url.split("/finance/")[0] + path)
    page.locator("button[value=close]").click()
    said(page, "is closed.")
    assert Period.objects.get(company=world.company, month=first).state == "closed"
    other: Page = open_page("/", user=world.buyer)
    answer = other.request.get(other.url.rstrip("/") + path)
    assert answer.status == 403
    cookies = {one["name"]: one["value"] for one in other.context.cookies()}
    refused = other.request.post(
        other.url.rstrip("/") + path,
        form={"do": "reopen", "reason": "x", "csrfmiddlewaretoken": cookies.get("csrftoken", "")},
        headers={"referer": other.url},
    )
    assert refused.status == 403
    assert Period.objects.get(company=world.company, month=first).state == "closed"
