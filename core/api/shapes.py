"""The shape of what the API takes and gives, declared once: read from JSON, shown as JSON, told as schema.

Exact numbers travel as strings, because many readers turn JSON numbers into floats. Moments are ISO 8601
with the offset of the installation's time zone, days ISO dates.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.errors import DomainError, LineError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, NumberError, parse_decimal

Text = str | Promise
Schema = dict[str, Any]
YEARS = range(1900, 9000)
"""Years of dates; beyond them arithmetic with time zones breaks."""


class Malformed(DomainError):
    """The request has not the shape it must have; ``lines`` names every place."""

    code = "invalid"
    status = 400


class Unreadable(ValueError):
    """One value is not what it must be; the message says what is expected."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))


@dataclass(frozen=True, slots=True)
class Kind:
    """How one sort of value is written in JSON and in schemas; ``read`` raises Unreadable."""

    schema: Mapping[str, Any]
    read: Callable[[Any], Any]
    show: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an object.

    ``optional``: may be missing from a request. ``cost``: left out of answers to those without the right
    to see costs. ``hideable``: left out where the row lacks it, since it is not shown to the reader. ``fields`` makes it an object, with ``many`` a list of objects.
    """

    key: str
    kind: Kind
    help: Text
    optional: bool = False
    nullable: bool = False
    cost: bool = False
    hideable: bool = False
    choices: tuple[str, ...] = ()
    many: bool = False
    fields: tuple["Field", ...] = ()
    longest: int = 200
    """The most letters of a text, or the most entries of a list."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable(_("This must be a text in quotation marks."))
    if any(letter < " " and letter not in "\n\t" for letter in value):
        raise Unreadable(_("This text holds control characters."))
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise Unreadable(_("This must be a whole number."))
    return value


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unreadable(_("This must be true or false."))
    return value


def read_day(value: Any) -> date:
    """A day; raises Unreadable."""
    try:
        found = parse_date(_text(value))
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise Unreadable(_("“%(text)s” is no day; write 2026-03-31.") % {"text": str(value)[:40]})
    return found


def read_moment(value: Any, *, bare: bool = False) -> datetime:
    """A moment with its offset (``bare``: it may lack one); raises Unreadable."""
    try:
        found = parse_datetime(_text(value))
    except ValueError:
        found = None
    if found is None or not (bare or found.tzinfo) or found.year not in YEARS:
        raise Unreadable(
            _("“%(text)s” is no moment; write 2026-03-31T18:00:00+08:00.")
            % {"text": str(value)[:40]}
        )
    return found


def _moment(value: datetime) -> str:
    """One moment has one text, wherever it comes from: with the offset of the installation."""
    return timezone.localtime(value, timezone.get_default_timezone()).isoformat()


def _number(places: int) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        if not isinstance(value, str):
            raise Unreadable(_("Write numbers as text in quotation marks, for example “0.5”."))
        try:
            return parse_decimal(value, places=places)
        except NumberError as error:
            raise Unreadable(str(error)) from error

    return read


def _number_kind(places: int) -> Kind:
    pattern = rf"^-?[0-9]{{1,13}}(\.[0-9]{{1,{places}}})?$"
    return Kind({"type": "string", "pattern": pattern}, _number(places), plain)


def _any(value: Any) -> Any:
    return value


TEXT = Kind({"type": "string"}, _text)
INTEGER = Kind({"type": "integer"}, _integer)
YES_NO = Kind({"type": "boolean"}, _yes_no)
QUANTITY = _number_kind(QUANTITY_PLACES)
"""Quantities and unit costs."""
VALUE = _number_kind(VALUE_PLACES)
DAY = Kind({"type": "string", "format": "date"}, read_day, lambda value: value.isoformat())
MOMENT = Kind({"type": "string", "format": "date-time"}, read_moment, _moment)
OBJECT = Kind({"type": "object", "additionalProperties": True}, _any)
"""An object of further fields, or (without fields) of any content."""


def schema_of(fields: Iterable[Field], *, request: bool = False) -> Schema:
    """The JSON schema of an object with these fields; requests refuse every other key."""
    fields = tuple(fields)
    made: Schema = {
        "type": "object",
        "properties": {one.key: _schema(one, request=request) for one in fields},
        "additionalProperties": False,
    }
    required = [
        one.key for one in fields if not (one.optional if request else one.cost or one.hideable)
    ]
    if required:
        made["required"] = required
    return made


