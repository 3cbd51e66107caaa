"""The same key and request twice: one effect, one answer, whatever happens in between."""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, close_old_connections, connection
from django.urls import include, path
from django.utils import timezone

from core.api import idempotency
from core.api.idempotency import Answer, once
from core.api.operations import One, Operation, writes
from core.api.shapes import TEXT, VALUE, Field
from core.errors import Conflict, DomainError
from core.models import IdempotentAnswer
from people.api.doors import Door
from people.models import User
from stock.models import Unit
from tests.api.conftest import Program, person, program_of
from tests.stock.queries.world import make_world

BODY = (Field("unit", TEXT, ""), Field("refuse", TEXT, "", optional=True))
SHOWN = (Field("unit", TEXT, ""), Field("value", VALUE, "", cost=True))


class MakeUnit(Door):
    """Makes a unit, and may refuse after it has written."""

    slow = 0.0

    @writes(
        Operation(
            "make",
            group="",
            summary="",
            scope="read",
            right="",
            body=BODY,
            answer=SHOWN,
            status=201,
        )
    )
    def post(self, body: dict[str, Any]) -> One:
        from decimal import Decimal

        Unit.objects.create(code=body["unit"], name=f"made {Unit.objects.count()}")
        time.sleep(self.slow)
        if body.get("refuse") == "domain":
            raise DomainError("No.", code="no", left=Unit.objects.count())
        if body.get("refuse") == "conflict":
            raise Conflict("Not now.")
        row = {"unit": body["unit"], "value": Decimal("1.5")}
        costs = self.access.may("cost.view")
        return One(row, costs=costs, headers={"Location": f"/units/{body['unit']}/"})


urlpatterns = [path("make/", MakeUnit.as_view()), path("", include("inventory_project.urls"))]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def program(clerk: User) -> Program:
    return program_of(clerk)


def _make(program: Program, unit: str, key: str = "k", **more: Any) -> Any:
    return program.send("/make/", {"unit": unit} | more, **{"Idempotency-Key": key})


def test_the_same_again_has_one_effect_and_one_answer(program: Program) -> None:
    first = _make(program, "BOX")
    again = _make(program, "BOX")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["Location"] == again.headers["Location"] == "/units/BOX/"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Unit.objects.filter(code="BOX").count() == 1


def test_the_order_of_keys_does_not_count(program: Program) -> None:
    one = b'{"unit": "BOX", "refuse": "x"}'
    other = b'{ "refuse":"x","unit":"BOX" }'
    headers = {"Idempotency-Key": "k"}
    assert program.send("/make/", one, **headers).status_code == 201
    assert program.send("/make/", other, **headers).status_code == 201
    assert Unit.objects.filter(code="BOX").count() == 1


def test_another_body_is_refused(program: Program) -> None:
    _make(program, "BOX")
    answer = _make(program, "BAG")
    assert answer.status_code == 422
    assert json.loads(answer.content)["code"] == "idempotency_key_reused"
    assert not Unit.objects.filter(code="BAG").exists()


def test_keys_belong_to_their_user(program: Program, auditor: User) -> None:
    assert _make(program, "BOX").status_code == 201
    assert _make(program_of(auditor), "BAG").status_code == 201


def test_a_token_with_other_scopes_does_not_see_the_kept_answer(auditor: User) -> None:
    """It could hold costs that this token may not see."""
    assert b"value" in _make(program_of(auditor), "BOX").content
    assert _make(program_of(auditor, "read"), "BOX").status_code == 422


@pytest.mark.parametrize("key", [None, "", "a b", "ü", "x" * 201])
def test_a_key_is_needed(program: Program, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = program.send("/make/", {"unit": "BOX"}, **headers)
    assert answer.status_code == 400
    assert json.loads(answer.content)["code"].startswith("idempotency_key")
    assert not Unit.objects.filter(code="BOX").exists()


def test_a_refusal_is_kept_and_leaves_nothing(program: Program) -> None:
    first = _make(program, "BOX", refuse="domain")
    Unit.objects.create(code="MORE", name="more")
    again = _make(program, "BOX", refuse="domain")
    assert first.status_code == again.status_code == 422
    assert first.content == again.content
    assert not Unit.objects.filter(code="BOX").exists()


def test_a_conflict_may_be_tried_again(program: Program) -> None:
    assert _make(program, "BOX", refuse="conflict").status_code == 409
    assert not IdempotentAnswer.objects.exists()
    assert _make(program, "BOX").status_code == 201


def test_a_refused_shape_is_not_kept(program: Program) -> None:
    assert _make(program, 5).status_code == 400  # type: ignore[arg-type]
    assert _make(program, "BOX").status_code == 201


def test_kept_for_a_day(program: Program) -> None:
    _make(program, "BOX")
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=False):
        assert idempotency.prune() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert idempotency.prune() == 1


@pytest.mark.django_db(transaction=True)
def test_effect_and_answer_are_kept_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the answer cannot be written, the effect is undone."""

    def broken(**_values: Any) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(IdempotentAnswer.objects, "create", broken)

    def work() -> Answer:
        Unit.objects.create(code="BOX", name="box")
        return Answer({})

    with pytest.raises(OperationalError):
        once(1, "k", "hash", work)
    assert not Unit.objects.filter(code="BOX").exists()


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_tried_again() -> None:
    tries: list[int] = []

    class Deadlock(Exception):
        pgcode = "40P01"

    def work() -> Answer:
        tries.append(1)
        Unit.objects.create(code="BOX", name="box")
        if len(tries) < 3:
            raise OperationalError("deadlock detected") from Deadlock()
        return Answer({"n": len(tries)})

    assert once(1, "k", "hash", work).body == {"n": 3}
    assert Unit.objects.filter(code="BOX").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False], ids=["same body", "other bodies"])
def test_many_at_once_have_one_effect(monkeypatch: pytest.MonkeyPatch, same: bool) -> None:
    """Real connections: those who come meanwhile wait and get the first one's answer, or a refusal."""
    monkeypatch.setattr(MakeUnit, "slow", 0.2)
    user = person("clerk", ["stock.view"], make_world())
    before = Unit.objects.count()
    program = program_of(user)
    token = program.headers["Authorization"].removeprefix("Bearer ")
    answers: list[tuple[int, bytes]] = []

    def call(number: int) -> None:
        try:
            found = _make(Program(token), "BOX" if same else f"BOX{number}")
            answers.append((found.status_code, found.content))
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert Unit.objects.count() == before + 1
    if same:
        assert {status for status, _body in answers} == {201}
        assert len({body for _status, body in answers}) == 1
    else:
        assert sorted(status for status, _body in answers) == [201] + [422] * 7
