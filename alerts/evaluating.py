"""Brings the cases of rules to what the rules find now: set-based, whatever number of subjects there is.

What is found and has no case gets one (after the rule's dwell); what is found again comes again; what is no longer
found ends, unless it is still within the hysteresis. Each rule is one transaction under its own lock.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from alerts import kinds, opening, states
from alerts.kinds.base import EVERYTHING, Finding, Kind, Touched, keyed
from alerts.models import Case, Rule, Sighting
from core import locks
from workflows import moment

Subject = tuple[str, str]
_logger = logging.getLogger(__name__)
_MANY = 2_000
"""Beyond so many touched subjects everything is looked at instead of naming them."""


@dataclass(slots=True)
class Outcome:
    """What an evaluation did: ids of cases opened and come again, how many ended, how many subjects were found."""

    opened: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    ended: int = 0
    found: int = 0

    def add(self, other: "Outcome") -> None:
        """Count another one in."""
        self.opened += other.opened
        self.again += other.again
        self.ended += other.ended
        self.found += other.found


def touched(watches: str, ids: Iterable[int]) -> Outcome:
    """Evaluate every active rule that watches ``items`` or ``documents``, for these only."""
    subjects = frozenset(ids)
    which = Touched(**{watches: subjects if len(subjects) <= _MANY else None})
    return _each(lambda _rule, kind: which if kind.watches == watches and subjects else None)


def sweep(codes: Iterable[str] | None = None) -> Outcome:
    """Evaluate active rules (of these kinds only) over everything."""
    wanted = None if codes is None else set(codes)
    return _each(lambda _rule, kind: EVERYTHING if wanted is None or kind.code in wanted else None)


def dwelt() -> Outcome:
    """Evaluate what was seen so long ago that its rule's dwell is over."""
    now = moment.now()

    def ripe(rule: Rule, kind: Kind) -> Touched | None:
        if not rule.dwell_minutes:
            return None
        before = now - timedelta(minutes=rule.dwell_minutes)
        due = rule.sightings.filter(first_at__lte=before)
        if not due.exists():
            return None
        ids = frozenset(
            due.values_list("item" if kind.watches == "items" else "document", flat=True)
        )
        narrow = kind.watches != "clock" and None not in ids and len(ids) <= _MANY
        return Touched(**{kind.watches: ids}) if narrow else EVERYTHING

    return _each(ripe)


def _each(which: Callable[[Rule, Kind], Touched | None]) -> Outcome:
    """Evaluate the active rules for what ``which`` says, None for not at all.

    One that fails keeps no other from being looked at; the first failure is raised after the last rule.
    """
    total = Outcome()
    broken: Exception | None = None
    for rule, kind in active():
        try:
            subjects = which(rule, kind)
            if subjects is not None:
                total.add(evaluate(rule, kind, subjects))
        except Exception as error:
            _logger.exception("A rule could not be evaluated", extra={"rule": rule.code})
            broken = broken or error
    if broken is not None:
        raise broken
    return total


def active() -> list[tuple[Rule, Kind]]:
    """The rules in force whose kind is known."""
    rules = Rule.objects.filter(active=True).select_related("fallback", "role", "category", "item")
    return [(rule, kind) for rule in rules if (kind := kinds.get(rule.kind)) is not None]


@transaction.atomic
def evaluate(rule: Rule, kind: Kind, which: Touched) -> Outcome:
    """Bring the cases of one rule to what it finds now."""
    locks.hold(f"alerts.rule:{rule.pk}")
    found = keyed(kind.find(rule, which, False))
    narrow = _narrow(kind, which)
    cases = _Known(rule, kind, narrow, found)
    new, again, changed = cases.split(found)
    if rule.dwell_minutes:
        new, again = _lasted(rule, narrow, found, new, again)
    outcome = Outcome(found=len(found))
    if new:
        outcome.opened = [case.pk for case in opening.fire(rule, new)]
    if again:
        outcome.again = [case.pk for case in opening.again(rule, again)]
    if changed:
        opening.refresh(changed)
    if kind.lasting:
        outcome.ended = _end(rule, kind, which, cases, found)
    return outcome


def _narrow(kind: Kind, which: Touched) -> Q:
    """The cases of what may have changed."""
    if kind.watches == "items" and which.items is not None:
        return Q(item__in=which.items)
    if kind.watches == "documents" and which.documents is not None:
        return Q(document__in=which.documents)
    return Q()


