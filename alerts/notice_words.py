"""The words of notices about cases, put together in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from alerts import kinds
from core.said import again
from people.notice_kinds import NoticeKind, register


def words(data: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a telling as a reader's language says them."""
    return {
        **data,
        "rule": data.get("rule") or kinds.label(str(data.get("kind", ""))),
        "reason": again(data.get("reason", "")),
    }


def register_all() -> None:
    """Make the kinds known."""
    for what, text, icon in (
        ("opened", _("%(rule)s: %(reason)s"), "warn"),
        ("again", _("%(rule)s, again: %(reason)s"), "warn"),
        ("assigned", _("%(by)s handed you a case: %(rule)s. %(reason)s"), "user"),
        ("reminder", _("Soon due: %(rule)s. %(reason)s"), "clock"),
        ("overdue", _("Overdue: %(rule)s. %(reason)s"), "clock"),
        ("comment", _("%(by)s on %(rule)s: %(text)s"), "chat"),
        ("ended", _("%(by)s has dealt with what you reported: %(reason)s"), "check"),
        ("many", _("%(rule)s: %(count)s new cases."), "warn"),
        (
            "digest",
            _(
                "The week in alerts: %(opened)s new, %(ended)s ended, %(open)s open, %(overdue)s overdue."
            ),
            "report",
        ),
    ):
        register(NoticeKind(f"alerts.{what}", text, icon, localise=words))
    register(
        NoticeKind(
            "alerts.channel_stopped",
            _("Your channel “%(name)s” was stopped. %(why)s"),
            "warn",
            localise=lambda data: {**data, "why": again(data.get("why", ""))},
        )
    )
