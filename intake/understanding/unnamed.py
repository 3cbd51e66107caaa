"""Columns without a name: the first one may hold the names of the rows; of the others it is said that they are not read."""

from collections.abc import Sequence
from itertools import islice

from django.utils.translation import gettext as _

from intake.reading.grid import Grid, Raw, address, letters
from intake.understanding.cells import shown
from intake.understanding.dictionary import Dictionary
from intake.understanding.mapping import Guess
from intake.understanding.result import Caution, Table
from intake.understanding.tables import Block
from intake.understanding.words import folded

_FILLED = 4
"""One cell in so many must be filled in a column without a name for it to be told."""
_LOOKED_AT = 200
_MARK = "#"
_CONFIDENCE = 0.6


def add_first(grid: Grid, block: Block, words: Dictionary) -> None:
    """Take a column of texts to the left of all names into a table that has no column for names of items."""
    columns = block.columns
    at = columns[0] - 1 if columns else -1
    known = {code for one in columns for code in words.scores(block.head.layers[one][-1])}
    if not block.known or at < 0 or "name" in known or not known & {"item", "barcode"}:
        return
    rows = [cells for _number, cells in islice(block.rows(grid), _LOOKED_AT)]
    texts = [cells[at] for cells in rows if at < len(cells) and cells[at] != ""]
    if len(texts) * 2 < len(rows) or not all(type(text) is str for text in texts):
        return
    block.head.layers[at] = (f"{_MARK}{at + 1}",)
    block.columns = [at, *columns]


def name_first(guesses: Sequence[Guess]) -> None:
    """The first column without a name says the names of the items, where nothing else does; it is uncertain."""
    first = guesses[0] if guesses else None
    if first is None or not first.column.header.startswith(_MARK) or first.column.field:
        return
    if not any(one.column.field in {"name", "name_spec"} for one in guesses):
        first.column.field, first.column.how = "name", "content"
        first.column.confidence = _CONFIDENCE


def say(block: Block, table: Table, sample: list[list[Raw]]) -> list[Caution]:
    """Columns between others or beyond the last that hold something under no name are not read, which is said."""
    columns = block.columns
    end = columns[-1]
    if end == max(block.head.layers):
        end = max(map(len, sample), default=end)
    found = []
    for at in sorted(set(range(columns[0], end)) - set(block.head.layers)):
        texts = [folded(shown(c[at])) for c in sample if at < len(c) and c[at] != ""]
        texts = [text for text in texts if text]
        if len(texts) * _FILLED < len(sample):
            continue
        message = _("Column %(letter)s has no name and is not read. It holds: %(samples)s")
        facts = {"letter": letters(at), "samples": ", ".join(texts[:3])[:80]}
        where = address(table.header_row or 1, at)
        found.append(Caution(table.sheet, 0, where, "column_unnamed", message % facts))
    return found
