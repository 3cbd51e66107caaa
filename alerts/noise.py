"""Which rules rang for nothing lately: those of whose cases most were dismissed, or ended by themselves before anybody had taken them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q

from alerts import addresses, states
from alerts.models import Case, Rule
from alerts.models.cases import GONE
from workflows import moment

DAYS = 30
LEAST = 3
"""Fewer cases for nothing are no pattern."""
_MOST = 5


@dataclass(frozen=True, slots=True)
class Noisy:
    """A rule, how many of its cases ended within the days, and how many of these for nothing."""

    rule: Rule
    ended: int
    dismissed: int
    gone: int
    """Ended by themselves, taken by nobody."""

    @property
    def address(self) -> str:
        """The page where the rule is made narrower or switched off."""
        return addresses.rule(self.rule)


def rules() -> Sequence[Noisy]:
    """Rules in force of which more than half were for nothing, the loudest first; one statement."""
    dismissed = Count("pk", filter=Q(state=states.DISMISSED))
    gone = Count("pk", filter=Q(cause__code=GONE, acknowledged_at__isnull=True))
    rows = (
        Case.objects.filter(ended_at__gte=moment.now() - timedelta(days=DAYS), rule__active=True)
        .order_by()
        .values_list("rule", "rule__kind", "rule__name")
        .annotate(ended=Count("pk"), dismissed=dismissed, gone=gone)
        .annotate(nothing=F("dismissed") + F("gone"))
        .filter(nothing__gte=LEAST, ended__lt=2 * F("nothing"))
        .order_by("-nothing", "rule")[:_MOST]
    )
    return [
        Noisy(Rule(pk=pk, kind=kind, name=name), ended, no, by_itself)
        for pk, kind, name, ended, no, by_itself, _nothing in rows
    ]
