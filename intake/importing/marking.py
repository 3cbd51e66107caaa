"""The file in its own layout with its errors marked: red cells, and what is wrong in a column of its own.

It is written anew from the cells that were read, never from the file: no formula, macro or link of it comes along, and a
text that a sheet would take for a formula is written as text.
"""

import io
from collections import defaultdict
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext as _

from intake.importing import storing
from intake.importing.found import Prepared
from intake.models import Import
from intake.reading.grid import Grid, place_of
from intake.reading.launch import open_book
from workflows import attachments


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


def keep(job: Import, out: Prepared) -> None:
    """Put the workbook of a large file aside, so that nobody waits for it; those of looks before go."""
    place = _place(job)
    place.parent.mkdir(parents=True, exist_ok=True)
    for old in place.parent.glob(f"{job.key}-*.xlsx"):
        old.unlink(missing_ok=True)
    attachments.put(place, workbook(job, out))


def kept(job: Import) -> bytes | None:
    """The workbook that was put aside for this look; None if there is none."""
    try:
        return _place(job).read_bytes()
    except FileNotFoundError:
        return None


def _place(job: Import) -> Path:
    return Path(settings.MEDIA_ROOT) / "imports" / "marked" / f"{job.key}-{job.version}.xlsx"


def _title(name: str, taken: set[str]) -> str:
    """A name that Excel takes, once."""
    title = (
        "".join("_" if letter in "[]:*?/\\" else letter for letter in name)[:28].strip("'")
        or "Sheet"
    )
    number = 2
    base = title
    while title.casefold() in taken:
        title, number = f"{base}{number}", number + 1
    taken.add(title.casefold())
    return title


def _fill(sheet: Any, grid: Grid, out: Prepared, formats: dict[str, Any]) -> None:
    wrong, rows = _faults(grid, out)
    width = max(len(cells) for _number, cells in grid.rows)
    heads = {table.header_row for table in out.understanding.tables if table.sheet == grid.name}
    for number, cells in grid.rows:
        # A missing cell is marked as well as a wrong one.
        for at in range(width):
            cell = cells[at] if at < len(cells) else ""
            style = formats["red"] if (number, at) in wrong else None
            _cell(sheet, number - 1, at, cell, style, formats["day"])
        if number in heads:
            sheet.write_string(number - 1, width, _("What is wrong"), formats["said"])
        if number in rows:
            sheet.write_string(number - 1, width, " ".join(rows[number]), formats["said"])
    sheet.set_column(width, width, 60)


def _faults(grid: Grid, out: Prepared) -> tuple[set[tuple[int, int]], dict[int, list[str]]]:
    """The wrong cells of a sheet, and what is wrong by row."""
    wrong: set[tuple[int, int]] = set()
    rows: dict[int, list[str]] = defaultdict(list)
    for problem in out.problems:
        if problem.sheet != grid.name or not problem.row:
            continue
        place = place_of(problem.cell)
        if place:
            wrong.add(place)
        if problem.message not in rows[problem.row]:
            rows[problem.row].append(problem.message)
    return wrong, rows


def _cell(sheet: Any, row: int, at: int, cell: Any, style: Any, days: Any) -> None:
    if cell == "":
        if style is not None:
            sheet.write_blank(row, at, None, style)
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
