"""Sheets that other programs export, and forms of other trades: their words, their signs, and what a sheet says only once."""

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
    """Writes rows of one sheet and understands them."""

    def write(*rows: list[Any], name: str = "Sheet1", **wish: Any) -> Understanding:
        book = openpyxl.Workbook()
        page = book.active
        page.title = name  # type: ignore[union-attr]
        for cells in rows:
            page.append(cells)  # type: ignore[union-attr]
        book.save(tmp_path / "a.xlsx")
        return understand(tmp_path / "a.xlsx", Wish(**wish))

    return write


@pytest.fixture
def text(tmp_path: Path) -> Sheet:
    """Writes a text file and understands it."""

    def write(*lines: str, code: str = "utf-8", **wish: Any) -> Understanding:
        (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding=code)
        return understand(tmp_path / "a.csv", Wish(**wish))

    return write


def values(rows: list[Row], *fields: str) -> list[list[object]]:
    return [[row.get(field) for field in fields] for row in rows]


def asked(out: Understanding) -> list[str]:
    return [question.kind for question in out.open_questions]


def codes(out: Understanding) -> set[str]:
    return {caution.code for caution in out.warnings}


def test_a_list_of_materials_is_no_stock(sheet: Sheet) -> None:
    rows = (
        ["序号", "物料编码", "品名", "位号", "用量", "单位"],
        [1, "R1", "电阻", "R1,R2", 2, "PCS"],
        [2, "C1", "电容", "C1", 1, "PCS"],
    )
    out = sheet(["BOM清单"], ["产品型号：PCBA-1"], *rows)
    assert (out.tables[0].purpose, asked(out)) == ("boms", [])
    assert values(out.rows, "parent", "item", "name", "quantity") == [
        ["PCBA-1", "R1", "电阻", 2],
        ["PCBA-1", "C1", "电容", 1],
    ]
    out = sheet(*rows)
    assert (out.tables[0].purpose, asked(out)) == ("boms", ["parent"])
    out = sheet(*rows, answers={out.open_questions[0].id: "PCBA-2"})
    assert values(out.rows, "parent", "item") == [["PCBA-2", "R1"], ["PCBA-2", "C1"]]


def test_a_list_of_stock_whose_title_says_materials(sheet: Sheet) -> None:
    out = sheet(["仓库物料清单"], ["物料编码", "品名", "库存数量"], ["A1", "螺栓", 5])
    assert (out.tables[0].purpose, asked(out)) == ("opening", [])
    out = sheet(["配方奶粉"], ["编码", "品名", "数量"], ["A1", "奶粉", 5])
    assert (out.tables[0].purpose, asked(out)) == ("opening", [])


def test_materials_of_several_levels_belong_to_the_one_above(sheet: Sheet) -> None:
    out = sheet(
        ["产品：车架"],
        ["层级", "物料编码", "用量"],
        [1, "A", 1],
        [2, "A1", 4],
        [2, "A2", 2],
        [1, "B", 1],
        name="BOM",
    )
    assert values(out.rows, "parent_name", "parent", "item") == [
        ["车架", _, "A"],
        ["车架", "A", "A1"],
        ["车架", "A", "A2"],
        ["车架", _, "B"],
    ]


def test_what_is_on_its_way_is_no_movement(text: Sheet) -> None:
    out = text(
        "Title,SKU,Location,Bin name,Incoming,Committed,Available,On hand (current)",
        "Tee,TEE-M,Main Warehouse,A-1,0,2,23,25",
        "Tee,TEE-L,Main Warehouse,A-2,50,0,10,10",
    )
    assert (out.tables[0].purpose, asked(out)) == ("opening", [])
    assert values(out.rows, "item", "warehouse", "place", "quantity", "quantity_in", "unit") == [
        ["TEE-M", "Main Warehouse", "A-1", 25, _, _],
        ["TEE-L", "Main Warehouse", "A-2", 10, _, _],
    ]


