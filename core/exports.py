"""Writes exactly what a list shows, all pages of it, as CSV or XLSX."""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from core.fields import plain

if TYPE_CHECKING:
    from core.tables import View

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins like this is a formula to a spreadsheet."""


def file(view: "View", kind: str) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """The answer with the file; its name says what it holds, when, and how many rows."""
    name = f"{view.table.name}-{timezone.localdate().isoformat()}-{view.total()}.{kind}"
    response = _csv(view) if kind == "csv" else _xlsx(view)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response


def defuse(text: str) -> str:
    """Text that a spreadsheet would run as a formula, made harmless by a leading apostrophe."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _rows(view: "View") -> Iterator[Any]:
    rows = view.rows
    if isinstance(rows, QuerySet):
        return rows.iterator(chunk_size=2_000)
    return iter(rows)


def _csv(view: "View") -> StreamingHttpResponse:
    class Line:
        def write(self, text: str) -> str:
            return text

    writer = csv.writer(Line())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow([defuse(str(column.label)) for column in view.columns])
        for row in _rows(view):
            yield writer.writerow([_csv_cell(column.of(row)) for column in view.columns])

    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return defuse(str(value))


def _xlsx(view: "View") -> FileResponse:
    target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(
        target.name,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(view.columns):
        sheet.set_column(place, place, 14 if column.numeric else 20)
        sheet.write_string(0, place, str(column.label), bold)
    for line, row in enumerate(_rows(view), 1):
        for place, column in enumerate(view.columns):
            value = column.of(row)
            if value is None or value == "":
                continue
            if isinstance(value, Decimal) or (isinstance(value, int) and column.numeric):
                sheet.write_number(line, place, value)
            elif isinstance(value, datetime):
                local = timezone.localtime(value).replace(tzinfo=None)
                sheet.write_datetime(line, place, local, moments)
            elif isinstance(value, date):
                sheet.write_datetime(line, place, value, dates)
            else:
                sheet.write_string(line, place, str(value)[:32_767])
    book.close()
    content = io.BytesIO(target.read())
    target.close()
    return FileResponse(
        content,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
