"""What is made from a posted document: each line of its own movement, of what is left for that use alone."""

import pytest

from core.errors import DomainError
from people.access import access_for
from people.models import Role, User
from stock.models import Balance, Movement
from tests.workflows.world import D, World
from workflows import copying
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def make(source: Document, kind: str, by: User) -> Document:
    return copying.make_from(source.pk, kind, actor=by, access=access_for(by))


def receipt(world: World, rejected: str = "0") -> Document:
    item = world.item()
    document = world.draft("purchase_in", {"item": item.code, "quantity": "10", "price": "5"})
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.buyer)
    row = {"key": str(document.lines.get().key), "actual": "10", "rejected": rejected}
    world.act(document, "complete", world.cat, data={"lines": [row]})
    return Document.objects.get(pk=document.pk)


def shape(document: Document) -> list[tuple[str, str, int | None]]:
    return [
        (f"{line.requested:f}".rstrip("0").rstrip("."), line.source.kind, line.original_id)
        for line in document.lines.select_related("source")
        if line.source
    ]


def test_a_return_takes_what_was_accepted_and_what_was_rejected_from_where_each_lies(
    world: World,
) -> None:
    source = receipt(world, rejected="4")
    good, bad = Movement.objects.filter(posting=source.posting_id).order_by("line")
    made = make(source, "purchase_return", world.ann)
    assert shape(made) == [("6", "storage", good.pk), ("4", "quarantine", bad.pk)]
    made.lines.first().delete()
    world.act(made, "submit", world.ann)
    for _ in range(5):
        made.refresh_from_db()
        task = made.tasks.filter(state="open").first()
        if made.state == "posted" or task is None:
            break
        verb = "approve" if task.kind in {"approve", "confirm"} else "complete"
        world.act(made, verb, task.user)
    assert made.state == "posted"
    item = source.lines.get().item
    left = Balance.objects.filter(item=item, place__kind="quarantine")
    assert sum(row.on_hand for row in left) == 0
    assert shape(make(source, "purchase_return", world.ann)) == [("6", "storage", good.pk)]


def issue(world: World) -> Document:
    item = world.stocked(100)
    document = world.draft("production_issue", {"item": item.code, "quantity": "10"})
    world.act(document, "submit", world.ann)
    key = str(document.lines.get().key)
    world.act(document, "record", world.cat, data={"lines": [{"key": key, "actual": "10"}]})
    world.act(document, "complete", world.cat, data={"lines": [{"key": key, "rechecked": "10"}]})
    return Document.objects.get(pk=document.pk)


def quantities(document: Document) -> list[object]:
    return [line.requested for line in document.lines.all()]


def test_unlike_uses_and_drafts_of_others_leave_what_is_left(world: World) -> None:
    source = issue(world)
    amy = world.person("amy", "asker")
    assert quantities(make(source, "production_return", world.ann)) == [D(10)]
    assert quantities(make(source, "production_receipt", world.ann)) == [D(10)]
    theirs = make(source, "production_return", amy)
    assert quantities(theirs) == [D(10)]
    with pytest.raises(DomainError) as error:
        make(source, "production_return", amy)
    assert error.value.code == "nothing_left"
    world.act(theirs, "submit", amy)
    other = world.person("abe", "asker")
    with pytest.raises(DomainError) as error:
        make(source, "production_return", other)
    assert error.value.code == "nothing_left"


def test_value_alone_uses_up_nothing(world: World) -> None:
    source = receipt(world, rejected="4")
    good = Movement.objects.filter(posting=source.posting_id).earliest("line")
    Role.objects.create(code="valuer", rights=["document.ask", "stock.view", "cost.view"])
    val = world.person("val", "valuer")
    assert [line.original_id for line in make(source, "landed_cost", val).lines.all()] == [good.pk]
    assert len(make(source, "price_difference", val).lines.all()) == 1
    assert (
        sum(line.requested for line in make(source, "purchase_return", world.ann).lines.all()) == 10
    )


def test_a_reversed_source_is_called_reversed(world: World) -> None:
    source = issue(world)
    world.act(source, "reverse", world.head)
    with pytest.raises(DomainError) as error:
        make(source, "production_return", world.ann)
    assert "was reversed" in str(error.value)
