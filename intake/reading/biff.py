"""Walks the records of a BIFF workbook for what the cell reader does not tell: the epoch, errors, hidden rows and columns.

Only lengths are followed; no record is trusted beyond the bytes that are there. Runs in the child only.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from intake.reading import limits
from intake.reading.grid import address

_END = 0xFFFFFFFA
_DATE_MODE, _SHEET, _BOF, _EOF = 0x22, 0x85, 0x809, 0x0A
_ROW, _COLINFO, _BOOLERR, _FORMULA = 0x208, 0x7D, 0x205, 0x06
_HIDDEN_ROW = 0x20
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_FORMULA_ERROR = 2


@dataclass(slots=True)
class SheetExtras:
    """What stands beside the cells of one sheet."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    error_cells: dict[str, str] = field(default_factory=dict)


def look(data: bytes) -> tuple[bool, list[SheetExtras]]:
    """Whether days are counted from 1904, and the extras of each sheet; nothing of either if the file is odd."""
    try:
        stream = _workbook(data)
        return _walk(stream)
    except (struct.error, IndexError, ValueError):
        return False, []


def _workbook(data: bytes) -> bytes:
    """The stream of the workbook, put together from its sectors."""
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in {9, 12}:
        raise ValueError(shift)
    size = 1 << shift
    table = list(struct.unpack_from("<109I", data, 76))
    more = struct.unpack_from("<I", data, 68)[0]
    for _n in range(64):
        if more >= _END:
            break
        entries = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        table += entries[:-1]
        more = entries[-1]
    fat: list[int] = []
    for sector in table:
        if sector < _END:
            fat += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    directory = _chain(data, fat, struct.unpack_from("<I", data, 48)[0], size)
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        if name in {"Workbook", "Book"}:
            start, count = struct.unpack_from("<II", directory, at + 116)
            return _chain(data, fat, start, size)[:count]
    raise ValueError("no workbook")


def _chain(data: bytes, fat: list[int], sector: int, size: int) -> bytes:
    """The sectors that follow each other from ``sector`` on; a ring ends where it would repeat."""
    parts = []
    seen: set[int] = set()
    while sector < _END and sector < len(fat) and sector not in seen:
        seen.add(sector)
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = fat[sector]
    return b"".join(parts)


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and length of the records from ``start`` to the end of that part."""
    at = start
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += kind == _BOF
        if kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        yield kind, at + 4, length
        at += 4 + length


def _walk(stream: bytes) -> tuple[bool, list[SheetExtras]]:
    epoch = False
    starts = []
    for kind, at, _length in _records(stream, 0):
        if kind == _DATE_MODE:
            epoch = struct.unpack_from("<H", stream, at)[0] == 1
        elif kind == _SHEET:
            start, _state, of_kind = struct.unpack_from("<IBB", stream, at)
            if of_kind == 0:
                starts.append(start)
    return epoch, [_sheet(stream, start) for start in starts]


def _sheet(stream: bytes, start: int) -> SheetExtras:
    found = SheetExtras()
    for kind, at, length in _records(stream, start):
        if kind == _ROW and length >= 16:
            row = struct.unpack_from("<H", stream, at)[0]
            if struct.unpack_from("<H", stream, at + 12)[0] & _HIDDEN_ROW:
                found.hidden_rows.append(row + 1)
        elif kind == _BOOLERR and length >= 8:
            row, column, _format, value, is_error = struct.unpack_from("<HHHBB", stream, at)
            if is_error:
                found.error_cells[address(row + 1, column)] = _ERRORS.get(value, "#?")
        elif (
            kind == _FORMULA
            and length >= 14
            and stream[at + 12 : at + 14] == b"\xff\xff"
            and stream[at + 6] == _FORMULA_ERROR
        ):
            row, column = struct.unpack_from("<HH", stream, at)
            found.error_cells[address(row + 1, column)] = _ERRORS.get(stream[at + 8], "#?")
        elif kind == _COLINFO and length >= 10:
            first, last, _width, _format, options = struct.unpack_from("<5H", stream, at)
            if options & 1:
                found.hidden_columns += range(first, min(last, limits.COLUMNS) + 1)
    return found
