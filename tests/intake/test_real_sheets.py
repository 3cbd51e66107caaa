"""Real legacy files, understood as they are: totals equal to their ground truth, and every flaw told.

The files lie beside the checkout (``../shared/data``, or where SAMPLE_DATA points). Where they are missing these tests
are counted as skipped, with the name of the file.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from intake.understanding.result import Understanding
from intake.understanding.understand import understand
from tests.support import samples

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


def sample(name: str) -> tuple[Understanding, dict[str, Any]]:
    path = samples.sample(name)
    return understand(path), samples.truth(path)


def headers(out: Understanding, table: int = 0) -> dict[str, str]:
    return {column.field: column.header for column in out.tables[table].columns if column.field}


def test_adventure_works() -> None:
    out, facts = sample("aw_transactionhistory_2013-08.csv")
    truth = facts["TransactionHistory_2013_08"]
    assert (out.shape, out.tables[0].purpose, out.wrong, out.open_questions) == (
        "list",
        "movements",
        [],
        [],
    )
    assert headers(out) | {
        "item": "ProductID",
        "quantity": "Quantity",
        "date": "TransactionDate",
        "type": "TransactionType",
        "unit_price": "ActualCost",
        "row_key": "TransactionID",
    } == headers(out)
    per_type: dict[object, Decimal] = defaultdict(Decimal)
    per_product: dict[object, Decimal] = defaultdict(Decimal)
    for row in out.rows:
        quantity = Decimal(str(row.get("quantity")))
        per_type[row.get("type")] += quantity
        per_product[row.get("item")] += -quantity if row.get("type") == "S" else quantity
    assert len(out.rows) == truth["rows"]
    assert per_type == truth["qty_by_type"]
    assert per_product == {code: net["net"] for code, net in truth["per_product"].items()}
    days = [str(row.get("date")) for row in out.rows]
    assert (min(days), max(days)) == (truth["first"], truth["last"])


def test_online_retail() -> None:
    out, truth = sample("online_retail_2010-12.csv")
    assert [q.kind for q in out.open_questions] == ["direction"]
    assert headers(out) | {
        "item": "StockCode",
        "name": "Description",
        "quantity": "Quantity",
        "date": "InvoiceDate",
        "unit_price": "UnitPrice",
        "source": "InvoiceNo",
        "customer_code": "CustomerID",
    } == headers(out)
    quantities = [Decimal(str(row.get("quantity"))) for row in out.rows]
    assert len(quantities) == truth["rows"]
    assert sum(quantities) == truth["net_quantity"]
    assert -sum(q for q in quantities if q < 0) == truth["negative"]
    value = sum(
        (
            q * Decimal(str(row.get("unit_price")))
            for q, row in zip(quantities, out.rows, strict=True)
        ),
        Decimal(0),
    )
    assert round(value, 2) == Decimal(str(truth["net_value"]))
    assert len({row.get("item") for row in out.rows}) == truth["distinct_codes_exact"]
    assert not [row for row in out.rows if str(row.get("customer_code") or "").endswith(".0")]
    by_day: dict[str, Decimal] = defaultdict(Decimal)
    for quantity, row in zip(quantities, out.rows, strict=True):
        by_day[str(row.get("date"))[:10]] += quantity
    assert by_day == truth["net_by_day"]


def test_car_parts_by_month() -> None:
    out, truth = sample("carparts.csv")
    assert (out.wrong, [q.kind for q in out.open_questions]) == ([], ["direction"])
    assert out.tables[0].rows == truth["series"]
    assert len(out.rows) == truth["series"] * truth["months"] - truth["blank_cells"]
    per_part: dict[object, Decimal] = defaultdict(Decimal)
    for row in out.rows:
        per_part[row.get("item")] += Decimal(str(row.get("quantity")))
    assert sum(per_part.values()) == Decimal(str(truth["total_demand"]))
    assert {part: per_part[part] for part in truth["per_part_total_first_20"]} == truth[
        "per_part_total_first_20"
    ]
    assert {str(row.get("date")) for row in out.rows} >= {"1998-01-01", "2002-03-01"}


def test_openboxes_levels() -> None:
    out, truth = sample("openboxes_inventory_levels.xls")
    assert (out.tables[0].rows, out.wrong, out.open_questions) == (truth["data_rows"], [], [])
    assert headers(out) | {
        "item": "Product code",
        "name": "Product",
        "quantity": "Current quantity",
        "unit": "Unit of measure",
        "place": "Bin location",
        "min_stock": "Min quantity",
        "max_stock": "Max quantity",
        "supplier": "Vendor",
    } == headers(out)
    assert sum(Decimal(str(row.get("quantity"))) for row in out.rows) == Decimal(
        str(truth["total_quantity"])
    )
    negative = [
        [row.number, row.get("item"), row.get("quantity")]
        for row in out.rows
        if Decimal(str(row.get("quantity"))) < 0
    ]
    assert negative == truth["negative_quantity_rows"]
    assert {row for row, why, _text in out.tables[0].left_out if why == "counts"} == {
        int(row) for row in truth["trailing_count_rows"]
    }
    units: dict[str, int] = defaultdict(int)
    for row in out.rows:
        units[str(row.get("unit") or "")] += 1
    expected: dict[str, int] = defaultdict(int)
    for unit, count in truth["units"].items():
        expected[unit.strip()] += count
    assert units == expected
    assert sum(not row.get("place") for row in out.rows) == truth["bin_blank"]


def test_the_template_of_an_erp() -> None:
    out, truth = sample("jsherp_goods_template.xls")
    table = out.tables[0]
    assert (table.header_row, table.rows, table.purpose, out.wrong) == (
        truth["header_row"],
        truth["data_rows"],
        "items",
        [],
    )
    assert headers(out) | {
        "name": "名称*",
        "spec": "规格",
        "unit": "基本单位*",
        "barcode": "基本条码*",
        "pack_factor": "比例",
        "purchase_price": "采购价",
    } == headers(out)
    items = [row for row in out.rows if row.get("warehouse") is None]
    assert [
        (row.get("name"), row.get("barcode"), row.get("shelf_life"), row.get("purchase_price"))
        for row in items
    ] == [
        (name, str(int(row[10])), f"P{int(row[7])}D", Decimal(str(row[14])))
        for row in truth["rows"]
        for name in row[:1]
    ]
    levels = [row for row in out.rows if row.get("warehouse") is not None]
    assert sum(Decimal(str(row.get("quantity"))) for row in levels) == Decimal(
        str(sum(sum(row[-5:]) for row in truth["rows"]))
    )
    assert {row.get("warehouse") for row in levels} == set(truth["columns"][-5:])
    assert not any(row.get("lot") or row.get("serial") for row in out.rows)


def test_a_parts_list_of_two_tables() -> None:
    out, truth = sample("robot_parts_list_物料清单.xlsx")
    for number, section in enumerate((truth["section_1"], truth["section_2"])):
        rows = {row.number: row for row in out.rows if row.table == number}
        assert sorted(rows) == [line["row"] for line in section["lines"]]
        for line in section["lines"]:
            row = rows[line["row"]]
            assert str(row.get("name")).split() == line["name"].split()
            assert row.get("quantity") == line["qty"], line
            if line["qty"] is not None:
                assert row.get("unit") == line.get("unit"), line
    doubtful = {row for row, _name, _raw in truth["section_1"]["not_a_number"]}
    assert {fault.row for fault in out.wrong} == doubtful
