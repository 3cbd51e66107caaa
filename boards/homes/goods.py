"""Tiles about what lies in stock: below the reorder point, not ordered, expired, in transit, below zero, its value."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.homes import asking, places, reorder, series
from people.homes import Asked, Figure, Tile
from stock.models import Balance, CostPool, Item, Movement
from stock.place_kinds import PHYSICAL
from stock.queries import lists
from stock.queries.movements import MovementFilter, seen_by

_SEE = ("stock.view",)
SOON = 30
"""Days within which an expiry is near."""


def _low(asked: Asked) -> QuerySet[Item]:
    found: QuerySet[Item] = lists.low(lists.items(asking.sight(asked)))
    return found


def _below(asked: Asked) -> Figure:
    number = _low(asked).count()
    past = _low_by_day(asked) if number else []
    return Figure(
        number,
        asking.address("stock:items", state="low"),
        before=past[-2] if past else None,
        against=_("yesterday"),
        series=past,
        past=_("items whose stock was below"),
        tone="warn",
    )


def _low_by_day(asked: Asked) -> list[int]:
    """How many items lay below their reorder point at the end of each day: today's stock less what moved since."""
    found: list[int] = asked.once("low by day", lambda: _count_low(asked))
    return found


def _count_low(asked: Asked) -> list[int]:
    points = dict(
        Item.objects.filter(reorder_point__gt=0, archived_at=None).values_list(
            "pk", "reorder_point"
        )
    )
    sight, zone = asking.sight(asked), asking.zone(asked)
    shelf = _shelf(asked).filter(item__in=points)
    stock: dict[int, Decimal] = defaultdict(
        Decimal, shelf.order_by().values_list("item").annotate(n=Sum("on_hand"))
    )
    if not sight.everything:
        points = {item: point for item, point in points.items() if item in stock}
    start = series.days(asked.now, zone)[0][0]
    moved: dict[date, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows = seen_by(sight, MovementFilter(start=start, items=list(points))).order_by()
    for end, sign in (("target", 1), ("source", -1)):
        ours = rows.filter(
            **{f"{end}__kind": "storage", f"{end}__warehouse__in": list(sight.warehouses)}
        )
        for item, day, quantity in ours.values_list("item", "posting__business_date").annotate(
            n=Sum("quantity")
        ):
            moved[day][item] += sign * quantity
    today = _today(asked)
    found = []
    for back in range(series.DAYS):
        found.append(sum(stock[item] < point for item, point in points.items() if point))
        for item, change in moved[today - timedelta(days=back)].items():
            stock[item] -= change
    return found[::-1]


def _shelf(asked: Asked) -> QuerySet[Balance]:
    return Balance.objects.filter(
        place__kind="storage", place__warehouse__in=list(asking.sight(asked).warehouses)
    )


def _unordered(asked: Asked) -> Figure:
    rows = reorder.rows(asked)
    missing = [row for row in rows if row.unordered]
    past = _low_by_day(asked) if missing else []
    return Figure(
        len(missing),
        asking.address("boards:reorder", state="unordered"),
        note=_("of %(all)s below the reorder point") % {"all": len(rows)},
        series=past,
        past=_("items whose stock was below"),
        tone="bad",
    )


def _dates(asked: Asked) -> list[date]:
    """The expiry of each lot in stock that is past or near; one statement for both tiles."""
    until = _today(asked) + timedelta(days=SOON)

    def read() -> list[date]:
        rows: QuerySet[Any] = lists.lots(asking.sight(asked))
        rows = rows.filter(expires_on__lte=until, on_hand__gt=0)
        return list(rows.order_by().values_list("expires_on", flat=True))

    found: list[date] = asked.once("expiries", read)
    return found


def _today(asked: Asked) -> date:
    return asked.now.astimezone(asking.zone(asked)).date()


def _expired(asked: Asked) -> Figure:
    today, dates = _today(asked), _dates(asked)
    ends = [today - timedelta(days=back) for back in range(series.DAYS)][::-1]
    past = [sum(day < end for day in dates) for end in ends]
    return Figure(
        past[-1],
        asking.address("stock:lots", expiry="past"),
        before=past[-8],
        against=_("a week ago"),
        series=past,
        past=_("expired lots of what is in stock"),
        tone="bad",
    )


def _expiring(asked: Asked) -> Figure:
    today = _today(asked)
    left = [(day - today).days for day in _dates(asked) if day >= today]
    weeks = [sum(n * 6 <= days < n * 6 + 6 for days in left) for n in range(SOON // 6 + 1)]
    next_week = sum(days < 7 for days in left)
    return Figure(
        len(left),
        asking.address("stock:lots", expiry="soon"),
        note=_("%(number)s of them within a week") % {"number": next_week} if next_week else "",
        series=weeks,
        past=_("lots that expire, soonest first"),
        tone="warn",
    )


def _piles(asked: Asked, kind: str = "") -> QuerySet[Any]:
    """Item, lot and place with what lies there, whoever owns it: a row each, as the list of stock shows them."""
    rows = Balance.objects.filter(place__warehouse__in=list(asking.sight(asked).warehouses))
    if kind:
        rows = rows.filter(place__kind=kind)
    return rows.order_by().values("item", "lot", "place").annotate(there=Sum("on_hand"))


def _transit(asked: Asked) -> Figure:
    number = _piles(asked, "transit").exclude(there=0).count()
    shipped = Movement.objects.filter(
        type="transfer_out", target__warehouse__in=list(asking.sight(asked).warehouses)
    )
    past = series.per_day(shipped, "effective_at", asked.now, asking.zone(asked)) if number else []
    return Figure(
        number,
        asking.address("stock:on_hand", state="transit"),
        series=past,
        past=_("movements sent off a day"),
    )


def _negative(asked: Asked) -> Figure:
    return Figure(
        _piles(asked).filter(there__lt=0).count(),
        asking.address("stock:on_hand", state="negative"),
        note=_("below zero in the book"),
        tone="bad",
    )


def _value(asked: Asked) -> Figure | None:
    """What stock is worth, and was at the end of each day: today's value less what was booked since."""
    sight, zone = asking.sight(asked), asking.zone(asked)
    if not sight.shows_value:
        return None
    pools = CostPool.objects.filter(area__in=sight.areas)
    value = pools.aggregate(total=Sum("value"))["total"] or Decimal(0)
    start = series.days(asked.now, zone)[0][0]
    rows = seen_by(sight, MovementFilter(start=start)).order_by()
    changed: dict[date, Decimal] = defaultdict(Decimal)
    for end, sign in (("target", 1), ("source", -1)):
        ours = rows.filter(
            **{f"{end}__kind__in": PHYSICAL, f"{end}__warehouse__in": list(sight.warehouses)}
        )
        for day, total in ours.values_list("posting__business_date").annotate(n=Sum("value")):
            changed[day] += sign * total
    today, left = _today(asked), value
    past = []
    for back in range(series.DAYS):
        past.append(left)
        left -= changed[today - timedelta(days=back)]
    past.reverse()
    return Figure(
        value,
        asking.address("stock:summary"),
        text=asking.short_money(value),
        before=past[-2],
        against=_("yesterday"),
        series=past,
        past=_("stock value at the end of each day"),
    )


TILES = (
    Tile(
        "expired",
        gettext_lazy("Expired lots"),
        {places.WAREHOUSE: 30, places.MANAGER: 60},
        _expired,
        _SEE,
    ),
    Tile(
        "expiring",
        gettext_lazy("Expire within 30 days"),
        {places.WAREHOUSE: 31, places.SALES: 40},
        _expiring,
        _SEE,
    ),
    Tile(
        "low",
        gettext_lazy("Below reorder point"),
        {places.WAREHOUSE: 32, places.PROCUREMENT: 30, places.PRODUCTION: 40},
        _below,
        _SEE,
    ),
    Tile(
        "unordered",
        gettext_lazy("Low and not ordered"),
        {places.PROCUREMENT: 29},
        _unordered,
        _SEE,
    ),
    Tile("transit", gettext_lazy("In transit"), {places.WAREHOUSE: 33}, _transit, _SEE),
    Tile(
        "negative",
        gettext_lazy("Negative stock"),
        {places.WAREHOUSE: 34, places.FINANCE: 60},
        _negative,
        _SEE,
    ),
    Tile(
        "value",
        gettext_lazy("Stock value"),
        {places.FINANCE: 20, places.MANAGER: 70},
        _value,
        ("cost.view",),
        check=False,
    ),
)
