"""What sheets of other programs hide: drafts among documents, cells cut at a comma, days of another month."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from intake.importing import commanding, grouping
from intake.importing.found import Prepared
from intake.reading.launch import Refusal
from intake.resolving.catalogue import Catalogue
from intake.understanding import beyond
from intake.understanding.context import one_month
from intake.understanding.result import Understanding, Wish
from intake.understanding.sums import is_of_year
from intake.understanding.understand import understand
from tests.workflows.world import World

Read = Callable[..., Understanding]


@pytest.fixture
def text(tmp_path: Path) -> Read:
    """Writes a CSV and understands it."""

    def write(content: str, **wish: Any) -> Understanding:
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
        return understand(tmp_path / "a.csv", Wish(**wish))

    return write


@pytest.fixture
def sheet(tmp_path: Path) -> Read:
    """Writes a sheet and understands it."""

    def write(*rows: list[Any], title: str = "Sheet1", **wish: Any) -> Understanding:
        book = openpyxl.Workbook()
        page = book.worksheets[0]
        page.title = title
        for cells in rows:
            page.append(cells)
        book.save(tmp_path / "a.xlsx")
        return understand(tmp_path / "a.xlsx", Wish(**wish))

    return write


def wrong(out: Understanding) -> list[tuple[str, str]]:
    return [(one.cell, one.code) for one in out.wrong]


def warned(out: Understanding) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in out.warnings]


def test_a_thousands_comma_without_quotation_marks_is_no_quantity_of_one(text: Read) -> None:
    out = text(
        "日期,入库单号,货号,入库数量,单价\n2024-3-1,R1,A1,5,2\n2024-3-2,R2,A2,1,200,3\n2024-3-3,R3,A3,7,1,\n"
    )
    assert wrong(out) == [("F3", "cells_beyond")]
    assert [row.number for row in out.good_rows()] == [2, 4]


def test_a_column_beyond_the_last_name_is_told(sheet: Read) -> None:
    out = sheet(
        ["日期", "入库单号", "货号", "入库数量"], ["2024-3-1", "R1", "A1", 5, 60], ["2024-3-1", "R2", "A2", 6, 72]
    )  # fmt: skip
    assert warned(out) == [(0, "column_unnamed")]
    assert out.warnings[0].cell == "E1"


def test_a_quotation_mark_that_nobody_closes_swallows_no_rows(text: Read) -> None:
    head = "日期,入库单号,货号,入库数量,备注\n"
    with pytest.raises(Refusal) as refused:
        text(head + '2024-3-1,R1,A1,5,"bad\n2024-3-2,R2,A2,6,\n2024-3-3,R3,A3,7,\n')
    assert refused.value.code == "open_quote"
    assert " 2 " in str(refused.value)
    out = text(head + '2024-3-1,R1,A1,5,5" 管\n2024-3-2,R2,A2,6,"two\nlines"\n\n')
    assert [row.get("remark") for row in out.rows] == ['5" 管', "two\nlines"]


def test_drafts_and_voided_documents_are_asked_about(sheet: Read) -> None:
    rows: list[list[Any]] = [
        ["单据日期", "单据编号", "单据状态", "审核", "货号", "入库数量"],
        ["2024-3-1", "R1", "已审核", "Y", "A1", 5],
        ["2024-3-1", "R2", "作废", "Y", "A1", 5],
        ["2024-3-1", "R3", "草稿", "N", "A1", 5],
        ["2024-3-1", "R4", "", "N", "A1", 5],
    ]
    out = sheet(*rows)
    assert [(q.kind, q.samples) for q in out.open_questions] == [
        ("void", ["作废: 1", "草稿: 1", "N: 1"])
    ]
    assert [row.get("source") for row in out.rows] == ["R1"]
    assert out.tables[0].left_out == [(3, "void", "作废"), (4, "void", "草稿"), (5, "void", "N")]
    identifier = out.open_questions[0].id
    out = sheet(*rows, answers={identifier: "skip"})
    assert (len(out.rows), out.open_questions) == (1, [])
    out = sheet(*rows, answers={identifier: "import"})
    assert (len(out.rows), out.open_questions, out.tables[0].left_out) == (4, [], [])


def test_days_of_another_month_than_the_title_says(sheet: Read) -> None:
    out = sheet(
        ["2024年3月入库明细"],
        ["日期", "单号", "货号", "数量"],
        ["2024-3-1", "R1", "A1", 5],
        ["2024-4-2", "R2", "A1", 5],
        ["2023-3-5", "R3", "A1", 5],
        title="3月",
    )
    assert warned(out) == [(4, "outside_month"), (5, "outside_month")]


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("2024年3月", (2024, 3)), ("3月份", (0, 3)), ("Stock-in 2024-03", (2024, 3)), ("1-3月", (0, 0)),
        ("2024年1月至3月", (0, 0)), ("2024-03-01 至 2024-03-31", (0, 0)), ("打印：2024年4月2日", (0, 0)),
        ("2024年第3期", (0, 0)),
    ],
)  # fmt: skip
def test_which_month_a_title_names(said: str, month: tuple[int, int]) -> None:
    assert one_month([said]) == month


def test_what_expires_before_it_is_made_and_taxes_that_do_not_add_up(sheet: Read) -> None:
    out = sheet(
        ["货号", "批号", "生产日期", "有效期至", "期初数量", "金额", "税额", "价税合计"],
        ["A1", "L1", "2024-1-1", "2026-1-1", 5, 100, 13, 113],
        ["A2", "L2", "2024-1-1", "2023-1-1", 5, 100, 13, 114],
    )
    assert [pair for pair in warned(out) if pair[0]] == [(3, "expires_before"), (3, "tax_differs")]


def test_a_price_without_decimals_lets_no_other_amount_pass(sheet: Read) -> None:
    out = sheet(
        ["货号", "期初数量", "成本单价", "金额"],
        ["A1", 100, 2, 240],
        ["A2", 3, Decimal("3.33"), 10],
        ["A3", 7, 2, 14],
    )
    assert warned(out) == [(2, "amount_differs")]


@pytest.mark.django_db
def test_moments_of_another_zone_prices_below_zero_and_taxes_without_a_rate(tmp_path: Path) -> None:
    """The day of a moment is the company's; a price that cannot be a cost is refused or said not to be used."""
    world = World("NS")
    a = world.item()
    path = tmp_path / "a.csv"
    path.write_text(
        f"日期,入库单号,货号,入库数量,不含税单价,含税单价\n2026-02-28T23:30:00Z,R1,{a.code},5,2,\n2026-03-01,R2,{a.code},5,-2,\n"
        f"2026-03-01,R3,{a.code},5,,11.3\n",
        encoding="utf-8",
    )
    order = commanding.Order(path=path, purpose="movements", warehouse=world.main.code)
    out = commanding.run(order).out
    assert [(one.row, one.code) for one in out.problems] == [(3, "price_negative")]
    assert [one.code for one in out.notes if one.row == 4] == ["tax_rate_missing"]
    moment = next(entry.at for entry in out.entries if entry.row.number == 2)
    assert moment.date() == date(2026, 3, 1)


