"""The only writer of the book: every change of stock is posted here, whole or not at all.

``post`` makes the plan under the locks and writes it in bulk; ``preview`` shows the same plan without
writing; ``reverse`` posts the mirror of what was posted. Followers that must succeed together with a
posting register themselves and are called inside its transaction.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)
from django.utils import timezone

from core import outbox, prepared
from core.errors import LineError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from core.said import said as _
from people.access import Access
from people.models import Company, User
from stock import book_sql, movement_types, reservations
from stock.book_sql import Cursor, Dialect
from stock.errors import Again, Busy, KeyReused, PostingRefused
from stock.models import Movement, Posting
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.movement_types import Cost
from stock.plan import (
    Circumstances,
    LineInput,
    Plan,
    PlannedMovement,
    State,
    Wish,
    keys,
    make_plan,
    read_wishes,
    shipment_key,
)

__all__ = [
    "LineInput",
    "Plan",
    "Posted",
    "Written",
    "post",
    "preview",
    "register_follower",
    "reverse",
]

TOPIC = "stock.posted"
_TRIES = 6
_CLOCK_SLACK = timedelta(seconds=60)
_RETRY_CODES = frozenset({"40001", "40P01", "55P03", prepared.GONE})
"""Serialization failure, deadlock, lock not available, prepared statement gone: tried again unseen."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What posting did; ``created`` is False when the same key had been posted before."""

    posting_id: int
    created: bool
    movement_ids: tuple[int, ...]
    released: tuple[int, ...] = ()
    """Reservations that had to be cut because stock was lost."""
    plan: Plan | None = None
    """What was written, with what was there before; None for a key that had been posted before."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a follower gets: the posting and its rows, inside the transaction."""

    posting_id: int
    company: int
    business_date: date
    movements: Sequence[PlannedMovement]
    state: State


_followers: list[Callable[[Written], None]] = []


def register_follower(follower: Callable[[Written], None]) -> None:
    """Call ``follower`` inside the transaction of every posting; if it raises, nothing is posted."""
    if follower not in _followers:
        _followers.append(follower)


@dataclass(frozen=True, slots=True)
class _Request:
    """One call of post or reverse."""

    wishes: list[Wish]
    errors: list[LineError]
    company: Company
    key: str
    actor: User | None
    access: Access
    effective_at: datetime | None
    document: str
    why: str
    door: str
    override: str
    accept_expired: str
    reverses: int | None = None

    def body_hash(self) -> str:
        """What must be equal for the same key to be the same request."""
        body = (
            [wish.identity() for wish in self.wishes],
            self.effective_at,
            self.document,
            self.why,
            self.reverses,
        )
        return sha256(repr(body).encode()).hexdigest()


def post(  # noqa: PLR0913 - one argument per fact of a posting
    lines: Sequence[LineInput],
    *,
    company: Company,
    key: str,
    actor: User | None,
    access: Access,
    effective_at: datetime | None = None,
    document: str = "",
    why: str = "",
    door: str = "api",
    override: str = "",
    accept_expired: str = "",
    savepoint: bool = True,
) -> Posted:
    """Write the lines into the book in one transaction.

    Quantities are in base units, values in the company's currency. The same ``key`` with the same
    content posts once; with other content it raises KeyReused. Raises PostingRefused with every bad
    line, Busy if the database stays locked. ``override`` is the reason for going below zero and
    ``accept_expired`` the reason for issuing expired lots; each needs its right. Without ``savepoint``
    whoever began the transaction undoes all of it if anything is raised, and begins anew after Again.
    """
    wishes, errors = read_wishes(lines)
    return _run(
        _Request(
            wishes,
            errors,
            company,
            key,
            actor,
            access,
            effective_at,
            document,
            why or override or accept_expired,
            door,
            override,
            accept_expired,
        ),
        savepoint=savepoint,
    )


