"""What every database of finance must contain: its triggers, a chart for every company, a whole journal."""

from typing import Any

from django.db import connections

from core import triggers
from finance import guards


def before_migrate(*, using: str, plan: list[Any], **_signal: Any) -> None:
    """Take the triggers off while tables change on SQLite; ``after_migrate`` puts them back."""
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        triggers.drop(connection, guards.TRIGGERS)


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Put the triggers in force and journal what was posted before finance was there; after every migrate."""
    from finance import backfill, charts

    connection = connections[using]
    if "finance_journalline" not in connection.introspection.table_names():
        return
    triggers.install(connection, guards.TRIGGERS)
    charts.ensure_all()
    backfill.run()
