"""Tiles of the day's flow: what came in, went out, moved and was adjusted today, beside what was planned."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.homes import asking, places, series
from core.templatetags import ui
from people.homes import Asked, Figure, Text, Tile
from stock import movement_types
from stock.queries.movements import MovementFilter, seen_by
from workflows import document_types, finding
from workflows.models import Line

_SEE = ("stock.view",)


def _by_day(asked: Asked) -> dict[str, Counter[str]]:
    """Movement type → day → how many movements, for the days of a spark line; one statement for all tiles."""

    def read() -> dict[str, Counter[str]]:
        start = series.days(asked.now, asking.zone(asked))[0][0]
        rows = seen_by(asking.sight(asked), MovementFilter(start=start)).order_by()
        counted: dict[str, Counter[str]] = {}
        for kind, day, number in rows.values_list("type", "posting__business_date").annotate(
            n=Count("pk")
        ):
            counted.setdefault(kind, Counter())[day.isoformat()] += number
        return counted

    found: dict[str, Counter[str]] = asked.once("movements by day", read)
    return found


def _planned(asked: Asked) -> Counter[str]:
    """Direction → lines of documents that are cleared and wait to be carried out; one statement."""

    def read() -> Counter[str]:
        ready = finding.narrow(asking.documents(asked), "ready", asking.moment(asked))
        lines = Line.objects.filter(document__in=ready.order_by().values("pk")).order_by()
        counted: Counter[str] = Counter()
        for kind, number in lines.values_list("document__type").annotate(n=Count("pk")):
            counted[document_types.BY_CODE[kind].direction] += number
        return counted

    found: Counter[str] = asked.once("lines planned", read)
    return found


def _flow(asked: Asked, *, direction: str = "", kind: str = "", plan: bool = False) -> Figure:
    kinds = (
        [kind]
        if kind
        else [row.code for row in movement_types.MOVEMENT_TYPES if row.direction == direction]
    )
    zone = asking.zone(asked)
    first = asked.now.astimezone(zone).date() - timedelta(days=series.DAYS - 1)
    by_day = _by_day(asked)
    past = [
        sum(by_day.get(one, Counter())[(first + timedelta(days=n)).isoformat()] for one in kinds)
        for n in range(series.DAYS)
    ]
    rows = seen_by(
        asking.sight(asked),
        MovementFilter(types=kinds, start=asking.midnight(asked), end=asked.now),
    )
    number = rows.count()
    day = asking.today(asked)
    url = asking.address(
        "stock:movements", type=kind, direction=direction, **{"from": day, "to": day}
    )
    waits = _planned(asked)[direction] if plan else 0
    note = (
        _("of %(all)s planned · %(share)s %%")
        % {"all": ui.group(number + waits), "share": 100 * number // (number + waits)}
        if waits
        else ""
    )
    return Figure(
        number,
        url,
        note=note,
        before=past[-2],
        against=_("yesterday"),
        series=[*past[:-1], number],
        past=_("movements a day"),
    )


def _tile(code: str, label: Text, homes: dict[str, int], shows: str, **asked: Any) -> Tile:
    """A tile of movements in a direction; its list is asked for the same, so that the numbers are equal."""
    return Tile(code, label, homes, partial(_flow, **asked), _SEE, check=False, direction=shows)


W, P, S, R = places.WAREHOUSE, places.PROCUREMENT, places.SALES, places.PRODUCTION
TILES = (
    _tile("flow_in", gettext_lazy("In today"), {W: 10, P: 10}, "in", direction="in", plan=True),
    _tile("flow_out", gettext_lazy("Out today"), {W: 11}, "out", direction="out", plan=True),
    _tile("flow_move", gettext_lazy("Moved today"), {W: 12}, "move", direction="move", plan=True),
    _tile("flow_adjust", gettext_lazy("Adjusted today"), {W: 13}, "adjust", direction="adjust"),
    _tile("shipped", gettext_lazy("Shipped today"), {S: 10}, "out", kind="sales_out"),
    _tile("issued", gettext_lazy("Material issued today"), {R: 10}, "out", kind="production_issue"),
    _tile(
        "finished", gettext_lazy("Finished goods today"), {R: 11}, "in", kind="production_receipt"
    ),
)
