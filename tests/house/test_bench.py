"""`make bench` measures what it says it measures, and leaves a right book: run with tiny sizes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS = (
    "item page",
    "stock card, the next 100 rows",
    "as-of stock, all items",
    "收发存汇总, last month",
    "10 lines on 8,000 movements",
    "200 lines in one transaction",
    "1 line, 1 process",
    "100 lines, 4 processes",
    "10 lines, with the journal",
    "1 line, with the journal, 4 processes",
    "closing over 8,000 movements, ms",
    "收发存汇总 by type, last month",
    "收发存汇总 by type, this month",
    "5 of 5 hot items, 16 processes",
)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_row_is_measured_and_the_book_is_right_afterwards(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.bench", "--smoke"],
        cwd=ROOT,
        env={**os.environ, "INVENTORY_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    for row in ROWS:
        figures = next(line for line in lines if line.startswith(row)).removeprefix(row).split()
        assert float(figures[0].replace(",", "")) > 0
        assert float(figures[2]) > 0
    assert any(line.startswith("verify_ledger on ") and ": clean" in line for line in lines)
