"""Sheets of other companies, drawn without looking at the rules: every row is as it was written down, or said to be doubtful.

The sheets and their truth are in ``sheets/unseen.txt``. A value that differs from the truth is allowed only if the row
or the file says so: wrong, warned about, or asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlwt

from intake.understanding.report import as_text
from intake.understanding.result import Understanding, Wish
from intake.understanding.understand import understand

Truth = dict[str, str]
DATA = Path(__file__).parent / "sheets"
PARTLY = {
    "qty_with_unit_cells",
    "retail_ten_thousand",
    "stray_currency_and_dash",
    "negative_red_text",
}
"""Sheets with cells that nobody can be sure of: those rows are wrong by name."""


@dataclass
class Drawn:
    """A sheet of the file: its pages as rows with merges and hidden parts, and what is true of its rows."""

    name: str
    pages: dict[str, list[list[object]]] = field(default_factory=dict)
    merged: dict[str, list[str]] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)
    truth: list[tuple[str, int, Truth]] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    """Codes of faults and warnings and kinds of questions that must be there."""

    def save(self, path: Path) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)  # type: ignore[arg-type]
        for title, rows in self.pages.items():
            page = book.create_sheet(title)
            for cells in rows:
                page.append(cells)
            for merge in self.merged.get(title, ()):
                page.merge_cells(merge)
            for part in self.hidden.get(title, ()):
                parts = page.row_dimensions if part.isdigit() else page.column_dimensions
                parts[int(part) if part.isdigit() else part].hidden = True  # type: ignore[index]
        book.save(path)
        return path


def drawn(file: str) -> Iterator[Drawn]:
    """The sheets of a file."""
    for part in (DATA / file).read_text(encoding="utf-8").split("\n== ")[1:]:
        name, *lines = part.split("\n")
        sheet, title = Drawn(name), "Sheet1"
        for line in filter(None, lines):
            head, _blank, rest = line.partition(" ")
            if head == "--":
                title = rest
            elif head == "merged:":
                sheet.merged[title] = rest.split()
            elif head == "hidden:":
                sheet.hidden[title] = rest.split()
            elif head == "!!":
                sheet.said |= set(rest.split())
            elif head == "=>":
                where, _colon, said = rest.partition(": ")
                page, _mark, row = where.rpartition("!")
                truth = dict(pair.split("=", 1) for pair in said.split("; "))
                sheet.truth.append((page or next(iter(sheet.pages)), int(row), truth))
            else:
                sheet.pages.setdefault(title, []).append([cell(text) for text in line.split("|")])
        yield sheet


def cell(text: str) -> object:
    text = text.strip().replace("\\n", "\n")
    if text.startswith("'"):
        return text[1:]
    try:
        return float(text) if "." in text or "e" in text else int(text)
    except ValueError:
        return text or None


def values(out: Understanding, sheet: str, number: int) -> list[Truth]:
    """What was understood of a row; a quantity whose table says the direction is one of that direction."""
    found = []
    for row in out.rows:
        table = out.tables[row.table]
        if (table.sheet, row.number) == (sheet, number):
            said = {name: as_text(value.value) for name, value in row.values.items()}
            if table.direction in {"in", "out"} and "quantity" in said:
                said[f"quantity_{table.direction}"] = said["quantity"]
            found.append(said)
    return found


def unlike(out: Understanding, truth: list[tuple[str, int, Truth]]) -> list[object]:
    """Rows that differ from the truth without a word, and rows that are none."""
    told = {(w.sheet, w.row) for w in out.wrong} | {(w.sheet, w.row) for w in out.warnings}
    found: list[object] = []
    for sheet, number, wanted in truth:
        rows = values(out, sheet, number)
        if not any(all(row.get(k) == v for k, v in wanted.items()) for row in rows):
            found.append((sheet, number, wanted, rows))
    real = {(sheet, number) for sheet, number, _truth in truth}
    for row in out.rows:
        place = (out.tables[row.table].sheet, row.number)
        if place not in real and place not in told and not row.values.keys() <= {"balance"}:
            found.append((place, values(out, *place)))
    return found


SHEETS = list(drawn("unseen.txt"))
FOREIGN = list(drawn("foreign.txt"))


@pytest.mark.parametrize("sheet", SHEETS, ids=[sheet.name for sheet in SHEETS])
def test_every_row_is_what_was_written_down(sheet: Drawn, tmp_path: Path) -> None:
    out = understand(sheet.save(tmp_path / "a.xlsx"), Wish())
    assert unlike(out, sheet.truth) == []
    assert bool(out.wrong) <= (sheet.name in PARTLY or bool(out.questions) or _known_wrong(out))


@pytest.mark.parametrize("sheet", FOREIGN, ids=[sheet.name for sheet in FOREIGN])
def test_what_cannot_be_known_is_said(sheet: Drawn, tmp_path: Path) -> None:
    out = understand(sheet.save(tmp_path / "a.xlsx"), Wish())
    found = unlike(out, sheet.truth)
    # A row that nobody wrote down the truth of is in doubt only where something of the whole table is asked.
    assert [one for one in found if len(one) == 4] == []  # type: ignore[arg-type]
    assert found == [] or out.open_questions
    said = {w.code for w in out.wrong} | {w.code for w in out.warnings}
    assert sheet.said <= said | {question.kind for question in out.questions}


def _known_wrong(out: Understanding) -> bool:
    """Negative stock, and cells that are asked about."""
    return {w.code for w in out.wrong} <= {"negative", "date_order", "quantity_missing"}


def test_a_web_page_that_calls_itself_xls(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td style='mso-number-format:\"\\@\"'>{code}</td><td>{name}</td><td>{n}</td><td>{day}</td></tr>"
        for code, name, n, day in (
            ("00017", "硫酸", "1,020.5", "2024-02-03"),
            ("00018", "烧碱", "880", "2024-02-05"),
        )
    )
    head = "<tr><th>产品代码</th><th>产品名称</th><th>出库数量</th><th>出库日期</th></tr>"
    text = (
        "<html xmlns:x='urn:schemas-microsoft-com:office:excel'><head><meta charset='gb2312'></head><body><table>"
        f"<tr><td colspan=4>出库单明细</td></tr>{head}{rows}<tr><td colspan=2>合计</td><td>1,900.5</td></tr></table>"
    )
    (tmp_path / "a.xls").write_text(text, encoding="gb18030")
    out = understand(tmp_path / "a.xls")
    wanted = {"item": "00017", "name": "硫酸", "quantity_out": "1020.5", "date": "2024-02-03"}
    assert (
        unlike(out, [(out.tables[0].sheet, 3, wanted), (out.tables[0].sheet, 4, {"item": "00018"})])
        == []
    )
    assert any(total.ours == total.theirs == Decimal("1900.5") for total in out.totals)


def test_exports_of_shops_as_text(tmp_path: Path) -> None:
    text = "单据编号\t单据日期\t往来单位\t商品编码\t商品名称\t数量\t单价\t金额\r\nXS-1\t2024-01-01\t乐购超市\t6901234567892\t矿泉水\t24\t1.5\t36.00\r\n"
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030"))
    out = understand(tmp_path / "a.csv")
    truth = {
        "source": "XS-1",
        "item": "6901234567892",
        "quantity": "24",
        "partner": "乐购超市",
        "amount": "36",
    }
    assert unlike(out, [("a", 2, truth)]) == []
    text = '\ufeff"商家编码","宝贝标题","可用库存","占用","在途"\n="000123","T恤 男",="45",3,0\n="000124","T恤 女, 修身",="0",0,60\n'
    (tmp_path / "b.csv").write_text(text, encoding="utf-8")
    out = understand(tmp_path / "b.csv")
    rows = [
        (2, {"item": "000123", "name": "T恤 男", "held": "3"}),
        (3, {"item": "000124", "name": "T恤 女, 修身"}),
    ]
    assert unlike(out, [("b", number, wanted) for number, wanted in rows]) == []


def test_an_old_workbook_that_shows_zeros_in_front(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("库存")
    day, zeros = xlwt.XFStyle(), xlwt.XFStyle()
    day.num_format_str, zeros.num_format_str = 'yyyy"年"m"月"d"日"', "00000"
    for at, header in enumerate(["入库时间", "物资编码", "序列", "物资名称", "入库量"]):
        page.write(0, at, header)
    for row, (moment, code) in enumerate(((datetime(2022, 11, 7), 37), (44873, 1205)), 1):  # noqa: DTZ001
        page.write(row, 0, moment, day if row == 1 else xlwt.XFStyle())
        for at, value in enumerate((code, code + 1), 1):
            page.write(row, at, value, zeros)
        page.write(row, 3, "焊条")
        page.write(row, 4, 20.5)
    book.save(str(tmp_path / "a.xls"))
    out = understand(tmp_path / "a.xls")
    rows = [
        (2, {"date": "2022-11-07", "item": "00037"}),
        (3, {"date": "2022-11-08", "item": "01205"}),
    ]
    assert unlike(out, [("库存", number, wanted) for number, wanted in rows]) == []


@pytest.mark.parametrize(
    ("header", "text", "code"),
    [
        ("数量", "1O", "not_a_number"),
        ("数量", "2个半", "not_a_number"),
        ("数量", "20？", "not_a_number"),
        ("数量", "七八", "not_a_number"),
        ("数量", "5 红", "not_a_number"),
        ("数量", "¥7", "money"),
        ("数量", "\u202e12", "direction_marks"),
        ("数量", "缺2", "not_a_number"),
        ("单价", "3角", "not_a_number"),
        ("单价", "350分", "not_a_number"),
        ("单价", "3.5元/kg", "compound"),
    ],
)
def test_cells_that_look_like_numbers(tmp_path: Path, header: str, text: str, code: str) -> None:
    other = "单价" if header == "数量" else "数量"
    (tmp_path / "a.csv").write_text(
        f"编码,{header},{other}\nA,5,2\nB,{text},3\nC,6,4\n", encoding="utf-8"
    )
    out = understand(tmp_path / "a.csv")
    found = [w.code for w in out.wrong if w.row == 3]
    assert found[:1] == [code] or (code == "compound" and found)


def test_what_excel_made_of_texts_is_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for cells in (
        ["编码", "规格", "数量", "单价"],
        ["A", date(2024, 1, 2), 5, "$3.5"],
        [True, "1/2", 6, "3"],
    ):
        page.append(cells)
    book.save(tmp_path / "a.xlsx")
    out = understand(tmp_path / "a.xlsx")
    assert {(w.row, w.code) for w in out.warnings if w.row} == {
        (2, "became_date"),
        (2, "currency"),
        (3, "truth"),
    }