def test_numbers_that_are_struck_out_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in (
        ["日期", "入库单号", "货号", "入库数量"],
        ["2024-3-1", "R1", "A1", 5],
        ["2024-3-1", "R2", "A1", 7],
    ):
        page.append(row)
    page["D3"].font = Font(strike=True)
    page["D2"].font = Font(strike=False)
    book.save(tmp_path / "a.xlsx")
    out = understand(tmp_path / "a.xlsx")
    assert warned(out) == [(3, "struck_out")]


@pytest.mark.django_db
def test_what_no_cell_says_is_not_marked_in_a_column_that_is_not_used(tmp_path: Path) -> None:
    world = World("NU")
    path = tmp_path / "a.csv"
    path.write_text(
        f"日期,入库单号,货号,入库数量,内部标记\n2026-03-01,R1,{world.item().code},5,甲\n",
        encoding="utf-8",
    )
    out = commanding.run(commanding.Order(path=path, purpose="movements")).out
    assert [column.header for column in out.understanding.tables[0].columns if not column.field]
    assert [(one.code, one.cell) for one in out.problems] == [("warehouse_missing", "")]
    (group,) = grouping.groups(out, Catalogue(world.company))
    assert group["header"] == ""


@pytest.mark.django_db
def test_goods_that_a_sheet_of_opening_stock_states_twice_are_told(tmp_path: Path) -> None:
    """A balance may be split over rows or typed twice: both rows are booked, and the later one is said, once."""
    world = World("TW")
    a, b = world.item(), world.item()
    path = tmp_path / "a.csv"
    path.write_text(
        f"货号,库位,数量,单价\n{a.code},,10,2\n{b.code},,4,3\n{a.code},,7,2\n{a.code},,10,2\n{a.code},B01,1,2\n",
        encoding="utf-8",
    )
    order = commanding.Order(
        path=path,
        purpose="opening",
        warehouse=world.main.code,
        start_on=date(2026, 3, 1),
        create=("place",),
    )
    result = commanding.run(order)
    assert [entry.quantity for entry in result.out.good()[0]] == [10, 4, 7, 10, 1]
    told = [(one.row, one.code) for one in result.out.notes]
    assert told == [(5, "repeated"), (4, "opened_twice")]
    message = result.out.notes[1].message
    assert "Row 2 " in message
    assert a.code in message
    assert "10: 7 is added to it" in message
    said = [one["message"] for one in commanding.as_dict(result)["warnings"]]
    assert message in said


