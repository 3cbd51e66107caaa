"""Writes checked plans: movements, balances, pools, layers and the news of them, in as few statements as the engine allows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.dialect import Cursor, Dialect
from stock.book_sql.stocks import LONG_AGO
from stock.models.partners import US
from stock.plan import (
    Booked,
    PlannedMovement,
    State,
)

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
        facts.moved_at: dialect.moment(facts.moved_at or LONG_AGO)
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
