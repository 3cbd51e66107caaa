"""Checks entries against the book before anything is written: closed periods, and stock that would go below zero.

Stock is walked in the order of the days: what the book holds at each moment, and what the sheet adds and takes. The
number of statements does not grow with the number of rows.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _

from core.numbers import QUANTITY_PLACES, from_scaled, to_scaled
from intake.importing import opening
from intake.importing.found import Entry, Prepared, Problem
from intake.importing.mends import Mends
from intake.models import GoingLive, Import
from intake.resolving.records import PlaceRef
from intake.understanding.result import plain
from people.access import access_for
from stock.models import Balance, Movement, Period

Key = tuple[int, int, int]
"""Item, lot and place; an id of 0 or below stands for one that is to be made."""


def check(out: Prepared, job: Import, mends: Mends) -> None:
    """Add what the book would refuse to the problems; missing stock is opened where a person chose that."""
    _live(out, job)
    _periods(out, job)
    opens = opening.is_chosen(mends)
    missing = _below_zero(out, job, opens=opens)
    if opens:
        out.opened = [(entry.key, plain(quantity)) for entry, quantity in missing]
        for entry, quantity in missing:
            opening.say(out, entry, quantity)
        before = len(out.entries)
        opening.apply(out, out.opened)
        _live(out, job, before)


def _say(out: Prepared, entry: Entry, name: str, code: str, message: str) -> None:
    cell = out.understanding.cell(entry.row, name) if name else ""
    out.problems.append(Problem(entry.sheet, entry.row.number, cell, name, code, message))


def _live(out: Prepared, job: Import, start: int = 0) -> None:
    """Opening balances that are locked stay as they are; entries before ``start`` were looked at."""
    locked = GoingLive.objects.filter(company=job.company_id, locked_at__isnull=False).first()
    if locked is None:
        return
    for entry in out.entries[start:]:
        if entry.type == "opening":
            message = _("Opening stock was locked when the company went live on %(day)s.")
            _say(out, entry, "", "opening_locked", message % {"day": locked.start_on})


def _periods(out: Prepared, job: Import) -> None:
    closed = set(
        Period.objects.filter(company=job.company_id, state=Period.State.CLOSED).values_list(
            "month", flat=True
        )
    )
    if not closed:
        return
    last = max(closed)
    for entry in out.entries:
        month = entry.at.date().replace(day=1)
        if month <= last:
            message = _("The period %(month)s is closed.") % {"month": f"{month:%Y-%m}"}
            _say(out, entry, "date", "closed_period", message)


def _below_zero(out: Prepared, job: Import, *, opens: bool) -> list[tuple[Entry, Decimal]]:
    """Say of each key the rows that take it below zero, in the order of the days; with ``opens`` give what each lacks.

    How much there is of what its asker may not see is said to nobody, nor opened.
    """
    bad = out.wrong_rows
    entries = [e for e in out.entries if (e.sheet, e.row.number) not in bad]
    takes: dict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry.source, PlaceRef):
            takes[_key(entry, entry.source)].append(entry)
    if not takes:
        return []
    changes = _changes(entries, takes)
    start = min(entry.at for entry in entries)
    held = _held(takes)
    for key, at, amount in _later(takes, start):
        changes[key].append((at, 0, amount, None))
        held[key] -= amount
    missing: list[tuple[Entry, Decimal]] = []
    for key in takes:
        ordered = sorted(changes[key], key=lambda change: change[:2])
        seen = _sees(job, cast(PlaceRef, takes[key][0].source))
        if opens and seen:
            missing += _lacking(held[key], ordered)
        else:
            for guilty, before, _lacks in _short(held[key], ordered, opens=False):
                _say_short(out, guilty, before if seen else None)
    return missing


def _changes(
    entries: Iterable[Entry], keys: Container[Key]
) -> dict[Key, list[tuple[datetime, int, int, Entry | None]]]:
    """What the entries bring and take of these keys."""
    changes: dict[Key, list[tuple[datetime, int, int, Entry | None]]] = defaultdict(list)
    for entry in entries:
        amount = to_scaled(entry.quantity, 10**QUANTITY_PLACES)
        for end, sign in ((entry.target, 1), (entry.source, -1)):
            if isinstance(end, PlaceRef) and (key := _key(entry, end)) in keys:
                # Of one moment what comes in goes before what goes out, as it is written.
                changes[key].append((entry.at, -sign, sign * amount, entry))
    return changes


def _lacking(
    balance: int, changes: Sequence[tuple[datetime, int, int, Entry | None]]
) -> list[tuple[Entry, Decimal]]:
    """What each entry lacks, in all."""
    found: dict[int, tuple[Entry, int]] = {}
    for guilty, _before, lacks in _short(balance, changes, opens=True):
        found[id(guilty)] = (guilty, found.get(id(guilty), (guilty, 0))[1] + lacks)
    return [(entry, from_scaled(n, QUANTITY_PLACES)) for entry, n in found.values()]


def _short(
    balance: int, changes: Sequence[tuple[datetime, int, int, Entry | None]], *, opens: bool
) -> Iterator[tuple[Entry, int, int]]:
    """The entries that take stock below zero, what was there before each, and what each lacks.

    After each, that is opened; or else the entry is left out, and what was there is there still.
    """
    last: Entry | None = None
    for _at, _order, amount, entry in changes:
        before, balance = balance, balance + amount
        last = entry if entry is not None and amount < 0 else last
        if balance < 0 and before >= balance:
            guilty = entry or last
            if guilty is None:
                return
            yield guilty, before, min(before, 0) - balance
            balance = min(before, 0) if opens else before


def _sees(job: Import, place: PlaceRef) -> bool:
    """Whether the asker may know what is in a place; a command is the company's own."""
    return job.asker is None or access_for(job.asker).may("stock.view", place.warehouse.scope)


