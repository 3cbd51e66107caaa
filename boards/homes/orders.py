"""Tiles of orders and of what follows postings: what is late, and what is to be dispatched or settled."""

from functools import partial

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.homes import asking, places, series
from core.templatetags import ui
from people.homes import Asked, Figure, Tile
from workflows import followups
from workflows.models import FollowUp
from workflows.orders import figures


def _late(asked: Asked, *, kind: str) -> Figure:
    """Open lines of orders that were wanted before today."""
    today = asked.now.astimezone(asking.zone(asked)).date()
    rows = figures.open_lines(asked.user, asked.access).filter(document__type=kind)
    return Figure(
        figures.late(rows, today).count(),
        asking.address("workflows:orders", type=kind, late="1"),
        note=_("lines that are late"),
        tone="bad",
    )


def _tasks(asked: Asked, *, kind: str) -> Figure:
    """Tasks of one kind that the reader may do, with how many there were at the end of each day."""
    rows = followups.to_do(asked.access).filter(kind=kind)
    number = rows.count()
    late = rows.filter(due_at__lt=asked.now).count()
    ever = followups.visible(asked.access).filter(kind=kind).exclude(state="cancelled")
    past = series.standing(ever, "created_at", F("done_at"), asked.now, asking.zone(asked))
    return Figure(
        number,
        asking.address("workflows:tasks", kind=kind),
        note=_("%(count)s overdue") % {"count": ui.group(late)} if late else "",
        series=[*past[:-1], number],
        past=_("open at the end of each day"),
        tone="bad" if late else "warn",
    )


TILES = (
    Tile(
        "late_sales",
        gettext_lazy("Late to customers"),
        {places.SALES: 12, places.MANAGER: 40},
        partial(_late, kind="sales_order"),
        ("stock.view",),
    ),
    Tile(
        "late_purchases",
        gettext_lazy("Late from suppliers"),
        {places.PROCUREMENT: 12, places.MANAGER: 41},
        partial(_late, kind="purchase_order"),
        ("stock.view",),
    ),
    Tile(
        "late_production",
        gettext_lazy("Late from production"),
        {places.PRODUCTION: 12},
        partial(_late, kind="production_order"),
        ("stock.view",),
    ),
    Tile(
        "dispatch",
        gettext_lazy("To dispatch"),
        {places.WAREHOUSE: 30, places.WORK: 30},
        partial(_tasks, kind=FollowUp.Kind.DISPATCH),
        followups.DUTIES[FollowUp.Kind.DISPATCH].rights,
    ),
    Tile(
        "settle",
        gettext_lazy("To settle"),
        {places.FINANCE: 20},
        partial(_tasks, kind=FollowUp.Kind.SETTLEMENT),
        followups.DUTIES[FollowUp.Kind.SETTLEMENT].rights,
    ),
)
