"""Questions that are asked for every document: the ORM writes their SQL once, and PostgreSQL plans it once.

Writing a statement with many joins takes the ORM longer than answering it takes the database, and so does
planning it. A ``Question`` is a queryset with variables: it is compiled when it is asked for the first time,
prepared on each connection, and gives the same records or rows as the queryset would.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators

from core import prepared

T = TypeVar("T")
_HOLE = 4_611_686_018_427_000_000
"""Stands in for the first variable while the statement is written; no record has such a key."""
_LATE = datetime(9000, 1, 1, tzinfo=UTC)
"""The same for moments."""


class Question(Generic[T]):
    """``build`` gets a value for each variable (int, str, UUID or datetime) and returns the queryset.

    It is called once: whatever else it looks at must stay as it is. Conditions on NULL and lists of values
    are no variables; ask for them by a sub-query.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *variables: type) -> None:
        self._build = build
        self._variables = variables
        self._written: dict[str, _Written] = {}

    def all(self, *values: Any) -> list[T]:
        """Everything that is found for these values; for querysets of values, tuples."""
        written = self._written.get(connection.vendor)
        if written is None:
            holes = [_hole(kind, n) for n, kind in enumerate(self._variables)]
            written = self._written[connection.vendor] = _Written(self._build(*holes), holes)
        return written.answer(values)

    def first(self, *values: Any) -> T | None:
        """The first that is found, or None."""
        return next(iter(self.all(*values)), None)


class _Written:
    """The statement for one engine, and how its rows become what the queryset gives."""

    def __init__(self, rows: QuerySet[Any, Any], holes: Sequence[Any]) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        self._sql, parameters = compiler.as_sql()
        places = {_adapted(hole): n for n, hole in enumerate(holes)}
        self._parameters = [
            (places[value], None) if isinstance(value, _KINDS) and value in places else (-1, value)
            for value in parameters
        ]
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self._converters = [
            (place, *how) for place, how in compiler.get_converters(columns).items()
        ]
        self._record: Callable[[Any], Any] | None = None
        if rows._iterable_class is ModelIterable:  # type: ignore[attr-defined]
            known: Any = compiler.klass_info
            first, last = known["select_fields"][0], known["select_fields"][-1] + 1
            names = [column.target.attname for column in columns[first:last]]
            self._record = _maker(rows.model, names, slice(first, last))
            self._beside = list(compiler.annotation_col_map.items())  # type: ignore[union-attr]
            self._related = get_related_populators(known, compiler.select, connection.alias)  # type: ignore[call-arg]  # the stubs are of a newer Django

    def answer(self, values: Sequence[Any]) -> list[Any]:
        """The records or tuples for these values."""
        parameters = [
            _adapted(values[place]) if place >= 0 else value for place, value in self._parameters
        ]
        found = [list(row) for row in prepared.fetch(self._sql, *parameters)]
        for place, converters, column in self._converters:
            for row in found:
                value = row[place]
                if value is not None:  # no converter of ours makes something of nothing
                    for convert in converters:
                        value = convert(value, column, connection)
                    row[place] = value
        if self._record is None:
            return [tuple(row) for row in found]
        records = []
        for row in found:
            record = self._record(row)
            for populator in self._related:
                populator.populate(row, record)
            for name, place in self._beside:
                setattr(record, name, row[place])
            records.append(record)
        return records


def _maker(model: Any, names: Sequence[str], part: slice) -> Callable[[Sequence[Any]], Any]:
    """How a part of a row becomes a record.

    A model without an ``__init__`` of its own is filled at once: Django's goes field by field, which takes
    most of the time that many records take, and calls receivers of its signals, which we have none of.
    """
    alias = connection.alias
    whole = len(names) == len(model._meta.concrete_fields)
    plain = model.__init__ is Model.__init__ and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    if not (plain and whole):
        return lambda row: model.from_db(alias, names, row[part])

    def filled(row: Sequence[Any]) -> Any:
        record = model.__new__(model)
        record.__dict__.update(zip(names, row[part], strict=True))
        record._state = state = ModelState()
        state.adding, state.db = False, alias
        return record

    return filled


_KINDS = (int, str, uuid.UUID, datetime)


def _hole(kind: type, n: int) -> Any:
    """A value that stands in for variable ``n``."""
    if kind is datetime:
        return _LATE + timedelta(days=n)
    return uuid.UUID(int=_HOLE + n) if kind is uuid.UUID else kind(_HOLE + n)


def _adapted(value: Any) -> Any:
    """The value as a statement of this engine gets it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
