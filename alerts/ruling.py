"""The only writer of rules: checks what was entered, keeps its history, and lets cases follow."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from alerts import evaluating, kinds, states
from alerts.errors import CaseRefused
from alerts.kinds.base import EVERYTHING
from alerts.models import Case, Rule
from core import outbox
from people.access import Access
from workflows import moment

RIGHT = "process.manage"
TOPIC = "alerts.rule"
SCOPES = ("item", "category", "warehouse")
MOST_HOURS = 2_000
"""Working hours of a deadline: a year of them, beyond which the calendar is not looked at."""
MOST_DWELL = 30 * 24 * 60
"""Minutes that something may have to last before a case opens."""
NOISY = 70
"""A rule of whose cases so many percent were dismissed is called noisy."""
_LEAST = 5
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a rule's cases within a month, and how many are open."""

    open: int = 0
    ended: int = 0
    dismissed: int = 0

    @property
    def noisy(self) -> bool:
        """Whether most of its cases were for nothing."""
        return self.ended >= _LEAST and self.dismissed * 100 > self.ended * NOISY


def problems(rule: Rule) -> dict[str, str]:
    """What is wrong with a rule: field or parameter → message; empty if it can be kept."""
    kind = kinds.get(rule.kind)
    if kind is None:
        return {"kind": _("There is no such kind of rule.")}
    wrong = kind.problems(rule.parameters)
    for name in SCOPES:
        if getattr(rule, f"{name}_id") is not None and name not in kind.scopes:
            wrong[name] = _("Rules of this kind cannot be limited so.")
    if rule.item_id is not None and rule.category_id is not None:
        wrong["category"] = _("Choose an item or a category, not both.")
    if rule.hysteresis_percent is not None and rule.hysteresis_percent > 100:
        wrong["hysteresis_percent"] = _("Enter at most 100 %.")
    wrong |= _clocks(rule)
    if rule.role_id is None and rule.fallback_id is None:
        wrong["role"] = _("Say whose it is: a role, or somebody.")
    return wrong


def _clocks(rule: Rule) -> dict[str, str]:
    """What is wrong with its hours: quiet ones, the deadline and its reminder, how long something must last."""
    wrong: dict[str, str] = {}
    if (rule.quiet_from is None) != (rule.quiet_until is None):
        wrong["quiet_until"] = _("Enter both ends of the quiet hours, or none.")
    if rule.remind_hours and (
        rule.deadline_hours is None or rule.remind_hours > rule.deadline_hours
    ):
        wrong["remind_hours"] = _("The reminder comes before the deadline.")
    if (rule.deadline_hours or 0) > MOST_HOURS:
        wrong["deadline_hours"] = _("Enter at most %(most)d hours.") % {"most": MOST_HOURS}
    if rule.dwell_minutes is not None and rule.dwell_minutes > MOST_DWELL:
        wrong["dwell_minutes"] = _("Enter at most %(most)d minutes.") % {"most": MOST_DWELL}
    return wrong


def save(rule: Rule, access: Access) -> None:
    """Keep a rule, new or changed; its cases follow. Raises NotAllowed or CaseRefused."""
    access.require(RIGHT)
    wrong = problems(rule)
    if wrong:
        raise CaseRefused(next(iter(wrong.values())), code="rule")
    with transaction.atomic():
        if not rule.code:
            rule.code = f"{rule.kind}-{uuid.uuid4().hex[:8]}"
        rule.save()
        _follow(rule)


def switch(rule: Rule, *, active: bool, access: Access) -> None:
    """Put a rule in force or out of it; its open cases end then. Raises NotAllowed."""
    access.require(RIGHT)
    with transaction.atomic():
        rule.active = active
        rule.save()
        _follow(rule)


def _follow(rule: Rule) -> None:
    """What it finds is looked for by a worker, which may take a while; without it nothing is open any more."""
    if rule.active:
        outbox.announce(TOPIC, subject=rule.pk)
    else:
        evaluating.switch_off(rule)


def changed(rules: list[int]) -> None:
    """The outbox: evaluate rules that were changed, over everything."""
    for rule, kind in evaluating.active():
        if rule.pk in rules:
            evaluating.evaluate(rule, kind, EVERYTHING)


def tallies() -> Mapping[int, Tally]:
    """Rule → its tally, in one statement."""
    since = moment.now() - _MONTH
    over = Q(ended_at__gte=since)
    rows = (
        Case.objects.order_by()
        .values_list("rule")
        .annotate(
            open=Count("pk", filter=Q(state__in=states.LIVE)),
            ended=Count("pk", filter=over),
            dismissed=Count("pk", filter=over & Q(state=states.DISMISSED)),
        )
    )
    return {rule: Tally(*counts) for rule, *counts in rows}