def test_a_price_of_a_shop_is_no_cost_and_one_quantity_is_stock(text: Sheet) -> None:
    out = text(
        "sku\tfnsku\tproduct-name\tyour-price\tafn-listing-exists\tafn-warehouse-quantity\tafn-fulfillable-quantity\tafn-reserved-quantity\tafn-total-quantity\tafn-inbound-shipped-quantity",
        "A1\tX1\tPan\t10.25\tYes\t35\t20\t10\t55\t20",
    )
    assert (out.tables[0].purpose, asked(out)) == ("opening", [])
    assert values(out.rows, "item", "quantity", "quantity_out", "unit_price", "sale_price") == [
        ["A1", 35, _, _, Decimal("10.25")]
    ]


def test_real_stock_is_no_count_without_a_count(text: Sheet) -> None:
    out = text(
        "款式编码,商品编码,商品名,主仓实际库存数,可用数,订单占有数,国标码",
        'K1,K1-M,裙,36,30,6,"=""6970001230011"""',
    )
    assert (out.tables[0].purpose, asked(out)) == ("opening", [])
    assert values(out.rows, "model", "item", "quantity", "barcode") == [
        ["K1", "K1-M", 36, "6970001230011"]
    ]


def test_a_filter_that_was_set_to_all_is_no_warehouse(sheet: Sheet) -> None:
    out = sheet(
        ["仓库：全部仓库", _, "日期：2024-05-31"],
        ["商品编号", "商品全名", "单位", "库存数量"],
        ["A1", "酒", "瓶", 20],
    )
    assert values(out.rows, "warehouse", "item", "quantity") == [[_, "A1", 20]]
    out = sheet(["Customer: All Star Ltd"], ["Item No", "Quantity"], ["A1", 20])
    assert values(out.rows, "customer") == [["All Star Ltd"]]


def test_goods_that_go_out_with_a_minus(text: Sheet) -> None:
    head = "Date,Item,Item Name,In Qty,Out Qty,Balance Qty,Voucher #"
    out = text(
        head, "2024-03-05,A1,Rod,100,0,100,R1", "2024-03-13,A1,Rod,0,-40,60,D1", "2024-03-14,A1,Rod,0,-10,50,D2"
    )  # fmt: skip
    assert values(out.rows, "quantity_out", "balance") == [[0, 100], [40, 60], [10, 50]]
    assert codes(out) == {"sign_of_out"}
    out = text(
        head, "2024-03-05,A1,Rod,100,0,100,R1", "2024-03-13,A1,Rod,0,-40,140,D1"
    )  # fmt: skip
    assert values(out.rows, "quantity_out", "balance") == [[0, 100], [-40, 140]]


def test_names_in_a_column_without_a_name_and_totals_of_groups(text: Sheet) -> None:
    out = text(
        "Inventory Valuation Summary",
        "",
        ",SKU,Qty,Asset Value",
        "Fasteners,,,",
        "   Hex Nut,HN-1,1500.00,75.00",
        "   Washer,LW-1,(20.00),(2.00)",
        "Total Fasteners,,1480.00,73.00",
        "Tools,,,",
        "   Hammer,HM-1,12.00,180.00",
        "Total Tools,,12.00,180.00",
        "TOTAL,,1492.00,253.00",
    )
    assert (out.wrong, asked(out)) == ([], [])
    assert values(out.rows, "name", "item", "quantity", "amount") == [
        ["Hex Nut", "HN-1", 1500, 75],
        ["Washer", "LW-1", -20, -2],
        ["Hammer", "HM-1", 12, 180],
    ]
    assert all(total.agrees for total in out.totals)
    assert codes(out) == {"column_uncertain", "caption"}


def test_totals_that_excel_puts_below_each_group(sheet: Sheet) -> None:
    out = sheet(
        ["Category", "Item No", "Quantity"],
        ["Tools", "A1", 5],
        ["Tools", "A2", 6],
        ["Tools Total", _, 11],
        ["Total Quartz 5W30", "B1", 3],
    )
    assert values(out.rows, "item", "quantity") == [["A1", 5], ["A2", 6], ["B1", 3]]


