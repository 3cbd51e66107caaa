"""The only writer of counts: each with its moment, the book of that moment read under lock, and a mark.

The row of the balance is locked before the moment is taken, so a movement is either in the book of the count or
beyond its mark. A count that a movement overlapped in time is kept and flagged: it has to be made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from core.errors import LineError, NotAllowed
from core.numbers import QUANTITY_PLACES, NumberError, from_scaled, parse_decimal
from people.access import Access
from people.models import User
from stock import catalog, units
from stock.models import Item, Unit
from stock.models.lots import NO_LOT
from stock.models.partners import US
from workflows import moment, reading, states
from workflows.counting import timing
from workflows.counting.figures import AGAIN
from workflows.errors import DocumentRefused, DocumentUnknown, WrongState
from workflows.models import CountBin, CountEntry, CountLine, CountSheet, Document, Editor
from workflows.models.counting import new_key

MOST = 500
"""Counts of one request."""
_OPEN = frozenset({states.APPROVED, states.IN_EXECUTION})


@dataclass(frozen=True, slots=True)
class Given:
    """One count as it came: the line's key, what was typed in which unit, the device's key and times.

    ``began_at`` and ``counted_at`` are of the device's clock, ``sent_at`` is what that clock said when the
    count was sent: only the distances between them are used. ``key`` makes the count count once.
    """

    line: str
    quantity: Any
    unit: str = ""
    key: str = ""
    began_at: datetime | None = None
    counted_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of one count; it never says what the book has. ``again``: it has to be counted again."""

    line: str
    key: str
    counted: Decimal
    repeated: bool = False
    again: bool = False


@dataclass(slots=True)
class _Desk:
    """The stocktake under its lock, who counts, and in which kind of step."""

    document: Document
    actor: User
    door: str
    first: bool
    """Whether this is the first counting step: there everything is counted, later what was sent back."""


@transaction.atomic
def count(
    document_id: int,
    given: Sequence[Given],
    *,
    actor: User,
    access: Access,
    door: str = "form",
) -> list[Counted]:
    """Record counts; the same key counts once. All or none: raises DocumentRefused with every bad line.

    Raises WrongState when nothing is counted now, NotAllowed without the right or on another's sheet.
    """
    if not given or len(given) > MOST:
        raise DocumentRefused(
            _("Send at least one and at most %(most)d counts.") % {"most": MOST}, code="lines"
        )
    desk = _open(document_id, actor, access, door)
    lines = _lines(desk, [one.line for one in given])
    known = {
        entry.key: entry
        for entry in CountEntry.objects.filter(
            key__in=[one.key for one in given if one.key]
        ).select_related("line")
    }
    fresh = _once([one for one in given if one.key not in known])
    done = [_repeated(known[one.key], desk) for one in given if one.key in known]
    if not fresh:
        return done
    errors: list[LineError] = []
    read: list[tuple[Given, CountLine, Decimal]] = []
    for number, one in enumerate(fresh, 1):
        line = lines.get(one.line)
        if line is None:
            errors.append(LineError(number, "unknown_line", _("There is no such line.")))
            continue
        try:
            read.append((one, line, quantity_of(line, one.quantity, one.unit)))
        except (NumberError, units.UnitError, DocumentRefused) as error:
            errors.append(LineError(number, error.code, str(error)))
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    try:
        return done + _write(desk, read)
    except IntegrityError as error:
        if "another counts again" in str(error):
            raise _other_person() from error
        raise


def _once(given: Sequence[Given]) -> list[Given]:
    """The same key twice in one request is one count."""
    seen: set[str] = set()
    kept = []
    for one in given:
        if not one.key or one.key not in seen:
            kept.append(one)
        seen.add(one.key)
    return kept


@transaction.atomic
def find(
    document_id: int,
    *,
    place: str,
    item: str,
    lot: str = "",
    actor: User,
    access: Access,
    door: str = "form",
) -> CountLine:
    """The line of goods in a place, made if the sheet has none: found items are counted like all others."""
    desk = _open(document_id, actor, access, door)
    where = _bin(desk, place)
    goods = Item.objects.select_related("base_unit").filter(code=item, archived_at=None).first()
    if goods is None:
        raise DocumentRefused(
            _("There is no item “%(code)s”.") % {"code": item[:60]}, code="unknown_item"
        )
    _mine(desk, where.sheet)
    known = CountLine.objects.filter(
        document=desk.document, place_id=where.place_id, item=goods, owner=US
    )
    number = reading.read_lot_number(lot)
    if goods.tracking == Item.Tracking.NONE:
        lot_id = NO_LOT
    elif not number:
        raise DocumentRefused(_("Scan or type the lot as well."), code="lot_required")
    else:
        lot_id = catalog.find_or_create_lot(goods, number).pk
    line = known.filter(lot=lot_id).first()
    if line is not None:
        return line
    if not desk.first:
        raise WrongState(_("Counting is over; only what was sent back is counted again."))
    CountLine.objects.bulk_create(
        [
            CountLine(
                document=desk.document,
                bin=where,
                place_id=where.place_id,
                item=goods,
                lot_id=lot_id,
                added=True,
            )
        ],
        ignore_conflicts=True,
    )
    return known.get(lot=lot_id)


