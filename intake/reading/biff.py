"""Walks the records of a BIFF workbook for what the cell reader does not tell: the epoch, errors, hidden rows and columns.

Only lengths are followed; no record is trusted beyond the bytes that are there. Runs in the child only.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from intake.reading import limits
from intake.reading.grid import address

_FORMAT, _XF, _NUMBER, _RK, _MULRK = 0x41E, 0xE0, 0x203, 0x27E, 0xBD
_ONLY_ZEROS = re.compile(r"0{2,20}")
_MANY = 200_000
"""So many padded cells are told of a sheet."""

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
    padded: dict[str, int] = field(default_factory=dict)
    """Numbers that are shown with zeros in front: address → digits."""


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
    widths: dict[int, int] = {}
    styles: list[int] = []
    for kind, at, length in _records(stream, 0):
        if kind == _DATE_MODE:
            epoch = struct.unpack_from("<H", stream, at)[0] == 1
        elif kind == _FORMAT and length >= 5:
            number, code = _format(stream[at : at + length])
            if _ONLY_ZEROS.fullmatch(code):
                widths[number] = len(code)
        elif kind == _XF and length >= 4:
            styles.append(struct.unpack_from("<H", stream, at + 2)[0])
        elif kind == _SHEET:
            start, _state, of_kind = struct.unpack_from("<IBB", stream, at)
            if of_kind == 0:
                starts.append(start)
    padded = {at: widths[code] for at, code in enumerate(styles) if code in widths}
    return epoch, [_sheet(stream, start, padded) for start in starts]


def _format(record: bytes) -> tuple[int, str]:
    """The number of a format and its code."""
    number, _count, wide = struct.unpack_from("<HHB", record)
    return number, record[5:].decode("utf-16-le" if wide & 1 else "latin-1", "replace")


def _styled(stream: bytes, kind: int, at: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Row, column and style of the numbers in a record."""
    if kind in {_NUMBER, _RK} and length >= 6:
        yield struct.unpack_from("<HHH", stream, at)
    elif kind == _MULRK:
        row, first = struct.unpack_from("<HH", stream, at)
        for step in range((length - 6) // 6):
            yield row, first + step, struct.unpack_from("<H", stream, at + 4 + 6 * step)[0]


def _error(stream: bytes, kind: int, at: int, length: int, found: SheetExtras) -> None:
    """Keep the error that a cell shows, or whose formula came to one."""
    if kind == _BOOLERR and length >= 8:
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


def _sheet(stream: bytes, start: int, padded: dict[int, int]) -> SheetExtras:
    found = SheetExtras()
    for kind, at, length in _records(stream, start):
        for row, column, style in _styled(stream, kind, at, length) if padded else ():
            if style in padded and len(found.padded) < _MANY:
                found.padded[address(row + 1, column)] = padded[style]
        if kind == _ROW and length >= 16:
            row = struct.unpack_from("<H", stream, at)[0]
            if struct.unpack_from("<H", stream, at + 12)[0] & _HIDDEN_ROW:
                found.hidden_rows.append(row + 1)
        elif kind in {_BOOLERR, _FORMULA}:
            _error(stream, kind, at, length, found)
        elif kind == _COLINFO and length >= 10:
            first, last, _width, _format, options = struct.unpack_from("<5H", stream, at)
            if options & 1:
                found.hidden_columns += range(first, min(last, limits.COLUMNS) + 1)
    return found
