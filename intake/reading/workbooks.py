"""Reads XLSX and BIFF workbooks through calamine, one sheet at a time. Runs in the child only."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from intake.reading import biff, limits, sniff
from intake.reading.ooxml import Package
from intake.reading.sniff import Refused

Message = dict[str, Any]


def messages(path: Path, kind: str) -> Iterator[Message]:
    """The workbook as messages for the parent; raises Refused."""
    beside, epoch_1904 = _beside(path, kind)
    yield {"book": {"kind": "xlsx" if kind == "zip" else "xls", "epoch_1904": epoch_1904}}
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            sheets = [m for m in workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
            if len(sheets) > limits.SHEETS:
                raise Refused("too_many_sheets", limit=limits.SHEETS)
            for number, facts in enumerate(sheets):
                extras = beside(number, facts.name)
                sheet = workbook.get_sheet_by_name(facts.name)
                hidden = facts.visible != SheetVisibleEnum.Visible
                told = {"name": facts.name, "hidden": hidden, "merges": _merges(sheet)}
                yield {"sheet": {**told, **extras}}
                yield from _rows(sheet)
    except PasswordError as error:
        raise Refused("password") from error
    except CalamineError as error:
        raise Refused("password" if "password" in str(error).lower() else "broken") from error


def _beside(path: Path, kind: str) -> tuple[Callable[[int, str], Message], bool]:
    """What gives the facts beside a sheet's cells, by its number and name; and whether days are counted from 1904."""
    if kind == "zip":
        package = Package(str(path))
        parts = package.sheets()
        return (
            lambda _number, name: asdict(package.extras(parts[name])) if name in parts else {},
            package.epoch_1904,
        )
    data = path.read_bytes()
    sniff.check_ole(data)
    epoch_1904, sheets = biff.look(data)
    return lambda number, _name: asdict(sheets[number]) if number < len(sheets) else {}, epoch_1904


def _merges(sheet: CalamineSheet) -> list[tuple[int, int, int, int]]:
    return [
        (top + 1, left, bottom + 1, right)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]


def _rows(sheet: CalamineSheet) -> Iterator[Message]:
    """Rows that hold anything, in blocks; cells left of the first used column are filled in."""
    if sheet.start is None:
        return
    if sheet.total_width > limits.COLUMNS:
        raise Refused("too_many_columns", limit=limits.COLUMNS)
    left = [""] * sheet.start[1]
    numbered = enumerate(sheet.iter_rows(), 1)
    if left:
        full = ((n, left + cells) for n, cells in numbered if cells.count("") != len(cells))
    else:
        full = ((n, cells) for n, cells in numbered if cells.count("") != len(cells))
    while block := list(islice(full, limits.BLOCK)):
        yield {"rows": block}
