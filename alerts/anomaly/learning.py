"""The only writer of habits and manners: takes in what was posted, takes out what was reversed, learns limits.

Follows postings through the outbox, a batch at a time. In which order batches come does not matter: counts are
added and subtracted, and the last lines of an item are those with the largest keys that were not reversed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Q

from alerts.anomaly import calibrating, company, observing
from alerts.anomaly.lines import HOURS, Around, Pack, Seen
from alerts.anomaly.observing import KEPT, Observed
from alerts.models import Habit, Manner
from core import locks, outbox
from stock import sealing
from stock.models import ItemUnit, Movement

CONSUMER = "alerts.habits"
Key = tuple[str, int, str]
"""Level, item or category, type."""
_SAMPLE = 1_500
"""So many items of a type say enough about its limits."""
_CHUNK = 500


def follow() -> None:
    """Register with the outbox; called when the app starts."""
    outbox.register(consumer=CONSUMER, topic=sealing.TOPIC, handler=learn, batch=200, alone=True)


@transaction.atomic
def learn(postings: Sequence[int]) -> None:
    """Take in the lines of these postings, and take out those that they reverse."""
    locks.hold(CONSUMER)
    rows = observing.with_all(observing.lines().filter(posting__in=postings))
    new = observing.observe(rows)
    reversals = Movement.objects.filter(posting__in=postings, reversal=True)
    undone = observing.observe(
        observing.with_all(observing.lines().filter(successors__in=reversals))
    )
    if not new and not undone:
        return
    gone = set(
        Movement.objects.filter(reversal=True, original__in=[one.seen.key for one in new])
        .values_list("original_id", flat=True)
    )  # fmt: skip
    _habits(new, undone, gone)
    _manners([(one, 1) for one in new] + [(one, -1) for one in undone])


def _keys(one: Observed) -> tuple[Key, Key]:
    return (
        (Habit.Level.ITEM.value, one.item, one.type),
        (Habit.Level.CATEGORY.value, one.category, one.type),
    )


def _habits(new: Sequence[Observed], undone: Sequence[Observed], gone: set[int]) -> None:
    """Append, count, and fill up again what has lost a line."""
    totals: Counter[Key] = Counter()
    added: dict[Key, list[Seen]] = {}
    lost: set[Key] = set()
    for one in new:
        for key in _keys(one):
            totals[key] += 1
            if one.seen.key not in gone:
                added.setdefault(key, []).append(one.seen)
    for one in undone:
        for key in _keys(one):
            totals[key] -= 1
            lost.add(key)
    known = _known(totals)
    filled = _filled(lost)
    rows = []
    for key, count in totals.items():
        row = known.get(key) or Habit(level=key[0], subject=key[1], type=key[2])
        seen = filled[key] if key in lost else [*observing.unpacked(row.seen), *added.get(key, [])]
        row.seen = observing.packed(sorted({s.key: s for s in seen}.values())[-KEPT:])
        row.total += count
        rows.append(row)
    _save([row for row in rows if row.total or row.seen])
    empty = [row.pk for row in rows if row.pk and not (row.total or row.seen)]
    Habit.objects.filter(pk__in=empty).delete()


def _known(keys: Iterable[Key]) -> dict[Key, Habit]:
    wanted = list(keys)
    which = Q(pk=None)
    for level in Habit.Level.values:
        which |= Q(level=level, subject__in={k[1] for k in wanted if k[0] == level})
    rows = Habit.objects.filter(which, type__in={key[2] for key in wanted})
    return {(row.level, row.subject, row.type): row for row in rows}


def _filled(keys: set[Key]) -> dict[Key, list[Seen]]:
    """The last lines of these keys, from the book."""
    found: dict[Key, list[Seen]] = {key: [] for key in keys}
    for level, name in ((Habit.Level.ITEM, "item"), (Habit.Level.CATEGORY, "item__category")):
        mine = [key for key in keys if key[0] == level]
        if not mine:
            continue
        which = Q(**{f"{name}__in": {key[1] for key in mine}}, type__in={key[2] for key in mine})
        rows = observing.with_all(observing.newest(which, name))
        for one in observing.observe(rows):
            key = _keys(one)[0 if level == Habit.Level.ITEM else 1]
            if key in found:
                found[key].append(one.seen)
    return found


def _save(rows: Sequence[Habit]) -> None:
    Habit.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["level", "subject", "type"],
        update_fields=["seen", "total"],
        batch_size=_CHUNK,
    )


def _manners(changes: Iterable[tuple[Observed, int]]) -> None:
    """Count lines by hour, delay, person, department and reason."""
    by_type: dict[str, list[tuple[Observed, int]]] = {}
    for one, step in changes:
        by_type.setdefault(one.type, []).append((one, step))
    known = {row.type: row for row in Manner.objects.filter(type__in=by_type)}
    for kind, steps in by_type.items():
        row = known.get(kind) or Manner(type=kind)
        count(row, steps)
        row.save()


def count(row: Manner, steps: Iterable[tuple[Observed, int]]) -> None:
    """Add each line to (or take it from) the counts of its type."""
    row.hours = row.hours or [0] * HOURS
    row.lags = row.lags or [0] * (len(company.LAGS) + 1)
    for one, step in steps:
        row.hours[company.hour_of(one.at)] += step
        row.lags[company.lag_of(one.lag)] += step
        for name in company.OF_TYPE:
            value = getattr(one.seen, name)
            if not value:
                continue
            counts = row.counts.setdefault(name, {})
            counts[str(value)] = counts.get(str(value), 0) + step
            if not counts[str(value)]:
                del counts[str(value)]


# From the start -------------------------------------------------------------------------------------


def rebuild() -> int:
    """Forget all and learn the book anew; returns how many lines. What was accepted stays."""
    with transaction.atomic():
        locks.hold(CONSUMER)
        Habit.objects.all().delete()
        levels = dict(Manner.objects.values_list("type", "levels"))
        Manner.objects.all().delete()
        learnt = _all_items()
        for kind, kept in levels.items():
            Manner.objects.filter(type=kind).update(levels=kept)
    for kind in Manner.objects.values_list("type", flat=True):
        calibrate(kind)
    return learnt


def _all_items() -> int:
    """Item by item in chunks: only the last lines of each category are held meanwhile."""
    items = list(observing.lines().order_by().values_list("item", flat=True).distinct())
    categories: dict[Key, list[Seen]] = {}
    totals: Counter[Key] = Counter()
    manners: dict[str, Manner] = {}
    learnt = 0
    for start in range(0, len(items), _CHUNK):
        learnt += _some_items(sorted(items)[start : start + _CHUNK], categories, totals, manners)
    _save(
        [
            Habit(level=key[0], subject=key[1], type=key[2], total=total,
                  seen=observing.packed(categories.get(key, [])))
            for key, total in totals.items()
        ]
    )  # fmt: skip
    Manner.objects.bulk_create(manners.values())
    return learnt


def _some_items(
    items: Sequence[int],
    categories: dict[Key, list[Seen]],
    totals: Counter[Key],
    manners: dict[str, Manner],
) -> int:
    which = observing.lines().filter(item__in=items)
    gone = set(which.filter(successors__reversal=True).values_list("pk", flat=True))
    mine: dict[Key, list[Seen]] = {}
    counts: Counter[Key] = Counter()
    rows = observing.observe(observing.with_all(which))
    for one in rows:
        if one.seen.key in gone:
            continue
        item, category = _keys(one)
        counts[item] += 1
        totals[category] += 1
        mine.setdefault(item, []).append(one.seen)
        categories.setdefault(category, []).append(one.seen)
        count(manners.setdefault(one.type, Manner(type=one.type)), [(one, 1)])
    for key, seen in categories.items():
        categories[key] = sorted(seen)[-KEPT:]
    _save(
        [
            Habit(level=key[0], subject=key[1], type=key[2], total=total,
                  seen=observing.packed(sorted(mine[key])[-KEPT:]))
            for key, total in counts.items()
        ]
    )  # fmt: skip
    return len(rows) - len(gone)


# Limits ---------------------------------------------------------------------------------------------


def calibrate(kind: str) -> None:
    """Learn the limits of a type from a sample of its items."""
    habits = Habit.objects.filter(level=Habit.Level.ITEM, type=kind)
    step = max(1, habits.count() // _SAMPLE)
    sample = [row for row in habits.order_by("subject").iterator() if row.subject % step == 0]
    subjects = [row.subject for row in sample]
    packs: dict[int, list[Pack]] = {}
    for unit in ItemUnit.objects.filter(item__in=subjects).select_related("unit"):
        pack = Pack(unit.unit.code, unit.numerator / unit.denominator)
        packs.setdefault(unit.item_id, []).append(pack)
    totals = Counter[int]()
    all_types = Habit.objects.filter(level=Habit.Level.ITEM, subject__in=subjects)
    for subject, total in all_types.values_list("subject", "total"):
        totals[subject] += total
    limits = calibrating.calibrate(
        [(observing.unpacked(r.seen), Around(packs=packs.get(r.subject, []))) for r in sample],
        [totals[row.subject] - row.total for row in sample],
    )
    row = Manner.objects.get(type=kind)
    values: dict[str, Any] = {"limits": asdict(limits), "calibrated": sum(row.hours)}
    Manner.objects.filter(pk=row.pk).update(**values)


def calibrate_due() -> int:
    """Learn the limits of every type that has a fifth more lines than at the last time; returns how many."""
    due = [
        row.type
        for row in Manner.objects.all()
        if sum(row.hours) >= 50 and sum(row.hours) > 1.2 * row.calibrated
    ]
    for kind in due:
        calibrate(kind)
    return len(due)
