"""What every database of documents must contain: its triggers."""

from typing import Any

from django.db import connections

from core import triggers
from workflows import guards


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Put the triggers in force; runs after every migrate and flush."""
    connection = connections[using]
    if "workflows_event" in connection.introspection.table_names():
        triggers.install(connection, guards.TRIGGERS)
