"""The tiles of the home page: each is a number, what it means, and a link to exactly that list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.templatetags import ui
from people.access import Access
from stock.models import Balance, CostPool, Item, Movement
from stock.queries.movements import MovementFilter, MovementRow, movements
from stock.queries.on_hand import on_hand
from stock.queries.sight import see
from workflows import queries


@dataclass(frozen=True, slots=True)
class Tile:
    """What one tile shows now; ``calm`` tiles say that all is well and are drawn small."""

    label: str | Promise
    figure: str
    note: str | Promise
    url: str
    tone: str = ""
    calm: bool = False


def _scope(access: Access, path: str) -> Q:
    """Rows of warehouses that one may see; ``path`` leads to a place."""
    scopes = access.scopes("stock.view")
    return Q() if scopes is None else Q(**{f"{path}__warehouse__scope_id__in": list(scopes)})


def to_do(access: Access) -> Tile | None:
    """How many documents wait for the person, and how many of them are late."""
    if access.user_id is None:
        return None
    waiting = queries.waiting(access.user_id)
    late = queries.waiting(access.user_id, overdue=True) if waiting else 0
    note = _("%(count)s overdue") % {"count": ui.group(late)} if late else _("wait for you")
    url = reverse("workflows:inbox")
    return Tile(_("To do"), ui.group(waiting), note, url, "bad" if late else "", calm=not waiting)


def items_on_hand(access: Access) -> Tile:
    """How many items are in stock."""
    count = (
        Balance.objects.filter(_scope(access, "place"), on_hand__gt=0)
        .values("item")
        .distinct()
        .count()
    )
    return Tile(
        _("Items in stock"), ui.group(count), _("with a quantity now"), reverse("stock:on_hand")
    )


def movements_today(access: Access) -> Tile:
    """How many movements happened since midnight."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Movement.objects.filter(
        _scope(access, "source") | _scope(access, "target"), effective_at__gte=midnight
    )
    url = f"{reverse('stock:movements')}?from={midnight.date().isoformat()}"
    return Tile(_("Movements today"), ui.group(rows.count()), _("posted since midnight"), url)


def stock_value(access: Access) -> Tile | None:
    """What stock is worth; only for those who may see all of it with its costs."""
    sight = see(access)
    if not sight.shows_value:
        return None
    pools = CostPool.objects.filter(area__in=sight.areas)
    value = pools.aggregate(total=Sum("value"))["total"] or Decimal(0)
    return Tile(
        _("Stock value"),
        ui.money(value),
        _("at cost, as booked"),
        reverse("stock:summary"),
    )


def below_reorder_point(access: Access) -> Tile:
    """How many items have less available than their reorder point."""
    items = dict(
        Item.objects.filter(reorder_point__gt=0, archived_at=None).values_list(
            "pk", "reorder_point"
        )
    )
    there: dict[int, Decimal] = {}
    for row in on_hand(access, by=("item",)):
        if row.item is not None:
            there[row.item.id] = row.figures.available
    low = sum(
        point is not None and there.get(key, Decimal(0)) < point for key, point in items.items()
    )
    url = f"{reverse('stock:items')}?state=low"
    return Tile(
        _("Below reorder point"),
        ui.group(low),
        _("available is too low"),
        url,
        "warn",
        calm=not low,
    )


def expiring_lots(access: Access) -> Tile:
    """How many lots in stock expire within 30 days, or have."""
    until = timezone.localdate() + timedelta(days=30)
    rows = Balance.objects.filter(
        _scope(access, "place"), on_hand__gt=0, lot__expires_on__lte=until
    )
    count = rows.values("lot").distinct().count()
    url = f"{reverse('stock:lots')}?expiry=30"
    return Tile(
        _("Expire within 30 days"), ui.group(count), _("lots in stock"), url, "warn", calm=not count
    )


def below_zero(access: Access) -> Tile:
    """How many balances are below zero."""
    count = Balance.objects.filter(_scope(access, "place"), on_hand__lt=0).count()
    url = f"{reverse('stock:on_hand')}?state=negative"
    return Tile(_("Below zero"), ui.group(count), _("places to settle"), url, "bad", calm=not count)


TILES: tuple[Callable[[Access], Tile | None], ...] = (
    items_on_hand,
    movements_today,
    stock_value,
    below_reorder_point,
    expiring_lots,
    below_zero,
)


def newest(access: Access, limit: int = 12) -> list[MovementRow]:
    """The movements that happened last, as far as one may see."""
    return movements(access, MovementFilter(), limit=limit).rows
