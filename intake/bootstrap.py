"""What every database of imports must contain: its triggers."""

from typing import Any

from django.db import connections

from core import triggers
from intake import guards


def before_migrate(*, using: str, plan: list[Any], **_signal: Any) -> None:
    """Take the triggers off while tables change: SQLite makes a changed table anew, which triggers forbid."""
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        triggers.drop(connection, guards.TRIGGERS)


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Put the triggers in force; runs after every migrate and flush."""
    connection = connections[using]
    if "intake_importedrow" in connection.introspection.table_names():
        triggers.install(connection, guards.TRIGGERS)
