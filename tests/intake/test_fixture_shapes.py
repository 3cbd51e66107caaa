"""The fifteen fixture shapes: headers found and mapped without help, and not one value that is wrong in silence.

Every value that comes out is compared with the truth. The sheets are drawn anew from seeds, in both languages, so
that the reader fits no one instance of them.
"""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from intake.understanding.result import Understanding
from intake.understanding.understand import understand
from intake.understanding.words import folded
from tests.intake.sheets import paper
from tests.intake.sheets.noise import disturb
from tests.intake.sheets.paper import Fixture
from tests.intake.sheets.shapes import SHAPES

SEEDS = range(4)
LANGUAGES = (True, False)


def written(fixture: Fixture, folder: Path, seed: int) -> Path:
    """In the form that the shape is about, else XLSX or BIFF in turns."""
    name = fixture.name.lower()
    chinese = any(
        "\u4e00" <= c <= "\u9fff"
        for row in fixture.sheets[0].rows
        for cell in row
        for c in str(cell)
    )
    if fixture.name == "F4":
        encodings = (
            ["gb18030", "utf-8", "utf-8-sig", "utf-16", "gbk"]
            if chinese
            else ["utf-8", "utf-16", "utf-8-sig"]
        )
        mark = ",;\t"[seed % 3]
        return paper.write_text(
            fixture, folder / f"{name}.csv", encoding=encodings[seed % len(encodings)], mark=mark
        )
    if fixture.name == "F9":
        return paper.write_html(
            fixture, folder / f"{name}.xls", encoding=["utf-8", "gb2312", "gbk"][seed % 3]
        )
    if seed % 2 and fixture.name != "F10":
        return paper.write_xls(fixture, folder / f"{name}.xls")
    return paper.write_xlsx(fixture, folder / f"{name}.xlsx")


def told(out: Understanding, sheet: str, row: int, field: str) -> bool:
    """Whether the value of a field of a row is said to be wrong or uncertain."""
    if any(w.sheet == sheet and w.row == row and w.field == field for w in out.wrong):
        return True
    return any(w.sheet == sheet and w.row == row for w in out.warnings)


def compare(fixture: Fixture, out: Understanding) -> list[str]:
    """Everything that differs from the truth without a word."""
    wrong = []
    expected: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for truth in fixture.truth:
        expected.setdefault((truth["sheet"], truth["row"]), []).append(truth)
    single = len(fixture.sheets) == 1
    found: Counter[tuple[str, int]] = Counter()
    for row in out.rows:
        sheet = fixture.sheets[0].name if single else out.tables[row.table].sheet
        key = (sheet, row.number)
        found[key] += 1
        values = {f: v.value for f, v in row.values.items() if v.value not in {None, ""}}
        if "quantity" in values and out.tables[row.table].direction and fixture.name == "F13":
            values[f"quantity_{out.tables[row.table].direction}"] = values.pop("quantity")
        options = expected.get(key, [])
        misses = [_differences(values, truth, out, fixture) for truth in options]
        best = min(misses, key=len, default=[f"row {key} is no row of the truth: {values}"])
        if not best and options:
            options.pop(misses.index([]))
        wrong += best
    for (sheet, number), left in expected.items():
        for truth in left:
            if (
                found[sheet, number] == 0
                or (len(left) and fixture.shape in {"size_matrix", "day_grid"})
                or fixture.name == "F13"
            ):
                wrong.append(f"missing: {truth}")
    return wrong


def _differences(
    values: dict[str, Any], truth: dict[str, Any], out: Understanding, fixture: Fixture
) -> list[str]:
    sheet, row = truth["sheet"], truth["row"]
    real = out.tables[0].sheet if len(fixture.sheets) == 1 else sheet
    differ = []
    for field in values.keys() | (truth.keys() - {"sheet", "row"}):
        if field.startswith("counted_") and field in truth:
            continue
        ours, theirs = values.get(field), truth.get(field)
        if field in {"remark", "person"} and isinstance(theirs, str):
            theirs = theirs.strip()
        if same(ours, theirs):
            continue
        if ours is None and told(out, real, row, field):
            continue
        differ.append(f"{fixture.name} {sheet}!{row} {field}: {ours!r} is not {theirs!r}")
    for where, number, field in fixture.flagged:
        if (
            (where, number) == (sheet, row)
            and field in {"date", "quantity", "barcode"}
            and not told(out, real, row, field)
        ):
            differ.append(f"{fixture.name} {sheet}!{row} {field}: nothing was said about it")
    return differ