def reverse(  # noqa: PLR0913 - one argument per fact of a posting
    posting_id: int,
    *,
    key: str,
    actor: User | None,
    access: Access,
    why: str,
    lines: Sequence[int] | None = None,
    effective_at: datetime | None = None,
    override: str = "",
    door: str = "api",
) -> Posted:
    """Post the exact opposite of a posting (or of some of its lines), linked to it.

    A reason is required. What has been reversed or returned already, and reversals themselves, are
    refused. Differences of cost that arose since go to the revaluation place.
    """
    posting = Posting.objects.select_related("company").get(pk=posting_id)
    if not why.strip():
        raise PostingRefused(_("A reversal needs a reason."), code="reason_required")
    wanted = Movement.objects.filter(posting=posting).exclude(type="settlement")
    if lines is not None:
        wanted = wanted.filter(line__in=list(lines))
    movements = list(wanted.order_by("-line"))
    if lines is not None and _breaks_a_conversion(posting, movements):
        raise PostingRefused(
            _("The lines of a conversion are reversed together."), code="conversion_incomplete"
        )
    if not movements:
        raise PostingRefused(_("There is nothing to reverse."), code="nothing_to_reverse")
    return _run(
        _Request(
            [
                Wish(line, _mirror(movement), reversal=True)
                for line, movement in enumerate(movements, 1)
            ],
            _irreversible(movements),
            posting.company,
            key,
            actor,
            access,
            effective_at,
            posting.document,
            why,
            door,
            override,
            accept_expired="",
            reverses=posting.pk,
        )
    )


def preview(
    lines: Sequence[LineInput],
    *,
    company: Company,
    actor: User | None,
    access: Access,
    effective_at: datetime | None = None,
    override: str = "",
    accept_expired: str = "",
) -> Plan:
    """What ``post`` would write now, or what is wrong with it; nothing is locked or written."""
    wishes, errors = read_wishes(lines)
    request = _Request(
        wishes,
        errors,
        company,
        "preview",
        actor,
        access,
        effective_at,
        "",
        "",
        "preview",
        override,
        accept_expired,
    )
    now = _circumstances(request)
    dialect = Dialect(connection.vendor)
    with connection.cursor() as cursor:
        state = book_sql.read_facts(cursor, dialect, wishes, company.pk, lock=False)
        plan, _posting = _plan(cursor, dialect, request, state, now, lock=False)
    plan.errors[:0] = errors
    return plan


def _run(request: _Request, *, savepoint: bool = True) -> Posted:
    """Post, trying again where the database asks for it; the user never sees that."""
    if not request.key:
        raise PostingRefused(_("A posting needs a key."), code="key_required")
    if not request.wishes and not request.errors:
        raise PostingRefused(_("A posting needs at least one line."), code="no_lines")
    if not savepoint:
        return _within(request)
    nested = connection.in_atomic_block
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return _post(request)
        except Again:
            _back_off(attempt)
        except IntegrityError as error:
            raise _explain(error) from error
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if nested or code not in _RETRY_CODES or attempt == _TRIES - 1:
                if code in _RETRY_CODES or "locked" in str(error):
                    raise Busy(
                        _("The database is busy. Nothing was changed; try again.")
                    ) from error
                raise
            prepared.forget(connection)
            _back_off(attempt)
    raise Busy(_("The database is busy. Nothing was changed; try again."))


def _within(request: _Request) -> Posted:
    """One try in the caller's transaction, which he undoes and begins anew where the database asks for it."""
    if not connection.in_atomic_block:
        raise RuntimeError("there is no transaction around the posting")
    try:
        return _post(request)
    except IntegrityError as error:
        raise _explain(error) from error


