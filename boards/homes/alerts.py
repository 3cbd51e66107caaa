"""Tiles of alerts: the cases that are for somebody to look after, and those that are overdue."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts import queries
from boards.homes import asking, places, series
from people.homes import Asked, Figure, Tile

_EVERYWHERE = (
    places.WAREHOUSE, places.MANAGER, places.PROCUREMENT, places.SALES, places.PRODUCTION, places.FINANCE,
    places.ADMIN, places.WORK,
)  # fmt: skip


def _cases(asked: Asked) -> Figure:
    """Those of the centre's first tab."""
    rows = queries.for_me(asked.user, asked.access)
    late = queries.overdue(rows).count()
    number = rows.count()
    return Figure(
        number,
        asking.address("alerts:centre"),
        note=_("%(n)d overdue") % {"n": late} if late else "",
        series=series.per_day(rows, "opened_at", asked.now, asking.zone(asked)) if number else [],
        past=_("of these, by day"),
        tone="bad" if late else "warn",
    )


TILES = (Tile("cases", gettext_lazy("Alerts for me"), dict.fromkeys(_EVERYWHERE, 15), _cases),)
