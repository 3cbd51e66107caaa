"""Only sends many new rows of a model to PostgreSQL as one COPY: it is parsed once for all, not value by value.

Constraints, triggers and defaults of the database hold as for INSERT. Values are taken column by column, because
in most columns of many rows stands the same.
"""

import io
import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from core.fields import ExactField

_NULL = "\\N"
_ODD = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def send(rows: Sequence[models.Model], fields: Sequence[Any]) -> None:
    """Insert the rows with the values of these fields; what is left out gets its default from the database."""
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    texts = [_texts(field, [getattr(row, field.attname) for row in rows]) for field in fields]
    body = "\n".join(map("\t".join, zip(*texts, strict=True))) + "\n"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.StringIO(body))


def _texts(field: Any, values: list[Any]) -> list[str]:
    """The values of one column as COPY reads them."""
    kinds = set(map(type, values))
    first = values[0]
    if len(kinds) == 1 and values.count(first) == len(values):
        return [_text(field, first)] * len(values)
    kind = kinds.pop() if len(kinds) == 1 else None
    write = None if isinstance(field, _PREPARED) else _WRITERS.get(kind)
    if write is not None:
        return list(map(write, values))
    return [_text(field, value) for value in values]


def _text(field: Any, value: Any) -> str:
    if value is None:
        return _NULL
    if isinstance(field, models.JSONField):
        return _escaped(json.dumps(value, cls=field.encoder))
    if not isinstance(field, _PREPARED) and (write := _WRITERS.get(type(value))) is not None:
        return write(value)
    value = field.get_db_prep_save(value, connection=connection)
    return _WRITERS.get(type(value), _written)(value)


def _written(value: Any) -> str:
    """A value of a type of its own, a choice for example."""
    return _NULL if value is None else _escaped(str(value))


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _ODD.search(text) else text


_PREPARED = (models.JSONField, models.DateTimeField, models.UUIDField, ExactField)
"""Fields whose values are prepared before they are written, whatever their type."""
_WRITERS: dict[type | None, Callable[[Any], str]] = {
    str: _escaped,
    int: str,
    bool: lambda value: "t" if value else "f",
    datetime: str,
    date: str,
    UUID: str,
}
"""How values of these types are written; others are prepared by their field first."""
