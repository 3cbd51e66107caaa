"""Words that remember what they say, so that a reader of another language is told the same later.

What was refused in the background is noted by one person and read by another. ``said`` translates like gettext
but keeps source text and values; ``noted`` makes plain data of it, ``again`` says it in the active language.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

Noted = str | dict[str, Any]
"""A message as plain data: text that is nobody's translation, or ``said`` (source text) and ``with`` (values)."""


class Said(str):
    """A text in the language in which it was said, with its source text and what was put in."""

    source: str
    values: Any = None

    def __new__(cls, text: str, source: str, values: Any = None) -> "Said":
        """``source`` is the English text as the catalogue has it."""
        made = super().__new__(cls, text)
        made.source, made.values = source, values
        return made

    def __mod__(self, values: Any) -> "Said":
        """The text with values put in."""
        return Said(super().__mod__(values), self.source, values)


def said(source: str) -> Said:
    """The source text in the active language; stands for ``gettext`` wherever what is said may be kept."""
    return Said(gettext(source), source)


def noted(message: Any) -> Noted:
    """What was said, as data that JSON holds."""
    if isinstance(message, Said):
        if message.values is None:
            return {"said": message.source}
        return {"said": message.source, "with": _values(message.values)}
    if isinstance(message, Promise):
        with translation.override(None):
            return {"said": str(message)}
    return str(message)


def _values(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {str(name): _value(value) for name, value in values.items()}
    return [_value(value) for value in (values if isinstance(values, tuple) else (values,))]


def _value(value: Any) -> Any:
    return value if type(value) is int else noted(value)


def again(message: Any) -> str:
    """The noted message in the active language; a text that was kept as it was stays so."""
    if not isinstance(message, Mapping):
        return str(message)
    text = gettext(str(message["said"]))
    if "with" not in message:
        return text
    given = message["with"]
    if isinstance(given, Mapping):
        return text % {name: _again(value) for name, value in given.items()}
    return text % tuple(_again(value) for value in given)


def _again(value: Any) -> Any:
    return value if isinstance(value, int) else again(value)
