"""Many workers at once on PostgreSQL: one open case per rule and subject, one effect of the same news."""

from collections import Counter
from decimal import Decimal

import pytest

from alerts import evaluating
from alerts.kinds.base import Finding
from alerts.models import Case, CaseEvent, Rule
from tests.alerts import crowd_acts
from tests.alerts.cases import rule
from tests.laws import crowd
from tests.workflows.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def acts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients do our acts."""
    monkeypatch.setattr(crowd, "crowd_acts", crowd_acts)


def test_one_case_opens_although_nobody_waits_for_the_rule() -> None:
    """Openings that hold no lock of the rule: the constraint is what holds."""
    one = rule(role=None)
    outcomes = crowd.rush([("fire", {"rule": one.pk})] * 8)
    assert sum(outcomes.values()) == 8
    assert outcomes["fire", "1"] == 1
    assert (Case.objects.count(), CaseEvent.objects.count()) == (1, 1)


def test_many_evaluate_the_same_and_one_case_opens_and_ends() -> None:
    Rule.objects.exclude(code="low-stock").update(active=False)
    world = World()
    item = world.stocked(10)
    item.reorder_point = Decimal(20)
    item.save()
    jobs = [("evaluate", {"items": [item.pk]}), ("sweep", {})] * 4
    opened = crowd.rush(jobs)
    assert Counter(outcome for _act, outcome in opened.elements())["1 0"] == 1
    assert [event.verb for event in Case.objects.get().events.all()] == ["fire"]
    item.reorder_point = Decimal(5)
    item.save()
    ended = crowd.rush(jobs)
    assert Counter(outcome for _act, outcome in ended.elements())["0 1"] == 1
    assert [event.verb for event in Case.objects.get().events.all()] == ["fire", "gone"]


def test_of_many_who_take_a_case_each_reads_what_is_so() -> None:
    Rule.objects.exclude(code="problem").update(active=False)
    world = World()
    from alerts import opening

    (case,) = opening.fire(
        Rule.objects.get(code="problem"),
        [Finding("report", "1", "why", warehouse=world.main.pk)],
    )
    outcomes = crowd.rush([("take", {"case": str(case.key), "user": world.head.pk})] * 6)
    assert outcomes == {("take", "taken"): 1, ("take", "case_moved"): 5}
    assert case.events.filter(verb="acknowledge").count() == 1
    assert evaluating.active()
