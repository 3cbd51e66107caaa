"""The only reader of request bodies: JSON without doubt, or one file as it is; else a refusal that says why."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from core.api.shapes import Malformed, Text
from core.errors import DomainError

BIGGEST = 1024 * 1024
"""Bytes of a body."""
DEEPEST = 20


class TooLarge(DomainError):
    """The body has more bytes than are read."""

    code = "too_large"
    status = 413


class StrictJSON(BaseParser):
    """UTF-8 JSON; duplicate keys, NaN, infinity, deep nesting and texts no database can keep are refused."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of the body; raises Malformed or TooLarge."""
        raw = stream.read(BIGGEST + 1)
        if len(raw) > BIGGEST:
            raise TooLarge(_("A request has at most %(n)d bytes.") % {"n": BIGGEST})
        return parse(raw)


class RawFile(BaseParser):
    """One file of at most ``biggest`` bytes as the whole body; what is in it is for its reader to say."""

    media_type = "application/octet-stream"

    def __init__(self, biggest: int) -> None:
        self.biggest = biggest

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes; raises TooLarge."""
        raw: bytes = stream.read(self.biggest + 1)
        if len(raw) > self.biggest:
            raise TooLarge(_("A file has at most %(n)d MB.") % {"n": self.biggest // 1024**2})
        return raw


def parse(raw: bytes) -> Any:
    """The value of a JSON text; raises Malformed."""
    try:
        found = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        _check(found)
    except UnicodeDecodeError as error:
        raise _refused(_("it is not UTF-8")) from error
    except RecursionError as error:
        raise _refused(_("it is nested too deeply")) from error
    except json.JSONDecodeError as error:
        raise _refused(
            _("line %(line)d, column %(column)d") % {"line": error.lineno, "column": error.colno}
        ) from error
    except ValueError as error:  # a number with thousands of digits
        raise _refused(_("a number has too many digits")) from error
    return found


def _refused(why: Text) -> Malformed:
    return Malformed(
        _("The body is not JSON that is read here: %(why)s.") % {"why": why}, code="json"
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _refused(_("the key “%(key)s” stands twice") % {"key": twice[:60]})
    return found


def _no_constant(name: str) -> Any:
    raise _refused(_("%(name)s is no number") % {"name": name})


def _check(found: Any) -> None:
    """Walk through everything: not too deep, no text that PostgreSQL or UTF-8 cannot hold."""
    waiting = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
                raise _refused(_("a text holds a character that is none"))
        elif isinstance(value, dict | list):
            if depth > DEEPEST:
                raise _refused(_("it is nested too deeply"))
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            waiting += [(each, depth + 1) for each in inner]
