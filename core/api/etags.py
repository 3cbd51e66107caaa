"""Versions of records in headers: a change says which version it was made on, so that none is lost."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from core.errors import DomainError


class PreconditionMissing(DomainError):
    """The change does not say which version it was made on."""

    code = "if_match_required"
    status = 428


class Changed(DomainError):
    """Somebody else has changed the record since it was read; nothing was changed now."""

    code = "changed"
    status = 412


def tag(*version: str | int) -> str:
    """The strong entity tag of a version."""
    return '"' + "-".join(str(part) for part in version) + '"'


def named(request: Request | HttpRequest) -> set[str]:
    """The tags that If-Match names; raises PreconditionMissing without it."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionMissing(
            _("Say which version you change: send the header If-Match with the ETag you have read.")
        )
    return {part.strip() for part in given.split(",")}


def require_match(request: Request | HttpRequest, current: str) -> None:
    """Let the change pass if its If-Match names the present version; ask again under the row's lock.

    Raises PreconditionMissing or Changed; ``*`` is not accepted, since it would overwrite unseen changes.
    """
    if current not in named(request):
        raise Changed(
            _("This has been changed meanwhile. Read it again, then repeat your change."),
            etag=current,
        )
