"""Imports in a real Chromium: 500 rows of which 12 are bad, mended in place and written within the budget, without a second upload."""

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from intake.models import Import, ImportedRow
from stock.models import Item, Unit
from tests.support.effort import Effort, Record
from tests.workflows.world import World

# A walk of several people takes minutes where the processor is busy.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]

ROWS = 500


@pytest.fixture
def world(transactional_db: None) -> World:
    Unit.objects.get_or_create(code="PCS", defaults={"name": "个", "decimals": 3})
    Unit.objects.create(code="盒", name="盒", decimals=0)
    world = World("WK")
    for number in range(40):
        Item.objects.create(
            code=f"{10000 + number}",
            name=f"电机 {number}",
            category=world.category,
            base_unit=Unit.objects.get(code="盒"),
        )
    return world


def sheet(path: Path) -> Path:
    """500 rows: 8 with a unit that is another word, 2 of items that nobody knows, 2 of days that are none."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("3月")
    page.write_row(0, 0, ["旧仓入库流水"])
    page.write_row(1, 0, ["日期", "单号", "业务类型", "货号", "数量", "计量单位", "单价"])
    for number in range(ROWS):
        day = f"2026-03-{number // 50 + 1:02}"
        code, unit = f"{10000 + number % 40}", "盒"
        if number in {15, 30, 45, 60, 75, 90, 105, 120}:
            unit = "合"
        if number == 200:
            code = "1O021"
        if number == 300:
            code = "88888"
        if number in {350, 400}:
            day = "2026-02-30"
        page.write_row(
            number + 2,
            0,
            [day, f"RK{number // 50:03}", "其他入库", code, number % 9 + 1, unit, 2.5],
        )
    book.close()
    return path


def test_500_rows_with_12_bad_ones(
    open_page: Any, world: World, tmp_path: Path, budget: Record
) -> None:
    page: Page = open_page("/", user=world.admin)
    effort = Effort(page)
    effort.tap(".rail summary:has-text('Documents')")
    page.get_by_role("link", name="Import", exact=True).first.click()
    page.locator("summary", has_text="What it is").click()
    page.get_by_label("Warehouse of rows that name none").select_option(str(world.main.pk))
    page.locator("input[type=file]").set_input_files(sheet(tmp_path / "旧表.xlsx"))
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("heading", name="12 rows to mend")).to_be_visible()
    page.get_by_role("button", name="“合” = 盒, for 8 rows").click()
    expect(page.get_by_role("heading", name="4 rows to mend")).to_be_visible()
    page.get_by_role("button", name="1O021 → 10021").click()
    expect(page.get_by_role("heading", name="3 rows to mend")).to_be_visible()
    page.get_by_role("button", name="Make “88888”").click()
    expect(page.get_by_role("heading", name="2 rows to mend")).to_be_visible()
    cells = page.locator("input[name^='cell:']")
    for at in range(2):
        cells.nth(at).click()
        page.keyboard.type("2026-02-28", delay=90)  # a hand, not a gun scanner
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Write 500 rows")).to_be_visible()
    page.get_by_role("button", name="Write 500 rows").click()
    expect(page.get_by_text("500 rows written, stock has changed.")).to_be_visible(timeout=120_000)
    effort.outside(4)  # choosing the warehouse and the file, each in a list that the browser draws
    budget("8 import 500 rows, 12 of them bad", effort.got(), taps=14, keys=32, scans=0)
    assert Import.objects.get().written == ROWS
    assert ImportedRow.objects.count() == ROWS
