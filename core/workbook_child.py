"""The child process of ``core.workbooks``: reads a workbook from its input and prints the first rows of its sheets as JSON.

Run as ``python -m core.workbook_child ROWS SHEETS``. What it refuses is ``{"refused": code}``; any other end is a crash.
"""

import io
import json
import sys
from datetime import date, datetime
from itertools import islice
from typing import Any

from core import archives
from core.confining import confine

MEMORY = 512 * 2**20
CPU_SECONDS = 30
COLUMNS = 1_024
UNPACKED = 200 * 2**20
"""What the parts of a workbook may hold together."""
OUTPUT = 64 * 2**20
"""Characters that are handed over at most."""


class _Refused(Exception):
    """Why the workbook is not read, as a word."""


def _cell(value: object) -> Any:
    """A day or a moment as its day; everything else that JSON lacks as text."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float) else str(value)


def _check_sizes(content: bytes) -> None:
    if not content.startswith(b"PK"):
        return
    if sum(part.file_size for part in archives.parts(io.BytesIO(content))) > UNPACKED:
        raise _Refused("bomb")


def _sheets(content: bytes, rows: int, sheets: int) -> list[dict[str, Any]]:
    from python_calamine import CalamineWorkbook

    _check_sizes(content)
    found = []
    told = 0
    book = CalamineWorkbook.from_object(io.BytesIO(content))
    for name in book.sheet_names[:sheets]:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_width > COLUMNS:
            raise _Refused("columns")
        # What stands left of the first used column is no part of a row here; it is put back.
        left = [""] * (sheet.start[1] if sheet.start else 0)
        lines = []
        for cells in islice(sheet.iter_rows(), rows):
            lines.append(left + [_cell(value) for value in cells])
            told += sum(len(cell) if isinstance(cell, str) else 8 for cell in lines[-1])
            if told > OUTPUT:
                raise _Refused("memory")
        found.append({"name": name, "rows": lines})
    return found


def main() -> None:
    """Print what the input holds."""
    confine(memory=MEMORY, seconds=CPU_SECONDS)
    answer: dict[str, Any]
    try:
        content = sys.stdin.buffer.read()
        answer = {"sheets": _sheets(content, int(sys.argv[1]), int(sys.argv[2]))}
    except _Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "memory"}
    except Exception:  # the readers raise many kinds for a broken file
        answer = {"refused": "broken"}
    sys.stdout.buffer.write(json.dumps(answer).encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
