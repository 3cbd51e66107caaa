"""Reading and understanding a sheet of movements, against the fastest kept reader in Python alone.

Runs by itself, without a database: ``python -m scripts.bench.sheets [ROWS]``.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django
import xlsxwriter
from python_calamine import CalamineWorkbook

HEADER = (
    "日期",
    "单据号",
    "供应商",
    "存货编码",
    "存货名称",
    "规格型号",
    "单位",
    "入库数量",
    "单价",
    "金额",
)


FEW, MANY = (1, 3, 5, 2, 4), (500,)
"""Lines of the documents of a sheet, in turn."""


@dataclass(frozen=True)
class Times:
    """Best of the rounds: seconds on the clock and of the processors, the child's included."""

    alone: tuple[float, float]
    read: tuple[float, float]
    understood: tuple[float, float]
    rows: int
    child_peak: int
    """Megabytes of the child at its peak."""
    peak: int
    """Megabytes of this process at its peak."""


def write(path: Path, rows: int, lines: Sequence[int] = FEW) -> None:
    """A sheet of receipts as an ERP exports it, in the order of their days; documents have so many lines in turn."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    page = book.add_worksheet("入库")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    page.write_row(0, 0, HEADER)
    number = left = 0
    for n in range(rows):
        if not left:
            left = lines[number % len(lines)]
            number += 1
        left -= 1
        quantity, price = n % 97 + 1, (n % 1_000) / 100 + 1
        page.write_datetime(n + 1, 0, date(2023, 1, 1) + timedelta(days=number * 300 // rows), day)  # type: ignore[arg-type]
        cells = [
            f"RK{number:06}",
            f"供应商{number % 50}",
            f"A{n * 7 % 3_000:05}",
            f"物料{n * 7 % 3_000}",
            f"M{n * 7 % 3_000 % 20}",
            "个",
        ]
        page.write_row(
            n + 1, 1, [*cells, quantity, round(price, 2), round(quantity * round(price, 2), 2)]
        )
    book.close()


def _cpu() -> float:
    return sum(os.times()[:4])


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    wall, cpu = time.perf_counter(), _cpu()
    result = work()
    return time.perf_counter() - wall, _cpu() - cpu, result


def compare(rows: int, rounds: int = 3) -> Times:
    """Measure in turns, so that the ratios hold on a busy machine too."""
    import resource

    from intake.reading.launch import open_book
    from intake.understanding.understand import understand

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "movements.xlsx"
        write(path, rows)
        alone, read, understood = [], [], []
        count = 0
        for _round in range(rounds):
            alone.append(
                _timed(
                    lambda: list(CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())
                )[:2]
            )
            read.append(_timed(lambda: open_book(path))[:2])
            wall, cpu, out = _timed(lambda: understand(path))
            understood.append((wall, cpu))
            count = len(out.rows) if not out.wrong else 0
        peaks = [
            resource.getrusage(who).ru_maxrss // 1024
            for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
        ]
    best = [
        (min(w for w, _c in times), min(c for _w, c in times))
        for times in (alone, read, understood)
    ]
    return Times(best[0], best[1], best[2], count, peaks[0], peaks[1])


def main() -> int:
    """Print the table; 1 if rows are missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    django.setup()
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    found = compare(rows)
    print(
        f"{rows:,} rows × {len(HEADER)} columns{'wall s':>16}{'CPU s':>10}{'ratio':>10}{'CPU ratio':>12}"
    )
    for name, (wall, cpu) in (
        ("calamine alone", found.alone),
        ("read", found.read),
        ("read and understood", found.understood),
    ):
        print(
            f"{name:<28}{wall:>14.2f}{cpu:>10.2f}{wall / found.alone[0]:>10.2f}{cpu / found.alone[1]:>12.2f}"
        )
    print(
        f"memory at its peak, MB: child {found.child_peak}, this process {found.peak}; load {os.getloadavg()[0]:.1f}"
    )
    return 0 if found.rows == rows else 1


if __name__ == "__main__":
    sys.exit(main())