@transaction.atomic
def empty(
    document_id: int,
    place: str,
    *,
    actor: User,
    access: Access,
    key: str = "",
    began_at: datetime | None = None,
    door: str = "form",
) -> list[Counted]:
    """There is nothing (more) in the place: lines that nobody counted are counted as zero, and it says so."""
    desk = _open(document_id, actor, access, door)
    where = _bin(desk, place)
    _mine(desk, where.sheet)
    waiting = CountLine.objects.filter(bin=where).filter(Q(round=0) if desk.first else AGAIN)
    lines = list(waiting.order_by("pk").values_list("key", flat=True))
    stem = key or new_key()
    given = [
        Given(line, 0, key=f"{stem[:26]}.{number}", began_at=began_at, counted_at=None)
        for number, line in enumerate(lines)
    ]
    done: list[Counted] = []
    for start in range(0, len(given), MOST):
        done += count(
            document_id, given[start : start + MOST], actor=actor, access=access, door=door
        )
    CountBin.objects.filter(pk=where.pk, emptied_at=None).update(
        emptied_at=moment.now(), emptied_by=actor
    )
    Editor.objects.bulk_create([Editor(document=desk.document, user=actor)], ignore_conflicts=True)
    return done


def quantity_of(line: CountLine, typed: Any, unit: str) -> Decimal:
    """What was typed, in base units; raises NumberError, UnitError or DocumentRefused."""
    if typed is None or str(typed).strip() == "":
        raise DocumentRefused(
            _("Type a quantity. Blank is not zero: type 0 if there is none."), code="blank"
        )
    quantity = parse_decimal(
        typed if isinstance(typed, int) else str(typed), places=QUANTITY_PLACES, lenient=True
    )
    if quantity < 0:
        raise DocumentRefused(_("A quantity cannot be below zero."), code="quantity")
    measure = line.item.base_unit
    if unit and unit != measure.code:
        known = Unit.objects.filter(code=unit).first()
        if known is None:
            raise DocumentRefused(
                _("There is no unit “%(code)s”.") % {"code": unit[:20]}, code="unknown_unit"
            )
        measure = known
    base = units.to_base(line.item, quantity, measure)
    if line.item.tracking == Item.Tracking.SERIAL and base not in {0, 1}:
        raise DocumentRefused(_("A serial number is there or not: 1 or 0."), code="serial_quantity")
    return base


# Under the lock -----------------------------------------------------------------------------------------


