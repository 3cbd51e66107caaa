"""Query parameters, declared once: read strictly, told as schema. An unknown or repeated one is refused."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.api.shapes import Malformed, Text, Unreadable, read_day, read_moment
from core.errors import LineError

LONGEST = 200
MOST = 50
"""How often a parameter that may be repeated may be given."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter; ``read`` raises Unreadable. Missing ones read as ``default``."""

    name: str
    help: Text
    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    many: bool = False
    required: bool = False
    default: Any = None


def text(name: str, help: Text, **more: Any) -> Parameter:
    """A code, number or name."""
    return Parameter(
        name,
        help,
        {"type": "string", "minLength": 1, "maxLength": LONGEST},
        lambda value: value,
        **more,
    )


def choice(name: str, help: Text, choices: Iterable[str], **more: Any) -> Parameter:
    """One of some words."""
    known = tuple(choices)

    def read(value: str) -> str:
        if value not in known:
            raise Unreadable(_("Choose one of: %(choices)s.") % {"choices": ", ".join(known)})
        return value

    return Parameter(name, help, {"type": "string", "enum": list(known)}, read, **more)


def yes_no(name: str, help: Text, **more: Any) -> Parameter:
    """``true`` or ``false``."""

    def read(value: str) -> bool:
        if value not in {"true", "false"}:
            raise Unreadable(_("This must be true or false."))
        return value == "true"

    return Parameter(name, help, {"type": "boolean"}, read, **more)


def integer(name: str, help: Text, *, least: int, most: int, **more: Any) -> Parameter:
    """A whole number between two limits."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit()) or len(value) > 19:
            raise Unreadable(_("This must be a whole number."))
        if not least <= int(value) <= most:
            raise Unreadable(_("From %(least)d to %(most)d.") % {"least": least, "most": most})
        return int(value)

    return Parameter(
        name, help, {"type": "integer", "minimum": least, "maximum": most}, read, **more
    )


def when(name: str, help: Text, **more: Any) -> Parameter:
    """A day (date) or a moment (datetime, with or without an offset)."""
    schema = {
        "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
    }
    return Parameter(name, help, schema, read_when, **more)


def read_when(value: str) -> date | datetime:
    """A day or a moment, which may lack its offset; raises Unreadable."""
    if len(value) <= 10:
        return read_day(value)
    return read_moment(value, bare=True)


LIMIT = integer("limit", _("How many rows a page has at most."), least=1, most=1000, default=100)
CURSOR = text("cursor", _("Where the page starts: what “next” of the page before says."))


def read(parameters: Iterable[Parameter], given: QueryDict) -> dict[str, Any]:
    """Every parameter by its name; raises Malformed with everything that is wrong."""
    known = {one.name: one for one in parameters}
    errors: list[LineError] = []

    def refuse(name: str, message: Text) -> None:
        errors.append(LineError(0, "invalid", str(message), {"parameter": name[:60]}))

    for name in given:
        if name not in known:
            choices = ", ".join(known) or "–"
            refuse(
                name,
                _("There is no parameter “%(name)s” here; known are: %(choices)s.")
                % {"name": name[:60], "choices": choices},
            )
    found = {}
    for name, one in known.items():
        texts = given.getlist(name)
        if len(texts) > (MOST if one.many else 1):
            refuse(name, _("“%(name)s” is given too often.") % {"name": name})
            texts = []
        values = []
        for value in texts:
            try:
                values.append(_read(one, value))
            except Unreadable as error:
                refuse(name, _("%(name)s: %(why)s") % {"name": name, "why": error})
        if one.required and not texts:
            refuse(name, _("The parameter “%(name)s” is missing.") % {"name": name})
        found[name] = (values if one.many else values[0]) if values else one.default
    if errors:
        raise Malformed(errors[0].message, lines=errors)
    return found


def _read(one: Parameter, value: str) -> Any:
    if not value or len(value) > LONGEST or not value.isprintable():
        raise Unreadable(_("From 1 to %(n)d letters, without control characters.") % {"n": LONGEST})
    return one.read(value)
