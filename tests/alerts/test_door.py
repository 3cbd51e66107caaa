"""What people do with cases: each verb, who may, what is refused, and that the same request is one effect."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts import digest, door, evaluating, opening, queries, states, telling, watching
from alerts.errors import CaseMoved, CaseRefused, CaseUnknown
from alerts.kinds import register
from alerts.kinds.base import Finding, Kind
from alerts.models import Case, Rule, Telling
from core.errors import NotAllowed
from people.models import Notice, User
from tests.workflows.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    Rule.objects.update(quiet_from=None, quiet_until=None)
    return World()


def opened(world: World, code: str = "problem", subject: str = "1", **more: Any) -> Case:
    """A case in the main warehouse, of its head."""
    finding = Finding("report", subject, "why", warehouse=world.main.pk, **more)
    (case,) = opening.fire(Rule.objects.get(code=code), [finding])
    return case


def do(case: Case, verb: str, by: User, **more: Any) -> Case:
    return door.act(case.key, verb, actor=User.objects.get(pk=by.pk), **more).case


def test_a_case_goes_its_way(world: World) -> None:
    case = opened(world)
    assert case.owner == world.head
    assert {verb.code for verb in door.possible(case, world.head)} == {
        "acknowledge", "start", "assign", "solve", "dismiss", "comment", "photo",
    }  # fmt: skip
    do(case, "acknowledge", world.head)
    do(case, "start", world.head)
    case = do(case, "solve", world.head, cause="damage", text="repacked")
    assert (case.state, case.cause and case.cause.code, case.closing) == (
        "solved",
        "damage",
        "repacked",
    )
    case = do(case, "reopen", world.head, text="torn again")
    assert (case.state, case.times, case.cause, case.ended_at) == ("open", 2, None, None)
    verbs = [(one.verb, one.old_state, one.new_state) for one in case.events.all()]
    assert verbs == [
        ("fire", "", "open"),
        ("acknowledge", "open", "acknowledged"),
        ("start", "acknowledged", "in_work"),
        ("solve", "in_work", "solved"),
        ("reopen", "solved", "open"),
    ]


def test_the_same_request_is_one_effect(world: World) -> None:
    case, key = opened(world), str(uuid.uuid4())
    for repeated in (False, True):
        done = door.act(case.key, "acknowledge", actor=world.head, key=key, version=1)
        assert done.repeated == repeated
    assert case.events.filter(verb="acknowledge").count() == 1


@pytest.mark.parametrize(
    ("verb", "more", "error"),
    [
        ("solve", {}, CaseRefused),
        ("solve", {"cause": "gone"}, CaseRefused),
        ("solve", {"cause": "nonsense"}, CaseRefused),
        ("dismiss", {"text": "  "}, CaseRefused),
        ("dismiss", {"text": "x", "data": {"silent_days": "-1"}}, CaseRefused),
        ("dismiss", {"text": "x", "data": {"silent_days": "soon"}}, CaseRefused),
        ("comment", {"text": ""}, CaseRefused),
        ("assign", {"data": {"user": "nobody"}}, CaseRefused),
        ("assign", {}, CaseRefused),
        ("fire", {}, CaseRefused),
        ("photo", {}, CaseRefused),
        ("fly", {}, CaseRefused),
        ("release", {}, CaseMoved),
        ("reopen", {}, CaseMoved),
        ("acknowledge", {"version": 7}, CaseMoved),
    ],
)
def test_what_is_refused_changes_nothing(
    world: World, verb: str, more: dict[str, Any], error: type[Exception]
) -> None:
    case = opened(world)
    with pytest.raises(error):
        do(case, verb, world.head, **more)
    case.refresh_from_db()
    assert (case.state, case.version, case.events.count()) == ("open", 1, 1)


def test_who_may_see_and_do(world: World) -> None:
    case = opened(world)
    with pytest.raises(CaseUnknown):
        do(case, "comment", world.dan, text="hello")
    with pytest.raises(NotAllowed):
        do(case, "acknowledge", world.cat)
    do(case, "comment", world.cat, text="it is in bay 3")
    do(case, "acknowledge", world.admin)
    assert not queries.visible(world.dan).exists()
    assert queries.unclaimed(world.head).count() == 0
    with pytest.raises(CaseUnknown):
        door.act("nonsense", "comment", actor=world.head, text="x")


def test_one_of_several_takes_it(world: World) -> None:
    second = world.person("head2", "warehouse_head")
    case = opened(world)
    assert case.owner is None
    assert set(Telling.objects.filter(case=case).values_list("user", flat=True)) == {
        world.head.pk,
        second.pk,
    }
    assert queries.unclaimed(second).get() == case
    assert do(case, "acknowledge", second).owner == second
    case = do(case, "assign", second, data={"user": world.head.pk})
    assert case.owner == world.head
    assert Telling.objects.filter(user=world.head, what="assigned").exists()
    with pytest.raises(CaseRefused):
        do(case, "assign", second, data={"user": world.dan.pk})
    case = do(case, "release", world.head)
    assert (case.owner, case.state) == (None, "open")


def test_without_holders_the_fallback_owns_it(world: World) -> None:
    rule = Rule.objects.get(code="problem")
    finding = Finding("report", "9", "why", warehouse=world.other.pk)
    (case,) = opening.fire(rule, [finding])
    assert case.owner is None
    assert Telling.objects.filter(case=case).get().user == world.admin
    rule.fallback = world.bob
    rule.save()
    finding = Finding("report", "10", "why", warehouse=world.other.pk)
    (case,) = opening.fire(rule, [finding])
    assert case.owner == world.bob
    assert Telling.objects.filter(case=case).get().user == world.bob


@pytest.fixture
def found() -> Any:
    """A kind that finds what the test puts here."""
    subjects: dict[str, Finding] = {}
    kind = register(
        Kind(
            code="told",
            label="told",
            about="told",
            group="test",
            watches="clock",
            find=lambda _rule, _touched, _margin: list(subjects.values()),
            says=str,
            action=lambda _case: None,
        )
    )
    Rule.objects.exclude(kind="told").update(active=False)
    Rule.objects.create(code="told", kind="told")
    yield subjects
    from alerts import kinds

    kinds._KINDS.pop(kind.code)


def test_what_was_dismissed_stays_away_until_it_is_gone_once(
    world: World, found: dict[str, Finding]
) -> None:
    found["1"] = Finding("test", "1", "why", item=world.item().pk)
    evaluating.sweep()
    case = Case.objects.get()
    do(case, "dismiss", world.admin, text="as it should be")
    assert not evaluating.sweep().again
    gone = found.pop("1")
    evaluating.sweep()
    found["1"] = gone
    assert evaluating.sweep().again == [case.pk]


def test_silence_ends(world: World, found: dict[str, Finding]) -> None:
    found["1"] = Finding("test", "1", "why", item=world.item().pk)
    evaluating.sweep()
    case = Case.objects.get()
    do(case, "dismiss", world.admin, text="next week", data={"silent_days": 7})
    gone = found.pop("1")
    evaluating.sweep()
    found["1"] = gone
    assert not evaluating.sweep().again
    Case.objects.update(silent_until=timezone.now())
    assert evaluating.sweep().again == [case.pk]


def test_what_was_solved_and_is_not_comes_again_the_next_day(
    world: World, found: dict[str, Finding]
) -> None:
    found["1"] = Finding("test", "1", "why", item=world.item().pk)
    evaluating.sweep()
    case = Case.objects.get()
    do(case, "solve", world.admin, cause="count")
    assert not evaluating.sweep().again
    Case.objects.update(ended_at=timezone.now() - opening.STANDS)
    assert evaluating.sweep().again == [case.pk]


def test_the_clock_reminds_and_escalates_once(world: World) -> None:
    rule = Rule.objects.get(code="problem")
    rule.fallback = world.bob
    rule.save()
    case = opened(world)
    now = timezone.now()
    assert watching.watch() == 0
    Case.objects.update(remind_at=now, due_at=now + timedelta(hours=1))
    assert (watching.watch(), watching.watch()) == (1, 0)
    assert Telling.objects.get(what="reminder").user == world.head
    Case.objects.update(due_at=now)
    assert (watching.watch(), watching.watch()) == (1, 0)
    told = Telling.objects.filter(what="overdue").values_list("user", flat=True)
    assert set(told) == {world.head.pk, world.bob.pk}
    assert [one.verb for one in case.events.all()] == ["fire", "remind", "escalate"]
    do(case, "solve", world.head, cause="other")
    Case.objects.update(escalated_at=None)
    assert watching.watch() == 0


def test_quiet_hours_delay_what_is_told_and_not_the_case(world: World) -> None:
    rule = Rule.objects.get(code="problem")
    local = timezone.now().astimezone(telling._zone(opened(world)))
    rule.quiet_from = (local - timedelta(hours=1)).time()
    rule.quiet_until = (local + timedelta(hours=1)).time().replace(second=0, microsecond=0)
    rule.save()
    before = Notice.objects.count()
    case = opened(world, subject="2")
    telling.send_due()
    one = Telling.objects.get(case=case)
    assert one.sent_at is None
    assert timedelta(minutes=50) < one.due_at - timezone.now() <= timedelta(hours=1)
    Telling.objects.update(due_at=timezone.now())
    telling.send_due()
    assert telling.send_due() == 0
    assert Notice.objects.count() == before + 2
    assert Notice.objects.filter(user=world.head, url__contains=str(case.key)).count() == 1


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("21:00", "1 07:30"),
        ("03:00", "0 07:30"),
        ("07:30", ""),
        ("12:00", ""),
        ("20:00", "1 07:30"),
    ],
)
def test_the_end_of_a_night(at: str, end: str) -> None:
    from datetime import date, datetime, time
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Asia/Shanghai")
    now = datetime.combine(date(2026, 3, 2), time.fromisoformat(at), zone)
    told = telling.quiet_end(time(20), time(7, 30), now, zone)
    if not end:
        assert told == now
    else:
        days, clock = end.split()
        assert told.date() == now.date() + timedelta(days=int(days))
        assert told.time() == time.fromisoformat(clock)


def test_the_week_is_told_once(world: World) -> None:
    case = opened(world)
    opened(world, subject="2")
    do(case, "solve", world.head, cause="damage")
    week = digest.of(world.head)
    assert (week.opened, week.ended, week.open, week.causes) == (2, 1, 1, [("damage", 1)])
    assert digest.of(world.dan).opened == 0
    assert digest.send() >= 1
    digest.send()
    assert Telling.objects.filter(what="digest", user=world.head).count() == 1
    assert not Telling.objects.filter(what="digest", user=world.dan).exists()


def test_states_and_verbs_agree_with_the_graph() -> None:
    for verb in states.VERBS:
        for source in verb.sources:
            if verb.to and verb.to != source:
                assert verb.to in states.GRAPH[source], verb
