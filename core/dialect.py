"""How each engine writes a table of parameters, a lock, a set of ids and a moment, for SQL of our own."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from core import bulk, prepared

Cursor = CursorWrapper
_FEW = 50
"""Rows up to which a kept plan is cheaper than one that is made for them."""


class Dialect:
    """How one engine writes a table of parameters, a lock and a set of ids."""

    def __init__(self, vendor: str) -> None:
        self.postgresql = vendor == "postgresql"

    def rows(
        self, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]
    ) -> tuple[str, list[Any]]:
        """A FROM item named ``r`` with these typed columns, and its parameters."""
        names = [name for name, _type in columns]
        if self.postgresql:
            arrays = ", ".join(f"%s::{kind}[]" for _name, kind in columns)
            parameters = [
                array(column, kind)
                for column, (_name, kind) in zip(zip(*rows, strict=True), columns, strict=True)
            ]
            return f"unnest({arrays}) AS r({', '.join(names)})", parameters
        picked = ", ".join(f"value ->> {n} AS {name}" for n, name in enumerate(names))
        return f"(SELECT {picked} FROM json_each(%s)) AS r", [json.dumps(rows, default=_plain)]

    def ids(self, column: str, ids: Iterable[int]) -> tuple[str, Any]:
        """A condition that ``column`` is one of ``ids``, and its parameter."""
        return bulk.among(column, ids)

    def value(self, kind: str) -> str:
        """A parameter of a type; PostgreSQL must know it where a statement is prepared."""
        return f"%s::{kind}" if self.postgresql else "%s"

    def run(self, cursor: Cursor, sql: str, parameters: Sequence[Any], *, rows: int) -> None:
        """Execute one of the few statements of the posting path, prepared once per connection.

        A kept plan does not know how many ``rows`` there are: it looks through all of them for each. Many are worth
        a plan of their own.
        """
        if rows > _FEW:
            cursor.execute(sql, parameters)
        else:
            prepared.run(cursor, sql, parameters)

    def near(self, column: str, ids: Iterable[int | None]) -> tuple[str, list[Any]]:
        """A redundant condition that leads PostgreSQL to an index where a table is small enough to tempt
        it into reading all of it; nothing on SQLite.
        """
        if not self.postgresql:
            return "", []
        return f" AND {column} = ANY(%s::bigint[])", [array(tuple(set(ids)), "bigint")]

    def lock(self, table: str) -> str:
        """The end of a SELECT that locks the rows of ``table``; SQLite's writers are alone anyway."""
        return f" FOR UPDATE OF {table}" if self.postgresql else ""

    def moment(self, value: datetime) -> Any:
        """A moment as this engine keeps it, for raw SQL."""
        return (
            value if self.postgresql else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        )


def array(values: Sequence[Any], kind: str) -> str:
    """An array as PostgreSQL's input text: far cheaper to parse than ARRAY[…] with many elements."""
    if kind == "text":
        words = (
            '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if value else '""'
            for value in values
        )
        return "{" + ",".join(words) + "}"
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return str(value)
