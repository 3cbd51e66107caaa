"""The SQL of posting, for both engines: reading the book under locks and writing to it in bulk.

The number of statements never depends on the number of lines. PostgreSQL gets arrays; SQLite gets one
JSON parameter. Locks are taken in the order availability → pools → balances, each in key order.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from core.dialect import Cursor, Dialect, array
from stock.costing import Layer, Pool
from stock.models.partners import US
from stock.plan import (
    BalanceFacts,
    BalanceKey,
    Booked,
    ItemFacts,
    LotFacts,
    Original,
    PlaceFacts,
    PlannedMovement,
    PoolKey,
    ShipmentKey,
    State,
    Wish,
)

_LOCK_SPACE = 5_001
"""Advisory locks of a company's periods: this number and the company."""
_ORIGINAL_SPACE = 5_002


def hold_periods(cursor: Cursor, dialect: Dialect, company: int) -> None:
    """Wait until no posting of the company is under way and keep new ones out until the end."""
    if dialect.postgresql:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, company])


def share_periods(cursor: Cursor, dialect: Dialect, company: int) -> None:
    """Let no period of the company be closed until the end, as a posting does."""
    if dialect.postgresql:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_LOCK_SPACE, company])


def read_facts(
    cursor: Cursor,
    dialect: Dialect,
    wishes: Sequence[Wish],
    company: int,
    *,
    lock: bool,
) -> State:
    """Items, places and lots of the lines and which stock is promised; shares the period's lock."""
    state = State()
    items = {wish.item for wish in wishes}
    places = {wish.source for wish in wishes} | {wish.target for wish in wishes}
    lots = {wish.lot for wish in wishes if wish.lot}
    in_items, item_ids = dialect.ids("i.id", items)
    in_places, place_ids = dialect.ids("p.id", places)
    in_stock, stock_ids = dialect.ids("a.item_id", items)
    parts = [
        "SELECT 1, i.id, i.code, i.tracking, c.cost_method, c.id, NULL, NULL, NULL, "
        "i.archived_at IS NOT NULL "
        f"FROM stock_item i JOIN stock_category c ON c.id = i.category_id WHERE {in_items}",
        "SELECT 2, p.id, p.code, p.kind, NULL, p.warehouse_id, w.area_id, w.scope_id, p.company_id, "
        "p.archived_at IS NOT NULL OR p.is_group "
        "FROM stock_place p LEFT JOIN stock_warehouse w ON w.id = p.warehouse_id "
        f"WHERE {in_places} OR (p.company_id = {dialect.value('bigint')} AND p.kind = 'revaluation')",
        "SELECT 4, a.item_id, NULL, NULL, NULL, a.warehouse_id, NULL, NULL, NULL, false "
        f"FROM stock_availability a WHERE {in_stock}",
    ]
    parameters = [item_ids, place_ids, company, stock_ids]
    if lots:
        in_lots, lot_ids = dialect.ids("l.id", lots)
        parts.append(
            "SELECT 3, l.id, l.number, CAST(l.expires_on AS text), NULL, l.item_id, NULL, NULL, NULL, "
            f"false FROM stock_lot l WHERE {in_lots}"
        )
        parameters.append(lot_ids)
    if lock and dialect.postgresql:
        parts.append(
            "SELECT 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false "
            "FROM (SELECT pg_advisory_xact_lock_shared(%s::int, %s::int)) AS held"
        )
        parameters += [_LOCK_SPACE, company]
    dialect.run(cursor, " UNION ALL ".join(parts), parameters, rows=len(wishes))
    for sort, key, code, word, method, one, two, three, four, flag in cursor.fetchall():
        if sort == 1:
            state.items[key] = ItemFacts(code, word, method, bool(flag), one)
        elif sort == 2:
            state.places[key] = PlaceFacts(code, word, one, two, three, four, bool(flag))
        elif sort == 3:
            expiry = date.fromisoformat(word) if word else None
            state.lots[key] = LotFacts(code, one, expiry)
        elif sort == 4:
            state.promised.add((key, one))
    return state