def _say_short(out: Prepared, guilty: Entry, before: int | None) -> None:
    place = cast(PlaceRef, guilty.source)
    if before is None:
        message = _("There is too little of %(item)s in %(place)s on %(day)s to take %(quantity)s.")
    else:
        message = _(
            "Only %(there)s of %(item)s are in %(place)s on %(day)s; %(quantity)s are taken."
        )
    facts = {
        "there": plain(from_scaled(max(before or 0, 0), QUANTITY_PLACES)),
        "item": guilty.item.code,
        "place": place.code,
        "day": guilty.at.date(),
        "quantity": plain(guilty.quantity),
    }
    _say(out, guilty, "quantity", "short", message % facts)


def _key(entry: Entry, place: PlaceRef) -> Key:
    lot = entry.lot
    return (
        entry.item.pk or -id(entry.item),
        0 if lot is None else lot.pk or -id(lot),
        place.pk or -id(place),
    )


def _held(keys: Iterable[Key]) -> dict[Key, int]:
    """What the book has now of these keys."""
    wanted = set(keys)
    found: dict[Key, int] = dict.fromkeys(wanted, 0)
    rows = Balance.objects.filter(owner=0, place__in={key[2] for key in wanted if key[2] > 0})
    for item, lot, place, on_hand in rows.values_list("item", "lot", "place", "on_hand"):
        if (item, lot, place) in wanted:
            found[item, lot, place] = to_scaled(on_hand, 10**QUANTITY_PLACES)
    return found


def _later(keys: Iterable[Key], start: datetime) -> list[tuple[Key, datetime, int]]:
    """Movements of the book from ``start`` on that change these keys."""
    wanted = set(keys)
    found: list[tuple[Key, datetime, int]] = []
    places = {key[2] for key in wanted if key[2] > 0}
    rows = Movement.objects.filter(owner=0, effective_at__gte=start)
    for end, sign in (("target", 1), ("source", -1)):
        chosen = rows.filter(**{f"{end}__in": places})
        for item, lot, place, at, quantity in chosen.values_list(
            "item", "lot", end, "effective_at", "quantity"
        ):
            if (item, lot, place) in wanted:
                amount = sign * to_scaled(quantity, 10**QUANTITY_PLACES)
                found.append(((item, lot, place), at, amount))
    return found
