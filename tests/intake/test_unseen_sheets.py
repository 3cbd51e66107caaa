"""Sheets as other companies write them: each a small one that was not drawn by the fixture generator."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake.understanding.result import Row, Understanding, Wish
from intake.understanding.understand import understand

_ = None
Sheet = Callable[..., Understanding]


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    """Writes rows of one or several sheets with merged ranges, and understands them."""

    def write(
        *rows: list[Any],
        merges: tuple[str, ...] = (),
        name: str = "Sheet1",
        more: dict[str, list[list[Any]]] | None = None,
        **wish: Any,
    ) -> Understanding:
        book = openpyxl.Workbook()
        page = book.active
        page.title = name  # type: ignore[union-attr]
        for cells in rows:
            page.append(cells)  # type: ignore[union-attr]
        for merge in merges:
            page.merge_cells(merge)  # type: ignore[union-attr]
        for title, lines in (more or {}).items():
            other = book.create_sheet(title)
            for cells in lines:
                other.append(cells)
        book.save(tmp_path / "a.xlsx")
        return understand(tmp_path / "a.xlsx", Wish(**wish))

    return write


@pytest.fixture
def text(tmp_path: Path) -> Sheet:
    """Writes a CSV and understands it."""

    def write(content: str, **wish: Any) -> Understanding:
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
        return understand(tmp_path / "a.csv", Wish(**wish))

    return write


def values(rows: list[Row], *fields: str) -> list[list[object]]:
    return [[row.get(field) for field in fields] for row in rows]


def asked(out: Understanding) -> list[str]:
    return [question.kind for question in out.open_questions]


def test_a_ledger_of_one_item_with_months_and_days_in_columns(sheet: Sheet) -> None:
    out = sheet(
        ["原材料明细账"],
        ["品名：M8螺栓", _, _, "规格：M8*30", _, "单位：个"],
        ["2023年", _, "凭证号", "摘要", "收入", _, _, "发出", _, _, "结存", _, _],
        ["月", "日", _, _, "数量", "单价", "金额", "数量", "单价", "金额", "数量", "单价", "金额"],
        [1, 1, _, "上年结转", _, _, _, _, _, _, 100, 2, 200],
        [1, 5, "RK001", "采购入库", 50, 2, 100, _, _, _, 150, 2, 300],
        [_, 9, "CK001", "生产领料", _, _, _, 30, 2, 60, 120, 2, 240],
        [2, 3, "RK002", "采购入库", 10, 2, 20, _, _, _, 130, 2, 260],
        ["本月合计", _, _, _, 60, _, 120, 30, _, 60, 130, _, 260],
        merges=("A1:M1", "A3:B3", "C3:C4", "D3:D4", "E3:G3", "H3:J3", "K3:M3"),
    )
    assert (out.shape, out.wrong, asked(out)) == ("card", [], [])
    assert values(
        out.rows, "date", "name", "unit", "opening", "quantity_in", "quantity_out", "balance"
    ) == [
        [date(2023, 1, 1), "M8螺栓", "个", 100, _, _, 100],
        [date(2023, 1, 5), "M8螺栓", "个", _, 50, _, 150],
        [date(2023, 1, 9), "M8螺栓", "个", _, _, 30, 120],
        [date(2023, 2, 3), "M8螺栓", "个", _, 10, _, 130],
    ]
    assert all(total.agrees for total in out.totals)
    assert [w.code for w in out.warnings] == ["filled_down"]


def card(name: str, spec: str, quantity: int) -> list[list[Any]]:
    return [
        ["库存卡片"],
        [f"品名：{name}", _, f"规格：{spec}", _, "单位：个"],
        ["日期", "单号", "入库", "出库", "结存"],
        [date(2023, 1, 2), "R1", quantity, _, quantity],
        [date(2023, 1, 5), "C1", _, 5, quantity - 5],
        [_],
    ]


def test_cards_stacked_and_on_sheets_of_their_own(sheet: Sheet) -> None:
    out = sheet(
        *card("螺栓", "M8", 20), *card("垫片", "8", 50), more={"电缆": card("电缆", "2.5", 80)}
    )
    assert (out.shape, out.wrong) == ("card", [])
    assert values(out.rows, "name", "spec", "quantity_in", "quantity_out") == [
        ["螺栓", "M8", 20, _], ["螺栓", "M8", _, 5], ["垫片", "8", 50, _], ["垫片", "8", _, 5], ["电缆", "2.5", 80, _], ["电缆", "2.5", _, 5],
    ]  # fmt: skip


def test_a_form_with_its_head_in_lines_and_empty_numbered_rows(sheet: Sheet) -> None:
    out = sheet(
        ["领 料 单"],
        ["领料部门：一车间", _, _, "日期：2023-1-5", _, "单号：LL20230105"],
        ["序号", "材料名称", "规格型号", "单位", "请领数量", "实发数量", "备注"],
        [1, "螺栓", "M8", "个", 100, 100, _],
        [2, "垫片", "8", "个", 50, 45, "缺5"],
        [3],
        [4],
        ["合计", _, _, _, 150, 145, _],
        ["制单：张三", _, "领料人：李四", _, "发料人：王五"],
        merges=("A1:G1",),
    )
    assert (out.wrong, asked(out), out.tables[0].direction) == ([], [], "out")
    assert values(out.rows, "date", "source", "department", "name", "planned", "quantity_out") == [
        [date(2023, 1, 5), "LL20230105", "一车间", "螺栓", 100, 100],
        [date(2023, 1, 5), "LL20230105", "一车间", "垫片", 50, 45],
    ]
    assert [why for _row, why, _text in out.tables[0].left_out] == ["sum", "footer"]


def test_days_whose_order_the_column_decides_or_nobody(text: Sheet) -> None:
    head = "Date,Reference,SKU,Description,Qty In,Qty Out\n"
    out = text(head + "13/05/2023,R1,A1,Bolt,10,\n01/06/2023,R2,A1,Bolt,,3\n")
    assert values(out.rows, "date") == [[date(2023, 5, 13)], [date(2023, 6, 1)]]
    content = head + "03/05/2023,R1,A1,Bolt,10,\n01/06/2023,R2,A1,Bolt,,3\n"
    out = text(content)
    assert ([w.code for w in out.wrong], asked(out)) == (["date_order"] * 2, ["date_order"])
    out = text(content, answers={out.open_questions[0].id: "mdy"})
    assert values(out.rows, "date") == [[date(2023, 3, 5)], [date(2023, 1, 6)]]
    assert not out.wrong


def test_warehouses_as_columns(sheet: Sheet) -> None:
    out = sheet(
        ["编码", "名称", "单位", "一号仓", "二号仓", "合计"],
        ["A1", "螺栓", "个", 1, 2, 3],
        ["A2", "垫片", "个", 4, _, 5],
        ["合计", _, _, 5, 2, 8],
    )
    stock = [row for row in out.rows if row.get("warehouse")]
    assert values(stock, "item", "warehouse", "quantity") == [
        ["A1", "一号仓", 1],
        ["A1", "二号仓", 2],
        ["A2", "一号仓", 4],
    ]
    assert sorted(w.code for w in out.warnings) == ["row_total_differs"]


def test_a_decimal_comma_that_may_be_a_slip_is_asked(text: Sheet) -> None:
    content = 'Item No,Description,Quantity,Unit Cost\nA1,Screw,"10,5",0.12\nA2,Nut,10,1.00\n'
    out = text(content)
    assert (asked(out), len(out.wrong)) == (["decimal"], 1)
    out = text(content, answers={question.id: "comma" for question in out.open_questions})
    assert values(out.rows, "quantity", "unit_price") == [
        [Decimal("10.5"), Decimal("0.12")],
        [10, 1],
    ]


def test_two_units_and_scales_in_headers(sheet: Sheet) -> None:
    out = sheet(["编码", "名称", "数量(箱)", "数量(个)"], ["A1", "螺栓", 2, 24])
    assert values(out.rows, "quantity", "quantity_2", "unit") == [[2, 24, "箱"]]
    out = sheet(["编码", "名称", "数量(千个)", "金额(万元)"], ["A1", "螺栓", 2, 1.5])
    assert asked(out) == ["scale", "scale"]
    assert values(out.rows, "quantity", "amount") == [[2000, 15000]]


def test_headers_in_two_languages_or_with_line_breaks(sheet: Sheet) -> None:
    out = sheet(
        ["Item No.", "Item Name", "Unit", "Quantity"],
        ["物料编码", "物料名称", "单位", "数量"],
        ["A1", "螺栓", "个", 5],
    )
    assert (values(out.rows, "item", "name", "unit", "quantity"), asked(out)) == (
        [["A1", "螺栓", "个", 5]],
        [],
    )
    out = sheet(
        ["Item\nNo.", "Item\nDescription", "Qty\n(pcs)", "Unit Cost\n(USD)"], ["A1", "Bolt", 5, 2]
    )
    assert (values(out.rows, "item", "name", "quantity", "unit", "unit_price"), asked(out)) == (
        [["A1", "Bolt", 5, "pcs", 2]],
        [],
    )


def test_subtotals_of_groups_and_a_total(sheet: Sheet) -> None:
    out = sheet(
        ["类别", "编码", "名称", "数量", "金额"],
        ["五金", "A1", "螺栓", 5, 10],
        ["五金", "A2", "垫片", 6, 12],
        ["五金 小计", _, _, 11, 22],
        ["电气", "B1", "电缆", 7, 70],
        ["电气小计", _, _, 8, 70],
        ["总  计", _, _, 18, 92],
    )
    assert [(w.row, w.code) for w in out.warnings] == [(6, "total_differs")]
    assert [t.ours for t in out.totals if t.row == 7] == [18, 92]


def test_the_same_header_for_two_numbers_is_asked(sheet: Sheet) -> None:
    rows = (["日期", "品名", "数量", "数量", "单价"], [date(2023, 1, 1), "螺栓", 10, 9, 2])
    out = sheet(*rows, name="入库")
    assert asked(out) == ["column", "column"]
    out = sheet(
        *rows, name="入库", answers={"column:入库!D1": "quantity", "column:入库!C1": "ignore"}
    )
    assert (values(out.rows, "quantity"), asked(out)) == ([[9]], [])


def test_an_item_that_is_only_named_once_for_its_lots(sheet: Sheet) -> None:
    rows = (
        ["存货编码", "存货名称", "批号", "有效期", "数量"],
        ["A1", "牛奶", "L1", "2024-01-01", 5],
        [_, _, "L2", "2024-02-01", 6],
    )
    assert [(w.row, w.code) for w in sheet(*rows).wrong] == [(3, "item_missing")]
    out = sheet(*rows, answers={"fill:Sheet1!A1": "yes"})
    assert (values(out.rows, "item", "lot", "expiry"), out.wrong) == (
        [["A1", "L1", date(2024, 1, 1)], ["A1", "L2", date(2024, 2, 1)]],
        [],
    )


def test_months_with_in_and_out_below_each(sheet: Sheet) -> None:
    out = sheet(
        ["2023年出入库汇总"],
        ["编码", "名称", "1月", _, "2月", _, "3月", _],
        [_, _, "入库", "出库", "入库", "出库", "入库", "出库"],
        ["A1", "螺栓", 10, 5, 20, 6, 30, 7],
        merges=("A1:H1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:H2"),
    )
    assert values(out.rows, "item", "date", "quantity_in", "quantity_out")[:3] == [
        ["A1", date(2023, 1, 1), 10, _], ["A1", date(2023, 1, 1), _, 5], ["A1", date(2023, 2, 1), 20, _],
    ]  # fmt: skip
    assert asked(out) == []


def test_a_merged_number_belongs_to_nobody(sheet: Sheet) -> None:
    out = sheet(["编码", "名称", "数量"], ["A1", "螺栓", 5], ["A2", "垫片", _], merges=("C2:C3",))
    assert [(w.cell, w.code) for w in out.wrong] == [
        ("C2", "merged_number"),
        ("C3", "merged_number"),
    ]


def test_sheets_of_well_known_programs(sheet: Sheet, text: Sheet) -> None:
    sap = sheet(
        [
            "Material",
            "Material Description",
            "Plant",
            "Storage Location",
            "Batch",
            "Base Unit of Measure",
            "Unrestricted",
            "Currency",
            "Value Unrestricted",
            "Blocked",
        ],
        ["10001234", "Bolt M8", "1000", "0001", "B1", "PC", 120, "CNY", 240, 0],
    )
    assert values(sap.rows, "item", "name", "warehouse", "lot", "unit", "quantity", "amount") == [
        ["10001234", "Bolt M8", "0001", "B1", "PC", 120, 240]
    ]
    u8 = sheet(
        ["收发存流水账"],
        [
            "单据日期",
            "单据编号",
            "仓库",
            "收发类别",
            "存货编码",
            "存货名称",
            "规格型号",
            "主计量单位",
            "数量",
            "本币单价",
            "本币金额",
            "制单人",
        ],
        [
            date(2023, 1, 2),
            "0000000002",
            "原料仓",
            "生产领料",
            "01001",
            "螺栓",
            "M8",
            "个",
            -30,
            2,
            -60,
            "demo",
        ],
        ["合计", _, _, _, _, _, _, _, -30, _, -60, _],
    )
    assert values(u8.rows, "source", "type", "item", "quantity", "unit_price", "amount") == [
        ["0000000002", "生产领料", "01001", -30, 2, -60]
    ]
    assert asked(u8) == []
    shop = text(
        "Handle,Title,Variant SKU,Variant Inventory Qty,Cost per item,Variant Barcode\nbolt,Bolt,A1,5,1.00,\n"
    )
    assert values(shop.rows, "item", "name", "quantity", "purchase_price") == [["A1", "Bolt", 5, 1]]


def test_the_wrong_reading_is_not_taken_where_words_are_ambiguous(sheet: Sheet) -> None:
    out = sheet(["编号", "日期", "品名", "数量"], ["001", date(2023, 1, 1), "螺栓", 5], name="入库")
    assert asked(out) == ["column"]
    out = sheet(["品名", "仓位", "数量"], ["螺栓", "A-01", 5])
    assert asked(out) == ["column"]
    out = sheet(
        ["日期", "库存", "品名", "数量", "类型"], [date(2023, 1, 1), "一号库", "螺栓", 5, "入库"]
    )
    assert values(out.rows, "warehouse", "quantity", "type") == [["一号库", 5, "入库"]]
    out = sheet(["日期", "单号", "品名", "数量"], [date(2023, 1, 1), "R1", "螺栓", 5])
    assert asked(out) == ["direction"]


def test_hidden_rows_are_asked_and_hidden_sheets_left_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for cells in (["编码", "名称", "数量"], ["A1", "螺栓", 5], ["A2", "垫片", 6]):
        page.append(cells)  # type: ignore[union-attr]
    page.row_dimensions[3].hidden = True  # type: ignore[union-attr]
    old = book.create_sheet("旧")
    old.append(["编码", "数量"])
    old.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    out = understand(tmp_path / "a.xlsx")
    assert (asked(out), values(out.rows, "item")) == (["hidden_rows"], [["A1"]])
    out = understand(tmp_path / "a.xlsx", Wish(answers={"hidden_rows:Sheet": "import"}))
    assert (asked(out), values(out.rows, "item")) == ([], [["A1"], ["A2"]])


def test_mapping_is_remembered_by_the_set_of_headers(sheet: Sheet) -> None:
    out = sheet(["货名儿", "剩多少", "搁哪儿"], ["螺栓", 5, "A架"])
    assert asked(out) == ["column"] * 3
    mapping = {"name": "货名儿", "quantity": "剩多少", "place": "搁哪儿"}
    again = sheet(
        ["搁哪儿", "货名儿", "剩多少"],
        ["A架", "螺栓", 5],
        remembered={out.tables[0].fingerprint: mapping},
    )
    assert (values(again.rows, "name", "quantity", "place"), asked(again)) == (
        [["螺栓", 5, "A架"]],
        [],
    )


def test_columns_can_be_given_by_header_or_letter(sheet: Sheet) -> None:
    out = sheet(
        ["A1", "螺栓", "个", 10],
        ["A2", "垫片", "个", 20],
        columns={"item": "A", "name": "B", "unit": "C", "quantity": "D"},
    )
    assert (values(out.rows, "item", "quantity"), asked(out), out.tables[0].header_row) == (
        [["A1", 10], ["A2", 20]],
        [],
        0,
    )


def test_faults_that_are_alike_are_one_group(text: Sheet) -> None:
    from intake.understanding import report

    out = text(
        "编码,名称,数量\n" + "".join(f"A{n},螺栓,若干\n" for n in range(12)) + "B,垫片,5+2\n"
    )
    groups = report.groups(out)
    assert [(g.code, g.raw, len(g.rows), g.proposal) for g in groups] == [
        ("not_a_number", "若干", 12, ""),
        ("compound", "5+2", 1, "7"),
    ]


def test_days_of_several_months_side_by_side(sheet: Sheet) -> None:
    out = sheet(
        ["2023年出库"],
        ["品名", "1月", *[_] * 30, "2月", *[_] * 27],
        [_, *range(1, 32), *range(1, 29)],
        ["螺栓", 1, *[_] * 30, 5, *[_] * 26, 7],
        merges=("A2:A3", "B2:AF2", "AG2:BH2"),
    )
    assert values(out.rows, "name", "date", "quantity") == [
        ["螺栓", date(2023, 1, 1), 1], ["螺栓", date(2023, 2, 1), 5], ["螺栓", date(2023, 2, 28), 7],
    ]  # fmt: skip
    assert (asked(out), out.tables[0].direction) == ([], "out")


def test_days_that_are_only_the_day_of_a_month(sheet: Sheet) -> None:
    out = sheet(["2023年1月入库"], ["日期", "品名", "数量"], [1, "螺栓", 5], [31, "垫片", 6])
    assert values(out.rows, "date") == [[date(2023, 1, 1)], [date(2023, 1, 31)]]
    assert [w.code for w in out.warnings] == ["year_added"] * 2
    assert [
        w.code
        for w in sheet(["入库"], ["日期", "品名", "数量"], [1, "螺栓", 5], [31, "垫片", 6]).wrong
    ] == ["date"] * 2


def test_a_template_that_names_another_warehouse_is_asked(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (["库存表"], ["仓库：苏州仓"], ["编码", "品名", "数量"], ["A1", "螺栓", 5]):
        book.active.append(cells)  # type: ignore[union-attr]
    path = tmp_path / "东莞仓_1月.xlsx"
    book.save(path)
    out = understand(path)
    assert asked(out) == ["warehouse"]
    out = understand(path, Wish(answers={out.open_questions[0].id: "东莞仓"}))
    assert (values(out.rows, "warehouse"), asked(out)) == ([["东莞仓"]], [])


def test_on_hand_is_the_quantity_where_available_is_said_too(sheet: Sheet) -> None:
    out = sheet(
        ["SKU", "Product Name", "Available", "Reserved", "On Hand"], ["P-1", "Bolt", 90, 10, 100]
    )
    assert (values(out.rows, "quantity", "available", "held"), asked(out)) == ([[100, 90, 10]], [])
    out = sheet(["SKU", "Product Name", "Available"], ["P-1", "Bolt", 90])
    assert (values(out.rows, "quantity"), asked(out)) == ([[90]], [])


def test_a_closing_quantity_alone_is_the_stock(sheet: Sheet) -> None:
    out = sheet(
        ["物料编码", "物料名称", "期末数量", "期末单价", "期末金额"], ["A1", "螺栓", 100, 2, 200]
    )
    assert (values(out.rows, "quantity", "unit_price", "amount"), out.tables[0].purpose) == (
        [[100, 2, 200]],
        "opening",
    )


def test_two_quantities_of_one_item_keep_their_ratio(sheet: Sheet) -> None:
    out = sheet(
        ["编码", "品名", "数量(箱)", "数量(个)"],
        ["A1", "螺栓", 2, 24],
        ["A1", "螺栓", 3, 36],
        ["A1", "螺栓", 3, 30],
    )
    assert [(w.cell, w.code) for w in out.warnings] == [("D4", "factor_differs")]


def test_headers_printed_on_each_page_and_carried_sums(sheet: Sheet) -> None:
    head = ["编码", "品名", "数量"]
    out = sheet(
        head,
        ["A1", "螺栓", 5],
        ["A2", "垫片", 6],
        ["过次页", _, 11],
        ["承前页", _, 11],
        head,
        ["A3", "电缆", 7],
        ["合计", _, 18],
    )
    assert (values(out.rows, "item"), out.warnings) == ([["A1"], ["A2"], ["A3"]], [])


def test_orders_transfers_and_boms(sheet: Sheet) -> None:
    out = sheet(
        ["订单编号", "订单日期", "供应商", "物料编码", "订购数量", "交货日期"],
        ["PO1", date(2023, 1, 1), "恒力", "A1", 100, date(2023, 2, 1)],
        name="采购订单",
    )
    assert (out.tables[0].purpose, values(out.rows, "source", "quantity", "ordered_on")) == (
        "orders",
        [["PO1", 100, date(2023, 2, 1)]],
    )
    out = sheet(
        ["日期", "调出仓库", "调入仓库", "品名", "数量"],
        [date(2023, 1, 1), "一号库", "二号库", "螺栓", 5],
    )
    assert (values(out.rows, "warehouse_from", "warehouse_to"), asked(out)) == (
        [["一号库", "二号库"]],
        [],
    )
    out = sheet(
        ["成品编码", "成品名称", "子件编码", "子件名称", "用量", "单位", "损耗率"],
        ["P1", "整机", "A1", "螺栓", 4, "个", "2%"],
    )
    assert (
        out.tables[0].purpose,
        values(out.rows, "parent", "component", "quantity", "scrap_rate"),
    ) == ("boms", [["P1", "A1", 4, 2]])
    out = sheet(
        ["编号", "名称", "联系人", "电话", "地址"],
        ["S1", "恒力公司", "张三", "13800000000", "苏州"],
        name="供应商",
    )
    assert (out.tables[0].purpose, values(out.rows, "partner_code", "partner", "phone")) == (
        "partners",
        [["S1", "恒力公司", "13800000000"]],
    )


def test_a_number_in_front_may_be_a_code(sheet: Sheet) -> None:
    out = sheet(["No.", "Description", "Qty"], ["P-100", "Bolt", 5], ["P-101", "Nut", 6])
    assert asked(out) == ["column"]
    out = sheet(["No.", "Description", "Qty"], [1, "Bolt", 5], [2, "Nut", 6])
    assert asked(out) == []


def test_a_name_that_comes_twice_makes_no_second_table(sheet: Sheet) -> None:
    out = sheet(["编码", "品名", "数量", "替代品编码", "品名"], ["A1", "螺栓", 5, "B1", "螺钉"])
    assert (len(out.tables), values(out.rows, "item", "name", "quantity")) == (
        1,
        [["A1", "螺栓", 5]],
    )
    assert asked(out) == ["column", "column"]


def test_days_that_excel_may_have_swapped_are_told(sheet: Sheet) -> None:
    out = sheet(
        ["日期", "品名", "入库数量"], [date(2023, 3, 5), "螺栓", 5], ["13/05/2023", "垫片", 6]
    )
    assert [w.code for w in out.warnings] == ["days_swapped"]


def test_units_in_traditional_characters_or_unknown(sheet: Sheet) -> None:
    out = sheet(["品名", "規格", "單位", "數量"], ["螺栓", "M8", "個", 5])
    assert (values(out.rows, "unit", "quantity"), asked(out)) == ([["個", 5]], [])
    out = sheet(["品名", "规格", "单位", "数量"], ["螺栓", "M8", "合", 5])
    assert (values(out.rows, "unit", "quantity"), asked(out)) == ([["合", 5]], [])


def test_blank_warehouses_are_told(sheet: Sheet) -> None:
    out = sheet(["仓库", "品名", "数量"], ["一号库", "螺栓", 5], [_, "垫片", 6])
    assert [w.code for w in out.warnings] == ["warehouse_blank"]
    out = sheet(
        ["仓库", "品名", "数量"],
        ["一号库", "螺栓", 5],
        [_, "垫片", 6],
        answers={"fill:Sheet1!A1": "yes"},
    )
    assert values(out.rows, "warehouse") == [["一号库"], ["一号库"]]


def test_a_column_whose_every_cell_is_wrong_is_still_its_column(text: Sheet) -> None:
    out = text("编码,品名,数量,日期\nA,螺栓,若干,昨天\nB,垫片,10箱6只,明天\n")
    assert sorted((w.row, w.field) for w in out.wrong) == [
        (2, "date"),
        (2, "quantity"),
        (3, "date"),
        (3, "quantity"),
    ]


def test_lines_in_the_middle_say_the_warehouse_of_the_rows_below(sheet: Sheet) -> None:
    out = sheet(
        ["品名", "数量", "单位"],
        ["仓库：一号库"],
        ["螺栓", 5, "个"],
        ["垫片", 6, "个"],
        ["小计", 11],
        ["仓库：", "二号库"],
        ["电缆", 7, "米"],
        ["小计", 7],
    )
    assert values(out.rows, "name", "quantity", "warehouse") == [
        ["螺栓", 5, "一号库"],
        ["垫片", 6, "一号库"],
        ["电缆", 7, "二号库"],
    ]
    assert all(total.agrees for total in out.totals)


def test_a_row_of_units_below_the_header_belongs_to_it(sheet: Sheet) -> None:
    out = sheet(["编码", "品名", "数量", "单价"], [_, _, "(个)", "(元)"], ["A1", "螺栓", 5, 2])
    assert (values(out.rows, "item", "quantity", "unit", "unit_price"), out.wrong) == (
        [["A1", 5, "个", 2]],
        [],
    )
