"""Writes exactly what a list shows, all pages of it, as CSV or XLSX."""

import csv
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from core.columns import Amounts, Column
from core.fields import plain

if TYPE_CHECKING:
    from core.tables import View

KINDS = ("csv", "xlsx")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins like this is a formula to a spreadsheet."""
SHEET_ROWS = 1_000_000
"""A sheet holds a little more; the rest goes to the next one."""
_CELL = 32_767
"""The longest text that a cell of a spreadsheet takes."""


LARGE = 20_000
"""More rows than this are written in the background where somebody has registered for it."""
Later = Callable[["View", str, int], HttpResponse]
_later: list[Later] = []


def register_later(starter: Later) -> None:
    """Let ``starter(view, kind, rows)`` write large files in the background; it answers where to wait."""
    _later[:] = [starter]


def answer(view: "View", kind: str) -> HttpResponseBase:
    """The file at once, or where it will be."""
    rows = _count(view)
    if _later and rows > LARGE and not hasattr(view.request, "export_progress"):
        return _later[0](view, kind, rows)
    return file(view, kind)


def file(view: "View", kind: str) -> StreamingHttpResponse | FileResponse:
    """The answer with the file; its name says what it holds, when, and how many rows."""
    called = view.table.file or view.table.name
    name = f"{called}-{timezone.localdate().isoformat()}-{_count(view)}.{kind}"
    response = _csv(view) if kind == "csv" else _xlsx(view)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response


def defuse(text: str) -> str:
    """Text that a spreadsheet would run as a formula, made harmless by a leading apostrophe."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _count(view: "View") -> int:
    """Every row, also beyond what a page counts."""
    if isinstance(view.rows, QuerySet):
        return view.rows.order_by().count()
    exact = getattr(view.rows, "exact", None)
    return int(exact()) if exact else len(view.rows)


def _rows(view: "View") -> Iterator[Any]:
    """Every row; a request of the background is told of each thousand."""
    rows = view.rows
    progress = getattr(view.request, "export_progress", None)
    found = rows.iterator(chunk_size=2_000) if isinstance(rows, QuerySet) else iter(rows)
    for number, row in enumerate(found):
        if progress is not None and number % 1_000 == 0:
            progress(number)
        yield row


def _filed(column: Column, row: Any) -> Any:
    """What a file holds of a cell: several amounts as their sum."""
    value = column.of(row)
    return value.total if isinstance(value, Amounts) else value


class _Echo(Protocol):
    def write(self, text: str) -> str: ...


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv(view: "View") -> StreamingHttpResponse:
    target: _Echo = _Line()
    writer = csv.writer(target)
    labels = [defuse(str(column.label)) for column in view.columns]
    zone = timezone.get_current_timezone()

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(labels)
        for row in _rows(view):
            yield writer.writerow([_csv_cell(_filed(column, row), zone) for column in view.columns])

    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")


def _csv_cell(value: Any, zone: tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return defuse(str(value))


def _xlsx(view: "View") -> FileResponse:
    target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(
        target.name,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "amounts": book.add_format({"num_format": "#,##0.00"}),
        "unit_cost": book.add_format({"num_format": "#,##0.00####"}),
        "code": book.add_format({"num_format": "@"}),
    }
    sheet: Worksheet | None = None
    line = 0
    for row in _rows(view):
        if sheet is None or line > SHEET_ROWS:
            sheet, line = _sheet(book, view.columns, formats["head"]), 1
        for place, column in enumerate(view.columns):
            _write(sheet, (line, place), column, _filed(column, row), formats)
        line += 1
    if sheet is None:
        _sheet(book, view.columns, formats["head"])
    book.close()
    target.seek(0)
    return FileResponse(
        target,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _sheet(book: xlsxwriter.Workbook, columns: list[Column], head: Any) -> Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 14 if column.numeric else 20)
        sheet.write_string(0, place, str(column.label), head)
    return sheet


def _write(
    sheet: Worksheet, at: tuple[int, int], column: Column, value: Any, formats: dict[str, Any]
) -> None:
    """One cell: figures and dates as such, everything else as text."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(*at, _("yes") if value else _("no"))
    elif isinstance(value, Decimal | int) and column.kind != "code":
        sheet.write_number(*at, value, formats.get(column.kind))
    elif isinstance(value, datetime):
        local = timezone.localtime(value).replace(tzinfo=None)
        sheet.write_datetime(*at, local, formats["datetime"])
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, formats["date"])
    else:
        style = formats["code"] if column.kind == "code" else None
        sheet.write_string(*at, str(value)[:_CELL], style)
