"""Taking back what was posted: not under the feet of what was made of it, not below zero in silence, not doubled."""

from typing import Any

import pytest

from core.errors import DomainError
from people.access import access_for
from people.models import Membership, Role, User
from stock.models import Balance
from tests.workflows.world import D, World
from workflows import copying, telling
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    for user, role in ((made.ann, "asker"), (made.cat, "clerk"), (made.head, "warehouse_head")):
        Membership.objects.get(user=user, role=Role.objects.get(code=role)).scopes.add(
            made.other.scope
        )
    return made


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def on_hand(item: Any, kind: str) -> Any:
    return sum((row.on_hand for row in Balance.objects.filter(item=item, place__kind=kind)), D(0))


def carried_out(world: World, document: Document, actual: str = "") -> Document:
    world.act(document, "submit", world.ann)
    moved = {str(line.key): actual or str(line.requested) for line in document.lines.all()}
    rows = [{"key": key, "actual": quantity} for key, quantity in moved.items()]
    world.act(document, "record", world.cat, data={"lines": rows})
    rows = [{"key": key, "rechecked": quantity} for key, quantity in moved.items()]
    world.act(document, "complete", world.cat, data={"lines": rows})
    document = fresh(document)
    assert document.state == "posted"
    return document


def sent(world: World, item: Any, quantity: str) -> Document:
    return carried_out(
        world, world.draft("transfer_out", {"item": item.code, "quantity": quantity})
    )


def arrival(world: World, source: Document) -> Document:
    return copying.make_from(
        source.pk, "transfer_in", actor=world.ann, access=access_for(world.ann)
    )


def refused(world: World, document: Document, **more: Any) -> DomainError:
    with pytest.raises(DomainError) as error:
        world.act(document, "reverse", world.head, **more)
    assert fresh(document).state == "posted"
    return error.value


def test_what_was_sent_is_not_reversed_while_its_arrival_runs_or_is_posted(world: World) -> None:
    item = world.stocked(100)
    source, other = sent(world, item, "10"), sent(world, item, "10")
    made = arrival(world, source)
    world.act(made, "submit", world.ann)
    error = refused(world, source)
    assert (error.code, error.status, error.lines[0].line) == ("followed", 409, 1)
    assert str(fresh(made)) in str(error)
    world.act(made, "complete", world.cat, data={"lines": [row(made, "6")]})
    assert fresh(made).state == "posted"
    assert refused(world, source, data={"override": "never mind"}).code == "followed"
    world.act(other, "reverse", world.head)
    assert on_hand(item, "transit") == 4
    world.act(made, "reverse", world.head)
    rest = Document.objects.filter(rest_of=made).first()
    if rest is not None:
        assert refused(world, source).code == "followed"
        world.act(rest, "void", world.ann, reason="correction", text="lost")
    world.act(source, "reverse", world.head)
    assert on_hand(item, "transit") == 0
    assert on_hand(item, "storage") == 100


def row(document: Document, actual: str, **more: str) -> dict[str, str]:
    return {"key": str(document.lines.get().key), "actual": actual, **more}


def test_a_draft_of_it_does_not_keep_it_and_cannot_be_submitted_then(world: World) -> None:
    source = sent(world, world.stocked(100), "10")
    made = arrival(world, source)
    world.act(source, "reverse", world.head)
    with pytest.raises(DomainError) as error:
        world.act(made, "submit", world.ann)
    assert error.value.lines[0].code == "over_remaining"


def test_a_reversal_takes_nothing_of_other_shipments(world: World) -> None:
    """Goods of a shipment that another document took out: not even a reason for going below zero helps."""
    item = world.stocked(100)
    source = sent(world, item, "10")
    sent(world, item, "10")
    made = arrival(world, source)
    made.lines.update(source_line=None)
    world.act(made, "submit", world.ann)
    world.act(made, "complete", world.cat, data={"lines": [row(made, "10")]})
    error = refused(world, source, data={"override": "never mind"})
    assert error.lines[0].code == "short"
    assert on_hand(item, "transit") == 10


def receipt(world: World, item: Any, *, rejected: str = "0") -> Document:
    document = world.draft("purchase_in", {"item": item.code, "quantity": "10", "price": "5"})
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.buyer)
    world.act(
        document,
        "complete",
        world.cat,
        data={"lines": [row(document, "10", rejected=rejected)]},
    )
    assert fresh(document).state == "posted"
    return fresh(document)


def test_a_reversal_goes_below_zero_only_with_a_reason_of_its_own_and_the_right(
    world: World,
) -> None:
    item = world.item()
    document = receipt(world, item)
    carried_out(world, world.draft("sales_out", {"item": item.code, "quantity": "8"}))
    error = refused(world, document)
    assert [(one.line, one.code) for one in error.lines] == [(1, "short")]
    Role.objects.create(code="undoer", rights=["stock.reverse", "stock.view"])
    weak = world.person("weak", "undoer")
    with pytest.raises(DomainError) as denied:
        world.act(document, "reverse", User.objects.get(pk=weak.pk), data={"override": "mine"})
    assert denied.value.lines[0].code == "short"
    assert on_hand(item, "storage") == 2
    world.act(document, "reverse", world.head, data={"override": "found to be never there"})
    assert on_hand(item, "storage") == -8
    assert document.events.get(verb="reverse").data["override"] == "found to be never there"


def test_a_replacement_asks_for_what_was_moved_and_the_rest_stays(world: World) -> None:
    item = world.stocked(100)
    document = world.draft("production_issue", {"item": item.code, "quantity": "50"})
    document = carried_out(world, document, actual="40")
    rest = Document.objects.get(rest_of=document)
    world.act(document, "reverse", world.head, data={"replace": True})
    made = Document.objects.get(replaces=document)
    assert [line.requested for line in made.lines.all()] == [D(40)]
    assert fresh(rest).state == "approved"
    (entry,) = [
        entry
        for entry in telling.entries(fresh(document), [], prices=True, costs=True)
        if str(rest) in entry.text
    ]
    assert str(made) in [name for _url, name in entry.links]


def test_a_replacement_of_some_lines_asks_for_those_only(world: World) -> None:
    one, two = world.stocked(50), world.stocked(50)
    document = world.draft(
        "scrap", {"item": one.code, "quantity": "2"}, {"item": two.code, "quantity": "3"}
    )
    world.act(document, "submit", world.ann)
    first = document.lines.first()
    world.act(document, "reverse", world.head, data={"lines": [str(first.key)], "replace": True})
    made = Document.objects.get(replaces=document)
    assert [line.item_id for line in made.lines.all()] == [one.pk]
