"""What the rail shows, as data: apps register their entries and groups, the shell draws those that one may see."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind behind one line of the rail. For holders of ``ahead`` it comes right after what they have to do.

    Where the rail would grow too long, its entries stand in the group ``joins`` instead; for holders of ``kept`` last.
    """

    code: str
    label: str | Promise
    icon: str
    order: int
    ahead: str = ""
    joins: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the rail; ``rights`` are alternatives, none means everybody. ``tab`` is its place on a phone.

    ``group`` is the code of a group; without one it is a line of its own.
    """

    label: str | Promise
    icon: str
    url_name: str
    order: int
    group: str = ""
    rights: tuple[str, ...] = ()
    tab: int | None = None
    short: str | Promise = ""
    count: Callable[[int], int] | None = None
    """How many things wait there for the user of the id; drawn beside the word."""
    besides: str = ""
    """A right that the page asks for besides one of ``rights``."""

    def open_to(self, may: Callable[[str], bool]) -> bool:
        """Whether somebody with these rights gets in, so that no link leads to a refusal."""
        if self.besides and not may(self.besides):
            return False
        return not self.rights or any(map(may, self.rights))


_entries: dict[str, Entry] = {}
_groups: dict[str, Group] = {}


def register(*found: Entry | Group) -> None:
    """Add entries and groups; called from AppConfig.ready."""
    for one in found:
        if isinstance(one, Group):
            _groups[one.code] = one
        else:
            _entries[one.url_name] = one


def entries() -> list[Entry]:
    """All entries in their order."""
    return sorted(_entries.values(), key=lambda entry: entry.order)


def group(code: str) -> Group:
    """The group of a code; KeyError if nobody registered it."""
    return _groups[code]
