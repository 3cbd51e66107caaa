"""What a rule would have done in the past: tried on the book and on the documents as they were, day by day.

A firing is a day on which something began to be so. Promises and orders have no history, so stock is what lay on the
shelves; ``left_out`` says so to whoever reads it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alerts import hours, kinds, scoping
from alerts.kinds import late, shelf, stockout
from alerts.kinds.base import EVERYTHING
from alerts.models import Case, Rule
from core.models import JobRun
from core.said import again
from stock.models import Balance, Item, Lot, Movement
from stock.models.partners import US
from workflows import moment
from workflows.models import Document, Task

DAYS = 30
MOST_DAYS = 92
ZERO = Decimal(0)
_SHELVES: str | Promise = _(
    "Promises and open orders have no history: the past is judged by what lay on the shelves."
)


@dataclass(frozen=True, slots=True)
class Firing:
    """On this day the rule would have opened a case about this."""

    day: date
    about: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """The firings, newest first; ``possible`` is False for a kind that cannot be tried on the past."""

    since: date
    until: date
    firings: list[Firing] = field(default_factory=list)
    possible: bool = True
    left_out: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are looked at, in the time zone of the rule."""

    since: date
    until: date
    start: datetime
    end: datetime

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.since + timedelta(days=n) for n in range((self.until - self.since).days + 1)]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.since <= day <= self.until


def replay(rule: Rule, days: int = DAYS) -> Replayed:
    """Try a rule (saved or not) on the last days, today included; ``days`` is at most ``MOST_DAYS``."""
    zone = hours.of(rule.warehouse).zone
    now = moment.now()
    until = now.astimezone(zone).date()
    since = until - timedelta(days=min(max(days, 1), MOST_DAYS) - 1)
    window = Window(since, until, datetime.combine(since, time.min, zone), now)
    tried = _TRIED.get(rule.kind)
    if tried is None:
        return Replayed(since, until, possible=False)
    firings = sorted(tried(rule, window), key=lambda one: (-one.day.toordinal(), one.about))
    return Replayed(since, until, firings, left_out=_LEFT_OUT.get(rule.kind, ""))


# Stock ---------------------------------------------------------------------------------------------


def _low(rule: Rule, window: Window) -> list[Firing]:
    return _crossings(
        rule,
        window,
        Q(reorder_point__gt=0),
        lambda item, level: level < (item.reorder_point or ZERO),
    )


def _over(rule: Rule, window: Window) -> list[Firing]:
    percent = 100 + _value(rule, "percent")
    return _crossings(
        rule,
        window,
        Q(maximum__gt=0),
        lambda item, level: level * 100 > (item.maximum or ZERO) * percent,
    )


def _below(rule: Rule, window: Window) -> list[Firing]:
    return _crossings(rule, window, Q(), lambda _item, level: level < 0)


def _crossings(
    rule: Rule, window: Window, which: Q, fires: Callable[[Item, Decimal], bool]
) -> list[Firing]:
    """Days on which an item that was well the evening before was not."""
    moved = _moved(rule, window)
    items = Item.objects.filter(which, pk__in=moved, archived_at=None)
    found = []
    for item, levels in _levels(rule, window, items, moved):
        before = fires(item, levels[0])
        for day, level in zip(window.days, levels[1:], strict=True):
            now = fires(item, level)
            if now and not before:
                found.append(Firing(day, f"{item}: {shelf.said(level)}"))
            before = now
    return found


def _runs_out(rule: Rule, window: Window) -> list[Firing]:
    """The same for the pace of the days before each day."""
    span, lead, least = (
        int(_value(rule, name)) for name in ("window_days", "lead_days", "movements")
    )
    moved = _moved(rule, window)
    used = _used(rule, window, span, moved)
    found = []
    items = Item.objects.filter(pk__in=used, archived_at=None)
    for item, levels in _levels(rule, window, items, moved):
        days = used[item.pk]
        before = True
        for number, (day, level) in enumerate(zip(window.days, levels[1:], strict=True)):
            near = [row for at, row in days.items() if day - timedelta(days=span) < at <= day]
            total = sum((row[0] for row in near), ZERO)
            often = sum(row[1] for row in near) >= least
            lasts = item.lead_time_days or lead
            now = often and level * span < total * lasts
            if now and not before and number:
                found.append(Firing(day, f"{item}: {shelf.said(level)}"))
            before = now
    return found


