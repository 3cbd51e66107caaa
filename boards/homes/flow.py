"""Tiles of the day's flow: what came in, went out, moved and was adjusted today, beside what was planned."""

from collections import Counter
from datetime import timedelta
from functools import partial

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.homes import asking, places, series
from core.templatetags import ui
from people.homes import Asked, Figure, Tile
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


TILES = (
    Tile(
        "flow_in",
        gettext_lazy("In today"),
        {places.WAREHOUSE: 10, places.PROCUREMENT: 10},
        partial(_flow, direction="in", plan=True),
        _SEE,
        check=False,
        direction="in",
    ),
    Tile(
        "flow_out",
        gettext_lazy("Out today"),
        {places.WAREHOUSE: 11},
        partial(_flow, direction="out", plan=True),
        _SEE,
        check=False,
        direction="out",
    ),
    Tile(
        "flow_move",
        gettext_lazy("Moved today"),
        {places.WAREHOUSE: 12},
        partial(_flow, direction="move", plan=True),
        _SEE,
        check=False,
        direction="move",
    ),
    Tile(
        "flow_adjust",
        gettext_lazy("Adjusted today"),
        {places.WAREHOUSE: 13},
        partial(_flow, direction="adjust"),
        _SEE,
        check=False,
        direction="adjust",
    ),
    Tile(
        "shipped",
        gettext_lazy("Shipped today"),
        {places.SALES: 10},
        partial(_flow, kind="sales_out"),
        _SEE,
        check=False,
        direction="out",
    ),
    Tile(
        "issued",
        gettext_lazy("Material issued today"),
        {places.PRODUCTION: 10},
        partial(_flow, kind="production_issue"),
        _SEE,
        check=False,
        direction="out",
    ),
    Tile(
        "finished",
        gettext_lazy("Finished goods today"),
        {places.PRODUCTION: 11},
        partial(_flow, kind="production_receipt"),
        _SEE,
        check=False,
        direction="in",
    ),
)
