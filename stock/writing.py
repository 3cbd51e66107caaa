"""One try to post: reads what the lines touch under the locks, plans posting after posting, and writes all of it.

Several postings share their locks and statements: the number of statements depends neither on the number of
postings nor on that of their lines. What each of them does is what it would do alone, one after the other;
where that cannot be said beforehand they are ``Apart``. Only stock.ledger comes here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from core import outbox
from core.dialect import Cursor, Dialect
from core.errors import LineError
from core.said import said as _
from stock import promises
from stock.book_sql import changes, facts, headers, stocks
from stock.costing import Pool
from stock.errors import Again, Apart, KeyReused, refusal
from stock.models import Movement
from stock.plan import (
    BalanceFacts,
    BalanceKey,
    Booked,
    Circumstances,
    Plan,
    PoolKey,
    State,
    Touched,
    keys,
    shipment_key,
)
from stock.planner import make_plan
from stock.requests import Posted, Request, Written, circumstances, date_errors

TOPIC = "stock.posted"


Follower = Callable[[Sequence[Written]], None]
followers: list[Follower] = []
"""Called inside the transaction of every posting (see ledger.register_follower)."""


@dataclass(slots=True)
class _Try:
    """A request while it is tried."""

    request: Request
    now: Circumstances
    touched: Touched
    posting: int | None = None
    plan: Plan | None = None


def post(requests: Sequence[Request]) -> list[Posted]:
    """Post requests of one company in their order, inside a transaction.

    Raises PostingRefused with every bad line, Again where the book moved meanwhile, and for several requests
    Apart where one of them is refused, was posted before, or cannot be planned before the others are written.
    """
    dialect = Dialect(connection.vendor)
    wishes = [wish for request in requests for wish in request.wishes]
    recorded_at = timezone.now()
    with connection.cursor() as cursor:
        state = facts.read_facts(cursor, dialect, wishes, requests[0].company.pk, lock=True)
        tries = [
            _Try(request, circumstances(request, recorded_at), keys(request.wishes, state))
            for request in requests
        ]
        if len(tries) > 1:
            _may_be_together(tries)
        _read(cursor, dialect, tries, state, lock=True)
        if any(one.posting is None for one in tries):
            if len(tries) > 1:
                raise Apart
            return [_known(cursor, requests[0], tries[0].now)]
        booked = [_book(one, state, alone=len(tries) == 1) for one in tries]
        rows = [
            (consumer, TOPIC, one.posting, recorded_at)
            for one in booked
            for consumer in outbox.consumers_of(TOPIC)
        ]
        if changes.write(cursor, dialect, booked, state, rows):
            raise Again
    released = promises.keep([(one.plan, at.now) for one, at in zip(booked, tries, strict=True)])
    _follow(tries, booked, state)
    outbox.nudge(TOPIC)
    return [_posted(one, released) for one in booked]


def look(request: Request) -> Plan:
    """The plan of one request as things are now; nothing is locked or written."""
    dialect = Dialect(connection.vendor)
    with connection.cursor() as cursor:
        company = request.company.pk
        state = facts.read_facts(cursor, dialect, request.wishes, company, lock=False)
        now = circumstances(request, timezone.now())
        one = _Try(request, now, keys(request.wishes, state))
        _read(cursor, dialect, [one], state, lock=False)
    plan = make_plan(request.wishes, state, now, one.touched)
    plan.errors[:0] = request.errors
    return plan


def _may_be_together(tries: Sequence[_Try]) -> None:
    """Raise Apart for what would be read otherwise if the ones before were written.

    A later movement must not be planned before an earlier one, or it would not be seen as later; and what is
    left of a movement to return is read once.
    """
    moments = [one.now.effective_at for one in tries]
    seen: set[int] = set()
    for one in tries:
        own = {wish.original for wish in one.request.wishes if wish.original is not None}
        if own & seen:
            raise Apart
        seen |= own
    different = {one.request.key for one in tries}
    if moments != sorted(moments) or len(different) < len(tries):
        raise Apart


def _read(
    cursor: Cursor, dialect: Dialect, tries: Sequence[_Try], state: State, *, lock: bool
) -> None:
    """Write the headers, and read what the lines touch (locked in the one order).

    A try has no posting then if its key is known, its period closed, or in a preview; after the first of
    these nothing more is read.
    """
    wishes = [wish for one in tries for wish in one.request.wishes]
    originals = sorted({wish.original for wish in wishes if wish.original is not None})
    if originals:
        state.originals = facts.read_originals(cursor, dialect, originals, lock=lock)
    touched = _together(tries)
    if touched.promised and lock:
        facts.lock_promised(cursor, dialect, touched.promised)
    pools, balances = touched.pools, touched.balances
    header = _headers(tries, dialect) if lock else None
    written = stocks.read_pools(cursor, dialect, state, pools, balances, lock=lock, header=header)
    if lock:
        for one in tries:
            one.posting = written.get(one.request.key)
        if len(written) < len(tries):
            return
        if stocks.make_missing(cursor, dialect, state, pools, balances):
            stocks.read_pools(cursor, dialect, state, pools, balances, lock=True)
        if any(pool.method != state.items[key[0]].method for key, pool in state.pools.items()):
            raise Again
    else:
        _imagine_missing(state, pools, balances)
    _read_more(cursor, dialect, tries, state)


def _together(tries: Sequence[_Try]) -> Touched:
    """What all of them touch, in the order in which it is locked."""
    if len(tries) == 1:
        return tries[0].touched
    return Touched(
        sorted({key for one in tries for key in one.touched.balances}),
        sorted({key for one in tries for key in one.touched.pools}),
        {pair for one in tries for pair in one.touched.promised},
    )


def _read_more(cursor: Cursor, dialect: Dialect, tries: Sequence[_Try], state: State) -> None:
    """What only some lines need: layers, serial numbers, shipments, and what happened later."""
    stocks.read_layers(cursor, dialect, state)
    wishes = [wish for one in tries for wish in one.request.wishes]
    serials = {
        wish.lot
        for wish in wishes
        if wish.item in state.items and state.items[wish.item].tracking == "serial" and wish.lot
    }
    if serials:
        stocks.read_serials(cursor, dialect, state, serials)
    shipments = [
        shipment_key(wish, wish.source)
        for wish in wishes
        if (place := state.places.get(wish.source)) is not None and place.kind == "transit"
    ]
    if shipments:
        stocks.read_shipments(cursor, dialect, state, shipments)
    leaving = {
        ((wish.item, wish.lot, wish.owner, wish.source), one.now.effective_at)
        for one in tries
        for wish in one.request.wishes
    }
    stocks.read_later(cursor, dialect, state, leaving)


def _book(one: _Try, state: State, *, alone: bool) -> Booked:
    """The checked plan of one request; the state is what it will be afterwards."""
    request, now = one.request, one.now
    plan = make_plan(request.wishes, state, now, one.touched)
    named = {error.line for error in request.errors}
    errors = [*request.errors, *date_errors(now, state, request.wishes)]
    errors += [error for error in plan.errors if error.line not in named]
    if errors and not alone:
        raise Apart
    if errors:
        raise refusal(errors)
    return Booked(one.posting or 0, plan, now.effective_at)


def _follow(tries: Sequence[_Try], booked: Sequence[Booked], state: State) -> None:
    if not followers:
        return
    written = [
        Written(
            done.posting, one.request.company.pk, one.now.business_date, done.plan.movements, state
        )
        for one, done in zip(tries, booked, strict=True)
    ]
    for follower in followers:
        follower(written)


def _posted(one: Booked, released: tuple[int, ...]) -> Posted:
    ids = tuple(movement.id for movement in one.plan.movements if movement.id is not None)
    wanted = ids[: len(one.plan.wishes)]
    return Posted(one.posting, created=True, movement_ids=wanted, released=released, plan=one.plan)


def _headers(tries: Sequence[_Try], dialect: Dialect) -> tuple[str, list[Any]]:
    """The statement that writes the rows of the postings."""
    rows = [
        {
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
            "month": now.business_date.replace(day=1).isoformat(),
        }
        for request, now in ((one.request, one.now) for one in tries)
    ]
    return headers.postings_insert(dialect, tries[0].request.company.pk, rows)


def _known(cursor: Cursor, request: Request, now: Circumstances) -> Posted:
    """The header was not written: the key is known already, or the month is closed."""
    row = headers.find_posting(cursor, request.company.pk, request.key)
    if row is None:
        message = _("The period %(month)s is closed. Post at a later date, or have it reopened.")
        month = now.business_date.strftime("%Y-%m")
        error = LineError(0, "closed_period", message % {"month": month}, {"month": month})
        raise refusal([error])
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


def _imagine_missing(
    state: State,
    pools: Sequence[PoolKey],
    balances: Sequence[BalanceKey],
) -> None:
    """Empty rows that posting would make, for a preview."""
    for pool in pools:
        state.pools.setdefault(pool, Pool(None, state.items[pool[0]].method))
    for balance in balances:
        state.balances.setdefault(balance, BalanceFacts(None, 0, None))
