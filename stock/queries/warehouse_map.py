"""A warehouse as a map: its places in their zones, each with one number by which it is coloured."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stock.models import Balance, Movement, Place

MODES: dict[str, str | Promise] = {
    "items": _("items here"),
    "moves": _("movements in 30 days"),
    "rest": _("days without movement"),
}
RECENT = timedelta(days=30)
LONG = 365
"""Days without movement are counted up to here; a place that never moved has as many."""
SHADES = 5
MOST = 1_200
"""Cells of one map; of a larger warehouse each zone is a cell that leads to its own map."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A place (or a whole zone): its number, and how dark it is drawn (0: nothing)."""

    place: Place
    number: int
    shade: int
    zone: bool = False


@dataclass(slots=True)
class Zone:
    """Cells that belong together, in their order."""

    name: str
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Map:
    """All zones; ``whole`` is false where zones are drawn instead of their places."""

    zones: list[Zone]
    highest: int
    whole: bool
    places: int


def read(warehouse: int, mode: str, now: datetime, zone: Place | None = None) -> Map:
    """The map of a warehouse, or of one of its zones; four statements. Rights are the caller's."""
    rows = Place.objects.filter(warehouse=warehouse, archived_at=None).order_by("path")
    if zone is not None:
        rows = rows.filter(Q(path__startswith=f"{zone.path}/"))
    places = list(rows)
    leaves = [place for place in places if not place.is_group]
    numbers = _numbers(warehouse, mode, now, leaves)
    if len(leaves) > MOST:
        return _coarse(places, leaves, numbers, mode)
    highest = max(numbers.values(), default=0)
    zones: dict[str, Zone] = {}
    by_id = {place.pk: place for place in places}
    for place in leaves:
        parent = by_id.get(place.parent_id or 0)
        name = (parent.name or parent.code) if parent else ""
        cell = Cell(place, numbers[place.pk], _shade(numbers[place.pk], highest))
        zones.setdefault(name, Zone(name)).cells.append(cell)
    return Map(list(zones.values()), highest, whole=True, places=len(leaves))


def _coarse(places: list[Place], leaves: list[Place], numbers: dict[int, int], mode: str) -> Map:
    """Each zone as one cell: the sum of its places, or the longest rest."""
    groups = [place for place in places if place.is_group]
    found: dict[int, int] = {}
    for group in groups:
        inside = [numbers[leaf.pk] for leaf in leaves if leaf.path.startswith(f"{group.path}/")]
        found[group.pk] = (max if mode == "rest" else sum)([0, *inside])
    highest = max(found.values(), default=0)
    cells = [
        Cell(group, found[group.pk], _shade(found[group.pk], highest), zone=True)
        for group in groups
    ]
    return Map([Zone("", cells)], highest, whole=False, places=len(leaves))


def _numbers(warehouse: int, mode: str, now: datetime, leaves: list[Place]) -> dict[int, int]:
    """Place → its number in a mode."""
    if mode == "items":
        rows = Balance.objects.filter(place__warehouse=warehouse).exclude(on_hand=0).order_by()
        counted = dict(rows.values_list("place").annotate(n=Count("item", distinct=True)))
        return {place.pk: counted.get(place.pk, 0) for place in leaves}
    if mode == "moves":
        moves: dict[int, int] = defaultdict(int)
        recent = Movement.objects.filter(effective_at__gte=now - RECENT).order_by()
        for end in ("source", "target"):
            here = recent.filter(**{f"{end}__warehouse": warehouse})
            for place, number in here.values_list(end).annotate(n=Count("pk")):
                moves[place] += number
        return {place.pk: moves[place.pk] for place in leaves}
    last = last_moved([place.pk for place in leaves], now)
    return {
        place.pk: min((now - last[place.pk]).days, LONG) if place.pk in last else LONG
        for place in leaves
    }


def last_moved(places: list[int], now: datetime) -> dict[int, datetime]:
    """Place → when goods last came or went within a year; two statements."""
    last: dict[int, datetime] = {}
    rows = Movement.objects.filter(effective_at__gte=now - timedelta(days=LONG)).order_by()
    for end in ("source", "target"):
        here = rows.filter(**{f"{end}__in": places})
        for place, moment in here.values_list(end).annotate(at=Max("effective_at")):
            last[place] = max(last.get(place, moment), moment)
    return last


def _shade(number: int, highest: int) -> int:
    """1 to 5 by its share of the highest; 0 for nothing."""
    return min(-(-number * SHADES // highest), SHADES) if number > 0 and highest else 0
