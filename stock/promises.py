"""Only keeps promises while stock goes out: uses up the reservations that lines fulfil, refuses what others were promised."""

from collections.abc import Sequence
from decimal import Decimal

from core.errors import LineError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, from_scaled
from core.said import said as _
from stock import movement_types, reservations
from stock.errors import Apart, refusal
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.plan import Circumstances, Plan, State, Wish

Pair = tuple[int, int]


def keep(plans: Sequence[tuple[Plan, Circumstances]]) -> tuple[int, ...]:
    """Use up the reservations that lines fulfil; refuse what others were promised, or cut it.

    Returns the reservations that were cut. Raises PostingRefused, for several plans Apart instead.
    """
    state = plans[0][0].state
    pairs: dict[Pair, int] = {}
    for plan, _now in plans:
        for wish in plan.wishes:
            source = state.places[wish.source]
            if source.kind == "storage" and source.warehouse is not None:
                pair = (wish.item, source.warehouse)
                if pair in state.promised:
                    pairs.setdefault(pair, wish.number)
    named = [wish for plan, _now in plans for wish in plan.wishes if wish.reservation is not None]
    if named and len(plans) > 1:
        raise Apart
    if named:
        _use(named, state)
    short = reservations.overdrawn(pairs) if pairs else ()
    if not short:
        return ()
    if len(plans) > 1:
        raise Apart
    plan, now = plans[0]
    lost = all(wish.type in movement_types.COUNTED for wish in plan.wishes)
    if lost or (now.override and now.access.may("stock.override")):
        return tuple(reservations.cut(pairs, now.override or "stocktake_loss"))
    raise refusal([_short(row, pairs, state) for row in short])


def _short(row: reservations.Overdrawn, pairs: dict[Pair, int], state: State) -> LineError:
    data = {
        "item": state.items[row.item].code,
        "missing": plain(row.missing),
        "available": plain(row.available + row.missing),
    }
    message = _("%(missing)s of %(item)s are reserved for others.") % data
    return LineError(pairs[row.item, row.warehouse], "reserved", message, data)


def _use(wishes: Sequence[Wish], state: State) -> None:
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
        raise refusal(errors)
    reservations.consume(taken)