_Moved = Mapping[int, Mapping[date, Decimal]]


def _moved(rule: Rule, window: Window) -> _Moved:
    """Item → day → what came onto the shelves less what left them."""
    found: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    rows = Movement.objects.filter(
        scoping.items(rule, EVERYTHING, "item__"), owner=US, effective_at__gte=window.start
    )
    for end, sign in (("target", 1), ("source", -1)):
        here = Q(**{f"{end}__kind": "storage"}) & scoping.warehouse(rule, f"{end}__warehouse")
        summed = rows.filter(here).order_by().values_list("item", "posting__business_date")
        for item, day, quantity in summed.annotate(n=Sum("quantity")):
            found[item][day] += sign * quantity
    return found


def _used(rule: Rule, window: Window, span: int, items: Iterable[int]) -> dict[int, Any]:
    """Item → day → what was used on it, and in how many movements."""
    found: dict[int, dict[date, tuple[Decimal, int]]] = defaultdict(dict)
    rows = Movement.objects.filter(
        scoping.warehouse(rule, "source__warehouse"),
        item__in=list(items),
        type__in=stockout.USED,
        reversal=False,
        effective_at__gte=window.start - timedelta(days=span),
    )
    summed = rows.order_by().values_list("item", "posting__business_date")
    for item, day, quantity, times in summed.annotate(n=Sum("quantity"), often=Count("pk")):
        found[item][day] = (quantity, times)
    return found


def _levels(
    rule: Rule, window: Window, items: Iterable[Item], moved: _Moved
) -> Iterable[tuple[Item, list[Decimal]]]:
    """Each item with what lay on the shelves the evening before the window and at the end of each of its days."""
    rows = Balance.objects.filter(
        scoping.warehouse(rule, "place__warehouse"), owner=US, place__kind="storage", item__in=items
    )
    there = dict(rows.order_by().values_list("item").annotate(n=Sum("on_hand")))
    for item in items:
        level = there.get(item.pk, ZERO)
        levels = [level]
        for day in reversed(window.days):
            level -= moved[item.pk].get(day, ZERO)
            levels.append(level)
        yield item, levels[::-1]


def _near_expiry(rule: Rule, window: Window) -> list[Firing]:
    return _expiring(rule, window, int(_value(rule, "days")))


def _expired(rule: Rule, window: Window) -> list[Firing]:
    return _expiring(rule, window, -1)


def _expiring(rule: Rule, window: Window, ahead: int) -> list[Firing]:
    """Lots that came so near to their expiry on a day of the window while some of them was in stock."""
    gap = timedelta(days=ahead)
    lots = Lot.objects.filter(
        scoping.items(rule, EVERYTHING, "item__"),
        expires_on__gte=window.since + gap,
        expires_on__lte=window.until + gap,
    ).select_related("item")
    there: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for end, sign in (("target", 1), ("source", -1)):
        rows = Movement.objects.filter(
            Q(**{f"{end}__warehouse__isnull": False}),
            scoping.warehouse(rule, f"{end}__warehouse"),
            lot__in=lots,
            posting__business_date__lte=F("lot__expires_on") - gap,
        )
        for lot, quantity in rows.order_by().values_list("lot").annotate(n=Sum("quantity")):
            there[lot] += sign * quantity
    return [
        Firing(lot.expires_on - gap, f"{lot.item} {lot}: {shelf.said(there[lot.pk])}")
        for lot in lots
        if there[lot.pk] > 0 and lot.expires_on
    ]


# Documents -----------------------------------------------------------------------------------------


