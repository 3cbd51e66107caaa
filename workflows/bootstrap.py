"""What every database of documents must contain: its triggers."""

from typing import Any

from django.db import connections

from core import triggers
from stock import bootstrap
from workflows import guards


def before_migrate(*, using: str, plan: list[Any], **_signal: Any) -> None:
    """Take the triggers off while tables change: SQLite makes a changed table anew, which triggers on others forbid.

    ``after_migrate`` of stock and workflows puts them back; a migration that fails leaves them off until the next.
    """
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        triggers.drop(connection, [*bootstrap.all_triggers(), *guards.TRIGGERS])


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Put the triggers in force; runs after every migrate and flush."""
    connection = connections[using]
    if "workflows_event" in connection.introspection.table_names():
        triggers.install(connection, guards.TRIGGERS)