_POSTING_COLUMNS = {
    "company_id": "bigint",
    "document": "text",
    "effective_at": "timestamptz",
    "business_date": "date",
    "recorded_at": "timestamptz",
    "actor_id": "bigint",
    "door": "text",
    "why": "text",
    "key": "text",
    "body_hash": "text",
    "reverses_id": "bigint",
}


def postings_insert(
    dialect: Dialect, company: int, rows: Sequence[dict[str, Any]]
) -> tuple[str, list[Any]]:
    """The statement that writes headers unless their key exists or their month (or a later) is closed.

    It returns the id and key of each that was written; they get their ids in their order.
    """
    columns = [*_POSTING_COLUMNS.items(), ("month", "date"), ("n", "int")]
    table, parameters = dialect.rows(
        columns, [(*(row[name] for name, _kind in columns[:-1]), n) for n, row in enumerate(rows)]
    )
    names = ", ".join(_POSTING_COLUMNS)
    picked = ", ".join(f"r.{name}" for name in _POSTING_COLUMNS)
    sql = (
        f"INSERT INTO stock_posting ({names}) SELECT {picked} FROM {table} "
        "WHERE NOT EXISTS (SELECT 1 FROM stock_period e WHERE "
        f"e.company_id = {dialect.value('bigint')} AND e.month >= r.month "
        "AND e.state = 'closed') ORDER BY r.n ON CONFLICT (company_id, key) DO NOTHING "
        "RETURNING id, key"
    )
    return sql, [*parameters, company]


def find_posting(cursor: Cursor, company: int, key: str) -> tuple[int, str] | None:
    """The id and body hash of the posting with this key."""
    cursor.execute(
        "SELECT id, body_hash FROM stock_posting WHERE company_id = %s AND key = %s",
        [company, key],
    )
    return cursor.fetchone()


def read_originals(
    cursor: Cursor, dialect: Dialect, ids: Sequence[int], *, lock: bool
) -> dict[int, Original]:
    """The movements that lines refer to, with what has been returned of them and their later costs."""
    if lock and dialect.postgresql:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, (o.id %% 2147483647)::int) "
            "FROM (SELECT unnest(%s::bigint[]) AS id ORDER BY 1) o",
            [_ORIGINAL_SPACE, array(sorted(ids), "bigint")],
        )
    condition, parameter = dialect.ids("m.id", ids)
    cursor.execute(
        "SELECT m.id, m.type, m.item_id, m.lot_id, m.owner_id, m.source_id, m.target_id, m.quantity, "
        "m.value, "
        "s.type, s.quantity, s.value, s.source_id, s.target_id, s.reversal, "
        "EXISTS (SELECT 1 FROM stock_movement x WHERE x.original_id = s.id AND x.reversal) "
        "FROM stock_movement m LEFT JOIN stock_movement s ON s.original_id = m.id "
        f"WHERE {condition} ORDER BY m.id, s.id",
        [parameter],
    )
    found: dict[int, Original] = {}
    for row in cursor.fetchall():
        old = found.get(row[0]) or Original._make((*row[:9], 0, 0, False))
        found[row[0]] = _follow(old, row[9:])
    return found


def _follow(old: Original, successor: Sequence[Any]) -> Original:
    """Count one successor of a movement: a reversal, a return or a later cost."""
    kind, quantity, value, source, target, reversal, undone = successor
    if kind is None or (undone and not reversal):
        return old
    if reversal:
        return old._replace(reversed=True)
    if quantity:
        return old._replace(
            returned_quantity=old.returned_quantity + quantity,
            returned_value=old.returned_value + value,
        )
    if kind == "settlement":
        return old
    same_way = target == old.target or source == old.source
    return old._replace(value=old.value + (value if same_way else -value))