def test_very_many_columns_that_nobody_knows_are_left_out_by_one_answer(text: Read) -> None:
    head = ["货号", "数量", *(f"参数{number}" for number in range(1, 197))]
    rows = [[f"A{row}", *(row * number for number in range(1, 198))] for row in range(1, 6)]
    content = "\n".join(",".join(map(str, cells)) for cells in [head, *rows])
    out = text(content)
    assert len([q for q in out.open_questions if q.kind == "column"]) == 196
    (rest,) = [q for q in out.open_questions if q.kind == "rest"]
    assert (rest.id, rest.text[:3], rest.options[0][0]) == ("rest", "196", "ignore")
    out = text(content, answers={"rest": "ignore", "column:a!C1": "remark"})
    assert out.open_questions == []
    assert warned(out) == [(0, "columns_left_out")]
    assert out.warnings[0].message.startswith("195 columns")
    assert out.rows[0].get("remark") == "2"
    few = "\n".join(",".join(map(str, cells[:4])) for cells in [head, *rows])
    assert "rest" not in [q.kind for q in text(few).open_questions]


@pytest.mark.django_db
def test_a_row_that_was_cut_is_read_only_if_all_its_cells_are_said(tmp_path: Path) -> None:
    """Emptying the cell beyond the header leaves the cells before it where the cut has moved them."""
    world = World("CT")
    a = world.item()
    path = tmp_path / "a.csv"
    path.write_text(
        f"日期,入库单号,货号,内部标记,入库数量,单价\n2026-3-2,R1,{a.code},x,1,200,3\n2026-3-2,R2,{a.code},x,7,3\n",
        encoding="utf-8",
    )

    def look(**cells: str) -> Prepared:
        mends = {"cells": {f"a!{where}": text for where, text in cells.items()}}
        order = commanding.Order(
            path=path, purpose="movements", warehouse=world.main.code, mends=mends
        )
        return commanding.run(order).out

    out = look()
    (group,) = grouping.groups(out, Catalogue(world.company))
    assert (group["code"], group["can"]) == ("cells_beyond", ["row", "leave_out"])
    (cut,) = group["values"][0]["cut"]
    assert cut["beyond"] == ["G2"]
    assert [(c["cell"], c["text"], c["meant"]) for c in cut["cells"]] == [
        ("A2", "2026-3-2", "2026-3-2"), ("B2", "R1", "R1"), ("C2", a.code, a.code), ("E2", "1", "1200"), ("F2", "200", "3"),
    ]  # fmt: skip
    path.write_text(path.read_text() + f"2026-3-3,R3,{a.code},x, y,5,200\n", encoding="utf-8")
    found = grouping.groups(look(), Catalogue(world.company))
    group = next(one for one in found if one["code"] == "cells_beyond")
    assert [c["meant"] for c in group["values"][1]["cut"][0]["cells"]] == [""] * 5
    path.write_text(path.read_text().partition("2026-3-3")[0], encoding="utf-8")
    for cells in ({"G2": ""}, {"G2": "", "F2": "3"}, {"G2": "", "A2": "2026-3-2", "E2": "1200"}):
        out = look(**cells)
        assert [(one.row, one.cell, one.code) for one in out.problems] == [
            (2, "G2", "cells_beyond")
        ]
        assert [entry.quantity for entry in out.good()[0]] == [7]
    assert "B2, C2, F2" in out.problems[0].message
    out = look(G2="", A2="2026-3-2", B2="R1", C2=a.code, E2="1200", F2="3")
    assert out.problems == []
    assert [(e.quantity, e.value) for e in out.good()[0]] == [(1200, 3600), (7, 21)]


@pytest.mark.parametrize(
    ("texts", "width", "meant"),
    [
        (["A", "1", "200", "3"], 3, ["A", "1200", "3"]),
        (["A", "1", "234", "567.5"], 2, ["A", "1234567.5"]),
        (["A", "1", "200", "2", "400"], 3, ["A", "1200", "2400"]),
        (["A", "1", "200", "300"], 3, []),
        (["A", "螺栓", " M8", "5"], 3, []),
        (["A", "1", "200", ""], 3, []),
    ],
)
def test_numbers_that_were_cut_at_their_thousands_are_put_together(
    texts: list[str], width: int, meant: list[str]
) -> None:
    assert beyond.whole(texts, width) == meant


