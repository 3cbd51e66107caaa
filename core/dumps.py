"""Only how each engine copies its whole database into one file and back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.sqlite3._functions import register
from django.utils.translation import gettext as _

from core.errors import DomainError


class BackupError(DomainError):
    """A backup cannot be made or restored; nothing was changed."""

    code = "backup"


def file_name() -> str:
    """What the copy is called inside a backup."""
    return "database.sqlite3" if connection.vendor == "sqlite" else "database.dump"


def dump(target: Path) -> dict[str, int]:
    """Copy the database into ``target`` while others go on writing; returns the rows of each table.

    Raises BackupError.
    """
    return _dump_sqlite(target) if connection.vendor == "sqlite" else _dump_postgresql(target)


def load(source: Path) -> None:
    """Replace everything in the database by the copy. Raises BackupError."""
    if connection.vendor == "sqlite":
        _load_sqlite(source)
    else:
        _load_postgresql(source)


def _tables() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})


@contextmanager
def _sqlite_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that knows Django's functions: laws of the tables use them."""
    with closing(sqlite3.connect(path)) as copy:
        register(copy)
        yield copy


def _check_sqlite(copy: sqlite3.Connection) -> None:
    found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupError(_("The database is damaged: %(found)s") % {"found": found})


def _dump_sqlite(target: Path) -> dict[str, int]:
    connection.ensure_connection()
    with _sqlite_file(target) as copy:
        connection.connection.backup(copy)
        _check_sqlite(copy)
        return {
            table: copy.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]
            for table in _tables()
        }


def _load_sqlite(source: Path) -> None:
    connection.ensure_connection()
    with _sqlite_file(source) as copy:
        _check_sqlite(copy)
        copy.backup(connection.connection)
    connection.close()


def _dump_postgresql(target: Path) -> dict[str, int]:
    """The counts and the dump see the same snapshot."""
    with _snapshot() as snapshot, connection.cursor() as cursor:
        _postgresql_tool(
            "pg_dump",
            "--format=custom",
            "--compress=0",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={target}",
        )
        counts = {}
        for table in _tables():
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
        return counts


@contextmanager
def _snapshot() -> Iterator[str]:
    if connection.in_atomic_block:
        raise BackupError(_("A backup cannot be made inside a transaction."))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _load_postgresql(source: Path) -> None:
    connection.ensure_connection()
    _postgresql_tool("pg_restore", "--list", str(source))
    tables = ", ".join(f'"{name}"' for name in connection.introspection.table_names())
    if tables:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {tables} CASCADE")
    _postgresql_tool(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={connection.settings_dict['NAME']}",
        str(source),
    )
    connection.close()


def _postgresql_tool(name: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore against the database that Django uses; the password stays off the line."""
    program = shutil.which(name)
    if program is None:
        raise BackupError(
            _("%(program)s is not installed here. Install the PostgreSQL client programs.")
            % {"program": name}
        )
    connection.ensure_connection()
    here = connection.connection.get_dsn_parameters()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    environment = {
        **os.environ,
        **{variable: here[key] for key, variable in names.items() if here.get(key)},
    }
    for key, variable in (("sslmode", "PGSSLMODE"), ("sslrootcert", "PGSSLROOTCERT")):
        if here.get(key):
            environment[variable] = here[key]
    if connection.settings_dict.get("PASSWORD"):
        environment["PGPASSWORD"] = connection.settings_dict["PASSWORD"]
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL with our arguments
        [program, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(
            _("%(program)s failed: %(message)s")
            % {"program": name, "message": done.stderr.strip()[-600:]}
        )
