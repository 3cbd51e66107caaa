"""Monthly average and standard cost, settled when their month is closed.

During the month both are valued like a moving average; that cost is provisional. At its end all that left to
outside (sold, used, scrapped) gets the month's average or the standard cost, by changes of value to each
movement's own end, shared without losing a cent. With standard cost the stock is brought to it as well, and
the difference is a variance. A movement within or between warehouses keeps its provisional cost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from core.dialect import Dialect
from core.numbers import (
    QUANTITY_SCALE,
    VALUE_PLACES,
    VALUE_SCALE,
    divide_half_up,
    from_scaled,
    to_scaled,
)
from finance import posting, words
from finance.closing.snapshot import midnight
from finance.models import Closing, StandardCost
from people import access
from people.models import Company
from stock import catalog, costing, place_kinds
from stock.closing import Closing as Step
from stock.models import Category, CostPool, Place
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.plan import LineInput

_LINES = 2_000
"""Lines of a posting."""
_MOVES = f"""
SELECT m.item_id, c.cost_method, CASE WHEN t.kind = 'transit' THEN NULL ELSE wt.area_id END,
  CASE WHEN s.kind = 'transit' THEN NULL ELSE ws.area_id END, t.kind, m.id, m.type, m.original_id,
  m.quantity, m.value, m.lot_id, m.source_id, m.target_id,
  CASE WHEN m.effective_at < %s THEN 1 ELSE 0 END, CASE WHEN m.reversal THEN 1 ELSE 0 END
FROM stock_movement m
JOIN stock_item i ON i.id = m.item_id JOIN stock_category c ON c.id = i.category_id
JOIN stock_place t ON t.id = m.target_id LEFT JOIN stock_warehouse wt ON wt.id = t.warehouse_id
JOIN stock_place s ON s.id = m.source_id LEFT JOIN stock_warehouse ws ON ws.id = s.warehouse_id
WHERE c.cost_method IN ('monthly', 'standard') AND m.owner_id = {US} AND t.company_id = %s
  AND m.effective_at < %s
ORDER BY m.id
"""


class _Row(NamedTuple):
    """One movement; areas are None at ends outside the warehouses and in transit."""

    item: int
    method: str
    into: int | None
    out: int | None
    target_kind: str
    id: int
    type: str
    original: int | None
    quantity: int
    value: int
    lot: int
    source: int
    target: int
    earlier: int
    reversal: int

    @property
    def issued(self) -> bool:
        """Goods that left for good in the month; what goes back to a supplier, or undoes a receipt, is none."""
        outside = self.target_kind not in place_kinds.PHYSICAL and self.target_kind != "supplier"
        return outside and bool(self.quantity) and not self.earlier and not self.reversal


@dataclass(slots=True)
class _Issue:
    """Goods that left in the month: what is left of them and of their cost after returns and changes."""

    movement: int
    lot: int
    source: int
    target: int
    quantity: int
    value: int
    outside: int = 0
    """Cost that came from the revaluation place, not from stock."""


@dataclass(slots=True)
class _Pool:
    """What an item had and got in an area till the end of the month, and what left of it in the month."""

    item: int
    area: int
    method: str
    quantity: int = 0
    value: int = 0
    issues: list[_Issue] = field(default_factory=list)


@dataclass(slots=True)
class _Change:
    """By how much an issue's cost changes."""

    issue: _Issue
    amount: int


def settle(step: Step) -> int:
    """Post what the month's costs change; how many movements of value. Nothing the second time."""
    company = step.company
    if not Category.objects.filter(cost_method__in=("monthly", "standard")).exists():
        return 0
    pools = _read(company, step.month)
    unit = _standards(pools, step.month)
    money = 10 ** (VALUE_PLACES - company.currency_places)
    revaluation = catalog.virtual_place(company, "revaluation").pk
    lines: list[LineInput] = []
    for pool in pools:
        standard = unit.get((pool.item, pool.area))
        lines += _lines(pool, standard, money, revaluation)
    _post(step, lines)
    return len(lines)


def _read(company: Company, month: date) -> list[_Pool]:
    dialect = Dialect(connection.vendor)
    after = (month + timedelta(days=31)).replace(day=1)
    first, end = (dialect.moment(midnight(company, day)) for day in (month, after))
    pools: dict[tuple[int, int], _Pool] = {}
    issues: dict[int, _Issue] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, [first, company.pk, end])
        for row in map(_Row._make, cursor.fetchall()):
            _add(row, pools, issues)
    return list(pools.values())


def _add(row: _Row, pools: dict[tuple[int, int], _Pool], issues: dict[int, _Issue]) -> None:
    """Count one movement: into stock, as an issue of the month, or as a return or change of one."""
    issue = issues.get(row.original or 0)
    if issue is not None and row.type != "settlement" and issue.target in {row.source, row.target}:
        sign = 1 if row.target == issue.target else -1
        issue.quantity += sign * row.quantity
        issue.value += sign * row.value
        if row.into is None and row.out is None:
            issue.outside += sign * row.value
        return
    if row.into == row.out:
        return
    for area, sign in ((row.into, 1), (row.out, -1)):
        if area is None:
            continue
        pool = pools.setdefault((row.item, area), _Pool(row.item, area, row.method))
        if sign < 0 and row.issued and issue is None:
            issues[row.id] = _Issue(
                row.id, row.lot, row.source, row.target, row.quantity, row.value
            )
            pool.issues.append(issues[row.id])
        else:
            pool.quantity += sign * row.quantity
            pool.value += sign * row.value


