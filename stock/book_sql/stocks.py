"""Pools and balances of the lines, read under their locks, with all that a plan asks of them: layers, serials, what is in transit."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from core.dialect import Cursor, Dialect
from stock.costing import Layer, Pool
from stock.plan import (
    BalanceFacts,
    BalanceKey,
    PoolKey,
    ShipmentKey,
    State,
)

_POOL_COLUMNS = [
    ("item", "bigint"),
    ("area", "bigint"),
    ("lot", "bigint"),
    ("ship", "text"),
]
BALANCE_COLUMNS = [
    ("item", "bigint"),
    ("lot", "bigint"),
    ("owner", "bigint"),
    ("place", "bigint"),
]


def read_pools(
    cursor: Cursor,
    dialect: Dialect,
    state: State,
    pools: Sequence[PoolKey],
    balances: Sequence[BalanceKey],
    *,
    lock: bool,
    header: tuple[str, list[Any]] | None = None,
) -> dict[str, int]:
    """Read (and lock, pools before balances) what exists of the keys into ``state``.

    ``header`` is the INSERT of the postings; it runs first, in the same round trip on PostgreSQL, so that
    a second request with the same key waits before it holds any lock. Returns key → id of what it wrote.
    """
    postings: dict[str, int] = {}
    keys = len(pools) + len(balances)
    if header and not (dialect.postgresql and (pools or balances)):
        dialect.run(cursor, *header, rows=keys)
        postings, header = {key: pk for pk, key in cursor.fetchall()}, None
        if not postings:
            return postings
    parts: list[tuple[str, str, list[Any]]] = []
    if header:
        parts.append(("h", f"h AS ({header[0]})", header[1]))
    if pools:
        parts.append(_pools_part(dialect, pools, _after(parts), lock=lock))
    if balances:
        parts.append(_balances_part(dialect, balances, _after(parts), lock=lock))
    if not parts:
        return postings
    selects = " UNION ALL ".join(
        _SELECT_HEADER if n == "h" else f"SELECT * FROM {n}" for n, *_ in parts
    )
    with_ = ", ".join(sql for _name, sql, _values in parts)
    parameters = [value for _name, _sql, values in parts for value in values]
    dialect.run(cursor, f"WITH {with_} {selects}", parameters, rows=keys)
    for row in cursor.fetchall():
        if row[0] == 1:
            state.pools[row[2:6]] = Pool(row[1], *row[6:11])
        elif row[0] == 2:
            state.balances[row[2], row[3], row[4], row[7]] = BalanceFacts(
                row[1], row[8], _moment(row[11])
            )
        else:
            postings[row[5]] = row[1]
    return postings


_SELECT_HEADER = (
    "SELECT 0, id, 0::bigint, 0::bigint, 0::bigint, key, '', 0::bigint, 0::bigint, 0::bigint, "
    "0::bigint, NULL::timestamptz FROM h"
)


def _after(parts: Sequence[tuple[str, str, list[Any]]]) -> str:
    """A condition that makes the part before this one run first."""
    return f" AND (SELECT count(*) FROM {parts[-1][0]}) >= 0" if parts else ""


def _pools_part(
    dialect: Dialect, pools: Sequence[PoolKey], after: str, *, lock: bool
) -> tuple[str, str, list[Any]]:
    """The part of a WITH that reads (and locks) pools in key order: its name, SQL and parameters."""
    table, values = dialect.rows(_POOL_COLUMNS, pools)
    near, nearby = dialect.near("c.item_id", (key[0] for key in pools))
    sql = (
        "p AS MATERIALIZED (SELECT 1, c.id, c.item_id, c.area_id, c.lot_id, c.shipment, c.method, "
        "c.quantity, c.value, c.last_quantity, c.last_value, CAST(NULL AS "
        f"{'timestamptz' if dialect.postgresql else 'text'}) FROM stock_costpool c "
        f"JOIN {table} ON c.item_id = r.item AND c.area_id = r.area AND c.lot_id = r.lot "
        f"AND c.shipment = r.ship WHERE true{near}{after} "
        "ORDER BY c.item_id, c.area_id, c.lot_id, c.shipment"
        f"{dialect.lock('c') if lock else ''})"
    )
    return "p", sql, values + nearby


def _balances_part(
    dialect: Dialect, balances: Sequence[BalanceKey], after: str, *, lock: bool
) -> tuple[str, str, list[Any]]:
    """The part of a WITH that reads (and locks) balances in key order: its name, SQL and parameters."""
    table, values = dialect.rows(BALANCE_COLUMNS, balances)
    near, nearby = dialect.near("b.item_id", (key[0] for key in balances))
    sql = (
        "b AS MATERIALIZED (SELECT 2, b.id, b.item_id, b.lot_id, b.owner_id, '', '', b.place_id, "
        "b.on_hand, CAST(0 AS bigint), CAST(0 AS bigint), b.latest_at FROM stock_balance b "
        f"JOIN {table} ON b.item_id = r.item AND b.lot_id = r.lot AND b.owner_id = r.owner "
        f"AND b.place_id = r.place WHERE true{near}{after} "
        "ORDER BY b.item_id, b.lot_id, b.owner_id, b.place_id"
        f"{dialect.lock('b') if lock else ''})"
    )
    return "b", sql, values + nearby


def _moment(value: Any) -> datetime:
    """A moment from raw SQL; SQLite gives text without a zone."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def make_missing(
    cursor: Cursor,
    dialect: Dialect,
    state: State,
    pools: Sequence[PoolKey],
    balances: Sequence[BalanceKey],
) -> bool:
    """Write empty rows for keys that have none, so that there is something to lock; True if any.

    Inserting the zero row first matters: an upsert onto a column with a CHECK refuses valid issues. New
    pools take the method that their category has now, which may have changed since it was read.
    """
    new_pools = [key for key in pools if key not in state.pools]
    new_balances = [
        (*key, state.items[key[0]].tracking == "serial", dialect.moment(LONG_AGO))
        for key in balances
        if key not in state.balances
    ]
    if new_pools:
        table, parameters = dialect.rows(_POOL_COLUMNS, new_pools)
        cursor.execute(
            "INSERT INTO stock_costpool (item_id, area_id, lot_id, shipment, method, quantity, value, "
            "last_quantity, last_value) SELECT r.item, r.area, r.lot, r.ship, c.cost_method, 0, 0, 0, 0 "
            f"FROM {table} JOIN stock_item i ON i.id = r.item "
            "JOIN stock_category c ON c.id = i.category_id WHERE true ON CONFLICT DO NOTHING",
            parameters,
        )
    if new_balances:
        columns = [*BALANCE_COLUMNS, ("serial", "boolean"), ("at", "timestamptz")]
        table, parameters = dialect.rows(columns, new_balances)
        cursor.execute(
            "INSERT INTO stock_balance (item_id, lot_id, owner_id, place_id, on_hand, serial, "
            "below_zero, latest_at) SELECT r.item, r.lot, r.owner, r.place, 0, r.serial, false, r.at "
            f"FROM {table} WHERE true ON CONFLICT DO NOTHING",
            parameters,
        )
    return bool(new_pools or new_balances)


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def read_layers(cursor: Cursor, dialect: Dialect, state: State) -> None:
    """The open layers of the FIFO pools in ``state``; their pools are locked already."""
    pools = {pool.id: pool for pool in state.pools.values() if pool.method == "fifo" and pool.id}
    if not pools:
        return
    condition, parameter = dialect.ids("y.pool_id", pools)
    cursor.execute(
        "SELECT y.pool_id, y.id, y.movement_id, y.quantity, y.value FROM stock_costlayer y "
        f"WHERE {condition} AND y.quantity > 0 ORDER BY y.id",
        [parameter],
    )
    for pool_id, layer_id, movement, quantity, value in cursor.fetchall():
        pools[pool_id].layers.append(Layer(layer_id, movement, quantity, value))