def _open(document_id: int, actor: User, access: Access, door: str) -> _Desk:
    """The stocktake, which cannot leave its counting step before this count is kept."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM workflows_document WHERE id = %s FOR SHARE", [document_id]
            )
    document = (
        Document.objects.select_related("warehouse", "process", "company")
        .filter(pk=document_id, type="stocktake")
        .first()
    )
    if document is None or document.warehouse is None:
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    access.require("count.enter", document.warehouse.scope_id)
    steps = document.process.read_steps() if document.process else ()
    counting = [step.key for step in steps if step.kind == "execute"]
    if document.state not in _OPEN or document.step not in counting:
        raise WrongState(
            _("%(document)s is %(state)s: nothing is counted now.")
            % {"document": document, "state": document.about.label}
        )
    return _Desk(document, actor, door, first=document.step == counting[0])


def _lines(desk: _Desk, keys: Sequence[str]) -> dict[str, CountLine]:
    rows = CountLine.objects.select_for_update(of=("self",)).select_related(
        "item", "item__base_unit", "bin__sheet"
    )
    rows = rows.filter(document=desk.document, key__in=set(keys))
    ordered = rows.order_by("item_id", "lot_id", "owner_id", "place_id")
    return {line.key: line for line in ordered}


def _bin(desk: _Desk, place: str) -> CountBin:
    found = (
        CountBin.objects.select_related("sheet", "place")
        .filter(document=desk.document, place__code=place)
        .first()
    )
    if found is None:
        raise DocumentRefused(
            _("Place “%(place)s” is not part of this stocktake.") % {"place": place[:60]},
            code="unknown_place",
        )
    return found


def _mine(desk: _Desk, sheet: CountSheet) -> None:
    """A sheet that nobody has becomes mine with the first count; another's stays another's."""
    if not desk.first or sheet.counter_id == desk.actor.pk:
        return
    if sheet.counter_id is None:
        taken = CountSheet.objects.filter(pk=sheet.pk, counter=None).update(counter=desk.actor)
        if taken:
            sheet.counter = desk.actor
            return
        sheet.refresh_from_db()
        if sheet.counter_id == desk.actor.pk:
            return
    raise NotAllowed(
        _("Sheet %(sheet)s is counted by %(name)s. Have it given to you first.")
        % {"sheet": sheet.number, "name": sheet.counter},
        right="count.enter",
    )


def _other_person() -> DocumentRefused:
    return DocumentRefused(
        _("You counted this before. Somebody else has to count it again."), code="other_person"
    )


def _round(desk: _Desk, line: CountLine) -> int:
    """Which count of the line this is; raises WrongState where none is wanted."""
    if line.wanted > 1 and line.wanted > line.round:
        mine = CountEntry.objects.filter(line=line, counter=desk.actor)
        if mine.exclude(round=line.wanted).exists():
            raise _other_person()
        return int(line.wanted)
    if line.stale or desk.first:
        return max(int(line.round), 1)
    raise WrongState(_("Counting is over; only what was sent back is counted again."))


def _write(desk: _Desk, read: Sequence[tuple[Given, CountLine, Decimal]]) -> list[Counted]:
    rounds = {}
    for _one, line, _quantity in read:
        rounds[line.pk] = _round(desk, line)
        if rounds[line.pk] == 1:
            _mine(desk, line.bin.sheet)
    there, mark, now = _book([line for _one, line, _quantity in read])
    entries: list[CountEntry] = []
    for one, line, quantity in read:
        on_hand = there.get((line.item_id, line.lot_id or 0, line.owner_id or 0, line.place_id))
        span = timing.span(one.began_at, one.counted_at, one.sent_at, now=now)
        moved = timing.moved(line, span) if span.told else timing.NOTHING
        entries.append(
            CountEntry(
                key=one.key or new_key(),
                document=desk.document,
                line=line,
                round=rounds[line.pk],
                counter=desk.actor,
                counted=quantity,
                book=(on_hand or Decimal(0)) - moved.after,
                mark=0 if on_hand is None else mark,
                began_at=span.began,
                counted_at=span.counted,
                until=span.until,
                received_at=now,
                doubtful=moved.overlapped,
                typed=f"{one.quantity} {one.unit}".strip()[:60],
                door=desk.door,
            )
        )
    CountEntry.objects.bulk_create(entries)
    for entry in entries:
        _keep(entry)
    Editor.objects.bulk_create(
        [Editor(document=desk.document, user=desk.actor)], ignore_conflicts=True
    )
    return [
        Counted(entry.line.key, entry.key, entry.counted, again=entry.doubtful) for entry in entries
    ]


def _keep(entry: CountEntry) -> None:
    """The line says what its newest count says; one that a movement overlapped is stale."""
    CountLine.objects.filter(pk=entry.line_id).update(
        counted=entry.counted,
        book=entry.book,
        mark=entry.mark,
        until=entry.until,
        counted_at=entry.counted_at,
        counter=entry.counter,
        round=entry.round,
        wanted=max(entry.line.wanted, entry.round),
        stale=entry.doubtful,
        asks=F("asks") + (1 if entry.doubtful else 0),
    )


def _book(
    lines: Sequence[CountLine],
) -> tuple[Mapping[tuple[int, int, int, int], Decimal], int, datetime]:
    """Lock the balances of the lines in the order of the book; what they hold, the last movement, the moment.

    The moment is taken after the lock: every movement of these goods has been committed by then or will
    find its mark passed. A key without a balance has never moved.
    """
    keys = sorted(
        {(line.item_id, line.lot_id or 0, line.owner_id or 0, line.place_id) for line in lines}
    )
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    marks = " OR ".join(
        ["(item_id = %s AND lot_id = %s AND owner_id = %s AND place_id = %s)"] * len(keys)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT item_id, lot_id, owner_id, place_id, on_hand FROM stock_balance "
            f"WHERE {marks} ORDER BY item_id, lot_id, owner_id, place_id{lock}",
            [value for key in keys for value in key],
        )
        there = {
            (row[0], row[1], row[2], row[3]): from_scaled(row[4], QUANTITY_PLACES)
            for row in cursor.fetchall()
        }
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM stock_movement")
        (mark,) = cursor.fetchone()
    return there, mark, moment.now()


def _repeated(entry: CountEntry, desk: _Desk) -> Counted:
    if entry.document_id != desk.document.pk or entry.counter_id != desk.actor.pk:
        raise DocumentRefused(
            _("This key was used before for something else. Nothing was counted."),
            code="key_reused",
            status=409,
        )
    return Counted(entry.line.key, entry.key, entry.counted, repeated=True, again=entry.doubtful)
