"""What every database of alerts must contain: the triggers, the shipped causes and rules."""

from typing import Any

from django.db import connections

from alerts import guards
from core import triggers
from people.bootstrap import ensure_roles


def before_migrate(*, using: str, plan: list[Any], **_signal: Any) -> None:
    """Take the triggers off while tables change: SQLite makes a changed table anew, which triggers forbid."""
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        triggers.drop(connection, guards.TRIGGERS)


def ensure_causes(using: str = "default") -> None:
    """Make the shipped causes that are missing."""
    from alerts.models import Cause
    from alerts.models.cases import SHIPPED_CAUSES

    Cause.objects.using(using).bulk_create(
        [Cause(code=code) for code in SHIPPED_CAUSES], ignore_conflicts=True
    )


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Bring the database to what this module promises; runs after every migrate and flush."""
    connection = connections[using]
    if "alerts_casephoto" not in connection.introspection.table_names():
        return
    from alerts import shipped

    ensure_causes(using)
    ensure_roles(using)  # rules name them, and this may run first
    shipped.ensure_rules(using)
    triggers.install(connection, guards.TRIGGERS)
