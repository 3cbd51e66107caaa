"""Writes rows of models in few statements, and their history in another, where the ORM would take milliseconds a row."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from core.together import Statement

_BATCH = 1_000


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model, their keys given by the database and not read back.

    Values are prepared as the ORM would; use it where nobody needs the keys of the rows.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            if connection.vendor == "sqlite":
                sql, _parameters = insertion(part[:1])
                fields = _given(part[0])
                cursor.executemany(sql, [_values(row, fields) for row in part])
            else:
                cursor.execute(*insertion(part))


def insertion(rows: Sequence[models.Model]) -> Statement:
    """The statement that inserts unsaved rows of one model."""
    fields = _given(rows[0])
    begin, places = _insert(type(rows[0]), connection.vendor)
    sql = f"{begin} VALUES {', '.join([places] * len(rows))}"
    return sql, [value for row in rows for value in _values(row, fields)]


def change(row: models.Model, names: Sequence[str]) -> Statement:
    """The statement that writes these fields of a row that is there."""
    columns, values = assignments(row, names)
    return f"UPDATE {_quoted(row._meta.db_table)} SET {columns} WHERE id = %s", [*values, row.pk]


def assignments(row: models.Model, names: Iterable[str] | None = None) -> tuple[str, list[Any]]:
    """What stands behind SET to write these fields of the row (without names all of them), and the values."""
    fields = _given(row) if names is None else _fields(row, names)
    columns = ", ".join([f'"{field.column}" = %s' for field in fields])
    return columns, _values(row, fields)


def _fields(row: models.Model, names: Iterable[str]) -> list[Any]:
    return [row._meta.get_field(name) for name in names]


_inserts: dict[tuple[type[models.Model], str], tuple[str, str]] = {}


def _insert(model: type[models.Model], vendor: str) -> tuple[str, str]:
    """How an INSERT into the table of a model begins, and the marks of one row."""
    known = _inserts.get((model, vendor))
    if known is None:
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        columns = ", ".join(_quoted(str(field.column)) for field in fields)
        begin = f"INSERT INTO {_quoted(model._meta.db_table)} ({columns})"
        known = _inserts[model, vendor] = begin, "(" + ", ".join(["%s"] * len(fields)) + ")"
    return known


def values(row: models.Model, names: Iterable[str]) -> list[Any]:
    """The values of these fields as a statement gets them."""
    return _values(row, _fields(row, names))


def among(column: str, ids: Iterable[int]) -> tuple[str, Any]:
    """A condition that ``column`` is one of ``ids``, the same text however many they are, and its parameter."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])", "{" + ",".join(map(str, ids)) + "}"
    return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _given(row: models.Model) -> list[Any]:
    """The fields whose values do not come from the database."""
    return [field for field in row._meta.concrete_fields if not field.primary_key]


def _values(row: models.Model, fields: Sequence[Any]) -> list[Any]:
    """What a statement gets of the fields; the ORM's way of asking the field is long, and often not needed."""
    found = []
    for field in fields:
        value = getattr(row, field.attname)
        if type(value) not in _AS_THEY_ARE.get(type(field), ()):
            value = field.get_db_prep_save(value, connection=connection)
        found.append(value)
    return found


_INTEGER, _TEXT = (int, type(None)), (str, type(None))
_AS_THEY_ARE: dict[type, tuple[type, ...]] = {
    models.BigIntegerField: _INTEGER,
    models.IntegerField: _INTEGER,
    models.PositiveIntegerField: _INTEGER,
    models.ForeignKey: _INTEGER,
    models.OneToOneField: _INTEGER,
    models.BooleanField: (bool, type(None)),
    models.CharField: _TEXT,
    models.TextField: _TEXT,
}
"""Fields of which values of these types go to the database as they are."""


def write_history(
    model: type[models.Model], where: str, value: Any, *, at: datetime, user: int | None
) -> None:
    """Write the history of rows that ``insert`` made: those whose column ``where`` has the value."""
    history = model.history.model  # type: ignore[attr-defined]
    own = {"history_id", "history_date", "history_change_reason", "history_type", "history_user_id"}
    columns = [f.column for f in history._meta.concrete_fields if f.column not in own]
    names = ", ".join(_quoted(column) for column in columns)
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_quoted(history._meta.db_table)} "
            f"({names}, history_date, history_type, history_user_id) "
            f"SELECT {names}, %s, '+', %s FROM {_quoted(model._meta.db_table)} "
            f"WHERE {_quoted(where)} = %s",
            [moment, user, value],
        )