def _standards(pools: Iterable[_Pool], month: date) -> dict[tuple[int, int], tuple[int, int]]:
    """Value and quantity (scaled) of the standard cost in force, by item and area."""
    items = {pool.item for pool in pools}
    rows = StandardCost.objects.filter(
        item__in=items, month__lte=month, item__category__cost_method="standard"
    ).order_by("month")
    return {
        (row.item_id, row.area_id): (
            to_scaled(row.value, VALUE_SCALE),
            to_scaled(row.quantity, QUANTITY_SCALE),
        )
        for row in rows
    }


def _lines(
    pool: _Pool, standard: tuple[int, int] | None, money: int, revaluation: int
) -> list[LineInput]:
    """What changes the issues of one pool, and with standard cost what is left in it."""
    issues = [one for one in pool.issues if one.quantity > 0]
    wanted = _wanted(pool, issues, standard, money)
    changes = [
        _Change(one, cost - one.value)
        for one, cost in zip(issues, wanted, strict=True)
        if cost != one.value
    ]
    now = _Now(pool)
    made = [_line(pool, change, now, revaluation) for change in sorted(changes, key=_by_amount)]
    left = pool.quantity - sum(one.quantity for one in pool.issues)
    if standard is not None and left > 0:
        after = pool.value - sum(one.value - one.outside for one in pool.issues)
        after -= sum(change.amount for change in changes)
        goal = costing.amount(left, *standard_ratio(standard), money)
        made += _bring(pool, goal - after, now, revaluation)
    return made


def _wanted(
    pool: _Pool, issues: Sequence[_Issue], standard: tuple[int, int] | None, money: int
) -> list[int]:
    """What each issue should cost; what it costs where the month's stock does not tell."""
    issued = sum(one.quantity for one in issues)
    if standard is not None:
        return [costing.amount(one.quantity, *standard_ratio(standard), money) for one in issues]
    if pool.method != "monthly" or pool.quantity <= 0 or issued > pool.quantity:
        return [one.value for one in issues]
    total = pool.value
    if issued != pool.quantity:
        total = divide_half_up(pool.value * issued, pool.quantity * money) * money
    return costing.allot(total, [one.quantity for one in issues], money)


def standard_ratio(standard: tuple[int, int]) -> tuple[int, int]:
    """Numerator and denominator of a unit cost, from a scaled value for a scaled quantity."""
    value, quantity = standard
    return value * QUANTITY_SCALE, quantity * VALUE_SCALE


def _by_amount(change: _Change) -> int:
    """What gives value back to the pool comes first."""
    return change.amount


class _Now:
    """What the pool can bear now: it must hold goods, and enough value."""

    def __init__(self, pool: _Pool) -> None:
        row = CostPool.objects.filter(
            item=pool.item, area=pool.area, lot=NO_LOT, shipment=""
        ).first()
        self.holds = row is not None and row.quantity > 0
        self.value = to_scaled(row.value, VALUE_SCALE) if row is not None else 0

    def bears(self, change: int) -> bool:
        """Take the change if it can be."""
        if not self.holds or self.value + change < 0:
            return False
        self.value += change
        return True


def _line(pool: _Pool, change: _Change, now: _Now, revaluation: int) -> LineInput:
    """Value between an issue's end and its pool; where that holds nothing any more, the revaluation place."""
    issue = change.issue
    here = issue.source if now.bears(-change.amount) else revaluation
    ends = (here, issue.target) if change.amount > 0 else (issue.target, here)
    return LineInput(
        type="price_difference",
        item=pool.item,
        source=ends[0],
        target=ends[1],
        quantity=Decimal(0),
        lot=issue.lot,
        value=from_scaled(abs(change.amount), VALUE_PLACES),
        original=issue.movement,
    )


def _bring(pool: _Pool, amount: int, now: _Now, revaluation: int) -> list[LineInput]:
    """Stock to its standard cost."""
    if not amount or not now.bears(amount):
        return []
    place = (
        Place.objects.filter(
            warehouse__area=pool.area, kind="storage", is_group=False, archived_at=None
        )
        .order_by("pk")
        .values_list("pk", flat=True)[0]
    )
    ends = (revaluation, place) if amount > 0 else (place, revaluation)
    return [
        LineInput(
            type="revaluation",
            item=pool.item,
            source=ends[0],
            target=ends[1],
            quantity=Decimal(0),
            value=from_scaled(abs(amount), VALUE_PLACES),
        )
    ]


def _post(step: Step, lines: Sequence[LineInput]) -> None:
    company, month = step.company, step.month
    after = (month + timedelta(days=31)).replace(day=1)
    moment = midnight(company, after) - timedelta(microseconds=1)
    number = Closing.objects.filter(company=company, month=month).count() + 1
    with words.of_books(company.pk):
        why = _("Costs of %(month)s settled") % {"month": f"{month:%Y-%m}"}
    for start in range(0, len(lines), _LINES):
        posting.post(
            lines[start : start + _LINES],
            company=company,
            key=f"close:{month:%Y-%m}:{number}:{start}",
            actor=step.actor,
            access=access.SYSTEM,
            document=f"{month:%Y-%m}",
            why=why,
            effective_at=moment,
        )
