"""Laws of cases that the database keeps whatever the code does: they are tried by writing past the code."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from alerts import guards, states
from alerts.models import Case, CaseEvent, Cause, Sighting
from core import triggers
from people.models import User
from tests.alerts.cases import case, rule

pytestmark = pytest.mark.django_db
REFUSED = (IntegrityError, DatabaseError)


def change(one: Case, **values: Any) -> None:
    """Write past the code."""
    with transaction.atomic():
        Case.objects.filter(pk=one.pk).update(**values)


def over(cause: str = "other") -> dict[str, Any]:
    """What a solved case must have."""
    return {"ended_at": timezone.now(), "cause": Cause.objects.get(code=cause)}


def put(one: Case, state: str) -> None:
    """Bring a case into a state along the graph, past the code."""
    user, _made = User.objects.get_or_create(username="w", name="w")
    taken = {"owner": user, "acknowledged_at": timezone.now()}
    if state in {"acknowledged", "in_work"}:
        change(one, state=state, version=2, **taken)
    elif state == "solved":
        change(one, state=state, version=2, **over())
    elif state == "dismissed":
        change(one, state=state, version=2, closing="no", ended_at=timezone.now())


def test_triggers_are_in_force() -> None:
    assert triggers.missing(connection, guards.TRIGGERS) == []


def test_one_open_case_per_rule_and_subject() -> None:
    first = case()
    with pytest.raises(IntegrityError), transaction.atomic():
        case()
    change(first, state="solved", version=2, **over())
    second = case()
    with pytest.raises(IntegrityError):
        change(first, state="open", version=3, ended_at=None)
    case(subject="2")
    case(rule("another-rule"))
    assert Case.objects.filter(subject_key="1", rule=first.rule, state="open").get() == second


@pytest.mark.parametrize("old", sorted(states.BY_CODE))
@pytest.mark.parametrize("new", sorted(states.BY_CODE))
def test_graph(old: str, new: str) -> None:
    one = case()
    put(one, old)
    user = User.objects.get_or_create(username="w", name="w")[0]
    values: dict[str, Any] = {"owner": user, "acknowledged_at": timezone.now(), "closing": "x"}
    values |= over() if new in states.OVER else {"ended_at": None}
    if new in states.GRAPH[old] or new == old:
        change(one, state=new, version=9, **values)
    else:
        with pytest.raises(REFUSED, match="graph"):
            change(one, state=new, version=9, **values)


def test_a_change_of_state_raises_the_version() -> None:
    one = case()
    with pytest.raises(REFUSED, match="graph"):
        change(one, state="solved", **over())
    change(one, version=5)
    with pytest.raises(REFUSED, match="graph"):
        change(one, version=4)


def test_a_case_begins_open() -> None:
    with pytest.raises(REFUSED, match="begins open"), transaction.atomic():
        case(state="solved", **over())


@pytest.mark.parametrize(
    "values",
    [
        {"state": "solved", "ended_at": timezone.now()},
        {"state": "dismissed", "ended_at": timezone.now()},
        {"state": "solved", "closing": "x"},
        {"state": "acknowledged"},
        {"state": "in_work"},
        {"ended_at": timezone.now()},
        {"times": 0},
        {"severity": "dire"},
    ],
)
def test_what_a_state_must_have(values: dict[str, Any]) -> None:
    one = case()
    with pytest.raises(IntegrityError):
        change(one, version=2, **values)


@pytest.mark.parametrize(
    "values", [{"subject_key": "2"}, {"subject_kind": "x"}, {"key": "0" * 32}, {"rule": None}]
)
def test_what_a_case_is_about_stays(values: dict[str, Any]) -> None:
    one = case()
    if "rule" in values:
        values = {"rule": rule("another-rule")}
    with pytest.raises(REFUSED, match="is about stays"):
        change(one, **values)


def test_cases_and_their_timeline_are_kept() -> None:
    one = case()
    event = CaseEvent.objects.create(case=one, at=timezone.now(), verb="fire")
    with pytest.raises(REFUSED, match="append-only"), transaction.atomic():
        CaseEvent.objects.filter(pk=event.pk).update(text="x")
    with pytest.raises(REFUSED, match="append-only"), transaction.atomic():
        CaseEvent.objects.filter(pk=event.pk)._raw_delete("default")
    with pytest.raises(REFUSED, match="case is kept"), transaction.atomic():
        Case.objects.filter(pk=case(subject="9").pk)._raw_delete("default")


def test_the_same_request_is_one_entry() -> None:
    one = case()
    CaseEvent.objects.create(case=one, at=timezone.now(), verb="comment", key="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseEvent.objects.create(case=one, at=timezone.now(), verb="comment", key="k")


def test_one_sighting_per_rule_and_subject() -> None:
    values = {"rule": rule(), "subject_kind": "a", "subject_key": "1", "first_at": timezone.now()}
    Sighting.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sighting.objects.create(**values)
