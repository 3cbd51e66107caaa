"""Cases in the API: read by those who may see them, moved by the same door as on pages."""

import uuid
from typing import Any

import pytest

from alerts import opening
from alerts.kinds.base import Finding
from alerts.models import Case, Rule
from tests.api.conftest import Program, program_of
from tests.workflows.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> World:
    return World()


@pytest.fixture
def case(house: World) -> Case:
    finding = Finding("report", "1", "why", {"text": "x"}, warehouse=house.main.pk)
    (made,) = opening.fire(Rule.objects.get(code="problem"), [finding])
    return made


def send(program: Program, case: Case, verb: str, body: dict[str, Any], key: str = "") -> Any:
    return program.send(
        f"/api/v1/cases/{case.key}/{verb}/", body, **{"Idempotency-Key": key or str(uuid.uuid4())}
    )


def test_a_case_is_read_and_solved(house: World, case: Case) -> None:
    program = program_of(house.head, "read", "documents.write")
    (row,) = program.get("cases/", state="open")["results"]
    assert (row["case"], row["owner"], row["reason"]) == (str(case.key), house.head.username, "why")
    assert program.get("cases/", state="solved")["results"] == []
    assert program.get("cases/", mine="true")["results"][0]["number"] == case.pk
    assert program.get("cases/", overdue="true")["results"] == []
    key = str(uuid.uuid4())
    for _time in range(2):
        answer = send(program, case, "acknowledge", {"version": 1}, key)
        assert answer.status_code == 200, answer.content
    assert send(program, case, "start", {"version": 1}).status_code == 409
    assert send(program, case, "solve", {}).status_code == 400
    assert send(program, case, "solve", {"cause": "nonsense"}).status_code == 422
    assert send(program, case, "solve", {"cause": "damage", "text": "mended"}).status_code == 200
    whole = program.get(f"cases/{case.key}/")
    assert (whole["state"], whole["cause"], whole["closing"]) == ("solved", "damage", "mended")
    assert [one["verb"] for one in whole["timeline"]] == ["fire", "acknowledge", "solve"]


def test_others_see_nothing_and_readers_change_nothing(house: World, case: Case) -> None:
    stranger = program_of(house.dan, "read", "documents.write")
    assert stranger.get("cases/")["results"] == []
    stranger.get(f"cases/{case.key}/", expect=404)
    assert send(stranger, case, "comment", {"text": "x"}).status_code == 404
    reader = program_of(house.head, "read")
    assert send(reader, case, "comment", {"text": "x"}).status_code == 403
    clerk = program_of(house.cat, "read", "documents.write")
    assert send(clerk, case, "solve", {"cause": "other"}).status_code == 403
    assert send(clerk, case, "comment", {"text": "seen"}).status_code == 200


def test_rules_and_causes(house: World) -> None:
    program = program_of(house.cat, "read")
    rules = {row["rule"]: row for row in program.get("alert-rules/")["results"]}
    assert rules["low-stock"]["sentence"].startswith("Less of all items")
    assert "damage" in {row["cause"] for row in program.get("case-causes/")["results"]}
