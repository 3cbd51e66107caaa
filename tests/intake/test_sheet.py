"""What is read of a sheet, with the row numbers that people see; and what is told instead of dropped."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from intake import sheet

Write = Callable[..., Path]
MOMENT = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001 - a cell has no zone
COLUMNS = {"item": "code", "quantity": "qty"}


def read(path: Path, columns: dict[str, str] = COLUMNS) -> tuple[list[sheet.Row], list[str]]:
    table = sheet.read(path, columns)
    return list(table.rows), table.notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_is_read(write: Write, encoding: str) -> None:
    rows, _notes = read(write("code,qty\n垫片,3\n", encoding=encoding))
    assert rows[0].cells == {"item": "垫片", "quantity": "3"}


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_every_usual_separator_is_read(write: Write, mark: str) -> None:
    rows, _notes = read(write(f"code{mark}qty\nA{mark}3\n"))
    assert rows[0].cells == {"item": "A", "quantity": "3"}


def test_row_numbers_are_lines_of_the_file(write: Write) -> None:
    rows, _notes = read(write('code,qty,note\nA,1,"two\nlines"\n\nB,2,\n'))
    assert [(row.number, row.cells["item"]) for row in rows] == [(2, "A"), (5, "B")]


def test_headers_are_found_below_titles_and_whatever_their_look(write: Write) -> None:
    rows, notes = read(write("恒达机电,\n2月,\n ＣＯＤＥ *,Q T Y\nA,1\n"))
    assert rows[0].number == 4
    assert "2 title lines" in notes[0]


def test_sums_counts_and_repeated_headers_are_told(write: Write) -> None:
    text = "code,name,qty\nA,a,1\ncode,name,qty\nB,b,2\n合计,,3\n,,\n2,2,2\n0,0,0\n"
    rows, notes = read(write(text))
    assert [row.cells["item"] for row in rows] == ["A", "B"]
    assert len(notes) == 4


def test_numbers_below_a_gap_are_goods_where_goods_are_numbers(write: Write) -> None:
    rows, notes = read(write("code,qty\n101,1\n\n102,2\n"))
    assert [row.cells["item"] for row in rows] == ["101", "102"]
    assert not notes


def test_protected_codes_and_invisible_characters(write: Write) -> None:
    rows, _notes = read(write('code,qty\n"=""00123""",\u200b 5\u00a0\n'))
    assert rows[0].cells == {"item": "00123", "quantity": "5"}


def test_a_missing_column_names_what_is_there(write: Write) -> None:
    with pytest.raises(sheet.SheetError, match=r"qty.*code, amount"):
        read(write("code,amount\nA,1\n"))


def test_what_is_no_table_is_refused_in_words(write: Write, tmp_path: Path) -> None:
    with pytest.raises(sheet.SheetError, match="web page"):
        read(write("<html><table><tr><td>code</td></tr></table></html>", "a.xls"))
    with pytest.raises(sheet.SheetError, match="no file"):
        read(tmp_path / "missing.csv")
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 but nothing else")
    with pytest.raises(sheet.SheetError, match="cannot be opened"):
        read(broken)


def test_workbooks_keep_numbers_moments_and_rows(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("cover").write(0, 0, "nothing here")
        page = workbook.add_worksheet("data")
        page.write_row(2, 1, ["code", "qty", "when"])
        page.write(3, 1, "00123")
        page.write_number(3, 2, 0.1 + 0.2)
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        page.write_datetime(3, 3, MOMENT, moment)
        page.write_row(5, 1, [123, 1e6])
        page.write_row(6, 1, ["B", 2])
    rows, _notes = read(path, {**COLUMNS, "date": "when"})
    assert [row.number for row in rows] == [4, 6, 7]
    assert rows[0].cells == {
        "item": "00123",
        "quantity": Decimal("0.3"),
        "date": MOMENT,
    }
    assert rows[1].content[:2] == ("123", "1000000")


def test_rows_after_a_long_gap_are_read(write: Write) -> None:
    rows, _notes = read(write("code,qty\nA,1\n" + ",\n" * 300 + "B,2\n"))
    assert [(row.number, row.cells["item"]) for row in rows] == [(2, "A"), (303, "B")]


def test_text_that_breaks_off_is_said(write: Write, tmp_path: Path) -> None:
    with pytest.raises(sheet.SheetError, match="cannot be read"):
        read(write("code,qty\n" + "x" * 200_000 + ",1\n"))
    half = tmp_path / "half.csv"
    half.write_bytes("code,qty\nA,1\n".encode("utf-16")[:-1])
    with pytest.raises(sheet.SheetError, match="cannot be read"):
        read(half)
    with pytest.raises(sheet.SheetError, match="is empty"):
        read(write("\n\n"))
