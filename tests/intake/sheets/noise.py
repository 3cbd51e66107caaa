"""Disturbs a fixture as real files are disturbed, and keeps its truth true."""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.intake.sheets.paper import Fixture

_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
_LISTS = frozenset({"F1", "F3", "F4", "F5", "F11", "F14"})


def insert_row(fixture: Fixture, at: int, cells: list[Any]) -> None:
    """A row of the first sheet before row ``at``."""
    sheet = fixture.sheets[0]
    sheet.rows.insert(at - 1, cells)
    for truth in fixture.truth:
        if truth["sheet"] == sheet.name and truth["row"] >= at:
            truth["row"] += 1
    sheet.merges = [
        (t + (t >= at), left, b + (b >= at), right) for t, left, b, right in sheet.merges
    ]
    fixture.flagged = {
        (name, row + (name == sheet.name and row >= at > 0 < row), field)
        for name, row, field in fixture.flagged
    }
    fixture.header_row += fixture.header_row >= at


def insert_column(fixture: Fixture, at: int, cells: list[Any]) -> None:
    """A column of the first sheet before column ``at``, both from 1."""
    sheet = fixture.sheets[0]
    for number, row in enumerate(sheet.rows):
        row.extend([None] * (at - 1 - len(row)))
        row.insert(at - 1, cells[number] if number < len(cells) else None)
    sheet.merges = [
        (t, left + (left >= at), b, right + (right >= at)) for t, left, b, right in sheet.merges
    ]


def blank_row(fixture: Fixture, rng: random.Random) -> None:
    insert_row(
        fixture, rng.randrange(fixture.header_row + 1, len(fixture.sheets[0].rows) + 1), [None]
    )


def header_again(fixture: Fixture, rng: random.Random) -> None:
    if fixture.name in _LISTS:
        rows = fixture.sheets[0].rows
        insert_row(
            fixture,
            rng.randrange(fixture.header_row + 1, len(rows) + 1),
            list(rows[fixture.header_row - 1]),
        )


def note_below(fixture: Fixture, rng: random.Random) -> None:
    text = rng.choice(
        ["注：以上为截至当日数据", "Note: as of today", "以下空白", "第 1 页 共 1 页"]
    )
    insert_row(fixture, len(fixture.sheets[0].rows) + 1, [text])


def title_above(fixture: Fixture, rng: random.Random) -> None:
    insert_row(fixture, 1, [rng.choice(["某某公司报表", "Some Company Ltd", "仓库管理"])])


def empty_left(fixture: Fixture, _rng: random.Random) -> None:
    insert_column(fixture, 1, [])


def unknown_column(fixture: Fixture, rng: random.Random) -> None:
    if fixture.name in _LISTS:
        rows = fixture.sheets[0].rows
        width = max(len(row) for row in rows)
        cells = [rng.choice(["x", "y", None, "z9"]) for _row in rows[fixture.header_row :]]
        insert_column(
            fixture,
            rng.randrange(1, width + 1),
            [None] * (fixture.header_row - 1) + ["内部记号", *cells],
        )


def numbers_as_text(fixture: Fixture, rng: random.Random) -> None:
    if fixture.name in _LISTS | {"F2", "F9", "F15"}:
        for row in fixture.sheets[0].rows[fixture.header_row :]:
            for at, cell in enumerate(row):
                if isinstance(cell, Decimal) and rng.random() < 0.3:
                    row[at] = rng.choice(
                        [f"{cell:,}", f" {cell} ", f"{cell}".translate(_WIDE), f"'{cell}"]
                    )


KINDS: tuple[Callable[[Fixture, random.Random], None], ...] = (
    blank_row,
    header_again,
    note_below,
    title_above,
    empty_left,
    unknown_column,
    numbers_as_text,
)


def disturb(fixture: Fixture, seed: int) -> Fixture:
    """One to three disturbances."""
    rng = random.Random(seed)
    for kind in rng.sample(KINDS, rng.randrange(1, 4)):
        kind(fixture, rng)
    return fixture
