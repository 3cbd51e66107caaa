"""Bytes become grids: every usual form of a sheet, with what Excel knows beside the cells."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from intake.reading.grid import Book, address, place_of
from intake.reading.launch import open_book

LINES = "品名,數量\n螺栓,12\n墊片,3\n"


def rows(book: Book) -> list[list[object]]:
    return [list(cells) for _number, cells in book.grids[0].rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "big5"]
)
def test_text_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    text = (
        "品名,数量,单位\n螺栓,12,个\n垫片,3,包\n"
        if encoding in {"gb18030", "gbk"}
        else "品名,數量,單位\n螺栓,12,個\n電纜,3,包\n"
    )
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert rows(open_book(path)) == [line.split(",") for line in text.split()]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("瓶\n38\n", "gbk"),
        ("備註\n52\n", "big5"),
        ("憑證號,單據號\n3,80\n", "big5"),
        ("食品,备注\n1,2\n", "gbk"),
        ("Склад,Товар штук\n1,2\n", "utf-8"),
    ],
)
def test_very_short_texts_are_told_apart_by_the_words_of_sheets(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert rows(open_book(path)) == [line.split(",") for line in text.split("\n")[:2]]


def test_western_text_is_read_and_the_guess_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Item,Supplier\nA1,Café Noël\n".encode("cp1252"))
    book = open_book(path)
    assert rows(book)[1] == ["A1", "Café Noël"]
    assert book.hints == ["encoding_guessed"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separators_are_found(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"Item{mark}Qty\nA{mark}1\nB{mark}2\n")
    assert rows(open_book(path)) == [["Item", "Qty"], ["A", "1"], ["B", "2"]]
    path.write_text(
        f"sep={mark}\nItem{mark}Qty\nA,B{mark}1\n" if mark != "," else "sep=,\nItem,Qty\nA B,1\n"
    )
    assert open_book(path).grids[0].rows[0] == (2, ["Item", "Qty"])


def test_rows_keep_the_numbers_that_people_see(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Item,Note\n\nA,"two\nlines"\nB,\n')
    assert [number for number, _cells in open_book(path).grids[0].rows] == [1, 3, 5]
    book = openpyxl.Workbook()
    book.active["C5"] = "x"  # type: ignore[index]
    book.save(tmp_path / "a.xlsx")
    assert open_book(tmp_path / "a.xlsx").grids[0].rows == [(5, ["", "", "x"])]


def test_a_workbook_tells_what_stands_beside_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    page = book.add_worksheet("库存")
    page.write_row(0, 0, ["编码", "数量"])
    page.write_number(1, 0, 12, book.add_format({"num_format": "00000"}))
    page.write_number(1, 1, 5, book.add_format({"font_color": "#FF0000"}))
    page.write_formula(2, 1, "=NA()", None, "#N/A")
    page.write_datetime(3, 0, date(2018, 1, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    page.merge_range(4, 0, 5, 1, "m")
    page.set_row(6, None, None, {"hidden": True})
    page.write(6, 0, "x")
    page.set_column(2, 2, None, None, {"hidden": True})
    page.write_comment(1, 1, "借用")
    book.add_worksheet("旧").hide()
    book.close()
    read = open_book(path)
    grid = read.grids[0]
    assert read.epoch_1904
    assert (grid.padded, grid.red) == ({"A2": 5}, {"B2"})
    assert grid.error_cells == {"B3": "#N/A"}
    assert grid.rows[2] == (4, [date(2018, 1, 1), ""])
    assert grid.merges == [(5, 0, 6, 1)]
    assert (grid.hidden_rows, grid.hidden_columns) == ({7}, {2})
    assert grid.notes["B2"].endswith("借用")
    assert read.grids[1].hidden


def test_formulas_without_results_are_known(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["编码", "数量"])  # type: ignore[union-attr]
    page.append(["A", "=1+1"])  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    assert open_book(tmp_path / "a.xlsx").grids[0].uncalculated == {"B2"}


def test_old_workbooks_tell_their_epoch_errors_and_hidden_rows(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = True
    page = book.add_sheet("S")
    page.write(0, 0, "编码")
    page.write(1, 0, "A")
    page.row(1).hidden = 1
    page.row(2).set_cell_error(0, 0x2A)
    page.row(2).write(1, 5)
    book.save(str(tmp_path / "a.xls"))
    read = open_book(tmp_path / "a.xls")
    assert read.epoch_1904
    assert read.grids[0].hidden_rows == {2}
    assert read.grids[0].error_cells == {"A3": "#N/A"}


def test_web_pages_called_xls_are_read_with_their_spans(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    page = "<table><tr><th colspan=2>出库单</th></tr><tr><td rowspan=2>RK1</td><td>螺栓 &amp; 垫片</td></tr><tr><td>5</td></tr></table>"
    path.write_bytes(f"<html><meta charset=gb2312><style>td{{}}</style>{page}</html>".encode("gbk"))
    book = open_book(path)
    assert book.kind == "html"
    assert rows(book) == [["出库单", ""], ["RK1", "螺栓 & 垫片"], ["", "5"]]
    assert book.grids[0].merges == [(1, 0, 1, 1), (2, 0, 3, 0)]


def test_tables_called_xls_and_the_xml_of_2003_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes("编码\t数量\nA\t5\n".encode("utf-16"))
    assert open_book(path).kind == "tsv"
    path.write_text(
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="库存"><Table><Row><Cell><Data ss:Type="String">编码</Data>'
        '</Cell><Cell ss:Index="3"><Data ss:Type="String">数量</Data></Cell></Row><Row ss:Index="4"><Cell><Data ss:Type="String">A</Data></Cell>'
        '<Cell ss:Index="3"><Data ss:Type="Number">5</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    book = open_book(path)
    assert (book.kind, book.grids[0].name) == ("xml", "库存")
    assert book.grids[0].rows == [(1, ["编码", "", "数量"]), (4, ["A", "", 5.0])]


def test_addresses() -> None:
    assert [address(3, column) for column in (0, 25, 26, 701, 702)] == [
        "A3",
        "Z3",
        "AA3",
        "ZZ3",
        "AAA3",
    ]
    assert [place_of(text) for text in ("A3", "AAA3", "3A")] == [(3, 0), (3, 702), None]
