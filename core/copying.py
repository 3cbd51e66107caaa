"""Only sends many new rows of a model to PostgreSQL as one COPY: it is parsed once for all, not value by value.

Constraints, triggers and defaults of the database hold as for INSERT. Values are taken column by column, because
in most columns of many rows stands the same.
"""

import io
import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models

from core.fields import ExactField
from core.numbers import to_scaled

_NULL = "\\N"
_ODD = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def send(rows: Sequence[models.Model], fields: Sequence[Any]) -> None:
    """Insert the rows with the values of these fields; what is left out gets its default from the database."""
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    own = [row.__dict__ for row in rows]
    texts = [_texts(field, [values[field.attname] for values in own]) for field in fields]
    body = "\n".join(map("\t".join, zip(*texts, strict=True))) + "\n"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.StringIO(body))


def _texts(field: Any, values: list[Any]) -> list[str]:
    """The values of one column as COPY reads them."""
    kinds = set(map(type, values))
    first = values[0]
    if len(kinds) == 1 and values.count(first) == len(values):
        return [_writer(field, type(first))(first)] * len(values)
    writers = {kind: _writer(field, kind) for kind in kinds}
    if len(writers) == 1:
        return list(map(writers[type(first)], values))
    return [writers[type(value)](value) for value in values]


def _writer(field: Any, kind: type) -> Callable[[Any], str]:
    """How values of this type are written in a column: the short way where it says the same as the field's own."""
    if kind is type(None):
        return _none
    if isinstance(field, models.JSONField):
        encode = (field.encoder or json.JSONEncoder)(ensure_ascii=False).encode
        return lambda value: _escaped(encode(value))
    if isinstance(field, ExactField):
        scale = field.scale
        return _prepared(field) if kind is not Decimal else lambda n: str(to_scaled(n, scale))
    if isinstance(field, models.DateTimeField):
        return _moment if kind is datetime and settings.USE_TZ else _prepared(field)
    if isinstance(field, models.UUIDField):
        return str if kind is UUID else _prepared(field)
    return _WRITERS.get(kind) or _prepared(field)


def _none(_value: None) -> str:
    return _NULL


def _prepared(field: Any) -> Callable[[Any], str]:
    """A value as the field prepares it for the database."""

    def write(value: Any) -> str:
        value = field.get_db_prep_save(value, connection=connection)
        return _WRITERS.get(type(value), _written)(value)

    return write


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {value}")
    return str(value)


def _written(value: Any) -> str:
    """A value of a type of its own, a choice for example."""
    return _NULL if value is None else _escaped(str(value))


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _ODD.search(text) else text


_WRITERS: dict[type | None, Callable[[Any], str]] = {
    str: _escaped,
    int: str,
    bool: lambda value: "t" if value else "f",
    datetime: str,
    date: str,
    UUID: str,
}
"""How values of these types are written; others are prepared by their field first."""
