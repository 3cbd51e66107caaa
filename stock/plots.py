"""Plots drawn on the server: geometry only, the templates write the SVG; steps, because stock does not slope."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

WIDTH, HEIGHT = 560, 212
LEFT, RIGHT, TOP, BOTTOM = 44, 510, 14, 150
MIDDLE = 179
"""The axis of the bars of what came and went."""
_BAR = 22


SPARK_WIDTH, SPARK_HEIGHT, _EDGE = 72, 18, 2


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line through the past of a number: its path, the last point, and between what it lay."""

    path: str
    x: float
    y: float
    low: Decimal
    high: Decimal


def spark(numbers: Sequence[Decimal | int], *, steps: bool = False) -> Spark | None:
    """The line, oldest first; None where there is no past or never anything. ``steps`` for stock."""
    points = [Decimal(number) for number in numbers]
    if len(points) < 2 or not any(points):
        return None
    low, high = min(points), max(points)
    wide = (SPARK_WIDTH - 2 * _EDGE) / (len(points) - 1)
    tall = SPARK_HEIGHT - 2 * _EDGE
    at = [
        (
            round(_EDGE + n * wide, 1),
            SPARK_HEIGHT / 2
            if high == low
            else round(SPARK_HEIGHT - _EDGE - float((point - low) / (high - low)) * tall, 1),
        )
        for n, point in enumerate(points)
    ]
    path = f"M{at[0][0]} {at[0][1]}"
    path += "".join(f"H{x}V{y}" if steps else f"L{x} {y}" for x, y in at[1:])
    return Spark(path, *at[-1], low, high)


@dataclass(frozen=True, slots=True)
class Point:
    """What was there after a moment, what had come or gone, and where to read about it."""

    at: datetime
    balance: Decimal
    change: Decimal
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A level across the plot, such as the reorder point."""

    y: float
    text: str
    label: str
    css: str
    left: bool = False
    """Whether its words stand at the left end, because the last figure is near at the right."""


@dataclass(slots=True)
class StepChart:
    """Everything a template needs to draw the plot; coordinates in its viewBox."""

    steps: str
    area: str
    base: float
    dots: list[tuple[float, float, Point]]
    bars: list[tuple[float, float, float, bool]]
    ticks: list[tuple[float, str]]
    days: list[tuple[float, date]]
    lines: list[Line]
    last: tuple[float, float, Decimal] | None
    lowest: Decimal
    highest: Decimal
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    middle: int = MIDDLE
    points: list[Point] = field(default_factory=list)


def step_chart(
    points: Sequence[Point],
    *,
    start: datetime,
    end: datetime,
    opening: Decimal,
    levels: Sequence[tuple[Decimal | None, str, str]] = (),
) -> StepChart:
    """The balance from ``start`` to ``end``; ``points`` oldest first, ``levels`` as (number, word, class)."""
    known = [(level, word, css) for level, word, css in levels if level is not None]
    numbers = [opening, *(point.balance for point in points), *(level for level, _w, _c in known)]
    top = _nice(max([*numbers, Decimal(1)]))
    bottom = min([*numbers, Decimal(0)])
    bottom = -_nice(-bottom) if bottom < 0 else Decimal(0)
    span = max((end - start).total_seconds(), 1.0)

    def x(at: datetime) -> float:
        return round(LEFT + (RIGHT - LEFT) * min(max((at - start).total_seconds() / span, 0), 1), 1)

    def y(number: Decimal) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * float((number - bottom) / (top - bottom)), 1)

    path = f"M{LEFT} {y(opening)}"
    for point in points:
        path += f"H{x(point.at)}V{y(point.balance)}"
    path += f"H{RIGHT}"
    base = y(Decimal(0))
    final = points[-1].balance if points else opening
    return StepChart(
        steps=path,
        area=f"{path}V{base}H{LEFT}Z",
        base=base,
        dots=[(x(point.at), y(point.balance), point) for point in points],
        bars=_bars([(x(point.at), point.change) for point in points]),
        ticks=[(y(number), _digits(number)) for number in sorted({Decimal(0), top, bottom})],
        days=[(x(at), at.date()) for at in _ticks_of_time(start, end)],
        lines=_apart(
            [Line(y(level), _digits(level), word, css) for level, word, css in known], y(final)
        ),
        last=(float(RIGHT), y(final), final),
        lowest=min([opening, *(point.balance for point in points)]),
        highest=max([opening, *(point.balance for point in points)]),
        points=list(points),
    )


def _bars(changes: Sequence[tuple[float, Decimal]]) -> list[tuple[float, float, float, bool]]:
    """(x, y, height, came) of each change, drawn from the middle axis up or down."""
    largest = max((abs(change) for _x, change in changes), default=Decimal(0))
    bars = []
    for at, change in changes:
        if not change or not largest:
            continue
        height = round(max(float(abs(change) / largest) * _BAR, 0.8), 1)
        bars.append((at - 2, MIDDLE - 1 - height if change > 0 else MIDDLE + 1, height, change > 0))
    return bars


def _apart(lines: list[Line], last: float) -> list[Line]:
    """Words stand at the right end unless they would lie on the last step."""
    return [
        Line(line.y, line.text, line.label, line.css, left=-2 < line.y - last < 16)
        for line in lines
    ]


def _nice(number: Decimal) -> Decimal:
    """The next round number: 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    power = Decimal(10) ** (number.adjusted() if number else 0)
    for step in ("1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10"):
        if Decimal(step) * power >= number:
            return Decimal(step) * power
    return number


def _digits(number: Decimal) -> str:
    text = f"{number:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "\u2212")


def _ticks_of_time(start: datetime, end: datetime) -> list[datetime]:
    """The first days of months, or some days of a shorter stretch."""
    days = (end - start).days
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    every = [first + timedelta(days=n) for n in range(1, days + 1)]
    months = [at for at in every if at.day == 1]
    if len(months) >= 2:
        step = -(-len(months) // 6)
        return months[::step]
    step = max(1, days // 4)
    return every[step // 2 :: step][:5]
