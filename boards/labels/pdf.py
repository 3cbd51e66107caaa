"""Labels as a PDF: codes are drawn as rectangles, so that they stay sharp at any printer's resolution."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import segno
import zxingcpp

from boards.labels.content import Label
from boards.labels.paper import Sheet
from workflows.printing.canvas import Canvas, runs

_PAD = 2.0
_POINT = 0.3528
_NARROW = 0.19
"""The narrowest bar that guns still read, in millimetres."""
_QUIET = 20
"""Modules of white that a gun wants beside the bars, both sides together."""
_WIDE = 0.5
_LEAST = 7
"""Points of the smallest title; a longer one goes on in the next line."""
_SMALL = 2.6
"""Height of what bars say, below them, where the title does not say it."""

Matrix = list[list[bool]]


def pdf(labels: Sequence[Label], sheet: Sheet, *, copies: int = 1, skip: int = 0) -> bytes:
    """Every label ``copies`` times; the first ``skip`` labels of the first sheet are used up already."""
    canvas = Canvas(sheet.page[0], sheet.page[1], 9)
    canvas.add_page()
    place = skip % sheet.each
    for label in (label for label in labels for _copy in range(copies)):
        if place == sheet.each:
            canvas.add_page()
            place = 0
        _draw(canvas, label, sheet, *sheet.corner(place))
        place += 1
    canvas.set_title(" ".join(label.title for label in labels)[:200])
    canvas.set_creation_date(datetime.now(UTC))
    return bytes(canvas.output())


def square(label: Label) -> Matrix:
    """The square code: GS1 DataMatrix where the label has elements, else a QR code of its address."""
    if label.gs1:
        return _modules(
            zxingcpp.create_barcode(label.gs1, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
        )
    return [
        [bool(dot) for dot in row] for row in segno.make(label.link, error="m", micro=False).matrix
    ]


def bars(text: str) -> list[bool]:
    """The modules of a Code 128, dark ones true; empty for what it cannot hold."""
    if not text or not text.isascii() or not text.isprintable():
        return []
    return _modules(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128))[0]


def _modules(made: zxingcpp.Barcode) -> Matrix:
    """The modules of a code, one a pixel, without the quiet zone."""
    picture: Any = made.to_image(scale=1, add_quiet_zones=False)
    rows: Any = memoryview(picture).tolist()
    return [[dot == 0 for dot in row] for row in rows]


def _draw(canvas: Canvas, label: Label, sheet: Sheet, x: float, y: float) -> None:
    """The square code at the right, words beside it, bars below if they fit wide enough to be read."""
    width, height = sheet.size
    modules = bars(label.bars)
    narrow = sheet.whole(min(width / (len(modules) + _QUIET), _WIDE)) if modules else 0.0
    named = label.bars != label.title
    low = min(9.0, height * 0.24) if narrow >= _NARROW else 0.0
    side = min(height - 2 * _PAD - (low + 1.5 if low else 0), width * 0.4)
    matrix = square(label)
    step = sheet.whole(side / max(len(matrix), len(matrix[0])))
    across = step * len(matrix[0])
    _matrix(canvas, matrix, sheet.whole(x + width - _PAD - across), sheet.whole(y + _PAD), step)
    _words(canvas, label, x + _PAD, y + _PAD, width - 3 * _PAD - across, side)
    if low:
        start = sheet.whole(x + (width - narrow * len(modules)) / 2)
        top = y + height - _PAD - low
        _runs(canvas, modules, start, top, narrow, low - (_SMALL if named else 0))
        if named:
            canvas.put(x, top + low - _SMALL + 0.3, width, label.bars, align="C", size=6)


def _words(canvas: Canvas, label: Label, x: float, y: float, room: float, height: float) -> None:
    """The title as large as it fits, in several lines if it must be; then the others, each in two lines at most."""
    size = 22.0 if label.large else 12.0
    while size > _LEAST and canvas.at(size).wide(label.title) > room:
        size -= 0.5
    top = y
    for part in _cut(canvas.at(size), label.title, room, 3):
        canvas.put(x, top, room, part, size=size)
        top += size * _POINT * 1.25
    for text in label.lines:
        for part in _cut(canvas.at(8), text, room, 2):
            if top + 3.4 > y + height + 0.5:
                return
            canvas.put(x, top, room, part, size=8)
            top += 3.4


def _cut(canvas: Canvas, text: str, room: float, most: int) -> list[str]:
    """The text in at most so many lines; what is left out shows as an ellipsis."""
    lines = canvas.wrapped(text, room)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and canvas.wide(last + "…") > room:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def _matrix(canvas: Canvas, matrix: Matrix, x: float, y: float, step: float) -> None:
    """A square code of modules ``step`` wide; a DataMatrix of few elements may be wider than high."""
    for number, row in enumerate(matrix):
        _runs(canvas, row, x, y + number * step, step, step)


def _runs(
    canvas: Canvas, dots: Sequence[bool], x: float, y: float, step: float, height: float
) -> None:
    """Neighbouring dark modules as one rectangle, so that no light seam shows between them."""
    canvas.set_fill_color(0)
    for start, end in runs(dots):
        canvas.rect(x + start * step, y, (end - start) * step, height, style="F")
