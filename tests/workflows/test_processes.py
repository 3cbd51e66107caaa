"""The three named processes, walked by their people, step by step."""

from typing import Any

import pytest

from core.errors import DomainError
from stock.models import Balance
from tests.workflows.world import D, World
from workflows import copying
from workflows.models import Document, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def on_hand(item, kind="storage"):
    rows = Balance.objects.filter(item=item, place__kind=kind)
    return sum((row.on_hand for row in rows), D(0))


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def test_a_purchase_goes_from_request_to_finance(world: World) -> None:
    item = world.item()
    document = world.draft(
        "purchase_in",
        {
            "item": item.code,
            "quantity": "10",
            "price": "113",
            "price_with_tax": True,
            "tax_rate": "13",
        },
    )
    assert document.state == "draft"
    assert document.number is None
    world.act(document, "submit", world.ann)
    document = fresh(document)
    assert (document.state, document.step) == ("in_approval", "confirm")
    assert document.number == "PIN-WF-A-00001"
    assert document.amount == D(1000)
    (line,) = document.lines.all()
    world.act(
        document, "approve", world.buyer, data={"lines": [{"key": str(line.key), "confirmed": "8"}]}
    )
    document = fresh(document)
    assert (document.state, document.step) == ("approved", "inspect")
    with pytest.raises(DomainError) as error:
        world.act(document, "complete", world.cat)
    assert error.value.lines[0].code == "not_counted"
    world.act(
        document,
        "record",
        world.cat,
        data={"lines": [{"key": str(line.key), "actual": "8", "rejected": "1"}]},
    )
    assert fresh(document).state == "in_execution"
    world.act(document, "complete", world.cat)
    document = fresh(document)
    assert document.state == "posted"
    assert on_hand(item) == 7
    assert on_hand(item, "quarantine") == 1
    assert document.posted_amount == D(800)
    assert Task.objects.filter(document=document, user=world.fay, state="open").count() == 1
    world.act(document, "complete", world.fay)
    assert fresh(document).synced_at is not None


def test_a_production_issue_is_checked_twice_and_fed_back(world: World) -> None:
    item = world.stocked(100, 10)
    document = world.draft("production_issue", {"item": item.code, "quantity": "50"})
    world.act(document, "submit", world.ann)
    document = fresh(document)
    assert (document.state, document.step) == ("approved", "pick")
    (line,) = document.lines.all()
    key = str(line.key)
    world.act(document, "record", world.cat, data={"lines": [{"key": key, "actual": "40"}]})
    with pytest.raises(DomainError) as error:
        world.act(document, "complete", world.cat)
    assert error.value.code == "recheck"
    world.act(document, "complete", world.cat, data={"lines": [{"key": key, "rechecked": "40"}]})
    document = fresh(document)
    assert document.state == "posted"
    assert on_hand(item) == 60
    rest = Document.objects.get(rest_of=document)
    assert (rest.state, rest.step) == ("approved", "pick")
    assert rest.lines.get().requested == 10
    assert document.events.filter(verb="feedback").exists()


@pytest.mark.parametrize("verb", ["record", "complete"])
def test_a_second_check_comes_after_the_first_was_recorded(world: World, verb: str) -> None:
    item = world.stocked(100, 10)
    document = world.draft("production_issue", {"item": item.code, "quantity": "50"})
    world.act(document, "submit", world.ann)
    key = str(document.lines.get().key)

    def rows(**said: str) -> dict[str, Any]:
        return {"lines": [{"key": key, **said}]}

    for said in ({"actual": "40", "rechecked": "40"}, {"rechecked": "50"}):
        with pytest.raises(DomainError, match="save what was picked first") as error:
            world.act(document, verb, world.cat, data=rows(**said))
        assert error.value.lines[0].code == "recheck_apart"
    assert document.lines.get().rechecked is None
    world.act(document, "record", world.cat, data=rows(actual="40"))
    with pytest.raises(DomainError, match="save what was picked first"):
        world.act(document, verb, world.cat, data=rows(actual="41", rechecked="41"))
    both = world.person("hal", "clerk")
    world.act(document, "record", world.cat, data=rows(actual="40", rechecked="39"))
    world.act(document, "assign", world.admin, data={"user": both.pk})
    world.act(document, "complete", both, data=rows(actual="40", rechecked="40"))
    told = document.events.filter(verb__in=["record", "complete"], actor__isnull=False)
    who = [
        (event.actor, name, row[name][1])
        for event in told.order_by("pk")
        for row in event.data.get("lines", [])
        for name in ("actual", "rechecked")
        if name in row
    ]
    assert who == [
        (world.cat, "actual", "40"),
        (world.cat, "rechecked", "39"),
        (both, "rechecked", "40"),
    ]


def test_using_more_than_planned_goes_back_to_approval(world: World) -> None:
    item = world.stocked(100, 10)
    document = world.draft("production_issue", {"item": item.code, "quantity": "50"})
    world.act(document, "submit", world.ann)
    key = str(document.lines.get().key)
    world.act(document, "record", world.cat, data={"lines": [{"key": key, "actual": "60"}]})
    rows = [{"key": key, "rechecked": "60"}]
    world.act(document, "complete", world.cat, data={"lines": rows})
    document = fresh(document)
    assert (document.state, document.step) == ("in_approval", "approve")
    with pytest.raises(DomainError):
        world.act(document, "approve", world.cat)
    world.act(document, "approve", world.bob)
    document = fresh(document)
    assert document.state == "posted"
    assert on_hand(item) == 40
    (line,) = document.events.get(verb="feedback").data["lines"]
    assert (line["planned"], line["actual"]) == ("50", "60")


def test_a_return_is_reviewed_sorted_and_accounted(world: World) -> None:
    item = world.stocked(10, 5)
    sale = world.draft("sales_out", {"item": item.code, "quantity": "4", "price": "20"})
    world.act(sale, "submit", world.ann)
    world.act(sale, "complete", world.cat)
    sale = fresh(sale)
    assert sale.state == "posted"
    from people.access import access_for

    back = copying.make_from(sale.pk, "sales_return", actor=world.ann, access=access_for(world.ann))
    line = back.lines.get()
    assert line.requested == 4
    assert line.original is not None
    world.act(back, "submit", world.ann)
    world.act(back, "approve", world.after)
    world.act(
        back,
        "complete",
        world.cat,
        data={"lines": [{"key": str(line.key), "actual": "4", "rejected": "1"}]},
    )
    back = fresh(back)
    assert back.state == "posted"
    assert (on_hand(item), on_hand(item, "quarantine")) == (9, 1)
    with pytest.raises(DomainError) as error:
        copying.make_from(sale.pk, "sales_return", actor=world.ann, access=access_for(world.ann))
    assert error.value.code == "nothing_left"
