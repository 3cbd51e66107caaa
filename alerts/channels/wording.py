"""Puts messages into words: in the language of their reader, or in every language where nobody has chosen one."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from alerts.channels.base import Letter, Part
from alerts.models import Channel, Message
from people import notice_kinds

_TITLE = 120
_HARMLESS = str.maketrans("[]<>`", "［］＜＞｀")


def languages(channel: Channel) -> list[str]:
    """The languages in which it is told."""
    chosen = channel.user.language if channel.user is not None else channel.language
    return [chosen] if chosen else [code for code, _name in settings.LANGUAGES]


def letter(channel: Channel, messages: Sequence[Message]) -> Letter:
    """What is sent for these messages, oldest first."""
    parts = [_part(channel, message) for message in messages]
    return Letter(
        key=str(messages[0].key),
        title=_title(channel, parts),
        parts=parts,
        link=_in_each(channel, lambda: pgettext("link of a message", "Open"), " · "),
    )


def trial(channel: Channel, key: str, at: datetime) -> Letter:
    """The letter by which somebody tries a channel."""
    text = _in_each(channel, lambda: _("This channel works. Messages will come like this one."))
    part = Part("trial", text, f"{settings.SITE_URL}/", "", at, {})
    title = _in_each(channel, lambda: _("A trial message"), " · ")
    return Letter(
        key, title, [part], _in_each(channel, lambda: pgettext("link of a message", "Open"), " · ")
    )


def harmless(text: str) -> str:
    """Text in which what people typed makes no links, tags or mentions; robots have no common way to escape."""
    return text.translate(_HARMLESS)


def _part(channel: Channel, message: Message) -> Part:
    return Part(
        kind=message.kind,
        text=_in_each(channel, lambda: notice_kinds.text(message.kind, message.data)),
        url=f"{settings.SITE_URL}{message.url or '/'}",
        severity=str(message.data.get("severity", "")),
        at=message.created_at,
        data=message.data,
    )


def _title(channel: Channel, parts: Sequence[Part]) -> str:
    if len(parts) == 1:
        first = parts[0].text.splitlines()[0]
        return first if len(first) <= _TITLE else first[: _TITLE - 1] + "…"
    return _in_each(
        channel,
        lambda: ngettext("%(n)d message", "%(n)d messages", len(parts)) % {"n": len(parts)},
        " · ",
    )


def _in_each(channel: Channel, say: Callable[[], str], glue: str = "\n") -> str:
    said = []
    for code in languages(channel):
        with override(code):
            said.append(say())
    return glue.join(dict.fromkeys(said))
