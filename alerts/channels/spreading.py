"""The only maker of messages: each notice once per channel of its person, each case's news once per room.

Notices are the queue: whatever put them behind the bell, in whichever transaction, is found here by what has no
message yet, so nothing is lost with a worker or the broker, and running it twice or at once makes nothing twice.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, FilteredRelation, Max, OuterRef, Q

from alerts import words
from alerts.channels import groups
from alerts.models import Channel, Message, Telling
from alerts.models.rules import Severity
from alerts.telling import address, quiet_end
from people.models import Company, Notice
from workflows import moment

WINDOW = timedelta(days=3)
"""What is older when nobody could carry it is news no more."""
_BATCH = 1000
_ROOM = (Telling.What.OPENED, Telling.What.AGAIN, Telling.What.OVERDUE, Telling.What.MANY)
_LEVELS = list(Severity.values)
_State = Message.State


def spread() -> int:
    """Make the messages that are missing; returns how many were made."""
    made = 0
    while found := _of_people():
        made += found
        if found < _BATCH:
            break
    return made + _of_rooms()


def _of_people() -> int:
    now = moment.now()
    wanted = Q()
    for group in groups.GROUPS:
        wanted |= Q(kind__in=groups.kinds_of(group), **{f"way__{group}": True})
    pairs = list(
        Notice.objects.annotate(way=FilteredRelation("user__channels"))
        .filter(
            wanted,
            ~Exists(Message.objects.filter(channel=OuterRef("way__pk"), notice=OuterRef("pk"))),
            created_at__gt=now - WINDOW,
            created_at__gte=F("way__created_at"),
            user__is_active=True,
            way__stopped_at__isnull=True,
        )
        .order_by("pk")
        .values_list("pk", "way__pk")[:_BATCH]
    )
    channels = Channel.objects.select_related("user").in_bulk({pair[1] for pair in pairs})
    notices = Notice.objects.in_bulk({pair[0] for pair in pairs})
    rows = []
    for notice_id, channel_id in pairs:
        notice, channel = notices[notice_id], channels[channel_id]
        rows.append(
            Message(
                channel=channel,
                notice=notice,
                kind=notice.kind,
                data=notice.data,
                url=notice.url,
                state=_wanted(channel, notice.kind, notice.data),
                created_at=now,
                due_at=due(channel, now),
            )
        )
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _wanted(channel: Channel, kind: str, data: dict[str, object]) -> str:
    """Cases that are not bad enough for a channel are kept as not wanted."""
    level = str(data.get("severity", ""))
    if groups.of(kind) != groups.CASES or level not in _LEVELS:
        return _State.WAITING
    return (
        _State.WAITING
        if _LEVELS.index(level) <= _LEVELS.index(channel.severity)
        else _State.SKIPPED
    )


def _of_rooms() -> int:
    rooms = list(Channel.objects.filter(user=None, stopped_at=None).select_related("role"))
    if not rooms:
        return 0
    now = moment.now()
    newest = (
        Telling.objects.filter(case__isnull=False, sent_at__gt=now - WINDOW, what__in=_ROOM)
        .values("case", "what", "mark")
        .annotate(newest=Max("pk"))
        .values_list("newest", flat=True)
    )
    tellings = list(
        Telling.objects.filter(pk__in=list(newest)).select_related("case__rule").order_by("pk")
    )
    there = set(
        Message.objects.filter(channel__in=rooms, created_at__gt=now - 2 * WINDOW).values_list(
            "channel", "mark"
        )
    )
    rows = [
        _to_room(room, telling, now)
        for telling in tellings
        for room in rooms
        if _concerns(room, telling) and (room.pk, _mark(telling)) not in there
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _concerns(room: Channel, telling: Telling) -> bool:
    case = telling.case
    if case is None or telling.sent_at is None or telling.sent_at < room.created_at:
        return False
    return room.role_id is None or room.role_id == case.role_id


def _mark(telling: Telling) -> str:
    return f"{telling.case_id}:{telling.what}:{telling.mark}"


def _to_room(room: Channel, telling: Telling, now: datetime) -> Message:
    kind = f"alerts.{telling.what}"
    wanted = room.late if groups.of(kind) == groups.LATE else room.cases
    return Message(
        channel=room,
        mark=_mark(telling),
        kind=kind,
        data=_for_all(telling),
        url=address(telling),
        state=_wanted(room, kind, telling.data) if wanted else _State.SKIPPED,
        created_at=now,
        due_at=due(room, now),
    )


def _for_all(telling: Telling) -> dict[str, Any]:
    """What a room is told, whoever of it may see costs."""
    reason = words.told(telling.case, None) if telling.case is not None else ""
    return {**telling.data, "reason": reason} if "reason" in telling.data else telling.data


def due(channel: Channel, now: datetime) -> datetime:
    """When a channel carries what comes now: at once, at its hour of the day, or at the end of its quiet hours."""
    zone = zone_of(channel)
    if channel.daily_at is not None:
        return _next(channel.daily_at, now, zone)
    if channel.quiet_from is None or channel.quiet_until is None:
        return now
    return quiet_end(channel.quiet_from, channel.quiet_until, now, zone)


def _next(at: time, now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), at, zone)
    return today if today > now else datetime.combine(local.date() + timedelta(days=1), at, zone)


def zone_of(channel: Channel) -> ZoneInfo:
    """The time zone of the channel's person, or else of the company."""
    if channel.user is not None and channel.user.time_zone:
        return ZoneInfo(channel.user.time_zone)
    return ZoneInfo(_company_zone())


def _company_zone() -> str:
    company = Company.objects.order_by("pk").first()
    return company.time_zone if company is not None else "Asia/Shanghai"


def forget(before: datetime) -> int:
    """Clear away messages that are over since ``before``; returns how many."""
    over: Iterable[str] = (_State.SENT, _State.SKIPPED)
    count, _by_table = Message.objects.filter(state__in=over, created_at__lt=before).delete()
    return count
