"""One home page for one reader: its tiles, what to do next, what is in hand, what just happened, its own panel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from boards.homes import asking, drawing, handling, places, reorder
from people import homes
from people.access import Access
from people.homes import Asked, Home
from people.models import User
from stock import movement_types
from stock.models import Item
from stock.queries.movements import MovementFilter, movements
from stock.queries.on_hand import StockFilter, on_hand
from workflows import document_types, inbox, queries, shortages, states
from workflows.models import Document
from workflows.sight import may_begin
from workflows.views.lists import url as document_url

TASKS = 6
RECENT = 8
MINE = 4
OWN = 5
"""Rows of each panel; what is more is behind its link."""


@dataclass(slots=True)
class Page:
    """What boards/home.html draws; ``key`` tells whether it shows anything else than before."""

    home: Home
    others: list[Home]
    tiles: list[drawing.Drawn]
    fine: list[drawing.Drawn]
    tasks: list[inbox.Row] = field(default_factory=list)
    waiting: int = 0
    recent: list[Any] = field(default_factory=list)
    mine: list[Any] = field(default_factory=list)
    own: str = ""
    rows: Any = None
    makes: list[tuple[str, str]] = field(default_factory=list)


def page(user: User, access: Access, home: Home) -> Page:
    """The whole page; the number of statements does not grow with what there is."""
    asked = Asked(user, access, timezone.now())
    figures = [
        (tile, figure)
        for tile in homes.tiles_of(home.code, access)
        if (figure := tile.read(asked)) is not None
    ]
    tiles, fine = drawing.shown(figures)
    tasks = queries.to_do(user).select_related(
        "document__company", "document__process", "document__partner", "document__reason"
    )
    panel = PANELS.get(home.code)
    return Page(
        home=home,
        others=[one for one in homes.homes_of(access) if one.code != home.code],
        tiles=tiles,
        fine=fine,
        tasks=inbox.rows(access, list(tasks[:TASKS])),
        waiting=queries.waiting(user.pk),
        recent=_recent(access) if access.may("stock.view") else [],
        mine=_mine(user),
        own=panel.template if panel else "",
        rows=panel.read(asked) if panel else None,
        makes=_makes(home, access),
    )


def _recent(access: Access) -> list[Any]:
    """Who sees no costs is not told that something changed nothing but costs."""
    goods = [kind.code for kind in movement_types.MOVEMENT_TYPES if not kind.value_only]
    types = None if access.may("cost.view") else goods
    rows = movements(access, MovementFilter(types=types), limit=RECENT).rows
    return [(row, movement_types.BY_CODE[row.type]) for row in rows]


def _mine(user: User) -> list[tuple[Document, str]]:
    """What I have begun and not sent, and what I asked for that is on its way; with where it is opened."""
    rows = queries.with_names(
        Document.objects.filter(asker=user).filter(
            Q(state__in=states.EDITABLE) | Q(state__in=states.RUNNING)
        )
    ).order_by("-changed_at")
    return [(row, document_url(row)) for row in rows[:MINE]]


def _makes(home: Home, access: Access) -> list[tuple[str, str]]:
    kinds = [document_types.BY_CODE[code] for code in home.makes]
    return [
        (str(kind.label), reverse("workflows:new", args=[kind.code]))
        for kind in kinds
        if kind.by_hand and access.may("document.ask") and may_begin(kind, access)
    ]


# Panels of their own -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Panel:
    """A question of one home that a number does not answer."""

    title: str | Promise
    template: str
    read: Callable[[Asked], Any]


def _promise(asked: Asked) -> list[tuple[Item, Any, list[tuple[str, Any]]]]:
    """The items that were sold most lately: what can be promised, and from which warehouse."""
    sold = movements(asked.access, MovementFilter(types=["sales_out"]), limit=60).rows
    often: dict[int, int] = {}
    for row in sold:
        often[row.item.id] = often.get(row.item.id, 0) + 1
    items = sorted(often, key=lambda item: -often[item])[:OWN]
    if not items:
        return []
    there: dict[int, list[tuple[str, Any]]] = {item: [] for item in items}
    for found in on_hand(asked.access, StockFilter(items=items), by=("item", "warehouse")):
        if found.item is not None and found.figures.available:
            there[found.item.id].append((found.warehouse_code, found.figures.available))
    named = Item.objects.select_related("base_unit").in_bulk(items)
    return [(named[item], sum(n for _code, n in there[item]), there[item]) for item in items]


def _lacking(kind: str) -> Callable[[Asked], list[shortages.Short]]:
    """Documents that cannot go on, and what they lack."""

    def read(asked: Asked) -> list[shortages.Short]:
        rows = asking.documents(asked).filter(type=kind)
        return shortages.short(rows)[:OWN]

    return read


def _sales(asked: Asked) -> dict[str, Any]:
    return {"promise": _promise(asked), "blocked": _lacking("sales_out")(asked)}


def _reorder(asked: Asked) -> list[reorder.Row]:
    return sorted(reorder.rows(asked), key=lambda row: not row.unordered)[:OWN]


def _slow(asked: Asked) -> list[handling.Row]:
    return [row for row in handling.ordered(handling.rows(asked)) if row.step != handling.WHOLE][
        :OWN
    ]


PANELS: dict[str, Panel] = {
    places.SALES: Panel(_("Can I promise it?"), "boards/homes/_promise.html", _sales),
    places.PROCUREMENT: Panel(_("To reorder"), "boards/homes/_reorder.html", _reorder),
    places.PRODUCTION: Panel(
        _("What is short"), "boards/homes/_lacking.html", _lacking("production_issue")
    ),
    places.MANAGER: Panel(_("Where time goes"), "boards/homes/_slow.html", _slow),
}
