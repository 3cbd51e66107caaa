"""What posting must know before it plans: the period's lock, items, places, lots, promises and movements that lines refer to."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.dialect import Cursor, Dialect, array
from stock.plan import (
    ItemFacts,
    LotFacts,
    Original,
    PlaceFacts,
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
