"""Reckons what to order again for every item and warehouse with demand; a number of statements that does not grow with them."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from alerts.anomaly import observing
from alerts.models import Habit, Suggestion
from alerts.reorder import forecasting, reckoning
from core import locks
from stock import incoming
from stock.models import Availability, Balance, Item, ItemUnit, Movement
from stock.models.partners import US
from workflows import states
from workflows.models import Line

DEMAND = ("sales_out", "production_issue", "department_issue")
"""Types that use goods up."""
BACK = ("sales_return", "production_return")
"""Types that say that what was used up was not."""
WEEKS = 52
_TRIED = 2_000
"""So many series say which way to forecast."""
_HORIZON = 8
_LOCK = "alerts.reorder"
_ASKED = (states.DRAFT, states.IN_APPROVAL, states.RETURNED, states.APPROVED)
Pair = tuple[int, int]
"""Item and warehouse."""


@dataclass
class _Facts:
    demand: dict[Pair, list[float]]
    available: dict[Pair, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    incoming: Mapping[Pair, Decimal] = field(default_factory=dict)
    asked: dict[Pair, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    suppliers: dict[int, int] = field(default_factory=dict)
    packs: dict[int, ItemUnit] = field(default_factory=dict)

    @cached_property
    def pairs(self) -> dict[int, set[Pair]]:
        """By item: where it lies, comes to or is asked for."""
        found: dict[int, set[Pair]] = defaultdict(set)
        for pair in self.available.keys() | self.incoming.keys() | self.asked.keys():
            found[pair[0]].add(pair)
        return found


@transaction.atomic
def reckon_all() -> int:
    """Reckon anew; returns for how many something is to be ordered."""
    locks.hold(_LOCK)
    now = timezone.now()
    facts = _facts(now)
    rows = list(_rows(facts, now))
    Suggestion.objects.all().delete()
    Suggestion.objects.bulk_create(rows, batch_size=1_000)
    return sum(1 for row in rows if row.quantity)


def _facts(now: datetime) -> _Facts:
    facts = _Facts(_demand(now))
    shelf = Balance.objects.filter(owner=US, place__kind="storage").order_by()
    for item, house, quantity in shelf.values_list("item_id", "place__warehouse_id").annotate(
        there=Sum("on_hand")
    ):
        facts.available[item, house] += quantity
    promised = Availability.objects.filter(reserved__gt=0)
    for item, house, quantity in promised.values_list("item_id", "warehouse_id", "reserved"):
        facts.available[item, house] -= quantity
    facts.incoming = incoming.expected()
    facts.asked = requested()
    bought = Habit.objects.filter(level=Habit.Level.ITEM, type="purchase_in")
    for item, seen in bought.values_list("subject", "seen").iterator():
        last = observing.unpacked(seen)[-1:] if seen else []
        if last and last[0].partner:
            facts.suppliers[item] = last[0].partner
    units = ItemUnit.objects.filter(numerator__gt=F("denominator")).select_related("unit")
    for unit in units.order_by("item_id", "-numerator"):
        facts.packs[unit.item_id] = unit  # the smallest pack stays
    return facts


def _demand(now: datetime) -> dict[Pair, list[float]]:
    """Item and warehouse → what was used up for good in each of the last whole weeks, oldest first.

    What came back is taken off the week in which it had gone.
    """
    monday = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    first = monday - timedelta(weeks=WEEKS)
    used: dict[Pair, list[Decimal]] = {}
    for sign, item, house, week, quantity in _moved(first, monday):
        if house is not None:
            series = used.setdefault((item, house), [Decimal(0)] * WEEKS)
            at = round((timezone.localtime(week) - first).days / 7)
            series[min(max(at, 0), WEEKS - 1)] += sign * quantity
    return {
        pair: _since_first([max(0.0, float(one)) for one in series])
        for pair, series in used.items()
    }


def _moved(
    first: datetime, until: datetime
) -> Iterator[tuple[int, int, int | None, datetime, Decimal]]:
    """What was used (1) and what of it came back (−1): sign, item, warehouse, week in which it was used, quantity."""
    counted = Movement.objects.filter(reversal=False).exclude(successors__reversal=True).order_by()
    for sign, at in ((1, ""), (-1, "original__")):
        use = {
            f"{at}type__in": DEMAND,
            f"{at}effective_at__gte": first,
            f"{at}effective_at__lt": until,
        }
        rows = counted.filter(**use) if sign == 1 else counted.filter(**use, type__in=BACK)
        names = ("item_id", f"{at}source__warehouse_id", TruncWeek(f"{at}effective_at"))
        for item, house, week, quantity in rows.values_list(*names).annotate(n=Sum("quantity")):
            yield sign, item, house, week, quantity


def _since_first(series: list[float]) -> list[float]:
    """Without the weeks before it was ever used, of which nothing is known; at least eight weeks stay."""
    start = next((at for at, value in enumerate(series) if value), 0)
    return series[min(start, WEEKS - 8) :]


def requested() -> dict[Pair, Decimal]:
    """Item and warehouse → what purchase requests ask for that are not orders yet, in base units."""
    found: dict[Pair, Decimal] = defaultdict(Decimal)
    lines = Line.objects.filter(document__type="purchase_order", document__state__in=_ASKED)
    names = ("item_id", "document__warehouse_id", "requested", "numerator", "denominator")
    for item, house, number, up, down in lines.order_by().values_list(*names):
        if house is not None:
            found[item, house] += number * up / down
    return found


def _rows(facts: _Facts, now: datetime) -> Iterator[Suggestion]:
    choices = _choices(facts)
    items = Item.objects.filter(archived_at=None).select_related("base_unit")
    known = {item.pk: item for item in items.iterator()}
    homes = _homes(facts)
    wanted = {pair for pair in facts.demand if pair[0] in known}
    wanted |= {(pk, home) for pk, home in homes.items() if pk in known and known[pk].reorder_point}
    for pair in sorted(wanted):
        series = facts.demand.get(pair, [0.0] * 8)
        forecast = forecasting.forecast(series, _HORIZON, choices)
        item = known[pair[0]]
        limits = _limits(item, pair, facts) if homes[item.pk] == pair[1] else (None, None)
        yield _one(item, pair, forecast, facts, limits, now)


def _homes(facts: _Facts) -> dict[int, int]:
    """The warehouse of each item that uses most of it, of those that use the same the one that holds most."""
    homes: dict[int, tuple[float, Decimal, int]] = {}
    for item, house in facts.demand.keys() | facts.available.keys():
        used = sum(facts.demand.get((item, house), ()))
        weight = (used, facts.available.get((item, house), Decimal(0)), -house)
        homes[item] = max(homes.get(item, weight), weight)
    return {item: -weight[2] for item, weight in homes.items()}


def _limits(item: Item, home: Pair, facts: _Facts) -> tuple[float | None, float | None]:
    """What the item's reorder point and maximum leave for its home: they are for all warehouses together."""
    elsewhere = sum(
        float(facts.available.get(pair, 0) + facts.incoming.get(pair, 0) + facts.asked.get(pair, 0))
        for pair in facts.pairs[item.pk]
        if pair != home
    )
    point, maximum = (
        None if limit is None else max(0.0, float(limit) - elsewhere)
        for limit in (item.reorder_point, item.maximum)
    )
    return point, maximum


