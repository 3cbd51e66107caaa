"""Sets the tables of the real book against the model, and adds the book up by itself."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from stock.models import Availability, Balance, CostLayer, CostPool, Movement, Reservation
from tests.laws.model import PHYSICAL, US, Book, Move


def movements(expected: Sequence[Move], rows: Sequence[Movement], pks: Sequence[int]) -> None:
    """Each movement that was written is the one that the model expects."""
    found = [
        (
            row.type, row.item_id, row.lot_id, row.owner_id, row.source_id, row.target_id,
            Fraction(row.quantity), Fraction(row.value) * 100,
            None if row.original_id is None else pks.index(row.original_id), row.reversal,
        )
        for row in rows
    ]  # fmt: skip
    assert found == [move.facts() for move in expected]


def state(book: Book) -> None:
    """Balances, pools, layers and promises are those of the model."""
    keys = ("item", "lot", "owner", "place", "on_hand")
    hand = {row[:4]: Fraction(row[4]) for row in Balance.objects.values_list(*keys) if row[4]}
    assert hand == book.hand
    rows = CostPool.objects.values_list(
        "item", "area", "lot", "shipment", "method", "quantity", "value"
    )
    pools = {row[:4]: (row[4], Fraction(row[5]), Fraction(row[6]) * 100) for row in rows}
    assert pools == {k: (p.method, p.quantity, p.value) for k, p in book.pools.items()}
    _layers(book)
    active = Reservation.objects.filter(state="active").values_list("pk", "remaining")
    assert {k: Fraction(q) for k, q in active} == {n: p.left for n, p in book.promises.items()}
    promised: dict[Any, Fraction] = {}
    for one in book.promises.values():
        pair = (one.item, one.warehouse)
        promised[pair] = promised.get(pair, Fraction(0)) + one.left
    reserved = Availability.objects.values_list("item", "warehouse", "reserved")
    assert {row[:2]: Fraction(row[2]) for row in reserved if row[2]} == promised


def _layers(book: Book) -> None:
    rows = CostLayer.objects.filter(quantity__gt=0).order_by("pk")
    found: dict[Any, list[tuple[Fraction, Fraction]]] = {}
    names = ("pool__item", "pool__area", "pool__lot", "pool__shipment", "quantity", "value")
    for row in rows.values_list(*names):
        found.setdefault(row[:4], []).append((Fraction(row[4]), Fraction(row[5]) * 100))
    expected = {
        key: [(layer.quantity, layer.value) for layer in pool.layers if layer.quantity]
        for key, pool in book.pools.items()
    }
    assert found == {key: layers for key, layers in expected.items() if layers}


def adds_up(book: Book) -> None:
    """The laws of conservation, from the movements alone.

    A movement is a journal entry in units: what one place gives another takes. So over all places
    everything is nothing, over the physical ones it is what is in stock, and value likewise.
    """
    every: dict[Any, Fraction] = {}
    worth: dict[Any, Fraction] = {}
    accounts: dict[str, Fraction] = {}
    for row in Movement.objects.all():
        for place, sign in ((row.target_id, 1), (row.source_id, -1)):
            key = (row.item_id, row.lot_id, row.owner_id, place)
            every[key] = every.get(key, Fraction(0)) + sign * Fraction(row.quantity)
            spot = book.spots[place]
            area = (row.item_id, spot.area, row.cost_object if spot.kind == "transit" else "")
            value = sign * Fraction(row.value)
            accounts[spot.kind] = accounts.get(spot.kind, Fraction(0)) + value
            if spot.area is not None:
                worth[area] = worth.get(area, Fraction(0)) + value
            assert row.owner_id == US or not row.value
    assert sum(every.values()) == 0
    assert sum(accounts.values()) == 0
    assert accounts.get("conversion", 0) == 0
    stock = {k: q for k, q in every.items() if q and book.spots[k[3]].kind in PHYSICAL}
    keys = ("item", "lot", "owner", "place", "on_hand")
    assert stock == {r[:4]: Fraction(r[4]) for r in Balance.objects.values_list(*keys) if r[4]}
    pools: dict[Any, Fraction] = {}
    for pool in CostPool.objects.all():
        key = (pool.item_id, pool.area_id, pool.shipment)
        pools[key] = pools.get(key, Fraction(0)) + Fraction(pool.value)
        assert pool.quantity or not pool.value
        assert pool.quantity < 0 or pool.value >= 0
    assert {k: v for k, v in worth.items() if v} == {k: v for k, v in pools.items() if v}
