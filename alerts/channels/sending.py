"""Carries messages: takes what is due, gathers what belongs into one letter, sends it through the outbox.

The outbox tries again, later and later, and keeps what it gave up among the dead letters, from where it can be
replayed. A message that has arrived is not sent again by any of that.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from alerts.channels import CARRIERS, spreading, wording
from alerts.channels.base import Gone, NotDelivered
from alerts.models import Channel, Message
from core import outbox
from core.errors import DomainError
from core.said import noted
from core.said import said as _
from people import notices
from workflows import moment

TOPIC = "alerts.message"
CONSUMER = "alerts.channels"
STOPPED = "alerts.channel_stopped"
PATIENCE = timedelta(days=3)
"""A channel that has failed for so long is stopped, and its person is told."""
KEPT = timedelta(days=30)
_BATCH = 500
_AT_ONCE = 3
"""More messages than that at one time become one letter: robots take twenty a minute, people fewer."""
_LONGEST = 500
_State = Message.State


def follow() -> None:
    """Follow tellings, so that news leaves at once, and the messages themselves."""
    outbox.register(consumer=CONSUMER, topic="alerts.telling", handler=_news, alone=True)
    outbox.register(consumer=CONSUMER, topic=TOPIC, handler=deliver, batch=20, outside=True)


def _news(_subjects: Sequence[int]) -> None:
    run()


def run() -> int:
    """Make what is missing and let go what is due; returns how many letters are on their way."""
    spreading.spread()
    left = 0
    while done := _release():
        left += done
    return left


@transaction.atomic
def _release() -> int:
    skips = connection.features.has_select_for_update_skip_locked
    rows = list(
        Message.objects.filter(state=_State.WAITING, due_at__lte=moment.now())
        .select_for_update(of=("self",), skip_locked=skips)
        .select_related("channel")
        .order_by("due_at", "id")[:_BATCH]
    )
    by_channel: dict[int, list[Message]] = defaultdict(list)
    for row in rows:
        row.state = _State.SKIPPED if row.channel.stopped_at else _State.LEAVING
        if row.state == _State.LEAVING:
            by_channel[row.channel_id].append(row)
    heads: list[int] = []
    for several in by_channel.values():
        gathers = several[0].channel.daily_at is not None or len(several) > _AT_ONCE
        for row in several[1:] if gathers else ():
            row.within = several[0]
        heads += [row.pk for row in (several[:1] if gathers else several)]
    if rows:
        Message.objects.bulk_update(rows, ["state", "within"])
        outbox.announce_many(TOPIC, heads)
    return len(heads)


def deliver(subjects: Sequence[int]) -> None:
    """What the outbox calls: send each letter that has not arrived; raises if one did not."""
    failed: list[Exception] = []
    found = Message.objects.select_related("channel__user").in_bulk(list(subjects))
    for key in subjects:
        message = found.get(key)
        if message is None or message.state != _State.LEAVING:
            continue
        try:
            _send(message)
        except (NotDelivered, DomainError) as error:
            failed.append(error)
    if failed:
        raise failed[0]


def _send(message: Message) -> None:
    channel = message.channel
    if channel.stopped_at is not None:
        _letter(message).update(state=_State.SKIPPED)
        return
    several = [message, *message.gathered.order_by("pk")]
    try:
        CARRIERS[channel.kind].send(channel, wording.letter(channel, several))
    except (NotDelivered, DomainError) as error:
        _failed(message, channel, error)
        raise
    now = moment.now()
    with transaction.atomic():
        _letter(message).update(state=_State.SENT, sent_at=now, tries=F("tries") + 1, error="")
        Channel.objects.filter(pk=channel.pk).update(arrived_at=now, failing_since=None)


def _letter(message: Message) -> QuerySet[Message]:
    """The message and what is gathered in it."""
    return Message.objects.filter(Q(pk=message.pk) | Q(within=message))


def _failed(message: Message, channel: Channel, error: Exception) -> None:
    now = moment.now()
    with transaction.atomic():
        _letter(message).update(tries=F("tries") + 1, error=str(error)[:_LONGEST])
        Channel.objects.filter(pk=channel.pk, failing_since=None).update(failing_since=now)
        since = channel.failing_since or now
        if isinstance(error, Gone):
            stop(channel, _("The address has been closed: %(error)s") % {"error": str(error)[:200]})
        elif now - since > PATIENCE:
            stop(
                channel,
                _("Nothing has arrived for three days: %(error)s") % {"error": str(error)[:200]},
            )


def stop(channel: Channel, why: str = "") -> None:
    """Stop a channel; who owns it is told unless they did it themselves (no reason)."""
    channel.stopped_at = moment.now()
    channel.stopped_why = noted(why)
    channel.save(update_fields=["stopped_at", "stopped_why"])
    if why and channel.user_id is not None:
        data = {"name": channel.name, "why": noted(why)}
        notices.notify([channel.user_id], STOPPED, data, "/profile/channels/")


def forget() -> int:
    """Clear away what is long over; returns how many messages."""
    return spreading.forget(moment.now() - KEPT)
