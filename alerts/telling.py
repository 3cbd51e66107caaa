"""The only writer of tellings: who is told what of a case, once, outside of quiet hours; then it is sent.

Sending puts a notice behind the bell and announces ``alerts.telling`` (subject: the telling), which every other
channel follows.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from alerts import addresses, words
from alerts.models import Case, Rule, Telling
from core import outbox
from people import notices
from people.access import access_for
from people.models import User
from workflows import moment

TOPIC = "alerts.telling"
_BATCH = 200
What = Telling.What


def tell(
    case: Case,
    users: Iterable[int],
    what: str,
    *,
    mark: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Tell people of a case; the same ``what`` and ``mark`` once. Within the rule's quiet hours they hear of it later."""
    now = moment.now()
    wanted = list(dict.fromkeys(users))
    reasons = _reasons(case, wanted)
    _write(
        [
            Telling(
                user_id=user,
                case=case,
                what=what,
                mark=mark,
                data={**_facts(case), "reason": reasons[user], **(data or {})},
                created_at=now,
                due_at=after_quiet(case.rule, now, _zone(case)),
            )
            for user in wanted
        ],
        now,
    )


def _reasons(case: Case, users: Sequence[int]) -> dict[int, Any]:
    """The reason as each may know it; whoever may not see costs is told no prices."""
    if not case.figures.get(words.MONEY):
        return dict.fromkeys(users, case.reason)
    found = User.objects.in_bulk(users)
    return {user: words.told(case, access_for(found[user])) for user in users}


def tell_at_large(
    users: Iterable[int], what: str, *, mark: str, data: Mapping[str, Any], due_at: datetime
) -> None:
    """Tell people something that is not about one case."""
    now = moment.now()
    rows = [
        Telling(
            user_id=user,
            what=what,
            mark=mark,
            data=dict(data),
            created_at=now,
            due_at=max(now, due_at),
        )
        for user in dict.fromkeys(users)
    ]
    _write(rows, now)


def address(telling: Telling) -> str:
    """The page that it is about."""
    if telling.case is not None:
        return addresses.case(telling.case)
    return str(telling.data.get("url") or addresses.CENTRE)


def after_quiet(rule: Rule, now: datetime, zone: ZoneInfo) -> datetime:
    """Now, or the end of the quiet hours that it lies in."""
    if rule.quiet_from is None or rule.quiet_until is None:
        return now
    return quiet_end(rule.quiet_from, rule.quiet_until, now, zone)


def quiet_end(start: time, end: time, now: datetime, zone: ZoneInfo) -> datetime:
    """``now``, or the end of the quiet hours (local, maybe over midnight) that it lies in."""
    local = now.astimezone(zone)
    at = local.time()
    inside = start <= at < end if start <= end else at >= start or at < end
    if not inside:
        return now
    day = local.date() + timedelta(days=1 if at >= end else 0)
    return datetime.combine(day, end, zone)


def _zone(case: Case) -> ZoneInfo:
    from alerts import hours

    return hours.of(case.warehouse).zone


def _facts(case: Case) -> dict[str, Any]:
    return {
        "case": case.pk,
        "kind": case.rule.kind,
        "rule": case.rule.name,
        "severity": case.severity,
        "times": case.times,
    }


def _write(rows: Sequence[Telling], now: datetime) -> None:
    if not rows:
        return
    Telling.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.due_at <= now for row in rows):
        transaction.on_commit(_send_soon, robust=True)


def _send_soon() -> None:
    send_due()


def send_due() -> int:
    """Send what is due and not sent; returns how many. Safe to run twice or at once."""
    sent = 0
    while done := _send_batch():
        sent += done
    return sent


@transaction.atomic
def _send_batch() -> int:
    skips = connection.features.has_select_for_update_skip_locked
    rows = list(
        Telling.objects.filter(sent_at=None, due_at__lte=moment.now())
        .select_related("case")
        .select_for_update(of=("self",), skip_locked=skips)
        .order_by("due_at", "id")[:_BATCH]
    )
    now = moment.now()
    for row in rows:
        notices.notify([row.user_id], f"alerts.{row.what}", row.data, address(row))
        row.sent_at = now
    if rows:
        Telling.objects.bulk_update(rows, ["sent_at"])
        outbox.announce_many(TOPIC, [row.pk for row in rows])
    return len(rows)
