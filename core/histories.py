"""History of rows that are written by SQL: in the statement of the change, or in one for many rows.

The models have a ``history`` of django-simple-history; an entry says what a row was after the change.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import F, QuerySet

from core.together import Statement, Writes


def keep(rows: QuerySet[Any], *, user: int | None, at: datetime) -> None:
    """Write a history entry “changed” for each row as it is in the database now, in one statement.

    ``user`` is the id of whoever changed it.
    """
    names = _fields(rows.model)
    found, parameters = rows.order_by().values_list(*names).query.sql_with_params()
    begin, head, values = _entry(rows.model, user, at)
    with connection.cursor() as cursor:
        cursor.execute(f"{begin} SELECT {head} FROM ({found}) found", [*values, *parameters])


def begin(rows: QuerySet[Any], *, at: str, user: str) -> None:
    """Write a history entry “created” for each of these rows, in one statement.

    ``at`` and ``user`` name where it is written when and by whom: lookups from the rows (``document__asker_id``).
    """
    names = _fields(rows.model)
    kept = rows.model.history.model
    columns = [_quoted(kept._meta.get_field(name).column) for name in names]
    into = ", ".join([*columns, "history_date", "history_user_id", "history_type"])
    # The same lookup twice would be one column of the values: when and by whom are expressions of their own.
    said = rows.order_by("pk").annotate(_at=F(at), _by=F(user)).values_list(*names, "_at", "_by")
    found, parameters = said.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_quoted(kept._meta.db_table)} ({into}) SELECT found.*, '+' FROM ({found}) found",
            parameters,
        )


def changing(
    model: type[models.Model],
    change: tuple[str, Sequence[Any]],
    where: tuple[str, Sequence[Any]],
    *,
    user: int | None,
    at: datetime,
) -> list[Statement]:
    """The statements that change rows (``change`` stands behind SET) and note what they were after it.

    ``where`` must still be true of them then.
    """
    table = _quoted(model._meta.db_table)
    update = f"UPDATE {table} SET {change[0]} WHERE {where[0]}"
    begin, head, values = _entry(model, user, at)
    if connection.vendor == "postgresql":
        sql = f"WITH found AS ({update} RETURNING *) {begin} SELECT {head} FROM found"
        return [(sql, [*change[1], *where[1], *values])]
    kept = f"{begin} SELECT {head} FROM {table} found WHERE {where[0]}"
    return [(update, [*change[1], *where[1]]), (kept, [*values, *where[1]])]


def save(
    writes: Writes,
    row: models.Model,
    change: tuple[str, Sequence[Any]],
    *,
    version: int,
    user: int | None,
    at: datetime,
) -> bool:
    """Send ``writes``, then change the row if it is still at ``version``, with its history; whether it was."""
    here, mine = ("id = %s", [row.pk]), ("id = %s AND version = %s", [row.pk, version])
    if connection.vendor == "postgresql":
        ((sql, parameters),) = changing(type(row), change, mine, user=user, at=at)
        writes.add((f"{sql} RETURNING id", parameters))
        return bool(writes.send())
    writes.send()
    update, kept = changing(type(row), change, here, user=user, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"{update[0]} AND version = %s", [*update[1], version])
        if not cursor.rowcount:
            return False
        cursor.execute(*kept)
    return True


_entries: dict[tuple[Any, str], tuple[str, str]] = {}
"""What ``_entry`` has written of a model for an engine."""


def _entry(model: type[models.Model], user: int | None, at: datetime) -> tuple[str, str, list[Any]]:
    """How an INSERT of entries begins, what it selects of the rows called found, and its parameters."""
    known = _entries.get((model, connection.vendor))
    if known is None:
        kept = model.history.model  # type: ignore[attr-defined]
        columns = [_quoted(kept._meta.get_field(name).column) for name in _fields(model)]
        into = ", ".join([*columns, "history_date", "history_type", "history_user_id"])
        # PostgreSQL must be told the type of a parameter that is only selected.
        typed = connection.vendor == "postgresql"
        moment, person = ("%s::timestamptz", "%s::bigint") if typed else ("%s", "%s")
        head = ", ".join([*(f"found.{column}" for column in columns), moment, "'~'", person])
        known = f"INSERT INTO {_quoted(kept._meta.db_table)} ({into})", head
        _entries[model, connection.vendor] = known
    return *known, [connection.ops.adapt_datetimefield_value(at), user]


def _fields(model: Any) -> list[str]:
    """The fields that are kept, by the names of their attributes."""
    return [field.attname for field in model.history.model.tracked_fields]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
