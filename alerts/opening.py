"""Opens cases for what a rule found, again for what came again, and ends those whose cause is gone.

Beside alerts.door the only writer of cases. Whoever calls holds the rule's lock, in a transaction; that only one case
is open per subject is a constraint all the same: what another was faster with is left alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from alerts import addresses, hours, states, telling
from alerts.kinds.base import Finding
from alerts.models import Case, CaseEvent, Cause, Rule
from alerts.models.cases import GONE
from alerts.owners import Staff
from stock.models import Warehouse
from workflows import moment

ONE_BY_ONE = 5
"""If a rule opens more cases at once, people are told once of all of them."""
_AT_ONCE = 500
SYSTEM_DOOR = "rule"
REOPENS = timedelta(days=7)
"""What comes again within so long of its end is the same case; later it is a new one."""
STANDS = timedelta(days=1)
"""A case that was solved by hand and whose cause still stands after so long comes again."""


def fire(
    rule: Rule,
    findings: Sequence[Finding],
    *,
    reporter: int | None = None,
    events: Mapping[str, Any] | None = None,
) -> list[Case]:
    """Open a case for each finding; returns those that were opened."""
    now = moment.now()
    staff = Staff()
    places = _Places(rule, {one.warehouse for one in findings})
    rows = [_case(rule, one, staff, places, now, reporter) for one in findings]
    Case.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_AT_ONCE)
    opened: list[Case] = []
    for start in range(0, len(rows), _AT_ONCE):
        keys = [row.key for row in rows[start : start + _AT_ONCE]]
        opened += Case.objects.filter(key__in=keys).order_by("pk")
    for one in opened:
        one.rule = rule
    _note(opened, "fire", "", now, reporter, events)
    _tell(rule, opened, staff, telling.What.OPENED, now)
    return opened


def again(rule: Rule, found: Sequence[tuple[int, Finding]]) -> list[Case]:
    """Open cases (ids) again that are over, with what was found now; returns those that were."""
    now = moment.now()
    staff = Staff()
    by_id = dict(found)
    places = _Places(rule, {one.warehouse for one in by_id.values()})
    rows = list(
        Case.objects.select_for_update(of=("self",))
        .filter(pk__in=by_id, state__in=states.OVER)
        .order_by("pk")
    )
    live = set(
        Case.objects.filter(
            rule=rule, state__in=states.LIVE, subject_key__in=[row.subject_key for row in rows]
        ).values_list("subject_kind", "subject_key")
    )
    rows = [row for row in rows if (row.subject_kind, row.subject_key) not in live]
    for row in rows:
        _reopen(row, rule, by_id[row.pk], staff, places, now)
        row.rule = rule
    _save_reopened(rows)
    _note(rows, "again", None, now)
    _tell(rule, rows, staff, telling.What.AGAIN, now)
    return rows


def gone(rule: Rule, ids: Iterable[int]) -> int:
    """End cases whose cause is gone; returns how many. Whoever reported one hears of it."""
    now = moment.now()
    cause = Cause.objects.get(code=GONE)
    count = 0
    for part in _parts(ids):
        rows = list(
            Case.objects.select_for_update(of=("self",))
            .filter(pk__in=part, rule=rule, state__in=states.LIVE)
            .order_by("pk")
        )
        Case.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=states.SOLVED,
            version=F("version") + 1,
            cause=cause,
            ended_at=now,
            cleared_at=now,
        )
        CaseEvent.objects.bulk_create(
            CaseEvent(
                case=row,
                at=now,
                verb="gone",
                old_state=row.state,
                new_state=states.SOLVED,
                door=SYSTEM_DOOR,
            )
            for row in rows
        )
        count += len(rows)
    return count


def clear(rule: Rule, ids: Iterable[int]) -> int:
    """Note of cases that are over that their cause is gone now too, so that they may come again."""
    now = moment.now()
    count = 0
    for part in _parts(ids):
        rows = Case.objects.filter(
            pk__in=part, rule=rule, state__in=states.OVER, cleared_at__isnull=True
        )
        count += rows.update(cleared_at=now)
    return count


def refresh(found: Sequence[tuple[int, Finding]]) -> int:
    """Let open cases (ids) say what is found now; their state stays."""
    now = moment.now()
    for part in _parts(found):
        by_id = dict(part)
        rows = list(
            Case.objects.select_for_update(of=("self",))
            .filter(pk__in=by_id, state__in=states.LIVE)
            .order_by("pk")
        )
        for row in rows:
            one = by_id[row.pk]
            row.reason, row.figures, row.seen_at = one.reason, dict(one.figures), now
        Case.objects.bulk_update(rows, ["reason", "figures", "seen_at"], batch_size=_AT_ONCE)
    return len(found)


class _Places:
    """The scope and the working hours of each warehouse that findings name."""

    def __init__(self, rule: Rule, ids: Iterable[int | None]) -> None:
        houses = Warehouse.objects.select_related("area__company").in_bulk(
            [key for key in ids if key is not None]
        )
        self._houses = houses
        self._clocks: dict[int | None, tuple[datetime | None, datetime | None]] = {}
        self._rule = rule

    def scope(self, warehouse: int | None) -> int | None:
        """The scope of a warehouse; None where none is concerned."""
        return self._houses[warehouse].scope_id if warehouse in self._houses else None

    def clock(
        self, warehouse: int | None, now: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """When a case of the rule is due that opens now, and when its owner is reminded."""
        if warehouse not in self._clocks:
            self._clocks[warehouse] = self._clock(warehouse, now)
        return self._clocks[warehouse]

    def _clock(
        self, warehouse: int | None, now: datetime
    ) -> tuple[datetime | None, datetime | None]:
        limit = self._rule.deadline_hours
        if limit is None:
            return None, None
        working = hours.of(self._houses.get(warehouse) if warehouse is not None else None)
        due = working.after(now, limit)
        ahead = min(self._rule.remind_hours or 0, limit)
        return due, working.after(now, limit - ahead) if ahead else None


def _case(
    rule: Rule, one: Finding, staff: Staff, places: _Places, now: datetime, reporter: int | None
) -> Case:
    scope = places.scope(one.warehouse)
    due_at, remind_at = places.clock(one.warehouse, now)
    return Case(
        rule=rule,
        subject_kind=one.subject_kind,
        subject_key=one.subject_key,
        item_id=one.item,
        lot_id=one.lot,
        warehouse_id=one.warehouse,
        partner_id=one.partner,
        document_id=one.document,
        severity=one.severity or rule.severity,
        reason=one.reason,
        figures=dict(one.figures),
        role_id=rule.role_id,
        owner_id=staff.owner(rule, scope),
        reporter_id=reporter,
        opened_at=now,
        seen_at=now,
        due_at=due_at,
        remind_at=remind_at,
    )


def _reopen(
    row: Case, rule: Rule, one: Finding, staff: Staff, places: _Places, now: datetime
) -> None:
    row.about_before = row.state  # type: ignore[attr-defined]
    row.reopen()
    row.version += 1
    row.times += 1
    row.reason, row.figures = one.reason, dict(one.figures)
    row.severity = one.severity or rule.severity
    row.seen_at = now
    row.owner_id = row.owner_id or staff.owner(rule, places.scope(row.warehouse_id))
    row.due_at, row.remind_at = places.clock(row.warehouse_id, now)


def _save_reopened(rows: Sequence[Case]) -> None:
    for row in rows:
        row.cause = row.cleared_at = row.ended_at = row.silent_until = None
        row.reminded_at = row.escalated_at = row.acknowledged_at = None
        row.closing = ""
        row.save()


def _note(
    rows: Sequence[Case],
    verb: str,
    old: str | None,
    now: datetime,
    actor: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    CaseEvent.objects.bulk_create(
        (
            CaseEvent(
                case=row,
                at=now,
                actor_id=actor,
                verb=verb,
                old_state=getattr(row, "about_before", "") if old is None else old,
                new_state=row.state,
                data={"reason": row.reason, **(data or {})},
                door=SYSTEM_DOOR,
            )
            for row in rows
        ),
        batch_size=_AT_ONCE,
    )


def _tell(rule: Rule, rows: Sequence[Case], staff: Staff, what: str, now: datetime) -> None:
    """Tell each case to whom it concerns; many at once are told as one."""
    concerned: dict[int, list[int]] = {}
    places = _Places(rule, {row.warehouse_id for row in rows})
    for row in rows:
        concerned[row.pk] = staff.concerned(rule, places.scope(row.warehouse_id), row.owner_id)
    if len(rows) <= ONE_BY_ONE:
        for row in rows:
            telling.tell(row, concerned[row.pk], what, mark=str(row.times))
        return
    counts: dict[int, int] = {}
    for users in concerned.values():
        for user in users:
            counts[user] = counts.get(user, 0) + 1
    due = telling.after_quiet(rule, now, hours.of(None).zone)
    for user, count in counts.items():
        telling.tell_at_large(
            [user],
            telling.What.MANY,
            mark=f"{rule.pk}:{rows[0].pk}:{now.isoformat()[:19]}",
            data={
                "count": count,
                "kind": rule.kind,
                "rule": rule.name,
                "url": addresses.of_rule(rule),
            },
            due_at=due,
        )


def _parts(rows: Iterable[Any]) -> Iterable[list[Any]]:
    listed = list(rows)
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))


_KNOWN = (
    "pk", "subject_kind", "subject_key", "state", "cleared_at", "ended_at", "silent_until", "figures",
)  # fmt: skip


def known(rule: Rule, narrow: Q, now: datetime) -> list[tuple[Any, ...]]:
    """The cases of a rule that matter for what is found now: open ones, those that may come again."""
    return list(
        Case.objects.filter(
            Q(state__in=states.LIVE) | Q(cleared_at__isnull=True) | Q(ended_at__gte=now - REOPENS),
            narrow,
            rule=rule,
        )
        .order_by("pk")
        .values_list(*_KNOWN)
    )


def known_of(rule: Rule, keys: Sequence[str]) -> list[tuple[Any, ...]]:
    """The cases of a rule about these subjects, the same columns."""
    rows: list[tuple[Any, ...]] = []
    for part in _parts(keys):
        rows += (
            Case.objects.filter(rule=rule, subject_key__in=part).order_by("pk").values_list(*_KNOWN)
        )
    return rows
