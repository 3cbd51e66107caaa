"""A sheet being drawn and the truth about it, written out as XLSX, BIFF, HTML or text."""

import html
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

Truth = dict[str, Any]


@dataclass
class Sheet:
    """Rows of cells, merged ranges as (first row, first column, last row, last column) from 1, formats by cell."""

    name: str
    rows: list[list[Any]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, cells: list[Any]) -> int:
        """Add a row; returns its number."""
        self.rows.append(cells)
        return len(self.rows)


@dataclass
class Fixture:
    """Sheets with the truth: what each row means. ``flagged`` are cells that must not pass without a word."""

    name: str
    sheets: list[Sheet] = field(default_factory=list)
    truth: list[Truth] = field(default_factory=list)
    """Each with sheet and row beside its fields."""
    columns: dict[str, str] = field(default_factory=dict)
    """Field → header that must be found without help."""
    header_row: int = 1
    shape: str = "list"
    flagged: set[tuple[str, int, str]] = field(default_factory=set)
    """(sheet, row, field) whose value no one can know: it must be absent, or come with a warning."""
    clean: bool = True
    epoch_1904: bool = False
    answers: dict[str, str] = field(default_factory=dict)

    def expect(self, sheet: Sheet, row: int, **values: Any) -> None:
        self.truth.append(
            {
                "sheet": sheet.name,
                "row": row,
                **{k: v for k, v in values.items() if v not in {"", None}},
            }
        )


def write_xlsx(fixture: Fixture, path: Path) -> Path:
    book = openpyxl.Workbook()
    if fixture.epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    book.remove(book.active)
    for sheet in fixture.sheets:
        page = book.create_sheet(sheet.name)
        for number, cells in enumerate(sheet.rows, 1):
            for at, value in enumerate(cells, 1):
                if value not in {"", None}:
                    cell = page.cell(
                        number, at, float(value) if isinstance(value, Decimal) else value
                    )
                    if isinstance(value, str) and value.startswith(("=", "#")):
                        cell.data_type = "s"
                    if (number, at) in sheet.formats:
                        cell.number_format = sheet.formats[number, at]
        for top, left, bottom, right in sheet.merges:
            page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    book.save(path)
    return path


def write_xls(fixture: Fixture, path: Path) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = fixture.epoch_1904
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for sheet in fixture.sheets:
        page = book.add_sheet(sheet.name)
        covered = {
            (r, c)
            for t, left, b, right in sheet.merges
            for r in range(t, b + 1)
            for c in range(left, right + 1)
        }
        for top, left, bottom, right in sheet.merges:
            page.write_merge(
                top - 1, bottom - 1, left - 1, right - 1, _plain(sheet.rows[top - 1][left - 1])
            )
        for number, cells in enumerate(sheet.rows, 1):
            for at, value in enumerate(cells, 1):
                if value not in {"", None} and (number, at) not in covered:
                    style = [day] if isinstance(value, date) else []
                    page.write(number - 1, at - 1, _plain(value), *style)
    book.save(str(path))
    return path


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def write_text(fixture: Fixture, path: Path, *, encoding: str, mark: str = ",") -> Path:
    lines = []
    for cells in fixture.sheets[0].rows:
        texts = [as_text(value) for value in cells]
        quoted = [
            '"' + t.replace('"', '""') + '"' if any(c in t for c in (mark, '"', "\n")) else t
            for t in texts
        ]
        lines.append(mark.join(quoted))
    path.write_bytes(
        "\r\n".join(lines).encode(encoding)
        + "\r\n".encode(encoding if encoding != "utf-16" else "utf-16-le")
    )
    return path


def write_html(fixture: Fixture, path: Path, *, encoding: str) -> Path:
    sheet = fixture.sheets[0]
    spans = {(t, left): (b - t + 1, right - left + 1) for t, left, b, right in sheet.merges}
    covered = {
        (r, c)
        for t, left, b, right in sheet.merges
        for r in range(t, b + 1)
        for c in range(left, right + 1)
    } - set(spans)
    body = []
    for number, cells in enumerate(sheet.rows, 1):
        row = []
        for at, value in enumerate(cells, 1):
            if (number, at) not in covered:
                down, across = spans.get((number, at), (1, 1))
                row.append(
                    f'<td rowspan="{down}" colspan="{across}">{html.escape(as_text(value))}</td>'
                )
        body.append(f"<tr>{''.join(row)}</tr>")
    page = f'<html><head><meta charset="{encoding}"></head><body><table border=1>{"".join(body)}</table></body></html>'
    path.write_bytes(page.encode(encoding))
    return path
