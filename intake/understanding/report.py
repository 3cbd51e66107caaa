"""Shows an understanding: as plain data, as groups of faults, and as a CSV of every value."""

import csv
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from intake.understanding.cells import Known
from intake.understanding.result import Understanding, plain

DUMPED = ("sheet", "row", "field", "raw", "value", "rule")
_LISTED = 5_000
"""So many faults and warnings are listed in an answer; all of them are counted."""
_FORMULA = ("=", "+", "@", "\t", "\r", "-")


@dataclass(slots=True)
class Group:
    """Faults that are alike and can be mended at once."""

    code: str
    field: str
    raw: str
    message: str
    proposal: str
    rows: list[tuple[str, int, str]] = dataclasses.field(default_factory=list)
    """(sheet, row, cell)"""


def groups(out: Understanding) -> list[Group]:
    """The faults by what they have in common: code, field and the text of the cell; the largest first."""
    found: dict[tuple[str, str, str], Group] = {}
    for fault in out.wrong:
        group = found.setdefault(
            (fault.code, fault.field, fault.raw),
            Group(fault.code, fault.field, fault.raw, fault.message, fault.proposal),
        )
        group.rows.append((fault.sheet, fault.row, fault.cell))
    return sorted(found.values(), key=lambda group: -len(group.rows))


def as_dict(out: Understanding) -> dict[str, Any]:
    """The answer of the command; its names are public."""
    first = out.tables[0] if out.tables else None
    sheets: dict[str, list[dict[str, object]]] = {}
    for table in out.tables:
        sheets.setdefault(table.sheet, []).append(table.as_dict())
    bad = len(out.wrong_rows)
    rows = sum(table.rows for table in out.tables)
    return {
        "file": out.file,
        "sha256": out.sha256,
        "kind": out.kind,
        "encoding": out.encoding,
        "shape": out.shape,
        "as": first.purpose if first else "",
        "sheets": [{"name": name, "tables": tables} for name, tables in sheets.items()],
        "header_row": first.header_row if first else 0,
        "columns": _columns(out),
        "rows": rows,
        "understood": rows - min(bad, rows),
        "wrong": [fault.as_dict() for fault in out.wrong[:_LISTED]],
        "wrong_count": len(out.wrong),
        "groups": [_group(group) for group in groups(out)[:_LISTED]],
        "warnings": [warning.as_dict() for warning in out.warnings[:_LISTED]],
        "warnings_count": len(out.warnings),
        "totals": [total.as_dict() for total in out.totals],
        "questions": [question.as_dict() for question in out.questions],
        "documents": [],
    }


def _columns(out: Understanding) -> dict[str, dict[str, object]]:
    """Field → header with confidence; of several tables, the first that has the field."""
    found: dict[str, dict[str, object]] = {}
    for table in out.tables:
        for column in table.columns:
            if column.field:
                found.setdefault(column.field, column.as_dict())
    return found


def _group(group: Group) -> dict[str, object]:
    return {
        "code": group.code,
        "field": group.field,
        "raw": group.raw,
        "message": group.message,
        "proposal": group.proposal,
        "count": len(group.rows),
        "cells": [cell for _sheet, _row, cell in group.rows[:10]],
    }


def dumped(out: Understanding) -> Iterator[tuple[str, int, str, str, str, str]]:
    """Every understood value as sheet, row, field, raw, value, rule."""
    for row in out.rows:
        sheet = out.tables[row.table].sheet
        for name, value in row.values.items():
            yield sheet, row.number, name, value.raw, as_text(value.value), value.rule


def write_dump(out: Understanding, file: IO[str]) -> int:
    """Write every understood value as CSV, texts that a sheet would take for a formula marked; returns their number."""
    writer = csv.writer(file)
    writer.writerow(DUMPED)
    count = 0
    for sheet, row, name, raw, value, rule in dumped(out):
        writer.writerow([neutral(sheet), row, name, neutral(raw), neutral(value), rule])
        count += 1
    return count


def neutral(text: str) -> str:
    """A text that no sheet takes for a formula; numbers stay as they are."""
    if not text.startswith(_FORMULA):
        return text
    try:
        Decimal(text)
    except ArithmeticError:
        return f"'{text}"
    return text


def as_text(value: Known) -> str:
    """A value the way the dump writes it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value if isinstance(value, str) else value.isoformat()
