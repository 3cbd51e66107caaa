"""Writes rows of models in few statements, where the ORM would take milliseconds a row."""

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

from core import copying
from core.fields import ExactField
from core.numbers import to_scaled
from core.together import Statement

_M = TypeVar("_M", bound=models.Model)
_BATCH = 1_000
_KEYED = 500
_AS_COPY = 20
"""From so many rows on PostgreSQL gets them as a COPY."""


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model, their keys given by the database and not read back.

    Values are prepared as the ORM would; use it where nobody needs the keys of the rows.
    """
    if not rows:
        return
    if connection.vendor == "postgresql" and len(rows) >= _AS_COPY:
        copying.send(rows, _given(rows[0]))
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


def insert_keyed(rows: Sequence[models.Model]) -> None:
    """The same, and each row knows its key afterwards."""
    if connection.vendor == "postgresql" and rows:
        key = rows[0]._meta.pk
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [rows[0]._meta.db_table, key.column, len(rows)],
            )
            for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = pk
        copying.send(rows, [key, *_given(rows[0])])
        for row in rows:
            row._state.adding = False
        return
    type(rows[0])._base_manager.bulk_create(rows, batch_size=_KEYED)


def update(rows: Sequence[models.Model], names: Sequence[str]) -> int:
    """Write these fields of rows that are there, each as it stands; returns how many were found."""
    if not rows:
        return 0
    fields = _fields(rows[0], names)
    table = _quoted(rows[0]._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            columns = ", ".join(f"{_quoted(field.column)} = %s" for field in fields)
            cursor.executemany(
                f"UPDATE {table} SET {columns} WHERE id = %s",
                [[*_values(row, fields), row.pk] for row in rows],
            )
            return int(cursor.rowcount)
        kinds = ["bigint", *(field.db_type(connection) for field in fields)]
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
        given = [[row.pk, *_values(row, fields)] for row in rows]
        columns = ", ".join(f"{_quoted(f.column)} = r.c{n}" for n, f in enumerate(fields, 1))
        heads = ", ".join(f"c{n}" for n in range(len(kinds)))
        cursor.execute(
            f"UPDATE {table} t SET {columns} FROM unnest({arrays}) AS r({heads}) WHERE t.id = r.c0",
            [list(column) for column in zip(*given, strict=True)],
        )
        return int(cursor.rowcount)


def maker(model: type[_M]) -> Callable[..., _M]:
    """Makes unsaved rows of a model from values by the names of their attributes (``item_id``), a tenth as dear as
    the model itself does: nothing is checked, no signal sent, and what is left out has its default.
    """
    fixed: dict[str, Any] = {}
    asked: list[tuple[str, Callable[[], Any]]] = []
    for field in model._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            asked.append((field.attname, field.default))
        else:
            fixed[field.attname] = field.get_default()

    def make(**values: Any) -> _M:
        row = model.__new__(model)
        own = row.__dict__
        own.update(fixed)
        own.update(values)
        own["_state"] = ModelState()
        for name, default in asked:
            if name not in values:
                own[name] = default()
        return row

    return make


def knows(row: models.Model, **others: models.Model | None) -> None:
    """Let a row that was made so know rows that it refers to, which otherwise would be asked for."""
    row._state.fields_cache.update(others)


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


def those(
    rows: models.QuerySet[_M], column: str, values: Iterable[int] | Iterable[str]
) -> models.QuerySet[_M]:
    """The rows whose ``column`` of their own table is one of the values, which are one parameter however many they are."""
    name = f"{_quoted(rows.model._meta.db_table)}.{_quoted(column)}"
    every = list(values)
    if every and isinstance(every[0], str) and connection.vendor == "postgresql":
        condition, given = f"{name} = ANY(%s::text[])", every
    else:
        condition, given = among(name, every)  # type: ignore[arg-type]
    return rows.extra(where=[condition], params=[given])  # noqa: S610 - names of our models, values are parameters


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
            if type(value) is Decimal and isinstance(field, ExactField):
                value = to_scaled(value, field.scale)
            else:
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
