"""Forms as a PDF with the Chinese letters that it needs inside it.

The layout is measured first and drawn after, so that every page knows how many there are of its document.
Lengths are millimetres; the head is repeated on every page, the signatures stand at the end of the last.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from workflows.printing.canvas import Canvas
from workflows.printing.form import Form
from workflows.printing.paper import Paper

_POINT = 0.3528
_PAD = 1.0
_QR = 17.0
_HEAD = 19.0
"""Height of company, title and code."""
_BOXES = 15.0


def pdf(forms: Sequence[Form], paper: Paper) -> bytes:
    """All forms in one file, each beginning on a new page."""
    canvas = Canvas(paper.width, paper.height, paper.font)
    for form in forms:
        _Sheet(canvas, paper, form).draw()
    canvas.set_title(" ".join(form.number for form in forms)[:200])
    canvas.set_creation_date(datetime.now(UTC))
    return bytes(canvas.output())


class _Sheet:
    """One form: measured when made, drawn by ``draw``."""

    def __init__(self, canvas: Canvas, paper: Paper, form: Form) -> None:
        self.canvas, self.paper, self.form = canvas, paper, form
        self.left = paper.side
        self.width = paper.width - 2 * paper.side
        self.line = paper.font * _POINT * 1.35
        self.widths = [self.width * share / 100 for share in form.shares]
        self.labels = [
            canvas.wrapped(column.label, width - 2 * _PAD)
            for column, width in zip(form.columns, self.widths, strict=True)
        ]
        self.pairs = self._placed_pairs()
        self.rows = [self._cells(row) for row in form.rows]
        self.totals = [self._cells(["", *row[1:]]) for row in form.totals]
        self.company = canvas.wrapped(form.company, self.width / 2 - 25)[:2]
        self.words = [
            canvas.wrapped(f"{label}  {text}", self.width - 2 * _PAD) for label, text in form.words
        ]
        self.note = (
            canvas.wrapped(f"{_('Note')}  {form.note}", self.width - 2 * _PAD) if form.note else []
        )

    def _cells(self, row: Sequence[str]) -> list[list[str]]:
        return [
            self.canvas.wrapped(text, width - 2 * _PAD) if text else []
            for text, width in zip(row, self.widths, strict=True)
        ]

    def _placed_pairs(self) -> list[list[tuple[str, list[str]]]]:
        """The header in rows of three."""
        third = self.width / 3 - 2 * _PAD
        found = []
        for label, text in self.form.pairs:
            room = third - self.canvas.wide(f"{label}  ")
            found.append((label, self.canvas.wrapped(text, room)))
        return [found[start : start + 3] for start in range(0, len(found), 3)]

    def _height(self, cells: Sequence[Sequence[str]]) -> float:
        return max([1, *map(len, cells)]) * self.line + 2 * _PAD * 0.6

    def _pairs_height(self) -> float:
        return sum(max(len(text) for _label, text in row) * self.line for row in self.pairs) + 1.5

    def _end_height(self) -> float:
        """What stands under the last line: totals, words, note and boxes."""
        texts = sum(len(text) for text in [*self.words, self.note]) * self.line
        return sum(map(self._height, self.totals)) + texts + 2 + _BOXES

    def _pages(self) -> list[list[list[list[str]]]]:
        """The rows of each page; the last page has room for the end."""
        mark = self.line + 2.2 if self.form.mark else 0
        head = _HEAD + mark + self._pairs_height() + self._height(self.labels)
        room = self.paper.height - self.paper.top - self.paper.bottom - head
        pages: list[list[list[list[str]]]] = [[]]
        used = 0.0
        for row in self.rows:
            height = self._height(row)
            if pages[-1] and used + height > room:
                pages.append([])
                used = 0.0
            pages[-1].append(row)
            used += height
        if pages[-1] and used + self._end_height() > room:
            pages.append([pages[-1].pop()] if len(pages[-1]) > 1 else [])
        return pages

    def draw(self) -> None:
        """Draw all pages of the form."""
        pages = self._pages()
        for number, rows in enumerate(pages, 1):
            self.canvas.add_page()
            y = self._draw_head()
            for row in rows:
                y = self._draw_row(y, row)
            if number == len(pages):
                self._draw_end(y)
            self._draw_foot(number, len(pages))

    def _draw_head(self) -> float:
        form, canvas, top = self.form, self.canvas, self.paper.top
        side = self.width - _QR
        for down, line in enumerate(self.company):
            canvas.put(self.left, top + down * self.line, side, line)
        canvas.strong(self.left, top + 1, self.width, form.title, 16)
        canvas.put(self.left, top + 9.5, self.width, form.kind, align="C")
        canvas.put(self.left, top + 12.5, side - 2, form.number, align="R", size=10)
        canvas.code(self.left + side, top, _QR, form.link)
        y = top + _HEAD
        if form.mark:
            canvas.rect(self.left, y - 0.6, self.width, self.line + 1.2)
            canvas.put(self.left, y, self.width, form.mark, align="C")
            y += self.line + 2.2
        y = self._draw_pairs(y)
        canvas.set_fill_color(238)
        return self._draw_row(y, self.labels, fill=True)

    def _draw_pairs(self, y: float) -> float:
        canvas, third = self.canvas, self.width / 3
        for row in self.pairs:
            for place, (label, text) in enumerate(row):
                x = self.left + place * third
                canvas.set_text_color(90)
                canvas.put(x, y, third, label)
                canvas.set_text_color(0)
                indent = canvas.wide(f"{label}  ")
                for down, line in enumerate(text):
                    canvas.put(x + indent, y + down * self.line, third, line)
            y += max(len(text) for _label, text in row) * self.line
        return y + 1.5

    def _draw_row(
        self, y: float, cells: Sequence[Sequence[str]], *, fill: bool = False, span: int = 0
    ) -> float:
        """A row of cells; the first ``span`` of them are one cell, left empty here."""
        height = self._height(cells)
        x = self.left
        if span:
            joined = sum(self.widths[:span])
            self.canvas.rect(x, y, joined, height)
            x += joined
        columns = zip(self.form.columns[span:], self.widths[span:], cells[span:], strict=True)
        for column, width, lines in columns:
            self.canvas.rect(x, y, width, height, "DF" if fill else "D")
            for down, line in enumerate(lines):
                self.canvas.put(
                    x + _PAD,
                    y + _PAD * 0.6 + down * self.line,
                    width - 2 * _PAD,
                    line,
                    align="R" if column.numeric else "L",
                )
            x += width
        return y + height

    def _draw_end(self, y: float) -> None:
        for texts, row in zip(self.form.totals, self.totals, strict=True):
            self.canvas.put(self.left + _PAD, y + _PAD * 0.6, self.width, texts[0])
            y = self._draw_row(y, row, span=self.form.label_span)
        y += 1
        for text in [*self.words, self.note]:
            for line in text:
                self.canvas.put(self.left + _PAD, y, self.width, line)
                y += self.line
        self._draw_boxes(y + 1)

    def _draw_boxes(self, y: float) -> None:
        width = self.width / len(self.form.boxes)
        for place, box in enumerate(self.form.boxes):
            x = self.left + place * width
            self.canvas.rect(x, y, width, _BOXES - 1)
            self.canvas.set_text_color(90)
            self.canvas.put(x + _PAD, y + 0.6, width, box.label)
            self.canvas.set_text_color(0)
            names = self.canvas.wrapped(box.names, width - 2 * _PAD)[:2]
            start = y + 0.6 + self.line * (1 if len(names) > 1 else 1.2)
            for down, line in enumerate(names):
                self.canvas.put(x + _PAD, start + down * self.line, width, line)
            last = y + _BOXES - 1.4 - self.line
            size = self.paper.font - 1
            self.canvas.put(x, last, width - _PAD, box.at, align="R", size=size)

    def _draw_foot(self, number: int, pages: int) -> None:
        text = _("Page %(page)d of %(pages)d") % {"page": number, "pages": pages}
        y = self.paper.height - self.paper.bottom + 1
        size = self.paper.font - 1
        self.canvas.put(
            self.left, y, self.width, f"{self.form.title} {self.form.number}", size=size
        )
        self.canvas.put(self.left, y, self.width, text, align="R", size=size)
