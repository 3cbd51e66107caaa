"""The fifteen fixture shapes F1 to F15, each drawn anew from a seed, in Chinese or in English where both exist."""

from collections.abc import Callable

from tests.intake.sheets.lists import f1, f2, f3, f4, f5, f6, f7
from tests.intake.sheets.odd import f8, f9, f10, f11, f12, f13, f14, f15
from tests.intake.sheets.paper import Fixture

SHAPES: dict[str, Callable[..., Fixture]] = {
    f"F{n}": shape
    for n, shape in enumerate((f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15), 1)
}
