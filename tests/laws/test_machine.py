"""Any run of any steps: the book and the plain model beside it agree, and every law holds."""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from stock import sealing, verify
from tests.laws import compare, steps
from tests.laws.actor import Actor

T = TypeVar("T")


class Drawn:
    """Decisions drawn by hypothesis."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.data.draw(st.sampled_from(options))


class BookMachine(RuleBasedStateMachine):
    """One run: a savepoint that is rolled back at its end."""

    tried: ClassVar[int] = 0
    done: ClassVar[int] = 0
    seen: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.actor = Actor()
        self.taken = 0

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """There is something to begin with."""
        for _n in range(3):
            self._step("receive", data)

    @rule(data=st.data(), name=st.sampled_from([*steps.OFTEN, *steps.STEPS]))
    def step(self, data: st.DataObject, name: str) -> None:
        """Anything."""
        self._step(name, data)

    def _step(self, name: str, data: st.DataObject) -> None:
        self.actor.tick()
        steps.STEPS[name](self.actor, Drawn(data))
        self.taken += 1
        if self.taken % 8 == 0:
            self._prove()

    @invariant()
    def agree(self) -> None:
        """What is kept is what the model has."""
        if hasattr(self, "actor"):
            self.actor.check()

    def _prove(self) -> None:
        compare.adds_up(self.actor.book)
        self.actor.ask_again()
        wrong = [finding.as_dict() for finding in verify.verify().findings if finding.wrong]
        assert wrong == []

    def teardown(self) -> None:
        """Everything is proved once more, sealed; then nothing is left of it."""
        cls = type(self)
        try:
            sealing.seal()
            self._prove()
            cls.tried += self.actor.tried
            cls.done += self.actor.done
            for move in self.actor.book.moves:
                kind = move.line.type + (" reversed" if move.line.reversal else "")
                cls.seen[kind] = cls.seen.get(kind, 0) + 1
        finally:
            try:
                self.actor.stop()
            finally:  # else every later test would run, and wait, within this transaction
                transaction.set_rollback(True)
                self.block.__exit__(None, None, None)


def _run(**more: Any) -> type[BookMachine]:
    machine: type[BookMachine] = type(
        "Machine", (BookMachine,), {"tried": 0, "done": 0, "seen": {}}
    )
    run_state_machine_as_test(machine, settings=settings(**more) if more else settings())
    return machine


@pytest.mark.django_db
@pytest.mark.slow
def test_any_run_of_steps_keeps_every_law() -> None:
    machine = _run()
    print(f"{machine.done} of {machine.tried} tries succeeded: {machine.seen}")
    assert machine.done >= 0.8 * machine.tried > 100


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.slow
def test_any_run_of_steps_keeps_every_law_on_postgresql() -> None:
    test_any_run_of_steps_keeps_every_law()
