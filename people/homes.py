"""What the home pages are made of, as data: homes, and the tiles that every app registers for them.

A tile is one question asked for one reader: its figure comes with the address of exactly the list that
it counts. Tiles of apps above or beside this one are registered from their AppConfig.ready; none is imported.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from people.access import Access
from people.models import Membership, User

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Home:
    """One home page. ``roles`` begin here; ``rights`` are alternatives, none means everybody.

    ``makes`` are the document types that its buttons begin; the last one is what it begins most.
    """

    code: str
    label: Text
    order: int
    roles: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()


@dataclass(slots=True)
class Asked:
    """Who asks, and when; ``kept`` holds what several tiles of one page need, read once."""

    user: User
    access: Access
    now: datetime
    kept: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, read: Callable[[], Any]) -> Any:
        """What ``read`` answers, asked once per page."""
        if name not in self.kept:
            self.kept[name] = read()
        return self.kept[name]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a tile shows: the number, how it changed, its past, and where its rows are.

    ``text`` is shown in place of the number (money, a length of time). ``before`` is what the number is
    compared with and ``against`` says what that was. ``series`` is its past, oldest first, with the present
    last; ``past`` says what the points are.
    """

    number: Decimal | int
    url: str
    text: str = ""
    note: Text = ""
    before: Decimal | int | None = None
    against: Text = ""
    series: Sequence[Decimal | int] = ()
    past: Text = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One question. ``places`` maps a home to where the tile stands on it; ``read`` answers None to hide it.

    ``check`` tiles are well at 0: then they are a word of the line that says all is fine. ``direction``
    (in, out, move, adjust) colours the flow of goods.
    """

    code: str
    label: Text
    places: dict[str, int]
    read: Callable[[Asked], Figure | None]
    rights: tuple[str, ...] = ()
    check: bool = True
    direction: str = ""


_homes: dict[str, Home] = {}
_tiles: dict[str, Tile] = {}


def register(*entries: Home | Tile) -> None:
    """Add homes and tiles; called from AppConfig.ready. The same code again replaces the first."""
    for entry in entries:
        if isinstance(entry, Home):
            _homes[entry.code] = entry
        else:
            _tiles[entry.code] = entry


def all_homes() -> list[Home]:
    """Every home in its order."""
    return sorted(_homes.values(), key=lambda home: home.order)


def tiles_of(home: str, access: Access) -> list[Tile]:
    """The tiles of a home that one may ask, in their order."""
    found = [
        tile
        for tile in _tiles.values()
        if home in tile.places
        and (not tile.rights or any(access.may(right) for right in tile.rights))
    ]
    return sorted(found, key=lambda tile: tile.places[home])


def homes_of(access: Access) -> list[Home]:
    """The homes that one may open."""
    return [
        home
        for home in all_homes()
        if not home.rights or any(access.may(right) for right in home.rights)
    ]


def home_of(user: User, access: Access) -> Home:
    """Where a user begins: his own choice, else the home of his roles, else the first he may open."""
    offered = {home.code: home for home in homes_of(access)}
    if user.home in offered:
        return offered[user.home]
    roles = set(Membership.objects.filter(user=user).values_list("role__code", flat=True))
    for home in offered.values():
        if roles & set(home.roles):
            return home
    return next(iter(offered.values()))
