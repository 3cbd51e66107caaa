"""Why a document could not be posted by itself: noted as source text and values, told in the reader's language."""

from collections.abc import Mapping
from typing import Any

from core import said
from core.errors import DomainError


def note(error: DomainError) -> dict[str, Any]:
    """The refusal as the timeline keeps it: codes, data, and messages that can be said again."""
    return {
        "code": error.code,
        "message": said.noted(error.message),
        "lines": [
            {
                "line": line.line,
                "code": line.code,
                "message": said.noted(line.message),
                "data": dict(line.data),
            }
            for line in error.lines
        ],
        "data": error.data,
    }


def told(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was noted, in the one shape of refusals, its messages in the active language."""
    lines = data.get("lines") or []
    return {
        **data,
        "message": said.again(data.get("message", "")),
        "lines": [{**line, "message": said.again(line.get("message", ""))} for line in lines],
    }