def _schema(one: Field, *, request: bool) -> Schema:
    if one.fields:
        made = schema_of(one.fields, request=request)
    else:
        made = dict(one.kind.schema)
        if one.choices:
            made["enum"] = list(one.choices)
        elif request and made == {"type": "string"}:
            made["maxLength"] = one.longest
    if one.many:
        made = {"type": "array", "items": made}
        if request:
            made["maxItems"] = one.longest
    if one.nullable:
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    made["description"] = str(one.help)
    return made


def show(fields: Iterable[Field], row: Mapping[str, Any], *, costs: bool) -> dict[str, Any]:
    """The row as JSON values, in the order of the fields; a row may lack its costs and what is hidden."""
    return {
        one.key: _shown(one, row[one.key], costs=costs)
        for one in fields
        if (costs or not one.cost) and (one.key in row or not (one.cost or one.hideable))
    }


def _shown(one: Field, value: Any, *, costs: bool) -> Any:
    if value is None:
        return None
    if one.many:
        return [_one(one, each, costs=costs) for each in value]
    return _one(one, value, costs=costs)


def _one(one: Field, value: Any, *, costs: bool) -> Any:
    return show(one.fields, value, costs=costs) if one.fields else one.kind.show(value)


@dataclass(slots=True)
class _Reading:
    """What is being read and what is wrong with it so far."""

    errors: list[LineError] = field(default_factory=list)

    def refuse(self, path: str, line: int, message: Text) -> None:
        self.errors.append(LineError(line, "invalid", str(message), {"field": path}))

    def object(
        self, fields: Sequence[Field], given: Any, path: str = "", line: int = 0
    ) -> dict[str, Any]:
        """The known keys of an object, read; missing optional ones are left out."""
        if not isinstance(given, Mapping):
            self.refuse(path, line, _("This must be an object."))
            return {}
        known = {one.key: one for one in fields}
        for key in given:
            if key not in known:
                self.refuse(f"{path}{str(key)[:60]}", line, _("This key is not known here."))
        made = {}
        for key, one in known.items():
            if key in given:
                made[key] = self.value(one, given[key], f"{path}{key}", line)
            elif not one.optional:
                self.refuse(f"{path}{key}", line, _("This key is missing."))
        return made

    def value(self, one: Field, given: Any, path: str, line: int) -> Any:
        if given is None:
            if not one.nullable:
                self.refuse(path, line, _("This may not be null."))
            return None
        if not one.many:
            return self.single(one, given, path, line)
        if not isinstance(given, list):
            self.refuse(path, line, _("This must be a list."))
            return []
        if len(given) > one.longest:
            self.refuse(path, line, _("At most %(n)d entries.") % {"n": one.longest})
            return []
        return [
            self.single(one, each, path, number if one.fields else line)
            for number, each in enumerate(given, start=1)
        ]

    def single(self, one: Field, given: Any, path: str, line: int) -> Any:
        if one.fields:
            return self.object(one.fields, given, f"{path}.", line)
        try:
            found = one.kind.read(given)
        except Unreadable as error:
            self.refuse(path, line, str(error))
            return None
        if one.choices and found not in one.choices:
            self.refuse(
                path, line, _("Choose one of: %(choices)s.") % {"choices": ", ".join(one.choices)}
            )
        elif isinstance(found, str) and not one.choices and len(found) > one.longest:
            self.refuse(path, line, _("At most %(n)d letters.") % {"n": one.longest})
        elif one.kind is OBJECT and not isinstance(found, Mapping):
            self.refuse(path, line, _("This must be an object."))
        return found


def read(fields: Sequence[Field], given: Any) -> dict[str, Any]:
    """The body of a request as values; raises Malformed with everything that is wrong with it."""
    reading = _Reading()
    found = reading.object(fields, given)
    if reading.errors:
        raise Malformed(
            ngettext(
                "The request is not as it must be: %(n)d thing to mend.",
                "The request is not as it must be: %(n)d things to mend.",
                len(reading.errors),
            )
            % {"n": len(reading.errors)},
            lines=reading.errors,
        )
    return found