def lock_promised(
    cursor: Cursor, dialect: Dialect, pairs: set[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """Lock the availability rows of item × warehouse; returns what is reserved of each."""
    table, parameters = dialect.rows([("item", "bigint"), ("wh", "bigint")], sorted(pairs))
    cursor.execute(
        "SELECT a.item_id, a.warehouse_id, a.reserved FROM stock_availability a "
        f"JOIN {table} ON a.item_id = r.item AND a.warehouse_id = r.wh "
        f"ORDER BY a.item_id, a.warehouse_id{dialect.lock('a')}",
        parameters,
    )
    return {(item, warehouse): reserved for item, warehouse, reserved in cursor.fetchall()}


_POOL_COLUMNS = [
    ("item", "bigint"),
    ("area", "bigint"),
    ("lot", "bigint"),
    ("ship", "text"),
]
_BALANCE_COLUMNS = [
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
    table, values = dialect.rows(_BALANCE_COLUMNS, balances)
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
        (*key, state.items[key[0]].tracking == "serial", dialect.moment(_LONG_AGO))
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
        columns = [*_BALANCE_COLUMNS, ("serial", "boolean"), ("at", "timestamptz")]
        table, parameters = dialect.rows(columns, new_balances)
        cursor.execute(
            "INSERT INTO stock_balance (item_id, lot_id, owner_id, place_id, on_hand, serial, "
            "below_zero, latest_at) SELECT r.item, r.lot, r.owner, r.place, 0, r.serial, false, r.at "
            f"FROM {table} WHERE true ON CONFLICT DO NOTHING",
            parameters,
        )
    return bool(new_pools or new_balances)


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


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
    columns = [*_BALANCE_COLUMNS, ("ship", "text")]
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
    columns = [*_BALANCE_COLUMNS, ("at", "timestamptz"), ("n", "int")]
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


_MOVEMENT_COLUMNS = [
    ("posting_id", "bigint"),
    ("effective_at", "timestamptz"),
    ("line", "int"),
    ("line_key", "text"),
    ("type", "text"),
    ("item_id", "bigint"),
    ("lot_id", "bigint"),
    ("owner_id", "bigint"),
    ("source_id", "bigint"),
    ("target_id", "bigint"),
    ("quantity", "bigint"),
    ("value", "bigint"),
    ("partner_id", "bigint"),
    ("department_id", "bigint"),
    ("cost_object", "text"),
    ("reason", "text"),
    ("original_id", "bigint"),
    ("reversal", "boolean"),
]


def write(
    cursor: Cursor,
    dialect: Dialect,
    booked: Sequence[Booked],
    state: State,
    outbox: Sequence[tuple[str, str, int, datetime]],
) -> bool:
    """Write movements, balances, pools, layers and outbox rows of checked plans, in their order.

    True if stock that goes out was promised to somebody after ``state`` had been read: the caller must
    then start over (nobody can promise it once its balances are locked, so this is the last look).
    """
    every = [(one, movement) for one in booked for movement in one.plan.movements]
    first = [pair for pair in every if pair[1].original_line is None]
    settlements = [pair for pair in every if pair[1].original_line is not None]
    serial_moves = any(facts.tracking == "serial" for facts in state.items.values())
    steps = [
        _movements(dialect, first),
        *_balances(dialect, state, split=serial_moves),
        _pools(dialect, state),
        _outbox(dialect, outbox),
    ]
    statements = [step for step in steps if step]
    unpromised = _unpromised(booked, state) if dialect.postgresql else []
    if dialect.postgresql and not serial_moves:
        rows = _run_together(cursor, dialect, statements, unpromised, len(first))
        promised_since = bool(rows[0][3])
    else:
        cursor.execute(*statements[0])
        rows, promised_since = cursor.fetchall(), False
        for sql, parameters in statements[1:]:
            cursor.execute(sql, parameters)
        if unpromised:
            cursor.execute(*_promises(dialect, unpromised))
            promised_since = bool(cursor.fetchone()[0])
    ids = {(posting, line): key for posting, line, key, *_look in rows}
    for one, movement in first:
        movement.id = ids[one.posting, movement.line]
    if settlements:
        for one, movement in settlements:
            movement.original = ids[one.posting, movement.original_line or 0]
        cursor.execute(*_movements(dialect, settlements))
        more = {(posting, line): key for posting, line, key in cursor.fetchall()}
        for one, movement in settlements:
            movement.id = more[one.posting, movement.line]
    marked = {one.plan.mark + movement.line: movement.id or 0 for one, movement in first}
    _layers(cursor, dialect, state, marked)
    return promised_since


def _unpromised(booked: Sequence[Booked], state: State) -> list[tuple[int, int]]:
    """Item × warehouse of goods that leave storage and had no availability row when we looked."""
    pairs = {
        (wish.item, place.warehouse)
        for one in booked
        for wish in one.plan.wishes
        if wish.owner == US
        and (place := state.places[wish.source]).kind == "storage"
        and place.warehouse is not None
    }
    return sorted(pairs - state.promised)


def _promises(dialect: Dialect, pairs: Sequence[tuple[int, int]]) -> tuple[str, list[Any]]:
    """How many of the pairs have an availability row by now."""
    table, parameters = dialect.rows([("item", "bigint"), ("wh", "bigint")], pairs)
    sql = (
        f"SELECT count(*) FROM stock_availability a JOIN {table} "
        "ON a.item_id = r.item AND a.warehouse_id = r.wh"
    )
    return sql, parameters


def _run_together(
    cursor: Cursor,
    dialect: Dialect,
    statements: Sequence[tuple[str, list[Any]]],
    unpromised: Sequence[tuple[int, int]],
    lines: int,
) -> list[tuple[int, int, int, int]]:
    """On PostgreSQL: all writes in one round trip; rows of (posting, line, id, promises that appeared)."""
    parts = [f"w{n} AS ({sql})" for n, (sql, _parameters) in enumerate(statements)]
    parameters = [parameter for _sql, some in statements for parameter in some]
    look = "0"
    if unpromised:
        sql, more = _promises(dialect, unpromised)
        look = f"({sql})"
        parameters += more
    sql = f"WITH {', '.join(parts)} SELECT posting_id, line, id, {look} FROM w0"
    dialect.run(cursor, sql, parameters, rows=lines)
    return cursor.fetchall()


def _movements(
    dialect: Dialect, movements: Sequence[tuple[Booked, PlannedMovement]]
) -> tuple[str, list[Any]]:
    moments = {id(one): dialect.moment(one.effective_at) for one, _movement in movements}
    rows = [
        (
            one.posting,
            moments[id(one)],
            m.line,
            m.line_key,
            m.type,
            m.item,
            m.lot,
            m.owner,
            m.source,
            m.target,
            m.quantity,
            m.value,
            m.partner,
            m.department,
            m.cost_object,
            m.reason,
            m.original,
            m.reversal,
        )
        for one, m in movements
    ]
    table, parameters = dialect.rows(_MOVEMENT_COLUMNS, rows)
    names = ", ".join(name for name, _type in _MOVEMENT_COLUMNS)
    picked = ", ".join(f"r.{name}" for name, _type in _MOVEMENT_COLUMNS)
    sql = (
        f"INSERT INTO stock_movement ({names}) SELECT {picked} FROM {table} "
        "WHERE true RETURNING posting_id, line, id"
    )
    return sql, parameters


def _balances(dialect: Dialect, state: State, *, split: bool) -> list[tuple[str, list[Any]]]:
    """Balances as they are after the postings.

    Serial numbers leave their old place before they reach the new one (``split``), because the law that
    they are in one place at most is checked row by row.
    """
    moments = {
        facts.moved_at: dialect.moment(facts.moved_at or _LONG_AGO)
        for facts in state.balances.values()
    }
    changed = [
        (facts.id, facts.on_hand, facts.on_hand < 0, moments[facts.moved_at])
        for facts in state.balances.values()
    ]
    groups = [changed]
    if split:
        less = {facts.id for facts in state.balances.values() if facts.on_hand < facts.was}
        groups = [
            [row for row in changed if row[0] in less],
            [row for row in changed if row[0] not in less],
        ]
    greatest = "GREATEST" if dialect.postgresql else "MAX"
    result = []
    for rows in groups:
        if rows:
            table, parameters = dialect.rows(_BALANCE_CHANGES, rows)
            near, nearby = dialect.near("stock_balance.id", (row[0] for row in rows))
            result.append(
                (
                    "UPDATE stock_balance SET on_hand = r.on_hand, below_zero = r.below, "
                    f"latest_at = {greatest}(latest_at, r.at) FROM {table} "
                    f"WHERE stock_balance.id = r.id{near}",
                    [*parameters, *nearby],
                )
            )
    return result


_BALANCE_CHANGES = [
    ("id", "bigint"),
    ("on_hand", "bigint"),
    ("below", "boolean"),
    ("at", "timestamptz"),
]


def _pools(dialect: Dialect, state: State) -> tuple[str, list[Any]] | None:
    rows = [
        (pool.id, pool.quantity, pool.value, pool.last_quantity, pool.last_value)
        for pool in state.pools.values()
        if pool.changed
    ]
    if not rows:
        return None
    table, parameters = dialect.rows(
        [
            ("id", "bigint"),
            ("q", "bigint"),
            ("v", "bigint"),
            ("lq", "bigint"),
            ("lv", "bigint"),
        ],
        rows,
    )
    near, nearby = dialect.near("stock_costpool.id", (row[0] for row in rows))
    sql = (
        "UPDATE stock_costpool SET quantity = r.q, value = r.v, last_quantity = r.lq, "
        f"last_value = r.lv FROM {table} WHERE stock_costpool.id = r.id{near}"
    )
    return sql, parameters + nearby


def _outbox(
    dialect: Dialect, rows: Sequence[tuple[str, str, int, datetime]]
) -> tuple[str, list[Any]] | None:
    if not rows:
        return None
    columns = [
        ("consumer", "text"),
        ("topic", "text"),
        ("subject", "bigint"),
        ("at", "timestamptz"),
    ]
    table, parameters = dialect.rows(columns, [(*row[:3], dialect.moment(row[3])) for row in rows])
    sql = (
        "INSERT INTO core_outboxrow (consumer, topic, subject, data, state, attempts, due_at, "
        "created_at, done_at, error) SELECT r.consumer, r.topic, r.subject, '{}', 'waiting', 0, "
        f"r.at, r.at, NULL, '' FROM {table} WHERE true"
    )
    return sql, parameters


def _layers(cursor: Cursor, dialect: Dialect, state: State, ids: dict[int, int]) -> None:
    """Layers that were opened or used; ``ids`` are the movements by their marks."""
    new, used = [], []
    for pool in state.pools.values():
        for layer in pool.layers:
            if layer.id is None and not layer.quantity:
                continue
            if layer.id is None:
                movement = layer.movement if layer.line < 0 else ids[layer.line]
                new.append((pool.id, movement, layer.quantity, layer.value))
            elif layer.changed:
                used.append((layer.id, layer.quantity, layer.value))
    if used:
        table, parameters = dialect.rows([("id", "bigint"), ("q", "bigint"), ("v", "bigint")], used)
        cursor.execute(
            f"UPDATE stock_costlayer SET quantity = r.q, value = r.v FROM {table} "
            "WHERE stock_costlayer.id = r.id",
            parameters,
        )
    if new:
        columns = [
            ("pool", "bigint"),
            ("movement", "bigint"),
            ("q", "bigint"),
            ("v", "bigint"),
        ]
        table, parameters = dialect.rows(columns, new)
        cursor.execute(
            "INSERT INTO stock_costlayer (pool_id, movement_id, quantity, value) "
            f"SELECT r.pool, r.movement, r.q, r.v FROM {table} WHERE true",
            parameters,
        )