def read_serials(cursor: Cursor, dialect: Dialect, state: State, lots: Iterable[int]) -> None:
    """Where the serial numbers of the lines are in stock now."""
    condition, parameter = dialect.ids("b.lot_id", lots)
    cursor.execute(
        "SELECT b.lot_id, b.place_id FROM stock_balance b "
        f"WHERE {condition} AND b.serial AND b.on_hand > 0",
        [parameter],
    )
    state.serials_elsewhere = dict(cursor.fetchall())


def read_shipments(
    cursor: Cursor, dialect: Dialect, state: State, keys: Iterable[ShipmentKey]
) -> None:
    """What is left of shipments in transit; their balances are locked already."""
    columns = [*BALANCE_COLUMNS, ("ship", "text")]
    table, parameters = dialect.rows(columns, sorted(set(keys)))
    cursor.execute(
        "SELECT r.item, r.lot, r.owner, r.place, r.ship, "
        "SUM(CASE WHEN m.target_id = r.place THEN m.quantity ELSE -m.quantity END) "
        f"FROM {table} JOIN stock_movement m ON m.cost_object = r.ship AND m.item_id = r.item "
        "AND m.lot_id = r.lot AND m.owner_id = r.owner "
        "AND (m.source_id = r.place OR m.target_id = r.place) "
        "GROUP BY r.item, r.lot, r.owner, r.place, r.ship",
        parameters,
    )
    state.shipments = {row[:5]: int(row[5]) for row in cursor.fetchall()}


def read_later(
    cursor: Cursor,
    dialect: Dialect,
    state: State,
    leaving: Iterable[tuple[BalanceKey, datetime]],
) -> None:
    """For balances that goods leave at a moment before other movements: what those add at most till now."""
    late = [
        (key, moment)
        for key, moment in leaving
        if (facts := state.balances.get(key)) is not None
        and facts.latest_at is not None
        and facts.latest_at > moment
    ]
    if not late:
        return
    columns = [*BALANCE_COLUMNS, ("at", "timestamptz"), ("n", "int")]
    rows = [(*key, dialect.moment(moment), n) for n, (key, moment) in enumerate(late)]
    table, parameters = dialect.rows(columns, rows)
    cursor.execute(
        f"WITH k AS (SELECT * FROM {table}), legs AS ("
        "SELECT k.n, m.effective_at AS at, SUM(CASE WHEN m.target_id = k.place THEN m.quantity "
        "ELSE -m.quantity END) AS change FROM k JOIN stock_movement m ON m.item_id = k.item "
        "AND m.lot_id = k.lot AND m.owner_id = k.owner AND m.effective_at > k.at "
        "AND (m.source_id = k.place OR m.target_id = k.place) GROUP BY k.n, m.effective_at), "
        "later AS (SELECT n, SUM(change) OVER (PARTITION BY n ORDER BY at DESC) AS after FROM legs) "
        "SELECT n, MAX(after) FROM later GROUP BY n",
        parameters,
    )
    for n, highest in cursor.fetchall():
        state.later[late[n]] = max(int(highest), 0)
