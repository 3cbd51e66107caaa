"""An index over what items are found by: pairs of neighbouring characters, so that two letters or one Chinese word lead
to the items that hold them anywhere, without reading every item.

A key is parts between bars. Its grams are every pair of neighbouring characters, every character outside ASCII alone,
each part whole, and the first two characters of each part with the bar before them: what begins or ends a part would
otherwise be guessed from pairs that are common each for itself. Which items really hold a text is asked of the few that
have all of its grams. PostgreSQL keeps grams as numbers in a generated column with a GIN index, SQLite in a contentless
FTS5 table that triggers keep. Both follow from ``search_key``: nothing else writes them.
"""

from collections.abc import Iterable, Sequence
from hashlib import md5
from itertools import pairwise
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler

GRAMS = "search_grams"
TABLE = "stock_item_grams"
_LAST = chr(0x10FFFF)

_POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION stock_{GRAMS}(key text) RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ "
    "SELECT array_agg(DISTINCT ('x' || substr(md5(gram), 1, 8))::bit(32)::int) FROM ("
    "SELECT unnest(CASE WHEN a = '|' THEN ARRAY[a || b, a || b || c] WHEN a > '~' THEN ARRAY[a, a || b] "
    "ELSE ARRAY[a || b] END) AS gram FROM unnest(string_to_array(key, NULL), "
    "string_to_array(substr(key, 2), NULL), string_to_array(substr(key, 3), NULL)) AS t(a, b, c) "
    "UNION ALL SELECT '|' || part || '|' FROM unnest(string_to_array(key, '|')) AS t(part)) g WHERE gram IS NOT NULL $$",
    f"ALTER TABLE stock_item ADD COLUMN {GRAMS} int[] GENERATED ALWAYS AS (stock_{GRAMS}(search_key)) STORED",
    f"CREATE INDEX item_{GRAMS} ON stock_item USING gin ({GRAMS})",
    'CREATE INDEX item_code_begins ON stock_item (UPPER(code) COLLATE "C")',
    'CREATE INDEX lot_number_begins ON stock_lot (UPPER(number) COLLATE "C")',
)
_SUPPLIERS = "CREATE INDEX IF NOT EXISTS lot_of_supplier ON stock_lot (UPPER(supplier_lot)) WHERE supplier_lot <> ''"


def _sqlite_grams(key: str) -> str:
    """An expression: the grams of a key as words of an FTS5 table."""
    at = f"substr({key}, n, 1)"
    return (
        "(SELECT group_concat(hex(gram), ' ') FROM (WITH RECURSIVE s(n) AS "
        f"(SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < length({key})) "
        f"SELECT substr({key}, n, 2) AS gram FROM s WHERE n < length({key}) "
        f"UNION SELECT {at} FROM s WHERE unicode({at}) > 127 "
        f"UNION SELECT substr({key}, n, 3) FROM s WHERE {at} = '|' "
        f"UNION SELECT substr({key}, n, instr(substr({key}, n + 1), '|') + 1) FROM s WHERE {at} = '|'))"
    )


_ADD = (
    f"INSERT INTO {TABLE}(rowid, grams) SELECT NEW.id, {_sqlite_grams('NEW.search_key')} "
    "WHERE NEW.search_key <> ''"
)
_TAKE = (
    f"INSERT INTO {TABLE}({TABLE}, rowid, grams) "
    f"SELECT 'delete', OLD.id, {_sqlite_grams('OLD.search_key')} WHERE OLD.search_key <> ''"
)
_SQLITE: dict[str, str] = {
    "item_grams_added": f"AFTER INSERT ON stock_item BEGIN {_ADD}; END",
    "item_grams_gone": f"AFTER DELETE ON stock_item BEGIN {_TAKE}; END",
    "item_grams_changed": "AFTER UPDATE OF search_key ON stock_item "
    f"WHEN OLD.search_key <> NEW.search_key BEGIN {_TAKE}; {_ADD}; END",
}
"""Taken before it is added: of two triggers for one event SQLite promises no order."""


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the index where it is not there; on SQLite also anew where its triggers were taken off."""
    if connection.vendor == "postgresql":
        _install_postgresql(connection)
    else:
        _install_sqlite(connection)


def _install_postgresql(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_attribute WHERE attrelid = 'stock_item'::regclass AND attname = %s",
            [GRAMS],
        )
        if cursor.fetchone() is None:
            for sql in (*_POSTGRESQL, _SUPPLIERS):
                cursor.execute(sql)


def _install_sqlite(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
        if there >= _SQLITE.keys():
            return
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(grams, content='', detail=none, columnsize=0)"
        )
        cursor.execute(f"INSERT INTO {TABLE}({TABLE}) VALUES ('delete-all')")
        cursor.execute(
            f"INSERT INTO {TABLE}(rowid, grams) SELECT id, {_sqlite_grams('search_key')} "
            "FROM stock_item WHERE search_key <> ''"
        )
        for name, body in _SQLITE.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {body}")
        cursor.execute("CREATE INDEX IF NOT EXISTS lot_number_begins ON stock_lot (UPPER(number))")
        cursor.execute(_SUPPLIERS)


def _grams(texts: Iterable[str]) -> list[str]:
    """The grams that a key must have to hold each of the texts; a bar stands at a text's beginning or end only."""
    found: dict[str, None] = {}
    for text in texts:
        if len(text) > 2 and text[0] == text[-1] == "|":
            found[text] = None
            continue
        if len(text) == 1 and not text.isascii():
            found[text] = None
        begun = len(text) > 2 and text[0] == "|"
        if begun:
            found[text[:3]] = None
        found.update(dict.fromkeys(a + b for a, b in pairwise(text[begun:])))
    return list(found)


