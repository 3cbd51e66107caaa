"""What the rail shows, as data: apps register their entries, the shell draws those that one may see."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the rail; ``rights`` are alternatives, none means everybody. ``tab`` is its place on a phone."""

    label: str | Promise
    icon: str
    url_name: str
    order: int
    group: str | Promise = ""
    rights: tuple[str, ...] = ()
    tab: int | None = None
    short: str | Promise = ""
    count: Callable[[int], int] | None = None
    """How many things wait there for the user of the id; drawn beside the word."""


_entries: dict[str, Entry] = {}


def register(*entries: Entry) -> None:
    """Add entries; called from AppConfig.ready."""
    for entry in entries:
        _entries[entry.url_name] = entry


def entries() -> list[Entry]:
    """All entries in their order."""
    return sorted(_entries.values(), key=lambda entry: entry.order)
