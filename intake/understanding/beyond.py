"""Cells to the right of a table's header. In a text file they mean that a row was cut at the wrong places.

Its other cells have moved, too: such a row is read only if a person says all of its cells anew.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from intake.reading.grid import Book, Raw, address
from intake.understanding.cells import shown
from intake.understanding.doubts import Doubts
from intake.understanding.faults import Fault
from intake.understanding.fields import NUMBERS, field_of
from intake.understanding.plan import Plan
from intake.understanding.result import CutCell, CutRow

CODE = "cells_beyond"
_TEXTS = frozenset({"csv", "tsv"})
_FRONT = re.compile(r"[-+]?[1-9][0-9]{0,2}|[0-9]{3}", re.ASCII)
_BEHIND = re.compile(r"[0-9]{3}(\.[0-9]+)?", re.ASCII)
_FIGURE = re.compile(r"([-+]?[0-9]+(\.[0-9]+)?)?", re.ASCII)


class Edge:
    """The right edge of one table."""

    def __init__(self, book: Book, plan: Plan) -> None:
        self.width = max(plan.block.head.layers, default=-1) + 1
        self.cut_by_marks = book.kind in _TEXTS
        self.mended = plan.grid.mended
        columns = [(c.at, c.header) for c in plan.used] + [(p.at, p.header) for p in plan.pivots]
        self.columns = sorted(columns)
        self.numbers = [c.at for c in plan.used if field_of(c.field).kind in NUMBERS]

    def look(self, doubts: Doubts, number: int, cells: Sequence[Raw]) -> None:
        """A number such as 1,200 without quotation marks is two cells, and moves all that follow."""
        if not self.cut_by_marks or len(cells) <= self.width:
            return
        over = [at for at in range(self.width, len(cells)) if shown(cells[at]).strip()]
        said = self.mended.get(number, set())
        emptied = [at for at in said if at >= self.width]
        unsaid = [at for at, _header in self.columns if at not in said]
        if over:
            message = _(
                "The row has more cells than the header names: a separator within a number or a text may have cut it. Beyond the last: %(text)s"
            )
            text = ", ".join(shown(cells[at]).strip() for at in over)[:60]
            self._wrong(doubts, number, over, message % {"text": text}, text)
        elif emptied and unsaid:
            message = _(
                "The row was cut, so that its other cells have moved as well. Say these anew, or leave the row out: %(cells)s"
            )
            places = ", ".join(address(number, at) for at in unsaid)
            self._wrong(doubts, number, emptied, message % {"cells": places}, "")
        else:
            return
        doubts.table.cut.append(self._cut(number, cells, over or emptied))

    def _wrong(
        self, doubts: Doubts, number: int, beyond: list[int], message: str, raw: str
    ) -> None:
        doubts.wrong(number, address(number, min(beyond)), "", Fault(CODE, message), raw)

    def _cut(self, number: int, cells: Sequence[Raw], beyond: list[int]) -> CutRow:
        texts = [shown(cell).strip() for cell in cells]
        meant = whole(texts, self.width)
        if not all(_FIGURE.fullmatch(meant[at]) for at in self.numbers if at < len(meant)):
            meant = []
        return CutRow(
            number,
            [
                CutCell(address(number, at), header, texts[at], "".join(meant[at : at + 1]))
                for at, header in self.columns
            ],
            [address(number, at) for at in sorted(beyond)],
        )


def whole(texts: Sequence[str], width: int) -> list[str]:
    """The cells of a row whose numbers were cut at their thousands; [] if that is not the one way to read it."""
    end = max((at for at, text in enumerate(texts) if text), default=-1) + 1
    cuts = {
        at + 1
        for at, (front, behind) in enumerate(pairwise(texts[:end]))
        if _FRONT.fullmatch(front) and _BEHIND.fullmatch(behind)
    }
    if len(cuts) != end - width or not cuts:
        return []
    found: list[str] = []
    for at, text in enumerate(texts[:end]):
        if at in cuts:
            found[-1] += text
        else:
            found.append(text)
    return found
