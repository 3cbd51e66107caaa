"""A tile as its template draws it: words of the change, and the spark line as an SVG path."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.templatetags import ui
from people.homes import Figure, Tile

WIDTH, HEIGHT = 72, 18
_EDGE = 2


@dataclass(frozen=True, slots=True)
class Spark:
    """A line through the past of a number: path, the last point, and what a reader of text gets."""

    path: str
    x: float
    y: float
    words: str


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
    spark: Spark | None
    direction: str


def draw(tile: Tile, figure: Figure) -> Drawn:
    """The tile with its figure."""
    return Drawn(
        code=tile.code,
        label=tile.label,
        number=figure.text or ui.group(figure.number),
        exact=ui.group(figure.number) if figure.text else "",
        note=str(figure.note),
        change=change(figure),
        url=figure.url,
        tone=figure.tone if figure.number else "",
        spark=spark(figure),
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


def spark(figure: Figure) -> Spark | None:
    """The past as a line; None where there is none, or it never changed from nothing."""
    points = [Decimal(point) for point in figure.series]
    if len(points) < 2 or not any(points):
        return None
    low, high = min(points), max(points)
    span = high - low or Decimal(1)
    flat = high == low
    step = (WIDTH - 2 * _EDGE) / (len(points) - 1)
    at = [
        (
            round(_EDGE + n * step, 1),
            HEIGHT / 2
            if flat
            else round(HEIGHT - _EDGE - float((point - low) / span) * (HEIGHT - 2 * _EDGE), 1),
        )
        for n, point in enumerate(points)
    ]
    path = "M" + "L".join(f"{x} {y}" for x, y in at)
    return Spark(path, *at[-1], words=_words(figure, low, high))


def _words(figure: Figure, low: Decimal, high: Decimal) -> str:
    data = {"what": str(figure.past), "low": ui.group(low), "high": ui.group(high)}
    return _("%(what)s: between %(low)s and %(high)s") % data


def shown(figures: Sequence[tuple[Tile, Figure]]) -> tuple[list[Drawn], list[Drawn]]:
    """Tiles to draw, and those that are well at nothing: a word each in the line that says so."""
    drawn: list[Drawn] = []
    fine: list[Drawn] = []
    for tile, figure in figures:
        (fine if tile.check and not figure.number else drawn).append(draw(tile, figure))
    return drawn, fine
