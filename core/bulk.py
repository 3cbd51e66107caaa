"""Writes many rows in one statement, and their history in another, where the ORM would take milliseconds a row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

_BATCH = 1_000


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model, their keys given by the database and not read back.

    Values are prepared as the ORM would; use it where nobody needs the keys of the rows.
    """
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [_values(row, fields) for row in rows]
    with connection.cursor() as cursor:
        for start in range(0, len(values), _BATCH):
            part = values[start : start + _BATCH]
            if connection.vendor == "sqlite":
                sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})"
                cursor.executemany(sql, part)
            else:
                many = ", ".join([f"({places})"] * len(part))
                sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {many}"
                cursor.execute(sql, [value for row in part for value in row])


def _values(row: models.Model, fields: Sequence[models.Field[Any, Any]]) -> list[Any]:
    return [
        field.get_db_prep_save(getattr(row, field.attname), connection=connection)
        for field in fields
    ]


def write_history(
    model: type[models.Model], where: str, value: Any, *, at: datetime, user: int | None
) -> None:
    """Write the history of rows that ``insert`` made: those whose column ``where`` has the value."""
    history = model.history.model  # type: ignore[attr-defined]
    own = {"history_id", "history_date", "history_change_reason", "history_type", "history_user_id"}
    quote = connection.ops.quote_name
    columns = [f.column for f in history._meta.concrete_fields if f.column not in own]
    names = ", ".join(quote(column) for column in columns)
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(history._meta.db_table)} "
            f"({names}, history_date, history_type, history_user_id) "
            f"SELECT {names}, %s, '+', %s FROM {quote(model._meta.db_table)} "
            f"WHERE {quote(where)} = %s",
            [moment, user, value],
        )
