"""Writes rows as a workbook in which a text stays a text, a figure a figure and a day a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO

import xlsxwriter

Cell = str | int | Decimal | date | None


def workbook(name: str, rows: Iterable[Sequence[Cell]], heads: int = 1) -> bytes:
    """One sheet; the first ``heads`` rows are bold and stay in sight."""
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(name[:31])
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(heads, 0)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell, bold if number < heads else None)
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write_number(number, column, cell)
    return target.getvalue()