def _ledger(*months: tuple[int, int, int | None]) -> list[list[Any]]:
    """A ledger: per month one movement, its sum, and the sum of the year if there is one."""
    rows: list[list[Any]] = [["日期", "单号", "货号", "入库数量"]]
    for month, quantity, year in months:
        rows.append([f"2024-{month}-5", f"R{month}", "A1", quantity])
        rows.append(["", "本月合计", "", quantity])
        if year is not None:
            rows.append(["", "本年累计", "", year])
    return rows


def test_sums_of_a_year_are_compared_with_what_the_table_holds_of_it(sheet: Read) -> None:
    """A table that begins in March cannot hold what its line of the year counts since January."""
    out = sheet(*_ledger((3, 5, 105), (4, 7, 112), (5, 1, 113)))
    assert warned(out) == []
    told = [(t.row, t.ours, t.theirs) for t in out.totals if t.label == "本年累计"]
    assert told == [(7, 112, 112), (10, 113, 113)]
    out = sheet(*_ledger((3, 5, 105), (4, 7, 121)))
    assert warned(out) == [(7, "total_differs")]
    assert "says 121" in out.warnings[0].message
    assert "112" in out.warnings[0].message
    assert warned(sheet(*_ledger((1, 5, 5), (2, 7, 12)))) == []
    assert warned(sheet(*_ledger((1, 5, 9), (2, 7, 16)))) == [(4, "total_differs")]


def test_a_sum_right_below_another_is_not_compared_with_the_nothing_between(sheet: Read) -> None:
    out = sheet(
        ["日期", "单号", "货号", "入库数量"], ["2024-3-5", "R1", "A1", 5], ["", "小计", "", 5], ["", "合计", "", 9]
    )  # fmt: skip
    assert [one.message for one in out.warnings] == [
        "“合计” in row 4 says 9 for quantity in; the rows add up to 5."
    ]


@pytest.mark.parametrize(
    ("label", "of_year"),
    [
        ("本年累计", True), ("本年累計", True), ("全年合计", True), ("1-3月累计", True), ("截至3月累计", True), ("Total YTD", True),
        ("本月累计", False), ("2024年3月累计", False), ("累计", False), ("合计", False), ("本月合计", False),
    ],
)  # fmt: skip
def test_which_sums_count_from_the_beginning_of_the_year(label: str, of_year: bool) -> None:
    assert is_of_year(label) is of_year


@pytest.mark.django_db
def test_negative_quantities_of_what_goes_out_are_asked_about_once(tmp_path: Path) -> None:
    """All of a type negative: returns, or goods that go out written with a sign. Both signs: returns."""
    world = World("NQ")
    a = world.stocked(50)
    path = tmp_path / "a.csv"
    head = "日期,业务类型,单号,货号,数量\n"

    def look(rows: list[tuple[str, int]], **choices: str) -> Prepared:
        lines = [
            f"2026-03-0{at + 1},{kind},R{at},{a.code},{quantity}"
            for at, (kind, quantity) in enumerate(rows)
        ]
        path.write_text(head + "\n".join(lines), encoding="utf-8")
        order = commanding.Order(
            path=path, purpose="movements", warehouse=world.main.code, mends={"choices": choices}
        )
        return commanding.run(order).out

    def booked(out: Prepared) -> list[tuple[str, Decimal]]:
        return [(entry.type, entry.quantity) for entry in out.good()[0]]

    all_negative = [("其他入库", 9), ("销售出库", -3), ("销售出库", -1), ("报废", -2)]
    out = look(all_negative)
    assert [(one.row, one.cell, one.code) for one in out.problems] == [
        (3, "E3", "negative_out"), (4, "E4", "negative_out"), (5, "E5", "negative_out"),
    ]  # fmt: skip
    (group,) = grouping.groups(out, Catalogue(world.company))
    assert (group["can"], group["count"]) == (["choose", "cell", "leave_out"], 3)
    out = look(all_negative, negative_out="return")
    assert booked(out) == [("other_in", 9), ("sales_return", 3), ("sales_return", 1)]
    assert [(one.row, one.code) for one in out.problems] == [(5, "negative")]
    out = look(all_negative, negative_out="direction")
    assert booked(out) == [("other_in", 9), ("sales_out", 3), ("sales_out", 1), ("scrap", 2)]
    assert (out.problems, {one.code for one in out.notes}) == ([], {"sign_is_direction"})
    out = look([("其他入库", 9), ("销售出库", 3), ("销售出库", -1), ("采购入库", -2)])
    assert booked(out)[1:] == [("sales_out", 3), ("sales_return", 1), ("purchase_return", 2)]
    assert [one.code for one in out.notes] == ["taken_back", "taken_back"]
