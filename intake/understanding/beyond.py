"""Cells to the right of a table's header. In a text file they mean that a row was cut at the wrong places."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from intake.reading.grid import Book, Raw, address
from intake.understanding.cells import shown
from intake.understanding.doubts import Doubts
from intake.understanding.faults import Fault
from intake.understanding.plan import Plan

_TEXTS = frozenset({"csv", "tsv"})


class Edge:
    """The right edge of one table."""

    def __init__(self, book: Book, plan: Plan) -> None:
        self.width = max(plan.block.head.layers, default=-1) + 1
        self.cut_by_marks = book.kind in _TEXTS

    def look(self, doubts: Doubts, number: int, cells: Sequence[Raw]) -> None:
        """A number such as 1,200 without quotation marks is two cells, and moves all that follow."""
        if not self.cut_by_marks or len(cells) <= self.width:
            return
        over = [at for at in range(self.width, len(cells)) if shown(cells[at]).strip()]
        if not over:
            return
        message = _(
            "The row has more cells than the header names: a separator within a number or a text may have cut it. Beyond the last: %(text)s"
        )
        text = ", ".join(shown(cells[at]).strip() for at in over)[:60]
        fault = Fault("cells_beyond", message % {"text": text})
        doubts.wrong(number, address(number, over[0]), "", fault, text)