def test_german_numbers_of_a_whole_table(text: Sheet) -> None:
    out = text(
        "Material;Materialkurztext;Lagerort;Basismengeneinheit;Frei verwendbar;Wert Frei verwendbar",
        "A1;Schraube;0001;ST;12.500;1.250,00",
        "A2;Fett;0001;KG;17,5;218,75",
        "A3;Reiniger;0002;L;1.005,25;3.015,75",
    )
    assert (asked(out), out.wrong) == ([], [])
    assert values(out.rows, "name", "warehouse", "unit", "quantity", "amount") == [
        ["Schraube", "0001", "ST", 12500, 1250],
        ["Fett", "0001", "KG", Decimal("17.5"), Decimal("218.75")],
        ["Reiniger", "0002", "L", Decimal("1005.25"), Decimal("3015.75")],
    ]
    assert {"comma_assumed", "point_assumed"} <= codes(out)


def test_french_thousands_between_blanks(text: Sheet) -> None:
    out = text(
        "Référence;Désignation;Unité;Quantité en stock;Prix unitaire HT;Prix TTC;Valeur HT",
        "VIS;Vis M6;pièce;1 250;0,12;0,144;150,00",
        "CAB;Câble;m;312,75;1,05;1,26;328,39",
    )
    assert (asked(out), out.wrong) == ([], [])
    assert values(out.rows, "item", "quantity", "unit_price", "price_taxed", "amount") == [
        ["VIS", 1250, Decimal("0.12"), Decimal("0.144"), 150],
        ["CAB", Decimal("312.75"), Decimal("1.05"), Decimal("1.26"), Decimal("328.39")],
    ]


def test_movements_in_german(text: Sheet) -> None:
    out = text(
        "Datum;Beleg-Nr.;Artikelnummer;Bezeichnung;Zugang;Abgang;Bestand;Einheit;EK-Preis",
        "05.03.2024;WE-1;100200;Kugellager;50;;75;Stk;3,4500",
        "13.03.2024;LS-1;100200;Kugellager;;2,5;72,5;Stk;",
    )
    assert (out.tables[0].purpose, asked(out)) == ("movements", [])
    assert values(out.rows, "date", "source", "item", "quantity_in", "quantity_out") == [
        [date(2024, 3, 5), "WE-1", "100200", 50, _],
        [date(2024, 3, 13), "LS-1", "100200", _, Decimal("2.5")],
    ]


def test_movements_of_a_large_program(text: Sheet) -> None:
    out = text(
        "Material\tMaterial Description\tSLoc\tMvT\tMat. Doc.\tItem\tPstng Date\tQty in Un. of Entry\tEUn\tAmount in LC",
        "000010004711\tBolt\t0001\t101\t5000000123\t1\t03/05/2024\t1,200.000\tPC\t360.00",
        "000010004711\tBolt\t0001\t261\t4900000456\t1\t03/18/2024\t350.000-\tPC\t105.00-",
    )
    assert asked(out) == []
    assert values(out.rows, "item", "source", "type", "quantity", "unit", "amount") == [
        ["000010004711", "5000000123", "101", 1200, "PC", 360],
        ["000010004711", "4900000456", "261", -350, "PC", -105],
    ]


def test_a_code_in_brackets_before_the_name(text: Sheet) -> None:
    out = text("Product,Quantity,Unit of Measure", "[F-1] Chair,18.0,Units", "[F-2] Lamp,3.0,Units")
    assert values(out.rows, "item", "name", "quantity") == [
        ["F-1", "Chair", 18],
        ["F-2", "Lamp", 3],
    ]
    out = text("Product,Quantity", "[F-1] Chair,18.0", "Lamp,3.0", "Bed,1")
    assert values(out.rows, "item", "name") == [[_, "[F-1] Chair"], [_, "Lamp"], [_, "Bed"]]


def test_numbers_of_records_in_another_program(text: Sheet) -> None:
    out = text(
        "id,part,part.IPN,part.name,quantity,location,location.name,stocktake_date",
        "101,12,R-10K,Resistor,4500.00000,3,Reel Shelf,",
    )
    assert (out.tables[0].purpose, asked(out)) == ("opening", ["column"])
    assert values(out.rows, "item", "name", "quantity") == [["R-10K", "Resistor", 4500]]


def test_a_header_that_begins_another_one_stays(text: Sheet) -> None:
    out = text("Item,Item/Description,Qty,Qty.", "1001,Bolt,5,7", "1002,Nut,6,8")
    assert values(out.rows, "item", "name") == [["1001", "Bolt"], ["1002", "Nut"]]
    assert asked(out) == ["column", "column"]


