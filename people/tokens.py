"""The only writer of API tokens: what a token may allow, how one is made, found and revoked.

A token is 256 random bits, shown once; kept is their SHA-256, which needs no salt since there is nothing to
guess. It never allows more than its user may: its scopes only narrow his rights.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from people import notices
from people.access import Access, access_for
from people.models import ApiToken, User

MARK = "inv_"
"""How every token begins, so that leaked ones are found by scanners."""
LONGEST_DAYS = 365
MOST = 50
"""Good tokens that one user may have."""
_SHOWN = 12
_NOTE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """Something a token may allow: these rights, where its user has them."""

    code: str
    label: str | Promise
    rights: tuple[str, ...]


_STEPS = ("stock.view", "document.ask", "document.execute", "finance.review")
"""Rights of those who are asked in steps; which of their verbs a token allows, each address says by its scope."""
SCOPES: tuple[Scope, ...] = (
    Scope("read", _("Read stock, movements and documents"), ("stock.view",)),
    Scope("costs", _("See costs and values"), ("cost.view",)),
    Scope(
        "documents.write",
        _("Write, submit, carry out and post documents"),
        (*_STEPS, "stock.reserve", "count.enter", "document.dispatch"),
    ),
    Scope(
        "finance",
        _("Review the journal, hand vouchers over, and close months"),
        ("stock.view", "finance.review", "period.close"),
    ),
    Scope("masters.write", _("Write bills of materials"), ("stock.view", "master.edit")),
    Scope(
        "documents.decide",
        _("Approve, refuse, return, hand over and reverse documents"),
        (
            *_STEPS,
            "document.approve",
            "stock.override",
            "stock.expired",
            "stock.backdate",
            "stock.reverse",
        ),
    ),
)
SCOPE_CODES = tuple(scope.code for scope in SCOPES)


def make(user: User, *, name: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
    """A new token and its text, which is not kept; tells the user that it was made.

    ``days`` from 1 to 365. Raises DomainError if a scope is unknown or there are too many tokens.
    """
    if unknown := set(scopes) - set(SCOPE_CODES):
        raise DomainError(_("Unknown scopes: %(codes)s") % {"codes": ", ".join(sorted(unknown))})
    if not scopes:
        raise DomainError(_("Choose what the token may do."), code="no_scope")
    if not 1 <= days <= LONGEST_DAYS:
        raise DomainError(_("A token is good for 1 to %(n)d days.") % {"n": LONGEST_DAYS})
    if sum(not token.is_over for token in of(user)) >= MOST:
        raise DomainError(
            _("You have %(n)d tokens. Revoke one that is no longer needed.") % {"n": MOST}
        )
    text = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=text[:_SHOWN],
            digest=_digest(text),
            scopes=[code for code in SCOPE_CODES if code in scopes],
            days=days,
            created_at=timezone.now(),
        )
        notices.notify([user], "people.token_made", {"name": name}, url="/profile/tokens/")
    return token, text


def of(user: User) -> list[ApiToken]:
    """Every token of the user, the newest first."""
    return list(ApiToken.objects.filter(user=user).order_by("-pk"))


def revoke(user: User, pk: int) -> bool:
    """End a token of the user at once; whether there was one to end."""
    rows = ApiToken.objects.filter(pk=pk, user=user, revoked_at=None)
    return bool(rows.update(revoked_at=timezone.now()))


def find(text: str) -> ApiToken | None:
    """The good token with this text, with its user; None if it is unknown, over, or the user may not enter."""
    if not text.startswith(MARK) or not text.isascii() or len(text) > 100:
        return None
    token = ApiToken.objects.select_related("user").filter(digest=_digest(text)).first()
    if token is None or token.is_over or not token.user.is_active:
        return None
    _note_use(token)
    return token


def narrowed(token: ApiToken) -> Access:
    """What the user may do, cut down to what the token's scopes allow."""
    allowed = {right for scope in SCOPES if scope.code in token.scopes for right in scope.rights}
    access = access_for(token.user)
    return Access(
        access.user_id, {right: at for right, at in access.grants.items() if right in allowed}
    )


def _note_use(token: ApiToken) -> None:
    """Remember the minute of the last use, with one write a minute at most."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _NOTE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
