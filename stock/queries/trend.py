"""How much of some items lay on the shelves of a warehouse at the end of each of the last days; for small plots."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from stock.models import Balance, Movement
from stock.place_kinds import PHYSICAL
from stock.queries.sight import Sight, local_midnight

DAYS = 30


def trend(
    sight: Sight, items: Collection[int], warehouse: int, today: date
) -> dict[int, list[Decimal]]:
    """Item → on hand at the end of each day, oldest first, today last; three statements.

    It is today's balance less what moved since. Nothing where the warehouse may not be seen.
    """
    if warehouse not in sight.warehouses or not items:
        return {}
    now = dict(
        Balance.objects.filter(item__in=items, place__warehouse=warehouse)
        .order_by()
        .values_list("item")
        .annotate(n=Sum("on_hand"))
    )
    first = today - timedelta(days=DAYS - 1)
    moved: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    rows = Movement.objects.filter(
        item__in=items, effective_at__gte=local_midnight(first, sight.warehouses[warehouse].zone)
    ).order_by()
    for end, sign in (("target", 1), ("source", -1)):
        here = rows.filter(**{f"{end}__warehouse": warehouse, f"{end}__kind__in": PHYSICAL})
        for item, day, quantity in here.values_list("item", "posting__business_date").annotate(
            n=Sum("quantity")
        ):
            moved[item, day] += sign * quantity
    found: dict[int, list[Decimal]] = {}
    for item in items:
        left, past = now.get(item, Decimal(0)), []
        for back in range(DAYS):
            past.append(left)
            left -= moved[item, today - timedelta(days=back)]
        found[item] = past[::-1]
    return found
