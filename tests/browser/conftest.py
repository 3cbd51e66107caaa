"""The demo company and those who work in it, made once and copied for each test."""

import sqlite3
from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from people.models import User


@pytest.fixture(scope="session")
def kept() -> Iterator[sqlite3.Connection]:
    """Room for a copy of the database."""
    copy = sqlite3.connect(":memory:")
    yield copy
    copy.close()


@pytest.fixture
def demo(transactional_db: None, kept: sqlite3.Connection) -> dict[str, User]:
    """The users of the demo company by name: zhao sees every warehouse and cost, admin manages users."""
    connection.ensure_connection()
    if kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'people_user'").fetchone():
        kept.backup(connection.connection)
        ContentType.objects.clear_cache()
    else:
        call_command("seed_demo", stdout=StringIO())
        connection.connection.backup(kept)
    return {user.username: user for user in User.objects.all()}
