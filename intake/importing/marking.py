"""The file in its own layout with its errors marked: red cells, and what is wrong in a column of its own.

It is written anew from the cells that were read, never from the file: no formula, macro or link of it comes along, and a
text that a sheet would take for a formula is written as text.
"""

import io
from collections import defaultdict
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from intake.importing import storing
from intake.importing.found import Prepared
from intake.models import Import
from intake.reading.grid import Grid, place_of
from intake.reading.launch import open_book


def workbook(job: Import, out: Prepared) -> bytes:
    """An XLSX file with every sheet that has rows. Raises Refusal for a file that cannot be read."""
    book = open_book(storing.path_of(job), job.name)
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    made = xlsxwriter.Workbook(target, options)
    red = made.add_format({"bg_color": "#FCE8E6", "font_color": "#B3261E", "border": 1})
    said = made.add_format({"font_color": "#B3261E", "text_wrap": True})
    days = made.add_format({"num_format": "yyyy-mm-dd"})
    taken: set[str] = set()
    for grid in book.grids:
        if grid.rows:
            sheet = made.add_worksheet(_title(grid.name, taken))
            _fill(sheet, grid, out, {"red": red, "said": said, "day": days})
    made.close()
    return target.getvalue()


def _title(name: str, taken: set[str]) -> str:
    """A name that Excel takes, once."""
    title = "".join("_" if letter in "[]:*?/\\" else letter for letter in name)[:28].strip("'") or "Sheet"
    number = 2
    base = title
    while title.casefold() in taken:
        title, number = f"{base}{number}", number + 1
    taken.add(title.casefold())
    return title


def _fill(sheet: Any, grid: Grid, out: Prepared, formats: dict[str, Any]) -> None:
    wrong: dict[tuple[int, int], str] = {}
    rows: dict[int, list[str]] = defaultdict(list)
    for problem in out.problems:
        if problem.sheet != grid.name or not problem.row:
            continue
        place = place_of(problem.cell)
        if place:
            wrong[place] = problem.message
        if problem.message not in rows[problem.row]:
            rows[problem.row].append(problem.message)
    width = max(len(cells) for _number, cells in grid.rows)
    heads = {table.header_row for table in out.understanding.tables if table.sheet == grid.name}
    for number, cells in grid.rows:
        for at, cell in enumerate(cells):
            bad = (number, at) in wrong
            _cell(sheet, number - 1, at, cell, formats["red"] if bad else None, formats["day"])
        if number in heads:
            sheet.write_string(number - 1, width, _("What is wrong"), formats["said"])
        if number in rows:
            sheet.write_string(number - 1, width, " ".join(rows[number]), formats["said"])
    for (number, at), _message in wrong.items():
        if all(number != known or at >= len(cells) for known, cells in grid.rows):
            sheet.write_string(number - 1, at, "", formats["red"])
    sheet.set_column(width, width, 60)


def _cell(sheet: Any, row: int, at: int, cell: Any, style: Any, days: Any) -> None:
    if cell == "" and style is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, at, cell, style)
    elif isinstance(cell, int | float):
        sheet.write_number(row, at, cell, style)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, at, cell.replace(tzinfo=None), style or days)
    elif isinstance(cell, date):
        sheet.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), style or days)  # noqa: DTZ001
    elif isinstance(cell, time):
        sheet.write_string(row, at, cell.isoformat(), style)
    else:
        sheet.write_string(row, at, str(cell), style)
