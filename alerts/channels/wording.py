"""Puts messages into words: in the language of their reader, or in every language where nobody has chosen one."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from alerts import addresses
from alerts.channels import facts, spreading
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
    cases = facts.cases_of(messages)
    with timezone.override(spreading.zone_of(channel)):
        parts = [_part(channel, message, cases) for message in messages]
    return _of(channel, str(messages[0].key), _title(channel, parts), parts)


def trial(channel: Channel, key: str, at: datetime) -> Letter:
    """The letter by which somebody tries a channel."""
    text = _in_each(channel, lambda: _("This channel works. Messages will come like this one."))
    title = _in_each(channel, lambda: _("A trial message"), " · ")
    part = Part("trial", title, text, (), f"{settings.SITE_URL}/", "", at, {})
    return _of(channel, key, title, [part])


def _of(channel: Channel, key: str, title: str, parts: Sequence[Part]) -> Letter:
    def more(left: int) -> str:
        return _in_each(
            channel,
            lambda: ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left},
            " · ",
        )

    link = _in_each(channel, lambda: pgettext("link of a message", "Open"), " · ")
    return Letter(key, title, parts, link, f"{settings.SITE_URL}{addresses.CENTRE}", more)


def harmless(text: str) -> str:
    """Text in which what people typed makes no links, tags or mentions; robots have no common way to escape."""
    return text.translate(_HARMLESS)


def _part(channel: Channel, message: Message, cases: facts.Cases) -> Part:
    kind, data, case = message.kind, message.data, facts.of(message, cases)

    def text() -> str:
        return facts.text(kind, data, notice_kinds.text(kind, data))

    lines = _in_each(channel, lambda: "\n".join(facts.lines(message, cases)))
    return Part(
        kind=kind,
        head=_in_each(channel, lambda: facts.head(kind, data, case), " · "),
        text=_in_each(channel, text),
        lines=list(dict.fromkeys(lines.splitlines())),
        url=f"{settings.SITE_URL}{message.url or '/'}",
        severity=str(data.get("severity", "")),
        at=message.created_at,
        data={**data, **facts.for_programs(case)},
    )


def _title(channel: Channel, parts: Sequence[Part]) -> str:
    if len(parts) == 1:
        first = (parts[0].head or parts[0].text).splitlines()[0]
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
