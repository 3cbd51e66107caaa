"""Whose turn it is: who put somebody before himself is asked again, and a withdrawal against a verdict that is held."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import DomainError
from tests.workflows.laws.test_bound import POST, approval
from tests.workflows.laws.test_four_eyes import asked, process, scrap
from tests.workflows.world import World
from workflows import door
from workflows.models import Document, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def waiting(world: World, mode: str) -> tuple[Document, Task]:
    """A scrap that two heads are asked about; the first has put a third before himself."""
    world.second = world.person("second", "warehouse_head")  # type: ignore[attr-defined]
    step = approval("one", "warehouse_head", mode=mode, actions=("add", "forward"))
    process(world, "scrap", step, POST)
    document = scrap(world)
    third = world.person("third", "warehouse_head")
    world.act(document, "add", world.head, data={"user": third.pk, "where": "before"})
    world.third = third  # type: ignore[attr-defined]
    return document, Task.objects.get(document=document, user=world.head)


@pytest.mark.parametrize("mode", ["any", "all"])
def test_who_put_somebody_before_himself_is_asked_again_while_others_are_open(
    world: World, mode: str
) -> None:
    document, mine = waiting(world, mode)
    assert asked(document) == {"second", "third"}
    world.act(document, "approve", world.third)  # type: ignore[attr-defined]
    mine.refresh_from_db()
    assert (mine.state, asked(document)) == ("open", {"head", "second"})
    world.act(document, "approve", world.head)
    document.refresh_from_db()
    assert document.state == ("posted" if mode == "any" else "in_approval")


def test_in_turn_the_next_is_asked_only_after_both(world: World) -> None:
    document, _mine = waiting(world, "turn")
    assert asked(document) == {"third"}
    world.act(document, "approve", world.third)  # type: ignore[attr-defined]
    assert asked(document) == {"head"}
    world.act(document, "approve", world.head)
    assert asked(document) == {"second"}


def test_another_agreement_is_enough_once_the_added_one_has_agreed(world: World) -> None:
    document, _mine = waiting(world, "any")
    world.act(document, "approve", world.second)  # type: ignore[attr-defined]
    assert asked(document) == {"third"}
    world.act(document, "approve", world.third)  # type: ignore[attr-defined]
    document.refresh_from_db()
    assert document.state == "posted"


def test_a_withdrawal_wins_while_a_verdict_can_be_undone(world: World) -> None:
    document = scrap(world)
    world.act(document, "approve", world.head, data={"hold": True})
    world.act(document, "withdraw", world.ann)
    document.refresh_from_db()
    assert document.state == "withdrawn"
    assert not door.settle(document.pk)
    assert document.posting is None
    with pytest.raises(DomainError) as error:
        world.act(document, "undo", world.head)
    assert "Withdrawn" in str(error.value)


def test_a_verdict_that_stands_wins_and_names_who_decided(world: World) -> None:
    document = scrap(world)
    world.act(document, "approve", world.head, data={"hold": True})
    late = timezone.now() - timedelta(seconds=1)
    Task.objects.filter(document=document, state="held").update(held_until=late)
    with pytest.raises(DomainError) as error:
        world.act(document, "withdraw", world.ann)
    assert (error.value.code, "head has decided just now" in str(error.value)) == ("decided", True)
    assert door.settle(document.pk)
    document.refresh_from_db()
    assert document.state == "posted"
