"""Tables that hold documents can be changed by a migration: triggers step aside for it and come back."""

import pytest
from django.db import connection

from core import triggers
from stock import bootstrap as stock_bootstrap
from workflows import bootstrap, guards


@pytest.mark.django_db
def test_triggers_step_aside_for_a_migration_and_come_back() -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL changes tables in place
    everything = [*stock_bootstrap.all_triggers(), *guards.TRIGGERS]
    bootstrap.before_migrate(using="default", plan=[])
    assert triggers.missing(connection, everything) == []
    bootstrap.before_migrate(using="default", plan=["a migration"])
    assert len(triggers.missing(connection, everything)) > 40
    stock_bootstrap.after_migrate(using="default")
    bootstrap.after_migrate(using="default")
    assert triggers.missing(connection, everything) == []
