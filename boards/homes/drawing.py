"""A tile as its template draws it: words of the change, and the spark line with what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.templatetags import ui
from people.homes import Figure, Tile
from stock import plots

_BESIDE = 16
"""Latin letters that fit beside the line on a phone; a Chinese one counts twice."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One tile ready to be written."""

    code: str
    label: str | Promise
    number: str
    exact: str
    note: str
    change: str
    url: str
    tone: str
    spark: plots.Spark | None
    past: str
    direction: str

    @property
    def wordy(self) -> bool:
        """Whether the words below the number need the room of the line on a phone."""
        shown = self.note or self.change
        return sum(2 if letter > "\u2e80" else 1 for letter in shown) > _BESIDE


def draw(tile: Tile, figure: Figure) -> Drawn:
    """The tile with its figure."""
    spark = plots.spark(figure.series)
    return Drawn(
        code=tile.code,
        label=tile.label,
        number=figure.text or ui.group(figure.number),
        exact=ui.group(figure.number) if figure.text else "",
        note=str(figure.note),
        change=change(figure),
        url=figure.url,
        tone=figure.tone if figure.number else "",
        spark=spark,
        past=_words(figure, spark),
        direction=tile.direction,
    )


def change(figure: Figure) -> str:
    """How the number differs from what it is compared with, in words; empty where nothing is known."""
    if figure.before is None:
        return ""
    gap = Decimal(figure.number) - Decimal(figure.before)
    if not gap:
        return _("as %(when)s") % {"when": figure.against}
    if figure.text:
        share = round(100 * gap / Decimal(figure.before), 1) if figure.before else Decimal(100)
        shown = f"{ui.group(abs(share))} %"
    else:
        shown = ui.group(abs(gap))
    data = {"gap": shown, "when": figure.against}
    return _("▲ %(gap)s on %(when)s") % data if gap > 0 else _("▼ %(gap)s on %(when)s") % data


def _words(figure: Figure, drawn: plots.Spark | None) -> str:
    """What the line says, for those who do not see it."""
    if drawn is None:
        return ""
    data = {"what": str(figure.past), "low": ui.group(drawn.low), "high": ui.group(drawn.high)}
    return _("%(what)s: between %(low)s and %(high)s") % data


def shown(figures: Sequence[tuple[Tile, Figure]]) -> tuple[list[Drawn], list[Drawn]]:
    """Tiles to draw, and those that are well at nothing: a word each in the line that says so."""
    drawn: list[Drawn] = []
    fine: list[Drawn] = []
    for tile, figure in figures:
        (fine if tile.check and not figure.number else drawn).append(draw(tile, figure))
    return drawn, fine