def _late_steps(rule: Rule, window: Window) -> list[Firing]:
    limit = timedelta(hours=int(_value(rule, "hours")))
    tasks = Task.objects.filter(
        scoping.warehouse(rule, "document__warehouse"),
        due_at__gte=window.start - limit,
        due_at__lt=window.end - limit,
    ).select_related("document", "user")
    first: dict[int, Firing] = {}
    for task in tasks.order_by("due_at"):
        fires = task.due_at + limit if task.due_at else None
        if fires and (task.decided_at or window.end) > fires and task.state != "cancelled":
            day = fires.astimezone(window.start.tzinfo).date()
            first.setdefault(task.document_id, Firing(day, f"{task.document} · {task.user}"))
    return list(first.values())


def _old_rests(rule: Rule, window: Window) -> list[Firing]:
    age = timedelta(days=int(_value(rule, "days")))
    rows = Document.objects.filter(
        scoping.warehouse(rule, "warehouse"),
        rest_of__isnull=False,
        created_at__gte=window.start - age,
        created_at__lt=window.end - age,
    )
    found = []
    for row in rows:
        fires = row.created_at + age
        over = None if row.state in late.ALIVE else row.posted_at or row.changed_at
        if over is None or over > fires:
            found.append(Firing(fires.astimezone(window.start.tzinfo).date(), str(row)))
    return found


def _documents(rule: Rule, window: Window) -> list[Firing]:
    """Kinds that look back some days: they look back over the window, and each document has its day."""
    kind = kinds.get(rule.kind)
    if kind is None:
        return []
    wide = copy(rule)
    length = (window.until - window.since).days + 1
    least = max(length, int(kind.value(rule, "days")))
    wide.parameters = {**rule.parameters, "days": least}
    found = kind.find(wide, EVERYTHING, False)
    rows = Document.objects.in_bulk([one.document for one in found if one.document])
    firings = []
    for one in found:
        row = rows[one.document or 0]
        at = row.submitted_at if rule.kind == "duplicate" else row.posted_at or row.changed_at
        day = (at or row.created_at).astimezone(window.start.tzinfo).date()
        if day in window:
            firings.append(Firing(day, again(one.reason)))
    return firings


# What else is on record ------------------------------------------------------------------------------


def _jobs(name: str) -> Callable[[Rule, Window], list[Firing]]:
    def tried(_rule: Rule, window: Window) -> list[Firing]:
        runs = JobRun.objects.filter(name=name, finished_at__gte=window.start).order_by("pk")
        found, before = [], True
        for run in runs:
            if not run.ok and before and run.finished_at:
                day = run.finished_at.astimezone(window.start.tzinfo).date()
                found.append(Firing(day, str(run.detail.get("error", ""))[:120] or name))
            before = run.ok
        return found

    return tried


def _reports(rule: Rule, window: Window) -> list[Firing]:
    rows = Case.objects.filter(
        scoping.warehouse(rule, "warehouse"),
        rule__kind=rule.kind,
        opened_at__gte=window.start,
    )
    zone = window.start.tzinfo
    return [Firing(row.opened_at.astimezone(zone).date(), again(row.reason)) for row in rows]


def _value(rule: Rule, name: str) -> Decimal:
    kind = kinds.get(rule.kind)
    return kind.value(rule, name) if kind is not None else ZERO


_TRIED: dict[str, Callable[[Rule, Window], list[Firing]]] = {
    "low-stock": _low,
    "over-stock": _over,
    "stockout": _runs_out,
    "below-zero": _below,
    "near-expiry": _near_expiry,
    "expired": _expired,
    "late-step": _late_steps,
    "old-rest": _old_rests,
    "override": _documents,
    "variance": _documents,
    "duplicate": _documents,
    "book": _jobs("stock.verify"),
    "backup": _jobs("core.backup"),
    "problem": _reports,
}
_LEFT_OUT: dict[str, str | Promise] = dict.fromkeys(
    ("low-stock", "stockout", "over-stock", "below-zero"), _SHELVES
)