def _choices(facts: _Facts) -> dict[str, forecasting.Choice]:
    series = [facts.demand[pair] for pair in sorted(facts.demand)]
    if len(series) > _TRIED:
        series = random.Random(WEEKS).sample(series, _TRIED)  # noqa: S311 - which are tried is no secret
    return forecasting.choose(series, _HORIZON) if series else {}


def _one(
    item: Item,
    pair: Pair,
    forecast: forecasting.Forecast,
    facts: _Facts,
    limits: tuple[float | None, float | None],
    now: datetime,
) -> Suggestion:
    pack = facts.packs.get(item.pk)
    size = pack.numerator / pack.denominator if pack else 1.0
    coming = facts.incoming.get(pair, Decimal(0))
    asked = facts.asked.get(pair, Decimal(0))
    available = facts.available.get(pair, Decimal(0))
    lead = reckoning.LEAD if item.lead_time_days is None else item.lead_time_days
    answer = reckoning.reckon(
        reckoning.Need(
            forecast,
            float(available),
            float(coming + asked),
            lead=lead,
            pack=size,
            point=limits[0],
            maximum=limits[1],
        )
    )
    places = item.base_unit.decimals
    packs = Decimal(int(answer.packs))
    return Suggestion(
        item=item,
        warehouse_id=pair[1],
        supplier_id=facts.suppliers.get(item.pk),
        pattern=forecast.pattern,
        method=forecast.method,
        per_day=_rounded(answer.per_day, 3),
        lead_days=lead,
        safety=_rounded(answer.safety, places),
        point=_rounded(answer.point, places),
        available=available,
        incoming=coming,
        asked=asked,
        unit=pack.unit if pack else item.base_unit,
        packs=packs,
        quantity=_rounded(float(packs) * size, 6),
        days_left=answer.days_left,
        reckoned_at=now,
    )


def _rounded(value: float, places: int) -> Decimal:
    return Decimal(f"{value:.{min(places, 6)}f}")