def same(ours: object, theirs: object) -> bool:
    if isinstance(theirs, str) and isinstance(ours, str):
        return folded(ours) == folded(theirs)
    if isinstance(theirs, Decimal | int) and isinstance(ours, Decimal):
        return ours == Decimal(theirs)
    if isinstance(theirs, date) and isinstance(ours, date) and not isinstance(ours, datetime):
        return ours == theirs
    return ours is None and theirs is None


def mapped(fixture: Fixture, out: Understanding) -> list[str]:
    """What of the header was not found or not mapped without help."""
    missed = []
    table = out.tables[0] if out.tables else None
    if table is None or table.header_row != fixture.header_row:
        return [f"header {table and table.header_row} instead of {fixture.header_row}"]
    if table.shape != fixture.shape:
        missed.append(f"shape {table.shape} instead of {fixture.shape}")
    names = {c.field: folded(c.header) for c in table.columns if c.field}
    for field, header in fixture.columns.items():
        wanted = {"moved": "quantity", "style": "item"}.get(field, field)
        if not names.get(wanted, "").endswith(folded(header)):
            missed.append(
                f"{field}: {header!r} → {[f for f, h in names.items() if h.endswith(folded(header))]}"
            )
    missed += [
        f"asked: {q.id} {q.text} {q.samples}"
        for q in out.open_questions
        if q.kind not in {"date_order", "year", "purpose"}
    ]
    return missed


def understood(
    shape: str, seed: int, folder: Path, *, chinese: bool
) -> tuple[Fixture, Understanding]:
    fixture = SHAPES[shape](seed, chinese=chinese)
    return fixture, understand(written(fixture, folder, seed))


@pytest.mark.parametrize("chinese", LANGUAGES, ids=["zh", "en"])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_value_is_wrong_in_silence(shape: str, seed: int, chinese: bool, tmp_path: Path) -> None:
    fixture, out = understood(shape, seed, tmp_path, chinese=chinese)
    assert compare(fixture, out) == []
    assert len({(t["sheet"], t["row"]) for t in fixture.truth}) <= sum(t.rows for t in out.tables)


@pytest.mark.parametrize("chinese", LANGUAGES, ids=["zh", "en"])
@pytest.mark.parametrize("seed", range(100, 104))
@pytest.mark.parametrize("shape", SHAPES)
def test_noise_changes_no_value(shape: str, seed: int, chinese: bool, tmp_path: Path) -> None:
    fixture = disturb(SHAPES[shape](seed, chinese=chinese), seed)
    out = understand(written(fixture, tmp_path, seed))
    assert compare(fixture, out) == []
    assert not fixture.clean or mapped(fixture, out) == []


@pytest.mark.parametrize("chinese", LANGUAGES, ids=["zh", "en"])
@pytest.mark.parametrize("seed", SEEDS)
def test_headers_are_found_and_mapped_without_help(
    seed: int, chinese: bool, tmp_path: Path
) -> None:
    missed = {}
    clean = set()
    for shape in SHAPES:
        fixture, out = understood(shape, seed, tmp_path, chinese=chinese)
        clean |= {shape} if fixture.clean else set()
        if found := mapped(fixture, out):
            missed[shape] = found
    assert not clean & missed.keys(), {shape: missed[shape] for shape in clean & missed.keys()}
    assert len(SHAPES) - len(missed) >= 13, missed


@pytest.mark.parametrize("seed", SEEDS)
def test_a_balance_that_breaks_is_said_where_it_breaks(seed: int, tmp_path: Path) -> None:
    fixture, out = understood("F3", seed, tmp_path, chinese=True)
    rows = {row for _s, row, what in fixture.flagged if what == "balance_breaks"}
    assert rows <= {w.row for w in out.warnings if w.code == "balance_breaks"}
