"""History of rows that are written many at once: one statement instead of one for each row."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def keep(rows: QuerySet[Any], *, user: int | None, at: datetime) -> None:
    """Write a history entry “changed” for each row as it is in the database now, in one statement.

    The model has a ``history`` of django-simple-history; ``user`` is the id of whoever changed it.
    """
    kept = rows.model.history.model
    names = [field.attname for field in kept.tracked_fields]
    quoted = [
        connection.ops.quote_name(kept._meta.get_field(name).column)
        for name in (*names, "history_date", "history_type", "history_user")
    ]
    found, parameters = rows.order_by().values_list(*names).query.sql_with_params()
    table = connection.ops.quote_name(kept._meta.db_table)
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(quoted)}) "
            f"SELECT found.*, %s, '~', %s FROM ({found}) found",
            [moment, user, *parameters],
        )
