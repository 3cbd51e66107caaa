"""How the second book changes the method by which a category is valued: to the cent, nothing changes."""

from fractions import Fraction

from tests.laws.model import US, Book, Refused
from tests.laws.model_pool import Layer, Pool, split


def change_method(book: Book, category: str, method: str) -> Book:
    """The book with another method for a category, or Refused."""
    after = book.copied()
    mine = {item for item, thing in book.things.items() if thing.category == category}
    if book.methods[category] == method:
        raise Refused("unchanged")
    below = any(k[0] in mine and k[2] == US and q < 0 for k, q in book.hand.items())
    if below or any(key[0] in mine and pool.quantity < 0 for key, pool in book.pools.items()):
        raise Refused("below_zero")
    before = book.methods[category]
    after.methods[category] = method
    pools = {key: after.pools.pop(key) for key in sorted(after.pools) if key[0] in mine}
    if before == "specific":
        pools = _together(pools, _newest(after, pools))
    if method == "specific":
        pools = _apart(after, pools)
    for pool in pools.values():
        pool.method = method
        goods = method == "fifo" and pool.quantity
        pool.layers = [Layer(None, pool.quantity, pool.value)] if goods else []
    after.pools |= pools
    return after


_Key = tuple[int, int, int, str]


def _newest(book: Book, pools: dict[_Key, Pool]) -> int:
    return max((pool.born for pool in [*book.pools.values(), *pools.values()]), default=0)


def _together(pools: dict[_Key, Pool], newest: int) -> dict[_Key, Pool]:
    """One pool for the lots of an item in an area."""
    result: dict[_Key, Pool] = {}
    for item, area, _lot, shipment in pools:
        key = (item, area, 0, shipment)
        if key in result:
            continue
        members = [
            pool for (i, a, _l, s), pool in pools.items() if (i, a, s) == (item, area, shipment)
        ]
        last = max(members, key=lambda pool: pool.born).last
        newest += 1
        born = pools[key].born if key in pools else newest
        quantity = sum((pool.quantity for pool in members), Fraction(0))
        result[key] = Pool("", born, quantity, sum(pool.value for pool in members), last)
    return result


def _apart(book: Book, pools: dict[_Key, Pool]) -> dict[_Key, Pool]:
    """A pool for each lot with its share of the value by quantity."""
    newest = _newest(book, pools)
    result: dict[_Key, Pool] = {}
    for (item, area, _lot, shipment), pool in pools.items():
        lots: dict[int, Fraction] = {}
        for move in book.moves:
            one = move.line
            if one.item != item or one.owner != US:
                continue
            for place, sign in ((one.target, 1), (one.source, -1)):
                spot = book.spots[place]
                if (
                    spot.area == area
                    and (one.shipment if spot.kind == "transit" else "") == shipment
                ):
                    lots[one.lot] = lots.get(one.lot, Fraction(0)) + sign * one.quantity
        there = sorted((lot, quantity) for lot, quantity in lots.items() if quantity)
        if any(quantity < 0 for _lot, quantity in there):
            raise Refused("below_zero")
        parts = split(pool.value, [quantity for _lot, quantity in there])
        pool.quantity, pool.value = Fraction(0), 0
        result[item, area, 0, shipment] = pool
        for (lot, quantity), part in zip(there, parts, strict=True):
            if lot:
                newest += 1
                result[item, area, lot, shipment] = Pool("", newest, quantity, part, pool.last)
            else:
                pool.quantity, pool.value = quantity, part
    return result
