"""Which columns of a list a reader sees, in which order and how wide: from the address, else as he left them.

``col`` in the address names a column, with its width in CSS pixels after a colon if he gave it one (``col=name:220``);
their order is that of the address, and ``col=default`` forgets. What the address said last is remembered per reader, list
and kind of device by whoever has registered for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from core.columns import Column

FORGET = "default"
NARROWEST, WIDEST = 40, 900
Load = Callable[[HttpRequest, str], list[str]]
Keep = Callable[[HttpRequest, str, list[str]], None]
_memory: list[tuple[Load, Keep]] = []


@dataclass(frozen=True, slots=True)
class Laid:
    """A column that is shown; ``width`` in CSS pixels, 0 as its content wants."""

    column: Column
    width: int = 0

    @property
    def spec(self) -> str:
        """As in an address."""
        return f"{self.column.key}:{self.width}" if self.width else self.column.key


def register_memory(load: Load, keep: Keep) -> None:
    """Where layouts are kept: ``load(request, table)`` and ``keep(request, table, specs)``; no specs forget it."""
    _memory[:] = [(load, keep)]


def lay(request: HttpRequest, table: str, columns: Sequence[Column]) -> list[Laid]:
    """The columns that are shown, of those that the reader may see; never none."""
    asked = request.GET.getlist("col")
    found = _read(asked, columns)
    if not found and FORGET not in asked and _memory:
        kept = _memory[0][0](request, table)
        found = _read(kept, columns)
        known = {spec.lstrip("-").partition(":")[0] for spec in kept}
        if found:
            found += [Laid(one) for one in columns if one.key not in known and not one.optional]
    return found or [Laid(one) for one in columns if not one.optional]


def remember(
    request: HttpRequest, table: str, shown: Sequence[Laid], columns: Sequence[Column]
) -> None:
    """Keep what the address asked for; what was left out is kept too, so that new columns are seen."""
    asked = request.GET.getlist("col")
    if not asked or not _memory:
        return
    keys = {one.column.key for one in shown}
    left = [f"-{one.key}" for one in columns if one.key not in keys]
    _memory[0][1](request, table, [] if asked == [FORGET] else [one.spec for one in shown] + left)


def _read(specs: Sequence[str], columns: Sequence[Column]) -> list[Laid]:
    by_key = {one.key: one for one in columns}
    found = []
    for spec in specs:
        key, _colon, width = spec.partition(":")
        column = by_key.pop(key, None)
        if column is not None:
            found.append(Laid(column, _width(width)))
    return found


def _width(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        return 0
    return min(max(int(text), NARROWEST), WIDEST) if int(text) else 0
