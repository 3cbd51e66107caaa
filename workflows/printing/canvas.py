"""The PDF that forms and labels are drawn on, with the Chinese letters that it needs inside it. Lengths are millimetres."""

from collections.abc import Iterator, Sequence

import segno
from fpdf import FPDF
from fpdf.enums import TextMode
from pylopdf_fonts_zh_cn import sans_path

FONT = "sans"
_NO_BREAK_BEFORE = frozenset("，。、；：！？）》」』”’%,.;:!?)")


class Canvas(FPDF):
    """A PDF that measures and wraps text of any mixture of Chinese and Latin letters."""

    def __init__(self, width: float, height: float, font: float) -> None:
        """Pages of ``width`` × ``height``; ``font`` is the usual size of text in points."""
        super().__init__(unit="mm", format=(width, height))
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.add_font(FONT, "", sans_path())
        self.set_font(FONT, size=font)
        self._ems: dict[str, float] = {}
        self.set_line_width(0.2)

    def at(self, size: float) -> "Canvas":
        """The same with text of another size from now on."""
        self.set_font_size(size)
        return self

    def wide(self, text: str) -> float:
        """The width of ``text`` at the size that is set."""
        ems = self._ems
        for letter in text:
            if letter not in ems:
                ems[letter] = self.get_string_width(letter) / self.font_size
        return sum(ems[letter] for letter in text) * self.font_size

    def wrapped(self, text: str, width: float) -> list[str]:
        """``text`` in lines no wider than ``width``; words stay whole where they fit."""
        lines: list[str] = []
        for part in text.splitlines() or [""]:
            line = ""
            for word in _words(part):
                if line and self.wide(line + word.rstrip()) > width:
                    lines.append(line.rstrip())
                    line = ""
                line += word
                while self.wide(line.rstrip()) > width and len(line) > 1:
                    fits = self._fits(line, width)
                    lines.append(line[:fits])
                    line = line[fits:]
            lines.append(line.rstrip())
        return lines

    def _fits(self, word: str, width: float) -> int:
        fits = 1
        while fits < len(word) and self.wide(word[: fits + 1]) <= width:
            fits += 1
        return fits

    def put(
        self, x: float, y: float, width: float, text: str, *, align: str = "L", size: float = 0
    ) -> None:
        """One line of text; ``y`` is the top of its line, ``size`` (points) for this text only."""
        usual = self.font_size_pt
        if size:
            self.set_font_size(size)
        left = {"L": 0.0, "C": (width - self.wide(text)) / 2, "R": width - self.wide(text)}[align]
        self.text(x + left, y + self.font_size * 1.05, text)
        if size:
            self.set_font_size(usual)

    def strong(self, x: float, y: float, width: float, text: str, size: float) -> None:
        """Centred bold text: the font has one weight, its outline is drawn as well."""
        with self.local_context(text_mode=TextMode.FILL_STROKE, line_width=size * 0.011):
            self.put(x, y, width, text, align="C", size=size)

    def code(self, x: float, y: float, width: float, link: str) -> None:
        """A QR code of ``link``, which can be clicked as well."""
        rows = list(segno.make(link, error="m").matrix)
        step = width / len(rows)
        self.set_fill_color(0)
        for down, row in enumerate(rows):
            for start, end in runs(row):
                self.rect(x + start * step, y + down * step, (end - start) * step, step, "F")
        self.link(x, y, width, width, link)


def _words(text: str) -> Iterator[str]:
    """Pieces between which a line may break: Latin words with the blank after them, single 汉字."""
    piece = ""
    for letter in text:
        wide = ord(letter) > 0x2E7F
        if piece and letter not in _NO_BREAK_BEFORE and (wide or piece[-1] == " " or _wide(piece)):
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece


def _wide(piece: str) -> bool:
    return ord(piece[-1]) > 0x2E7F


def runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(start, end) of the dark stretches of a row of a code."""
    start = None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place
            start = None