def test_prices_in_other_currencies_are_told_once_for_each(sheet: Sheet) -> None:
    out = sheet(
        ["Item No", "Quantity", "Unit Cost", "Currency"],
        ["A1", 5, 1.25, "USD"],
        ["A2", 5, 1.25, "USD"],
        ["A3", 5, 2.1, "EUR"],
        ["A4", 5, 8, "CNY"],
    )
    assert [(w.row, w.code) for w in out.warnings] == [(2, "currency"), (4, "currency")]
    out = sheet(["Item No", "Quantity", "Unit Cost (USD)"], ["A1", 5, 2])
    assert codes(out) == {"currency"}
    out = sheet(["币种：美元"], ["编码", "数量", "单价"], ["A1", 5, 2])
    assert codes(out) == {"currency"}
    out = sheet(["币种：人民币"], ["编码", "数量", "单价"], ["A1", 5, 2])
    assert codes(out) == set()


def test_words_in_brackets_that_are_no_units(sheet: Sheet) -> None:
    out = sheet(["编码", "数量（必填）"], ["A1", 5])
    assert values(out.rows, "item", "quantity", "unit") == [["A1", 5, _]]
    out = sheet(["编码", "数量（吨）"], ["A1", 5])
    assert values(out.rows, "quantity", "unit") == [[5, "吨"]]
    # A unit that nobody knows is left to the books, which ask about it.
    out = sheet(["Item No", "Quantity (skids)"], ["A1", 5])
    assert values(out.rows, "quantity", "unit") == [[5, "skids"]]


def test_boxes_loose_pieces_and_all_of_them(sheet: Sheet) -> None:
    out = sheet(
        ["货品编号", "货品名称", "箱数", "零头(瓶)", "总瓶数", "装箱数"],
        ["1", "可乐", 10, 5, 245, 24],
    )
    assert asked(out) == []
    assert values(out.rows, "quantity", "unit", "quantity_2", "pack_factor") == [
        [245, "瓶", 10, 24]
    ]
    out = sheet(["编码", "规格", "箱规", "数量"], ["A1", "M6", "500只/箱", "10箱"])
    assert (asked(out), values(out.rows, "quantity", "unit", "pack_factor")) == (
        [],
        [[10, "箱", 500]],
    )


def test_the_unit_of_every_day_beside_the_base_unit(sheet: Sheet) -> None:
    out = sheet(
        ["物料代码", "基本单位", "基本单位数量", "常用单位", "常用单位数量"],
        ["A1", "kg", 1250, "袋", 50],
    )
    assert asked(out) == []
    assert values(out.rows, "unit", "quantity", "unit_2", "quantity_2") == [["kg", 1250, "袋", 50]]


def test_a_count_whose_differences_were_never_calculated_and_who_signs(sheet: Sheet) -> None:
    out = sheet(
        ["货位", "物料编码", "账面数", "实盘数", "盈亏"],
        ["A1", "00123", 100, 99, "=D2-C2"],
        ["合计", _, "=SUM(C2:C2)", "=SUM(D2:D2)", "=SUM(E2:E2)"],
        ["盘点人：", _, "监盘人：", _, "财务："],
    )
    assert (out.shape, out.wrong, asked(out)) == ("count", [], [])
    assert values(out.rows, "item", "book", "counted") == [["00123", 100, 99]]
    assert "uncalculated" in codes(out)


def test_warehouses_of_taiwan_as_columns(text: Sheet) -> None:
    out = text(
        "各倉庫存表",
        "品號,品名,單位,安全庫存,台北倉,台中倉,合計",
        "P-1,不鏽鋼杯,個,50,120,30,150",
        code="big5",
    )
    stock = [row for row in out.rows if row.get("warehouse")]
    assert (out.tables[0].purpose, asked(out)) == ("opening", [])
    assert values(stock, "item", "warehouse", "quantity") == [
        ["P-1", "台北倉", 120],
        ["P-1", "台中倉", 30],
    ]