class _Known:
    """The cases of a rule that matter now, by subject: the newest of each."""

    def __init__(self, rule: Rule, kind: Kind, narrow: Q, found: Mapping[Subject, Finding]) -> None:
        self.now = moment.now()
        self.lasting = kind.lasting
        if kind.lasting:
            rows = opening.known(rule, narrow, self.now)
        else:
            rows = opening.known_of(rule, [key for _kind, key in found])
        self.rows: dict[Subject, tuple[Any, ...]] = {(row[1], row[2]): row for row in rows}

    def split(
        self, found: Mapping[Subject, Finding]
    ) -> tuple[list[Finding], list[tuple[int, Finding]], list[tuple[int, Finding]]]:
        """What has no case, what comes again (with its case), what an open case should say now."""
        new: list[Finding] = []
        again: list[tuple[int, Finding]] = []
        changed: list[tuple[int, Finding]] = []
        for subject, finding in found.items():
            row = self.rows.get(subject)
            if row is None:
                new.append(finding)
            elif row[3] in states.LIVE:
                if row[7] != finding.figures:
                    changed.append((row[0], finding))
            elif self.lasting and self._comes_again(row):
                again.append((row[0], finding))
            elif self.lasting and self._is_past(row):
                new.append(finding)
        return new, again, changed

    def _comes_again(self, row: tuple[Any, ...]) -> bool:
        _pk, _kind, _key, state, cleared_at, ended_at, silent_until, _figures = row
        if silent_until is not None and silent_until > self.now:
            return False
        if cleared_at is not None:
            return bool(ended_at >= self.now - opening.REOPENS)
        if state == states.DISMISSED:
            return silent_until is not None
        return bool(ended_at <= self.now - opening.STANDS)

    def _is_past(self, row: tuple[Any, ...]) -> bool:
        silent = row[6] is not None and row[6] > self.now
        return row[4] is not None and row[5] < self.now - opening.REOPENS and not silent

    def lost(self, found: Mapping[Subject, Finding]) -> tuple[list[Any], list[int]]:
        """Open cases whose subject is not found, and ids of those over whose cause stood until now."""
        gone = [row for subject, row in self.rows.items() if subject not in found]
        return (
            [row for row in gone if row[3] in states.LIVE],
            [row[0] for row in gone if row[3] not in states.LIVE and row[4] is None],
        )


def _end(
    rule: Rule, kind: Kind, which: Touched, cases: _Known, found: Mapping[Subject, Finding]
) -> int:
    live, over = cases.lost(found)
    if over:
        opening.clear(rule, over)
    if live and rule.hysteresis_percent:
        held = keyed(kind.find(rule, which, True))
        live = [row for row in live if (row[1], row[2]) not in held]
    return opening.gone(rule, [row[0] for row in live]) if live else 0


def _lasted(
    rule: Rule,
    narrow: Q,
    found: Mapping[Subject, Finding],
    new: Sequence[Finding],
    again: Sequence[tuple[int, Finding]],
) -> tuple[list[Finding], list[tuple[int, Finding]]]:
    """Keep what has lasted for the rule's dwell; note what is seen for the first time, forget what is gone."""
    now = moment.now()
    rows = Sighting.objects.filter(narrow, rule=rule)
    seen = {
        (kind, key): at
        for kind, key, at in rows.values_list("subject_kind", "subject_key", "first_at")
    }
    waiting = {one.subject: one for one in [*new, *(one for _pk, one in again)]}
    before = now - timedelta(minutes=rule.dwell_minutes)
    ripe = {subject for subject in waiting if subject in seen and seen[subject] <= before}
    Sighting.objects.bulk_create(
        [
            Sighting(
                rule=rule,
                subject_kind=one.subject_kind,
                subject_key=one.subject_key,
                item_id=one.item,
                document_id=one.document,
                first_at=now,
            )
            for subject, one in waiting.items()
            if subject not in seen
        ],
        ignore_conflicts=True,
    )
    over = [key for (_kind, key) in seen if (_kind, key) in ripe or (_kind, key) not in waiting]
    if over:
        rows.filter(subject_key__in=over).delete()
    return (
        [one for one in new if one.subject in ripe],
        [(pk, one) for pk, one in again if one.subject in ripe],
    )


def switch_off(rule: Rule) -> int:
    """End the open cases of a rule that is no longer in force; returns how many."""
    with transaction.atomic():
        locks.hold(f"alerts.rule:{rule.pk}")
        Sighting.objects.filter(rule=rule).delete()
        live = Case.objects.filter(rule=rule, state__in=states.LIVE)
        return opening.gone(rule, live.values_list("pk", flat=True))
