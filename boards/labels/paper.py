"""The papers that labels are printed on, in millimetres: sheets with rows and columns, and rolls of single ones."""

from dataclasses import dataclass
from math import floor

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DOT = 25.4 / 203
"""Of a usual label printer, in millimetres."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of ``columns`` × ``rows`` labels; ``left`` and ``top`` are where the first begins, gaps lie between."""

    code: str
    label: str | Promise
    page: tuple[float, float]
    size: tuple[float, float]
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    gap: tuple[float, float] = (0, 0)

    @property
    def each(self) -> int:
        """Labels of one page."""
        return self.columns * self.rows

    def whole(self, length: float) -> float:
        """The length in whole dots of a label printer, so that modules of a code are equally wide; as it is on sheets."""
        if self.each > 1:
            return length
        return floor(length / DOT + 1e-6) * DOT

    def corner(self, place: int) -> tuple[float, float]:
        """Where label ``place`` (from 0) of a page begins."""
        row, column = divmod(place, self.columns)
        return (
            self.left + column * (self.size[0] + self.gap[0]),
            self.top + row * (self.size[1] + self.gap[1]),
        )


_A4 = (210.0, 297.0)
SHEETS: tuple[Sheet, ...] = (
    Sheet("60x40", _("Single, 60 × 40 mm"), (60, 40), (60, 40)),
    Sheet("40x30", _("Single, 40 × 30 mm"), (40, 30), (40, 30)),
    Sheet("100x50", _("Single, 100 × 50 mm"), (100, 50), (100, 50)),
    Sheet("a4-24", _("A4, 24 of 70 × 37 mm"), _A4, (70, 37), 3, 8, 0, 0.5),
    Sheet("a4-21", _("A4, 21 of 63.5 × 38.1 mm"), _A4, (63.5, 38.1), 3, 7, 7.2, 15.1, (2.5, 0)),
    Sheet("a4-14", _("A4, 14 of 99.1 × 38.1 mm"), _A4, (99.1, 38.1), 2, 7, 4.6, 15.1, (2.6, 0)),
)
BY_CODE = {sheet.code: sheet for sheet in SHEETS}
