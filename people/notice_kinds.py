"""Every kind of notice and its words; apps above register theirs when they start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind: ``text`` is a translatable template over the notice's data, ``icon`` is in the sprite.

    ``localise`` turns the data into words of the reader's language before they go into the template.
    """

    code: str
    text: str | Promise
    icon: str = "bell"
    localise: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None


_KINDS: dict[str, NoticeKind] = {}


def register(kind: NoticeKind) -> None:
    """Make a kind known; registering the same code again replaces it."""
    _KINDS[kind.code] = kind


def known(code: str) -> bool:
    """Whether the kind has been registered."""
    return code in _KINDS


def codes() -> list[str]:
    """Every kind that is known."""
    return sorted(_KINDS)


def icon(code: str) -> str:
    """The icon of a kind; a bell for one that is no longer known."""
    return _KINDS[code].icon if code in _KINDS else "bell"


def text(code: str, data: Mapping[str, Any]) -> str:
    """The words in the language active now; the bare code when the kind or its data is unknown."""
    kind = _KINDS.get(code)
    if kind is None:
        return code
    try:
        return str(kind.text) % (kind.localise(data) if kind.localise else data)
    except (KeyError, TypeError, ValueError):
        return str(kind.text)


register(
    NoticeKind(
        "people.rights_changed",
        _("%(by)s changed your roles. You now have: %(roles)s."),
        icon="users",
    )
)
register(
    NoticeKind(
        "people.invitation_accepted", _("%(name)s has accepted the invitation."), icon="user"
    )
)
register(
    NoticeKind(
        "people.two_step_off", _("Two-step sign-in of your account was switched off."), icon="lock"
    )
)
register(
    NoticeKind(
        "people.token_made", _("An API token was made for your account: %(name)s."), icon="lock"
    )
)