def test_several_kinds_of_goods_in_and_out_that_add_up(sheet: Sheet) -> None:
    head = ["物料编码", "期初库存", "采购入库", "退料入库", "生产领料", "报废", "期末库存"]
    out = sheet(head, ["M1", 100, 50, 2, 60, 1, 91], ["M2", 20, _, _, 5, _, 15])
    assert "closing_differs" not in codes(out)
    assert values(
        out.rows,
        "quantity_in[采购入库]",
        "quantity_in[退料入库]",
        "quantity_out[生产领料]",
        "quantity_out[报废]",
    ) == [[50, 2, 60, 1], [_, _, 5, _]]
    out = sheet(head, ["M1", 100, 50, 2, 60, 1, 91], ["M2", 20, 1, 1, 5, 1, 15])
    assert "closing_differs" in codes(out)
    assert not [c for c in out.tables[0].columns if "[" in c.field]


def test_the_quantity_is_what_makes_the_amount(sheet: Sheet) -> None:
    out = sheet(
        ["收货记录"],
        ["品名", "件数", "毛重(kg)", "净重(kg)", "单价(元/kg)", "金额"],
        ["土豆", 10, 205, 200, 1.6, 320],
        ["番茄", 8, 126, 120, 3.2, 384],
    )
    assert values(out.rows, "quantity", "unit", "quantity_2", "weight") == [
        [200, "kg", 10, 205],
        [120, "kg", 8, 126],
    ]
    # One row proves nothing.
    out = sheet(["品名", "件数", "净重(kg)", "单价", "金额"], ["土豆", 10, 200, 1.6, 320])
    assert values(out.rows, "quantity") == [[10]]


def test_what_was_scrapped_of_a_return_had_come_in(sheet: Sheet) -> None:
    """Returned = kept + scrapped: by what was kept alone the scrap would be taken from the stock."""
    head = ["日期", "退货单号", "物料编码", "退货数量", "入库数量", "报废数量"]
    first = ["2026-10-03", "TH001", "10021", 3, 2, 1]
    second = ["2026-10-04", "TH002", "10022", 5, 5, 0]
    out = sheet(head, first, second, ["2026-10-05", "TH003", "10023", 4, 1, 3])
    assert values(out.rows, "quantity_in", "quantity_out") == [[3, 1], [5, 0], [4, 3]]
    out = sheet(head, first, second, ["2026-10-05", "TH003", "10023", 6, 1, 3])
    assert values(out.rows, "quantity_in", "quantity_out") == [[2, 1], [5, 0], [1, 3]]


def test_a_slip_of_somebody_is_no_opening_stock(sheet: Sheet) -> None:
    rows = (
        ["送货单"],
        ["客户：东莞鼎盛", _, _, _, "单号：SH001"],
        ["序号", "品名", "件数", "数量", "单价(含税)", "金额"],
        [1, "ABS", 40, 1000, 11.8, 11800],
        [2, "色粉", 5, 5, 65, 325],
        ["合计", _, 45, 1005, _, 12125],
        ["送货人：", _, "收货人(签章)："],
    )
    out = sheet(*rows)
    assert (out.tables[0].purpose, asked(out)) == ("movements", ["direction"])
    assert values(out.rows, "customer", "source", "quantity", "quantity_2", "price_taxed") == [
        ["东莞鼎盛", "SH001", 1000, 40, Decimal("11.8")],
        ["东莞鼎盛", "SH001", 5, 5, 65],
    ]


def test_a_ledger_in_debit_credit_and_balance(sheet: Sheet) -> None:
    out = sheet(
        ["品名：A4纸", _, _, _, "单位：包"],
        ["日期", "凭证号", "摘要", "借方", _, "贷方", _, "余额", _],
        [_, _, _, "数量", "金额", "数量", "金额", "数量", "金额"],
        [date(2024, 1, 1), _, "上年结转", _, _, _, _, 100, 1800],
        [date(2024, 1, 6), "记-3", "购入", 200, 3700, _, _, 300, 5500],
        [date(2024, 1, 18), "记-11", "领用", _, _, 120, 2200, 180, 3300],
    )
    assert values(out.rows, "opening", "quantity_in", "quantity_out", "balance", "quantity") == [
        [100, _, _, 100, _],
        [_, 200, _, 300, _],
        [_, _, 120, 180, _],
    ]


