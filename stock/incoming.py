"""What is expected in stock and not there yet; apps above say it, since orders are theirs."""

from collections.abc import Callable
from decimal import Decimal

Pair = tuple[int, int]
Source = Callable[[set[int] | None], dict[Pair, Decimal]]
_sources: dict[str, Source] = {}


def register(code: str, source: Source) -> None:
    """Let ``source`` say what it expects: items (None: all) → (item, warehouse) → base units."""
    _sources[code] = source


def expected(items: set[int] | None = None) -> dict[Pair, Decimal]:
    """(item, warehouse) → what is on order and not received, in base units."""
    found: dict[Pair, Decimal] = {}
    for source in _sources.values():
        for pair, quantity in source(items).items():
            found[pair] = found.get(pair, Decimal(0)) + quantity
    return found
