"""Serial numbers and places that cannot be are refused when asked for and when entered, not only at posting."""

import pytest

from core.errors import DomainError
from stock import catalog
from tests.workflows.world import World
from workflows.models import Document, Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def codes(error: DomainError) -> list[str]:
    return [one.code for one in error.lines]


@pytest.mark.parametrize("quantity", ["2", "0.5"])
def test_a_serial_line_is_one_piece_when_it_is_submitted(world: World, quantity: str) -> None:
    item = world.item("serial")
    document = world.draft("purchase_in", {"item": item.code, "quantity": quantity, "price": "1"})
    with pytest.raises(DomainError) as error:
        world.act(document, "submit", world.ann)
    assert codes(error.value) == ["serial_quantity"]
    assert Document.objects.get(pk=document.pk).state == "draft"


def counted(world: World, item: object) -> Document:
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "1", "price": "1", "lot": "SN-1"}
    )  # type: ignore[attr-defined]
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.buyer)
    return document


def test_a_serial_line_is_one_piece_when_it_is_entered(world: World) -> None:
    document = counted(world, world.item("serial"))
    key = str(document.lines.get().key)
    for row in ({"actual": "2"}, {"actual": "1", "rejected": "0.5"}):
        with pytest.raises(DomainError) as error:
            world.act(document, "record", world.cat, data={"lines": [{"key": key, **row}]})
        assert codes(error.value) == ["serial_quantity"]
    good = {"key": key, "actual": "1"}
    world.act(document, "complete", world.cat, data={"lines": [good]})
    assert Document.objects.get(pk=document.pk).state == "posted"


def test_a_place_of_the_wrong_kind_is_refused_when_submitted_and_when_entered(
    world: World,
) -> None:
    wrong = catalog.default_place(world.main, "quarantine")
    item = world.stocked(10)
    document = world.draft("sales_out", {"item": item.code, "quantity": "1"})
    Line.objects.filter(document=document).update(source=wrong)
    with pytest.raises(DomainError) as error:
        world.act(document, "submit", world.ann)
    assert codes(error.value) == ["place_kind"]
    Line.objects.filter(document=document).update(source=None)
    world.act(document, "submit", world.ann)
    row = {"key": str(document.lines.get().key), "actual": "1", "source": wrong.code}
    with pytest.raises(DomainError) as error:
        world.act(document, "record", world.cat, data={"lines": [row]})
    assert codes(error.value) == ["place_kind"]
