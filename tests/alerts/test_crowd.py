"""Many workers at once on PostgreSQL: one open case per rule and subject, one effect of the same news.

Nothing of what two of them learn is lost, and what two of them send goes once.
"""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from alerts import evaluating
from alerts.anomaly import learning
from alerts.channels import managing, sending
from alerts.kinds.base import Finding
from alerts.models import Case, CaseEvent, Habit, Message, Rule
from core.models import OutboxRow
from people import notices
from people.access import access_for
from scripts import robots
from stock import catalog
from stock.models import Place
from tests.alerts import crowd_acts
from tests.alerts.cases import rule
from tests.alerts.test_habits import kept
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


def test_nothing_is_lost_of_what_is_learnt_of_one_item_at_once() -> None:
    """Lines, totals, and counts by hour and reason are what the whole book gives, whoever wrote first."""
    world = World()
    item = world.stocked(1000)
    facts = {
        "item": item.pk,
        "source": catalog.default_place(world.main).pk,
        "target": Place.objects.get(company=world.company, kind="adjustment").pk,
    }
    assert crowd.rush([("issue", facts)] * 4, rounds=3) == {("issue", "learnt"): 12}
    habit = Habit.objects.get(level="item", subject=item.pk, type="other_out")
    assert (habit.total, len(habit.seen)) == (12, 12)
    learnt = kept()
    learning.rebuild()
    assert kept() == learnt


def test_of_two_senders_one_takes_a_message(settings: Any) -> None:
    """Each notice leaves once, although all look for what is due at the same moment."""
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    world = World()
    with robots.running() as taken:
        given = {"name": "program", "severity": "medium", "address": f"{taken.url}/in"}
        given |= {"tasks": True}
        _made, taken.hook_secret = managing.add(
            "webhook", given, user=world.ann, access=access_for(world.ann)
        )
        for number in range(3):
            data = {"by": "Bob", "type": "purchase_in", "number": f"PI-{number}", "text": "?"}
            notices.notify([world.ann], "workflows.mentioned", data, "/")
        outcomes = crowd.rush([("send", {})] * 4)
        sending.run()
        assert sum(int(outcome) for _act, outcome in outcomes.elements()) == 3
        assert OutboxRow.objects.filter(topic=sending.TOPIC).count() == 3
        keys = Counter(headers["webhook-id"] for _kind, _content, headers in taken.got)
    assert keys == {str(key): 1 for key in Message.objects.values_list("key", flat=True)}