def _numbers(grams: Sequence[str]) -> list[int]:
    return [
        int.from_bytes(md5(gram.encode(), usedforsecurity=False).digest()[:4], signed=True)
        for gram in grams
    ]


def _match(grams: Sequence[str]) -> str:
    return " AND ".join(f'"{gram.encode().hex()}"' for gram in grams)


def holding(vendor: str, texts: Sequence[str], most: int) -> tuple[str, list[Any]]:
    """SQL of the ids of at most so many items in use whose key holds each of the texts, in no order."""
    grams = _grams(texts)
    if vendor == "postgresql":
        begin = "SELECT i.id FROM stock_item i WHERE i.archived_at IS NULL"
        indexed, has = f" AND i.{GRAMS} @> %s::int[]", " AND strpos(i.search_key, %s) > 0"
        parameters: list[Any] = [_numbers(grams)] if grams else []
    else:
        begin = "SELECT i.id FROM stock_item i WHERE i.archived_at IS NULL"
        if grams:
            begin = f"SELECT i.id FROM {TABLE} g CROSS JOIN stock_item i ON i.id = g.rowid WHERE i.archived_at IS NULL"
        indexed, has = f" AND g.{TABLE} MATCH %s", " AND instr(i.search_key, %s) > 0"
        parameters = [_match(grams)] if grams else []
    sql = begin + (indexed if grams else "") + has * len(texts)
    return f"{sql} LIMIT %s", [*parameters, *texts, most]


def beginning(vendor: str, code: str, most: int) -> tuple[str, list[Any]]:
    """SQL of the ids of at most so many items in use whose code begins like this, in the order of codes."""
    return _begins(vendor, "stock_item", "code", code, most)


def lots(vendor: str, text: str, most: int) -> tuple[str, list[Any]]:
    """SQL of the ids of lots in use whose number begins like this, in order, or whose supplier calls them so."""
    ours, parameters = _begins(vendor, "stock_lot", "number", text, most)
    theirs = (
        "SELECT s.id FROM stock_lot s WHERE s.supplier_lot <> '' "
        "AND UPPER(s.supplier_lot) = UPPER(%s) AND s.archived_at IS NULL LIMIT %s"
    )
    sql = f"SELECT * FROM ({ours}) a UNION SELECT * FROM ({theirs}) b"
    return sql, [*parameters, text, most]


def _begins(vendor: str, table: str, column: str, text: str, most: int) -> tuple[str, list[Any]]:
    upper = f"UPPER(i.{column})" + (' COLLATE "C"' if vendor == "postgresql" else "")
    return (
        f"SELECT i.id FROM {table} i WHERE {upper} >= UPPER(%s) AND {upper} < UPPER(%s) "
        f"AND i.archived_at IS NULL ORDER BY {upper} LIMIT %s",
        [text, text + _LAST, most],
    )


class Holds(Lookup[Any]):
    """``search_key__holds``: the key contains the text; asks the index before it looks at keys."""

    lookup_name = "holds"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """The condition of this engine and its parameters."""
        key, parameters = self.process_lhs(compiler, connection)
        alias = connection.ops.quote_name(self.lhs.alias)
        text = str(self.rhs)
        grams = _grams([text])
        postgresql = connection.vendor == "postgresql"
        has = f"{'strpos' if postgresql else 'instr'}({key}, %s) > 0"
        if not grams:
            return has, (*parameters, text)
        if postgresql:
            condition = f"({alias}.{GRAMS} @> %s::int[] AND {has})"
            return condition, (_numbers(grams), *parameters, text)
        indexed = f"{alias}.id IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s)"
        return f"({indexed} AND {has})", (_match(grams), *parameters, text)
