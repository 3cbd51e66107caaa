"""Laws that live in the database: triggers described once and installed on either engine.

SQLite drops the triggers of a table that a migration rebuilds, so every trigger is installed again
after each ``migrate``, and ``missing()`` tells which are not there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

KEPT = "/* kept */"
"""Behind a condition on a row of another table: on PostgreSQL nobody deletes that row before this transaction ends."""
_OLD, _NEW = re.compile(r"\bOLD\."), re.compile(r"\bNEW\.")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A named trigger of a table: its body for each engine.

    ``events`` as SQL writes them (``UPDATE OF a, b``). ``when`` is an SQL condition over OLD and NEW, the
    same for both engines; the trigger then refuses with ``message``. ``only`` is a condition over OLD and
    NEW without a subquery that is looked at before, so that other rows cost nothing. ``statement`` triggers
    (TRUNCATE) exist on PostgreSQL only.

    ``per`` is for inserts or updates of many rows: a column and a condition over its value, written ``{}``, that
    must hold as well ("": ``when`` says all). PostgreSQL then asks it once for each value at the end of the statement
    instead of once for each row, and refuses a changed id, which would part old and new.
    """

    name: str
    table: str
    events: tuple[str, ...]
    message: str
    when: str = ""
    statement: bool = False
    per: tuple[str, str] = ("", "")
    only: str = ""

    def create_sql(self, vendor: str) -> list[str]:
        """The statements that install it; none where the engine has no such event."""
        if vendor == "postgresql":
            return [sql.replace(KEPT, "FOR KEY SHARE") for sql in self._postgresql()]
        return [] if self.statement else self._sqlite()

    def _postgresql(self) -> list[str]:
        if self.per[0]:
            return self._postgresql_per()
        level = "STATEMENT" if self.statement else "ROW"
        when = f"IF {self.when} THEN " if self.when else ""
        end = "END IF; " if self.when else ""
        deletes = "DELETE" in self.events
        result = "NULL" if self.statement else "OLD" if deletes else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$law$ BEGIN {when}RAISE EXCEPTION '{self.message}' "
            f"USING ERRCODE = 'restrict_violation'; {end}RETURN {result}; END $law$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} BEFORE {' OR '.join(self.events)} ON {self.table} "
            f"FOR EACH {level} {f'WHEN ({self.only}) ' if self.only else ''}"
            f"EXECUTE FUNCTION {self.name}()",
        ]

    def _postgresql_per(self) -> list[str]:
        """Old and new rows side by side; a row without its other half had its id changed."""
        column, condition = self.per[0], self.per[1] or "true"
        when = _OLD.sub("o.", _NEW.sub("n.", self.when)) or "true"
        if self.events == ("INSERT",):
            event, tables = "INSERT", "NEW TABLE AS news"
            rows = f"SELECT DISTINCT n.{column} AS value, false AS torn FROM news n WHERE {when}"
        else:
            event, tables = "UPDATE", "OLD TABLE AS olds NEW TABLE AS news"
            torn = "o.id IS NULL OR n.id IS NULL"
            rows = (
                f"SELECT DISTINCT o.{column} AS value, {torn} AS torn FROM olds o "
                f"FULL JOIN news n ON n.id = o.id WHERE {torn} OR ({when})"
            )
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$law$ BEGIN IF EXISTS (SELECT 1 FROM ({rows}) c "
            f"WHERE c.torn OR {condition.format('c.value')}) "
            f"THEN RAISE EXCEPTION '{self.message}' USING ERRCODE = 'restrict_violation'; "
            "END IF; RETURN NULL; END $law$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} AFTER {event} ON {self.table} REFERENCING {tables} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()",
        ]

    def _sqlite(self) -> list[str]:
        statements = []
        parts = [f"({part})" for part in (self.only, self.when) if part]
        if self.per[1]:
            row = "NEW" if self.events == ("INSERT",) else "OLD"
            parts.append(f"({self.per[1].format(f'{row}.{self.per[0]}')})")
        condition = " AND ".join(parts).replace("IS DISTINCT FROM", "IS NOT")  # SQLite before 3.39
        when = f"WHEN {condition} " if condition else ""
        for event in self.events:
            name = self._sqlite_name(event)
            statements += [
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} BEFORE {event} ON {self.table} FOR EACH ROW {when}"
                f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END",
            ]
        return statements

    def _sqlite_name(self, event: str) -> str:
        return f"{self.name}_{event.split(maxsplit=1)[0].lower()}"

    def names(self, vendor: str) -> list[str]:
        """What the installed triggers are called."""
        if vendor == "postgresql":
            return [self.name]
        return [] if self.statement else [self._sqlite_name(event) for event in self.events]

    def drop_sql(self, vendor: str) -> list[str]:
        """The statements that remove it."""
        if vendor == "postgresql":
            return [f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}"]
        return [f"DROP TRIGGER IF EXISTS {name}" for name in self.names(vendor)]


def append_only(table: str, message: str) -> list[Trigger]:
    """Triggers that refuse to change, delete, truncate or replace rows of a table."""
    return [
        Trigger(f"{table}_append_only", table, ("UPDATE", "DELETE"), message),
        Trigger(f"{table}_no_truncate", table, ("TRUNCATE",), message, statement=True),
    ]


def install(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Create or renew the triggers."""
    with connection.cursor() as cursor:
        for trigger in triggers:
            for sql in trigger.create_sql(connection.vendor):
                cursor.execute(sql)


def drop(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Remove the triggers; only tests and restore do this."""
    with connection.cursor() as cursor:
        for trigger in triggers:
            for sql in trigger.drop_sql(connection.vendor):
                cursor.execute(sql)


def drop_all(connection: BaseDatabaseWrapper) -> None:
    """Remove every trigger of the database, whoever installed it; only the end of the demo does this."""
    if connection.vendor == "postgresql":
        sql = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
    else:
        sql = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for name, table in cursor.fetchall():
            of = f" ON {quote(table)}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {quote(name)}{of}")


def missing(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> list[str]:
    """The names of triggers that should be there and are not, or are switched off."""
    if connection.vendor == "postgresql":
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {name for (name,) in cursor.fetchall()}
    return [
        name
        for trigger in triggers
        for name in trigger.names(connection.vendor)
        if name not in there
    ]
