"""Groups problems that are alike, with the mends that each group allows and what may be meant, best first."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from intake.importing.found import Prepared, Problem
from intake.importing.mends import CHOICES
from intake.resolving.catalogue import Catalogue
from intake.understanding import beyond

MOST_VALUES = 50
"""So many texts of a group are shown; all of them are counted."""
_MOST_ROWS = 20
SURE = 0.9
"""From this likeness on the best candidate is offered as the one tap."""


def groups(out: Prepared, known: Catalogue) -> list[dict[str, Any]]:
    """Problems by code and field, the largest first; each with its texts, rows, candidates and mends."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in out.problems:
        name = problem.kind or problem.field
        found.setdefault((problem.code, name), []).append(problem)
    made = [_group(out, code, problems, known) for (code, _name), problems in found.items()]
    return sorted(made, key=lambda group: -int(group["count"]))


def _group(out: Prepared, code: str, problems: list[Problem], known: Catalogue) -> dict[str, Any]:
    first = problems[0]
    by_raw: dict[str, list[Problem]] = {}
    for problem in problems:
        by_raw.setdefault(problem.raw, []).append(problem)
    ordered = sorted(by_raw.items(), key=lambda pair: -len(pair[1]))
    values = [_value(raw, same, known) for raw, same in ordered[:MOST_VALUES]]
    rows = {(p.sheet, p.row) for p in problems}
    if code == beyond.CODE:
        _add_cut(out, values)
    return {
        "code": code,
        "field": first.field,
        "kind": first.kind,
        "message": first.message,
        "count": len(rows),
        "texts": len(by_raw),
        "whole": not first.row,
        "values": values,
        "can": _can(code, first, values),
        "header": _header(out, first),
    }


def _add_cut(out: Prepared, values: list[dict[str, Any]]) -> None:
    """What stands in the rows that were cut, so that a person can say all of their cells anew."""
    cut = {
        (table.sheet, row.number): dataclasses.asdict(row)
        for table in out.understanding.tables
        for row in table.cut
    }
    for value in values:
        found = [(sheet, cut.get((sheet, row))) for sheet, row in value["rows"]]
        value["cut"] = [{"sheet": sheet, **row} for sheet, row in found if row]


def _header(out: Prepared, problem: Problem) -> str:
    for table in out.understanding.tables:
        column = table.column_of(problem.field)
        if column and table.sheet == problem.sheet:
            return column.header
    return ""


def _can(code: str, first: Problem, values: list[dict[str, Any]]) -> list[str]:
    """Which mends a group allows."""
    found = []
    if first.kind:
        found.append("map")
    if first.made:
        found.append("create")
    if code in CHOICES:
        found.append("choose")
    if code == beyond.CODE:
        found.append("row")
    elif not first.kind and any(value["cells"] for value in values):
        found.append("cell")
    if first.row:
        found.append("leave_out")
    return found


def _value(raw: str, problems: list[Problem], known: Catalogue) -> dict[str, Any]:
    """One text of a group: its rows, and what may be meant."""
    first = problems[0]
    candidates: list[dict[str, Any]] = []
    if first.kind:
        candidates += [
            {"to": one.code, "label": one.label, "score": round(one.score * 100), "why": one.why}
            for one in known.like(first.kind, raw, *first.hints)
        ]
        if first.proposal and all(c["to"] != first.proposal for c in candidates):
            candidates.insert(0, {"to": first.proposal, "label": "", "score": 100, "why": "usual"})
    rows = list(dict.fromkeys((p.sheet, p.row) for p in problems))
    return {
        "raw": raw,
        "count": len(rows),
        "rows": [list(place) for place in rows[:_MOST_ROWS]],
        "cells": [[p.sheet, p.cell] for p in problems if p.cell][:_MOST_ROWS],
        "message": first.message,
        "proposal": first.proposal,
        "candidates": candidates,
        "sure": bool(candidates) and int(str(candidates[0]["score"])) >= SURE * 100,
    }


def rows_of(problems: Iterable[Problem], code: str, field: str, raw: str | None) -> list[Problem]:
    """The problems of a group, or of one text of it."""
    return [
        p
        for p in problems
        if p.code == code and field in {p.kind, p.field} and (raw is None or p.raw == raw)
    ]
