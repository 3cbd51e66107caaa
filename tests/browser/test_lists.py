"""Lists: search, filter, order and pages without a full load, Back that restores, files that hold the same."""

import csv
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from people.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def marked(page: Page) -> bool:
    """Whether the page is still the one that was marked: nothing has loaded it anew."""
    return bool(page.evaluate("window.mark === 1"))


def rows(page: Page) -> list[str]:
    """The first cell of each row."""
    return [text.strip() for text in page.locator("#list tbody td.c-m").all_inner_texts()]


def test_a_list_answers_in_place_and_back_restores_it(
    demo: dict[str, User], open_page: Any
) -> None:
    page = open_page("/items/", user=demo["zhao"])
    page.evaluate("window.mark = 1")
    whole = rows(page)
    assert len(whole) == 50

    page.locator("a[rel=next]").click()
    page.wait_for_url("**page=2**")
    expect(page.locator(".pager")).to_contain_text("page 2 of 2")
    assert not set(whole) & set(rows(page))

    page.locator("#list thead a", has_text="On hand").click()
    page.wait_for_url("**sort=on_hand**")
    expect(page.locator("#list thead th[aria-sort=ascending]")).to_contain_text("On hand")
    assert "page=2" not in page.url
    lowest = rows(page)[0]

    page.locator("select[name=state]").select_option("low")
    page.wait_for_url("**state=low**")
    expect(page.locator("#list tbody tr")).not_to_have_count(50)
    assert 3 <= len(rows(page)) <= 20
    assert "sort=on_hand" in page.url
    assert marked(page)

    page.locator(".bar input[type=search]").fill("dj")
    page.wait_for_url("**q=dj**")
    expect(page.locator("#list tbody tr").first).to_contain_text("电机")
    assert marked(page)
    found = rows(page)
    page.locator("#list tbody a").first.click()
    page.wait_for_url(re.compile(r"/items/\d+/"))
    page.go_back()
    page.wait_for_url("**q=dj**")
    expect(page.locator(".bar input[type=search]")).to_have_value("dj")
    expect(page.locator("select[name=state]")).to_have_value("low")
    assert rows(page) == found
    page.locator(".flt.clear").click()
    page.wait_for_url(lambda url: "state" not in url and "q=" not in url)
    expect(page.locator("#list tbody td.c-m").first).to_have_text(lowest)


def test_the_columns_chosen_stay_and_a_second_key_sorts(
    demo: dict[str, User], open_page: Any
) -> None:
    page = open_page("/items/", user=demo["zhao"])
    page.locator("summary", has_text="Columns").click()
    page.locator("label", has_text="Specification").locator("input").uncheck()
    page.locator("button", has_text="Show these").click()
    heads = page.locator("#list thead")
    expect(heads).not_to_contain_text("Specification")
    page.goto(page.url.partition("?")[0])
    expect(heads).not_to_contain_text("Specification")

    page.locator("#list thead a", has_text="Category").click()
    page.wait_for_url("**sort=category**")
    page.locator("#list thead a", has_text="On hand").click(modifiers=["Shift"])
    page.wait_for_url(re.compile(r"sort=category(%2C|,)on_hand"))


def test_a_file_holds_exactly_the_list(
    demo: dict[str, User], open_page: Any, tmp_path: Path
) -> None:
    page = open_page("/items/?state=low&sort=-on_hand", user=demo["zhao"])
    shown = rows(page)
    heads = [
        text.strip(" ↑↓\n") for text in page.locator("#list thead th:not(.pk)").all_inner_texts()
    ]
    for kind in ("CSV", "XLSX"):
        with page.expect_download() as waiting:
            page.locator("#list-tools a", has_text=kind).click()
        file = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(file)
        assert file.name.startswith("items-")
        if kind == "CSV":
            lines = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
        else:
            sheet = openpyxl.load_workbook(file).worksheets[0]
            lines = [[str(cell or "") for cell in row] for row in sheet.values]
        assert lines[0] == heads
        assert [line[0] for line in lines[1:]] == shown


def test_a_period_is_one_click(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/movements/", user=demo["zhao"])
    before = page.locator(".pager span").first.inner_text()
    page.locator("summary", has_text="Period").click()
    page.locator(".tools[open] a", has_text="Last month").click()
    page.wait_for_url("**from=**")
    expect(page.locator("#list-filters summary").first).to_contain_text("Last month")
    expect(page.locator(".pager span").first).not_to_have_text(before)
    page.locator("#list-filters a.off").first.click()
    page.wait_for_url(lambda url: "from=" not in url)
    expect(page.locator(".pager span").first).to_have_text(before)


def test_columns_are_moved_and_sized_and_stay_so(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/stock/", user=demo["zhao"])
    page.locator("#list-tools summary", has_text="Columns").click()
    first = page.locator("[data-columns] [data-line]").nth(1)
    expect(first).to_contain_text("Name")
    first.locator("[data-move=up]").click()
    page.locator("[data-width=item]").fill("200")
    page.locator("button", has_text="Show these").click()
    page.wait_for_url(re.compile(r"col=name&col=item(%3A|:)200"))
    heads = page.locator("#list thead th[data-col]")
    expect(heads.first).to_contain_text("Name")
    item = page.locator("#list thead th[data-col=item]")
    assert item.evaluate("head => Math.round(head.getBoundingClientRect().width)") == 200
    page.goto(page.url.partition("?")[0])
    expect(heads.first).to_contain_text("Name")
    expect(item).to_have_attribute("data-w", "200")


def test_rows_are_copied_as_a_table(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/items/?state=low&sort=code", user=demo["zhao"])
    page.evaluate(
        """document.addEventListener("copy", (event) => {
             window.copied = ["text/plain", "text/html"].map((kind) => event.clipboardData.getData(kind));
           })"""
    )
    shown = rows(page)
    page.locator("[data-copy]").click()
    expect(page.locator("[data-copy]")).to_contain_text(f"{len(shown)} rows copied")
    text, html = page.evaluate("window.copied")
    lines = [line.split("\t") for line in text.split("\r\n")]
    assert [line[0] for line in lines[1:]] == shown
    assert lines[0][0] == "Code"
    assert html.count("<tr>") == len(lines)
    assert "mso-number-format" in html
    page.locator('#list input[name="pick"]').first.check()
    page.locator("[data-copy]").click()
    expect(page.locator("[data-copy]")).to_contain_text("1 rows copied")


def test_groups_fold_and_back_finds_the_place(demo: dict[str, User], open_page: Any) -> None:
    page = open_page("/items/?group=category&size=100", user=demo["zhao"])
    group = page.locator("#list tr.grp").first
    row = page.locator("#list tr[data-row]").first
    group.locator("[data-fold]").click()
    expect(row).to_be_hidden()
    group.locator("[data-fold]").click()
    expect(row).to_be_visible()
    page.evaluate("document.querySelector('.tw.list').scrollTop = 900")
    link = page.locator("#list tr[data-row] td.c-m a").nth(40)
    target = link.get_attribute("href")
    link.click()
    page.wait_for_url(f"**{target}")
    expect(page.locator("h1")).to_be_visible()
    page.go_back()
    page.wait_for_url("**group=category**")
    expect(page.locator(f'#list td.c-m a[href="{target}"]')).to_be_focused()
    assert page.evaluate("document.querySelector('.tw.list').scrollTop") > 300
