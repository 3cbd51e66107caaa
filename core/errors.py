"""The one family of errors that a user can cause, read and mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class LineError:
    """One thing wrong with one line: ``line`` counts from 1, ``0`` is the whole request."""

    line: int
    code: str
    message: str | Promise
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The error as plain data, its message in the language that is active now."""
        return {
            "line": self.line,
            "code": self.code,
            "message": str(self.message),
            "data": dict(self.data),
        }


class DomainError(Exception):
    """Something the user asked for cannot be done; says what, why and which lines.

    ``code`` is stable and public, ``message`` is translated when it is shown, ``lines`` names
    *every* bad line, never only the first. ``status`` is the HTTP status of the answer.
    """

    code = "refused"
    status = 422

    def __init__(
        self,
        message: str | Promise,
        *,
        code: str | None = None,
        lines: Sequence[LineError] = (),
        status: int | None = None,
        **data: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.lines = tuple(lines)
        self.data = data

    def __str__(self) -> str:
        return str(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The error in the one shape of API answers and command output."""
        return {
            "code": self.code,
            "message": str(self.message),
            "lines": [line.as_dict() for line in self.lines],
            "data": self.data,
        }


class NotAllowed(DomainError):
    """The person lacks the right; the message says which right and who can grant it."""

    code = "not_allowed"
    status = 403


class Conflict(DomainError):
    """Somebody or something else was faster; nothing was changed."""

    code = "conflict"
    status = 409


def unkeepable(error: BaseException) -> DomainError | None:
    """A refusal if a text held the NUL character, which PostgreSQL does not keep; None for any other error."""
    if not isinstance(error, ValueError) or "NUL" not in str(error):
        return None
    return DomainError(_("A text holds a character that is none."), code="character")


def busy_if_locked(error: BaseException) -> DomainError | None:
    """A conflict to be tried again if SQLite was locked for too long; None for any other error."""
    if not isinstance(error, OperationalError) or "locked" not in str(error):
        return None
    found = Conflict(_("The database is busy. Nothing was changed; try again."), code="busy")
    found.status = 503
    return found