def _back_off(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter


def _post(request: _Request) -> Posted:
    """One try, inside a transaction."""
    dialect = Dialect(connection.vendor)
    now = _circumstances(request)
    wishes = request.wishes
    with connection.cursor() as cursor:
        state = book_sql.read_facts(cursor, dialect, wishes, request.company.pk, lock=True)
        plan, posting_id = _plan(cursor, dialect, request, state, now, lock=True)
        if posting_id is None:
            return _known(cursor, request, now)
        named = {error.line for error in request.errors}
        errors = [*request.errors, *_date_errors(now, state, wishes)]
        errors += [error for error in plan.errors if error.line not in named]
        if errors:
            raise _refusal(errors)
        consumers = outbox.consumers_of(TOPIC)
        promised_since = book_sql.write(
            cursor,
            dialect,
            posting_id,
            plan,
            now.effective_at,
            [(consumer, TOPIC, now.recorded_at) for consumer in consumers],
        )
        if promised_since:
            raise Again
    released = _keep_promises(plan, now)
    written = Written(posting_id, request.company.pk, now.business_date, plan.movements, state)
    for follower in _followers:
        follower(written)
    outbox.nudge(TOPIC)
    ids = tuple(movement.id for movement in plan.movements if movement.id is not None)
    return Posted(
        posting_id, created=True, movement_ids=ids[: len(wishes)], released=released, plan=plan
    )


def _plan(
    cursor: Cursor,
    dialect: Dialect,
    request: _Request,
    state: State,
    now: Circumstances,
    *,
    lock: bool,
) -> tuple[Plan, int | None]:
    """Write the header, read what the lines touch (locked in the one order), and make the plan.

    Also returns the posting's id; None if its key is known or its period closed (nothing was planned),
    or in a preview.
    """
    wishes = request.wishes
    originals = sorted({wish.original for wish in wishes if wish.original is not None})
    if originals:
        state.originals = book_sql.read_originals(cursor, dialect, originals, lock=lock)
    balances, pools, promised = keys(wishes, state)
    if promised and lock:
        book_sql.lock_promised(cursor, dialect, promised)
    posting_id = book_sql.read_pools(
        cursor,
        dialect,
        state,
        pools,
        balances,
        lock=lock,
        header=_header(request, now, dialect) if lock else None,
    )
    if lock:
        if posting_id is None:
            return Plan([], [], state, wishes, set()), None
        if book_sql.make_missing(cursor, dialect, state, pools, balances):
            book_sql.read_pools(cursor, dialect, state, pools, balances, lock=True)
        if any(pool.method != state.items[key[0]].method for key, pool in state.pools.items()):
            raise Again
    else:
        _imagine_missing(state, pools, balances)
    book_sql.read_layers(cursor, dialect, state)
    serials = {
        wish.lot
        for wish in wishes
        if wish.item in state.items and state.items[wish.item].tracking == "serial" and wish.lot
    }
    if serials:
        book_sql.read_serials(cursor, dialect, state, serials)
    shipments = [
        shipment_key(wish, wish.source)
        for wish in wishes
        if (place := state.places.get(wish.source)) is not None and place.kind == "transit"
    ]
    if shipments:
        book_sql.read_shipments(cursor, dialect, state, shipments)
    book_sql.read_floors(cursor, dialect, state, now.effective_at)
    return make_plan(wishes, state, now), posting_id


def _circumstances(request: _Request) -> Circumstances:
    """The moment, the business day and the smallest amount of the currency."""
    recorded_at = timezone.now()
    effective_at = request.effective_at or recorded_at
    if recorded_at < effective_at <= recorded_at + _CLOCK_SLACK:
        effective_at = recorded_at
    zone = ZoneInfo(request.company.time_zone)
    return Circumstances(
        company=request.company.pk,
        step=10 ** (VALUE_PLACES - request.company.currency_places),
        effective_at=effective_at.astimezone(UTC),
        business_date=effective_at.astimezone(zone).date(),
        today=recorded_at.astimezone(zone).date(),
        recorded_at=recorded_at,
        access=request.access,
        override=request.override.strip(),
        accept_expired=request.accept_expired.strip(),
    )


def _header(request: _Request, now: Circumstances, dialect: Dialect) -> tuple[str, list[Any]]:
    """The statement that writes the posting's row."""
    columns = {
        "company_id": request.company.pk,
        "document": request.document,
        "effective_at": dialect.moment(now.effective_at),
        "business_date": now.business_date.isoformat(),
        "recorded_at": dialect.moment(now.recorded_at),
        "actor_id": request.actor.pk if request.actor else None,
        "door": request.door,
        "why": request.why[:300],
        "key": request.key,
        "body_hash": request.body_hash(),
        "reverses_id": request.reverses,
    }
    return book_sql.posting_insert(dialect, columns, now.business_date.replace(day=1).isoformat())


def _known(cursor: Cursor, request: _Request, now: Circumstances) -> Posted:
    """The header was not written: the key is known already, or the month is closed."""
    row = book_sql.find_posting(cursor, request.company.pk, request.key)
    if row is None:
        message = _("The period %(month)s is closed. Post at a later date, or have it reopened.")
        month = now.business_date.strftime("%Y-%m")
        error = LineError(0, "closed_period", message % {"month": month}, {"month": month})
        raise _refusal([error])
    posting_id, body_hash = row
    if body_hash != request.body_hash():
        raise KeyReused(
            _("This key was used before for something else. Nothing was posted."),
            key=request.key,
        )
    ids = Movement.objects.filter(posting_id=posting_id, line__lte=len(request.wishes))
    return Posted(
        posting_id,
        created=False,
        movement_ids=tuple(ids.order_by("line").values_list("pk", flat=True)),
    )


def _date_errors(now: Circumstances, state: State, wishes: Sequence[Wish]) -> list[LineError]:
    """The moment lies in the future, or in the past without the right to post there."""
    if now.effective_at > now.recorded_at:
        message = _("%(moment)s lies in the future. Stock changes are posted when they happened.")
        moment = timezone.localtime(now.effective_at).strftime("%Y-%m-%d %H:%M")
        return [LineError(0, "future", message % {"moment": moment})]
    if now.business_date < now.today:
        scopes = {
            state.places[place].scope
            for wish in wishes
            for place in (wish.source, wish.target)
            if place in state.places and state.places[place].scope is not None
        }
        if not all(now.access.may("stock.backdate", scope) for scope in scopes):
            message = _("You may not post on an earlier day. Ask the warehouse head.")
            return [LineError(0, "backdate_not_allowed", message)]
    return []


def _refusal(errors: Sequence[LineError]) -> PostingRefused:
    """One error that names every bad line; its message is the first of them."""
    ordered = sorted(errors, key=lambda error: error.line)
    first = ordered[0].message
    if len(ordered) > 1:
        first = _("%(count)d lines cannot be posted; nothing was changed. First: %(first)s") % {
            "count": len(ordered),
            "first": first,
        }
    return PostingRefused(first, lines=ordered)


def _explain(error: IntegrityError) -> DatabaseError | PostingRefused:
    """A law of the database that a race broke after the plan had been checked, in readable words."""
    text = str(error)
    if "balance_serial_in_one_place" in text or "stock_balance.lot_id" in text:
        return PostingRefused(
            _("A serial number of these lines is in stock already."), code="serial"
        )
    if "movement_reversed_once" in text or "stock_movement.original_id" in text:
        return PostingRefused(_("This was reversed already."), code="reversed_already")
    return error


def _breaks_a_conversion(posting: Posting, chosen: Sequence[Movement]) -> bool:
    """Whether some lines of a conversion would be reversed and others not."""
    shared = {kind.code for kind in movement_types.MOVEMENT_TYPES if kind.cost is Cost.SHARED}
    groups = {(one.type, one.cost_object) for one in chosen if one.type in shared}
    if not groups:
        return False
    every = Movement.objects.filter(posting=posting).values_list("type", "cost_object", "line")
    lines = {line for kind, cost_object, line in every if (kind, cost_object) in groups}
    return not lines <= {one.line for one in chosen}


def _mirror(movement: Movement) -> LineInput:
    """The movement the other way round."""
    return LineInput(
        type=movement.type,
        item=movement.item_id,
        source=movement.target_id,
        target=movement.source_id,
        quantity=movement.quantity,
        lot=movement.lot_id,  # type: ignore[arg-type]  # never null; the stubs take a default for null
        owner=movement.owner_id,  # type: ignore[arg-type]  # the same
        value=movement.value,
        partner=movement.partner_id,
        department=movement.department_id,
        cost_object=movement.cost_object,
        reason=movement.reason,
        original=movement.pk,
        line_key=movement.line_key,
    )


def _irreversible(movements: Sequence[Movement]) -> list[LineError]:
    """What of these movements was reversed or returned before, or is a reversal itself."""
    followed: dict[int | None, bool] = {}
    successors = Movement.objects.filter(
        original__in=[movement.pk for movement in movements], successors__isnull=True
    ).exclude(type="settlement")
    for original, reversal in successors.values_list("original", "reversal"):
        followed[original] = followed.get(original, False) or reversal
    errors = []
    for line, movement in enumerate(movements, 1):
        if movement.reversal:
            message = _("A reversal cannot be reversed; post the change again.")
            errors.append(LineError(line, "is_reversal", message))
        elif movement.pk in followed:
            reversed_before = followed[movement.pk]
            message = (
                _("This was reversed already.")
                if reversed_before
                else _("Something was returned or adjusted on this movement; reverse that first.")
            )
            code = "reversed_already" if reversed_before else "has_successors"
            errors.append(LineError(line, code, message))
    return errors


def _keep_promises(plan: Plan, now: Circumstances) -> tuple[int, ...]:
    """Use up the reservations that lines fulfil; refuse what others were promised, or cut it."""
    state = plan.state
    pairs: dict[tuple[int, int], int] = {}
    for wish in plan.wishes:
        source = state.places[wish.source]
        if source.kind == "storage" and source.warehouse is not None:
            pair = (wish.item, source.warehouse)
            if pair in state.promised:
                pairs.setdefault(pair, wish.number)
    promised = [wish for wish in plan.wishes if wish.reservation is not None]
    if promised:
        _use_promises(promised, state)
    if not pairs:
        return ()
    short = reservations.overdrawn(pairs)
    if not short:
        return ()
    lost = all(wish.type in movement_types.COUNTED for wish in plan.wishes)
    if lost or (now.override and now.access.may("stock.override")):
        return tuple(reservations.cut(pairs, now.override or "stocktake_loss"))
    errors = []
    for row in short:
        data = {
            "item": state.items[row.item].code,
            "missing": plain(row.missing),
            "available": plain(row.available + row.missing),
        }
        message = _("%(missing)s of %(item)s are reserved for others.") % data
        errors.append(LineError(pairs[row.item, row.warehouse], "reserved", message, data))
    raise _refusal(errors)


def _use_promises(wishes: Sequence[Wish], state: State) -> None:
    """Use up what the lines say they fulfil; refuse a promise of other goods than those that leave."""
    known = reservations.goods_of({wish.reservation or 0 for wish in wishes})
    taken: dict[int, Decimal] = {}
    errors = []
    for wish in wishes:
        key = wish.reservation or 0
        item, warehouse, lot, place = known.get(key, (None, None, None, None))
        fits = (
            item == wish.item
            and warehouse == state.places[wish.source].warehouse
            and lot in {NO_LOT, wish.lot}
            and place in {None, wish.source}
            and wish.owner == US
        )
        if not fits:
            message = _("The reservation that this line names is for other goods.")
            errors.append(LineError(wish.number, "other_reservation", message))
        part = from_scaled(wish.quantity, QUANTITY_PLACES)
        taken[key] = taken.get(key, Decimal(0)) + part
    if errors:
        raise _refusal(errors)
    reservations.consume(taken)


def _imagine_missing(
    state: State,
    pools: Sequence[tuple[int, int, int, str]],
    balances: Sequence[tuple[int, int, int, int]],
) -> None:
    """Empty rows that posting would make, for a preview."""
    for pool in pools:
        state.pools.setdefault(pool, book_sql.Pool(None, state.items[pool[0]].method))
    for balance in balances:
        state.balances.setdefault(balance, book_sql.BalanceFacts(None, 0, None))
