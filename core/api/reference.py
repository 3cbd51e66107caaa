"""The description of the API in tables, for people: made from the schema, used by the page and by docs/api.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.api.shapes import Schema


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter or key: its name (with those around it), its type in words, and what it means."""

    name: str
    kind: str
    help: str
    required: bool


@dataclass(frozen=True, slots=True)
class Described:
    """One operation in words."""

    id: str
    method: str
    path: str
    summary: str
    help: str
    scope: str
    right: str
    parameters: list[Entry]
    body: list[Entry]
    answer: list[Entry]
    status: str
    refusals: list[str]


def groups(schema: Schema) -> dict[str, list[Described]]:
    """Every operation under the name of its group, in the order of the addresses."""
    found: dict[str, list[Described]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_described(path, method, operation))
    return found


def _described(path: str, method: str, operation: Schema) -> Described:
    answers = operation["responses"]
    success = next(status for status in answers if status < "300")
    asked = operation.get("requestBody", {})
    return Described(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        help=operation.get("description", ""),
        scope=operation["x-scope"],
        right=operation.get("x-right", ""),
        parameters=[
            Entry(
                one["name"],
                _kind(one["schema"]) + ("" if one["in"] == "query" else f" ({_PLACES[one['in']]})"),
                one["description"],
                one.get("required", False),
            )
            for one in operation["parameters"]
        ],
        body=[*_file(asked), *_entries(_content(asked))],
        answer=[*_file(answers[success]), *_entries(_content(answers[success]))],
        status=success,
        refusals=[status for status in answers if status >= "300"],
    )


_PLACES = {"path": "path", "header": "header"}


def _content(part: Mapping[str, Any]) -> Schema:
    found: Schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _file(part: Mapping[str, Any]) -> list[Entry]:
    """A body that is a file: its content types."""
    kinds = [kind for kind in part.get("content", {}) if kind != "application/json"]
    return [Entry("", ", ".join(kinds), _("The file itself"), required=True)] if kinds else []


def _entries(schema: Schema, before: str = "") -> Iterator[Entry]:
    """The keys of an object and of what it holds, each with its way."""
    required = schema.get("required", ())
    for key, inner in schema.get("properties", {}).items():
        name = f"{before}{key}"
        yield Entry(name, _kind(inner), inner.get("description", ""), key in required)
        if "properties" in inner:
            yield from _entries(inner, f"{name}.")
        elif "properties" in inner.get("items", {}):
            yield from _entries(inner["items"], f"{name}[].")


def _kind(schema: Schema) -> str:
    """A type in words."""
    if "anyOf" in schema:
        return _(" or ").join(_kind(one) for one in schema["anyOf"])
    kinds = schema.get("type", "object")
    plain = next(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")
    words = {
        "string": _("text"),
        "integer": _("whole number"),
        "boolean": _("true or false"),
        "object": _("object"),
        "array": _("list"),
        "uuid": _("UUID"),
        "date": _("day"),
        "date-time": _("moment"),
    }
    word = words[schema.get("format", plain)]
    if plain == "array" and "properties" not in schema["items"]:
        word = _("list of: %(kind)s") % {"kind": _kind(schema["items"])}
    if plain == "string" and schema.get("pattern", "").startswith("^-?[0-9]"):
        word = _("number as text")
    if "enum" in schema:
        word = ", ".join(one for one in schema["enum"] if one is not None)
    return word if isinstance(kinds, str) else _("%(kind)s or null") % {"kind": word}
