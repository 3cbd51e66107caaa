"""The only writer of channels: add, change, try, stop, take up again, remove."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from alerts.channels import CARRIERS, sending, wording
from alerts.channels.base import NotDelivered
from alerts.models import Channel
from core import outgoing
from core.errors import DomainError
from core.said import said as _
from people.access import Access
from people.models import User
from workflows import moment

RIGHT = "system.manage"
"""Rooms are the administrator's; one's own channels everybody's."""
MOST = 10
"""Channels that one person may have."""
_Kind = Channel.Kind


class ChannelRefused(DomainError):
    """The channel cannot be as it was wanted; the message says why."""

    code = "channel_refused"


def of_person(user: User) -> QuerySet[Channel]:
    """The channels of a person."""
    return Channel.objects.filter(user=user)


def rooms() -> QuerySet[Channel]:
    """The channels of rooms and programs."""
    return Channel.objects.filter(user=None).select_related("role")


def get(key: uuid.UUID, user: User, access: Access) -> Channel:
    """A channel that this person may change; Channel.DoesNotExist otherwise."""
    channel = Channel.objects.select_related("user", "role").get(key=key)
    if channel.user_id == user.pk or (channel.user_id is None and access.may(RIGHT)):
        return channel
    raise Channel.DoesNotExist


def add(
    kind: str, values: Mapping[str, Any], *, user: User | None, access: Access
) -> tuple[Channel, str]:
    """Add a channel of a person, or of a room (``user`` None). Returns it, and a webhook's secret, shown only now."""
    if user is None:
        access.require(RIGHT)
    elif of_person(user).count() >= MOST:
        raise ChannelRefused(_("Ten channels are enough for one person. Remove one first."))
    channel = Channel(kind=kind, user=user, created_at=moment.now())
    secret = outgoing.new_secret() if kind == _Kind.WEBHOOK else ""
    channel.secret = secret
    _set(channel, values)
    channel.save()
    return channel, secret


def change(channel: Channel, values: Mapping[str, Any]) -> Channel:
    """Change a channel; an address or secret left empty stays as it is."""
    _set(channel, values)
    channel.save()
    return channel


def _set(channel: Channel, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in {"address", "secret"} and not value:
            continue
        setattr(channel, name, value)
    if channel.kind != _Kind.MAIL:
        if not channel.address:
            raise ChannelRefused(_("Enter the address that the robot or program gave you."))
        outgoing.resolve(channel.address)
    elif not channel.address and (channel.user is None or not channel.user.email):
        raise ChannelRefused(_("Enter an e-mail address: your account has none."))


def attempt(channel: Channel) -> None:
    """Send a trial message at once; ChannelRefused with what the other side said if it did not arrive."""
    letter = wording.trial(channel, str(uuid.uuid4()), moment.now())
    try:
        CARRIERS[channel.kind].send(channel, letter)
    except NotDelivered as error:
        raise ChannelRefused(
            _("The trial message did not arrive: %(error)s") % {"error": str(error)[:300]}
        ) from error
    Channel.objects.filter(pk=channel.pk).update(arrived_at=moment.now(), failing_since=None)


def pause(channel: Channel) -> None:
    """Stop it; what comes meanwhile is not carried later."""
    sending.stop(channel)


def resume(channel: Channel) -> None:
    """Take it up again from now on."""
    channel.stopped_at = channel.failing_since = None
    channel.stopped_why = ""
    channel.created_at = moment.now()
    channel.save(update_fields=["stopped_at", "failing_since", "stopped_why", "created_at"])


def remove(channel: Channel) -> None:
    """Take it away with its messages; its history stays."""
    channel.delete()