def test_a_kind_of_article_is_no_type_of_movement(text: Sheet) -> None:
    out = text(
        "ID,Type,SKU,Name,In stock?,Stock,Low stock amount,Regular price",
        "44,simple,beanie,Beanie,1,30,5,20",
        "45,variation,hoodie,Hoodie,1,7,,45",
    )
    assert (out.tables[0].purpose, asked(out)) == ("opening", [])
    assert values(out.rows, "item", "quantity", "min_stock", "sale_price", "amount") == [
        ["beanie", 30, 5, 20, _],
        ["hoodie", 7, _, 45, _],
    ]


def test_what_is_outstanding_of_an_order_is_its_quantity(text: Sheet) -> None:
    out = text(
        "PO Number,PO Date,Supplier,Item,Description,Ordered,Received,Outstanding,Due Date",
        "PO-1,02/15/2024,Acme,W-1,Widget,100,40,60,03/30/2024",
    )
    assert out.tables[0].purpose == "orders"
    assert values(out.rows, "planned", "quantity") == [[100, 60]]


def test_moves_from_and_to_partners(text: Sheet) -> None:
    out = text(
        "Date,Reference,Product,From,To,Quantity",
        "2024-03-05,IN/1,Chair,Partners/Vendors,WH/Stock,20.0",
        "2024-03-06,OUT/1,Chair,WH/Stock,Partners/Customers,2.0",
        "2024-03-07,INT/1,Chair,WH/Stock,WH/Shelf,5.0",
    )
    assert out.wrong == []
    assert values(
        out.rows, "warehouse", "quantity_in", "quantity_out", "type", "warehouse_to", "quantity"
    ) == [
        ["WH/Stock", 20, _, "purchase_in", _, _],
        ["WH/Stock", _, 2, "sales_out", _, _],
        [_, _, _, _, "WH/Shelf", 5],
    ]


def test_the_day_that_a_title_says(sheet: Sheet) -> None:
    rows = (["供应商", "品名", "数量"], ["老张", "土豆", 5])
    out = sheet(["收货记录 2024-06-01"], *rows)
    assert values(out.rows, "date", "quantity") == [[date(2024, 6, 1), 5]]
    out = sheet(["收货记录 2024年6月1日至2024年6月30日"], *rows)
    assert values(out.rows, "date", "quantity") == [[_, 5]]
    out = sheet(["收货记录", _, "打印日期：2024-06-01"], *rows)
    assert values(out.rows, "date", "quantity") == [[_, 5]]
    ledger = (["年", "月", "日", "品名", "入库"], [2024, 5, 3, "土豆", 5])
    out = sheet(["明细账 2024-06-01"], *ledger)
    assert values(out.rows, "date", "quantity_in") == [[date(2024, 5, 3), 5]]


def test_western_letters_side_by_side(text: Sheet) -> None:
    out = text(
        "Código;Descrição;Unidade;Armazém;Quantidade;Custo médio",
        "P-1;Parafuso;UN;Central;1.250;0,45",
        "P-2;Óleo 5L;LT;Central;48,5;22,10",
        code="cp1252",
    )
    assert (out.encoding, asked(out)) == ("cp1252", [])
    assert values(out.rows, "item", "name", "warehouse", "quantity", "unit_price") == [
        ["P-1", "Parafuso", "Central", 1250, Decimal("0.45")],
        ["P-2", "Óleo 5L", "Central", Decimal("48.5"), Decimal("22.1")],
    ]


def test_numbers_are_no_warehouse_and_no_department(text: Sheet, sheet: Sheet) -> None:
    out = text("Item Name,SKU,Current Quantity Main Store", "Beans,LB-1,24", "Beans,LB-2,60")
    assert asked(out) == ["quantity_column"]
    assert values(out.rows, "item", "warehouse") == [["LB-1", _], ["LB-2", _]]
    out = sheet(
        ["物料编码", "物料名称", "一车间", "二车间"], ["M1", "手套", 20, 30], ["M2", "砂纸", 5, 6]
    )
    assert asked(out) == ["quantity_column"]
    assert values(out.rows, "department") == [[_], [_]]
