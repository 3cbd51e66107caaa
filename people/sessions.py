"""The only writer of other people's sessions: which are open, end one, end all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from people.models import User

_SINCE, _AGENT, _ADDRESS = "signed_in_at", "agent", "address"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One device on which the user is signed in; ``handle`` names it without giving its key away."""

    handle: str
    since: datetime | None
    device: str
    address: str
    current: bool


def remember_device(sender: Any, request: HttpRequest, user: User, **_signal: Any) -> None:
    """Note when and from where a session began, for the list on the profile page."""
    if not hasattr(request, "session"):
        return
    request.session[_SINCE] = timezone.now().isoformat()
    request.session[_AGENT] = request.headers.get("User-Agent", "")[:200]
    request.session[_ADDRESS] = request.META.get("REMOTE_ADDR", "")


def device_name(agent: str) -> str:
    """Browser and system in few words, from the User-Agent header."""
    browsers = (("MicroMessenger", gettext("WeChat")), ("Edg", "Edge"), ("Firefox", "Firefox"))
    more = (("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"))
    rest = (("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))
    browser = next((name for mark, name in (*browsers, *more) if mark in agent), "")
    system = next((name for mark, name in (*systems, *rest) if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part)


def _of(user: User) -> Iterator[tuple[Session, dict[str, Any]]]:
    """Every live session of the user; the table has no user column, so all live rows are read."""
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        data = row.get_decoded()
        if data.get(SESSION_KEY) == str(user.pk):
            yield row, data


def _handle(key: str) -> str:
    """A name for a session that cannot be used as its cookie."""
    from django.utils.crypto import salted_hmac

    return salted_hmac("people.sessions", key).hexdigest()[:16]


def open_sessions(user: User, *, current_key: str | None) -> list[OpenSession]:
    """Where the user is signed in, the present session first, then the newest."""
    found = [
        OpenSession(
            handle=_handle(row.session_key),
            since=parse_datetime(data.get(_SINCE, "")),
            device=device_name(data.get(_AGENT, "")),
            address=data.get(_ADDRESS, ""),
            current=row.session_key == current_key,
        )
        for row, data in _of(user)
    ]
    oldest = datetime.min.replace(tzinfo=timezone.get_default_timezone())
    return sorted(
        sorted(found, key=lambda one: one.since or oldest, reverse=True),
        key=lambda one: not one.current,
    )


def end(user: User, *, handle: str | None = None, keep_key: str | None = None) -> int:
    """End the named session, or all of the user's but ``keep_key``; returns how many ended."""
    keys = [
        row.session_key
        for row, _data in _of(user)
        if row.session_key != keep_key and handle in (None, _handle(row.session_key))
    ]
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)
