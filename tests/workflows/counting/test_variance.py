"""Differences as judges see them: value, who may look, and the likely cause, which is ranked first."""

import pytest

from people.access import access_for
from stock.models import ItemUnit, Unit
from tests.workflows.counting.world import D, Shelves
from workflows.counting import accuracy, causes, variance

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Shelves:
    return Shelves()


def first_cause(world: Shelves, document: object, place: str) -> str:
    rows = variance.rows(document)  # type: ignore[arg-type]
    found = causes.of(document, [row.line for row in rows])  # type: ignore[arg-type]
    row = next(row for row in rows if row.line.place.code == place)
    return found[row.line.pk][0].code


def test_differences_come_dearest_first_with_their_value(world: Shelves) -> None:
    world.fill("A-1", 10, cost=1)
    world.fill("A-2", 10, cost=100)
    document = world.sealed(zones=["A-1", "A-2"])
    world.count(document, "A-1", 4)
    world.count(document, "A-2", 9)
    rows = variance.rows(document)
    assert [(row.line.place.code, row.difference, row.value, row.beyond) for row in rows] == [
        ("A-2", D(-1), D(-100), True),
        ("A-1", D(-6), D(-6), True),
    ]
    whole = variance.summary(document, rows)
    assert (whole.net, whole.absolute, whole.differing, whole.right) == (D(-106), D(106), 2, 0)


def test_tolerances_of_the_plan_the_category_and_the_company(world: Shelves) -> None:
    from workflows.models import CountTolerance

    world.fill("A-1", 100)
    CountTolerance.objects.create(company=world.company, tolerance_percent=D(1))
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 98)
    assert variance.rows(document)[0].beyond
    CountTolerance.objects.create(
        company=world.company, category=world.category, tolerance_percent=D(5)
    )
    assert not variance.rows(document)[0].beyond
    own = world.sealed(zones=["A-1"], limits={"tolerance_value": "19"})
    world.count(own, "A-1", 98)
    assert variance.rows(own)[0].beyond


def test_who_counts_does_not_see_differences(world: Shelves) -> None:
    world.fill("A-1", 10)
    document = world.sealed(zones=["A-1"])
    assert not variance.may_see(document, access_for(world.cat))
    assert variance.may_see(document, access_for(world.head))


def test_a_document_that_waits_is_the_likeliest_cause(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    world.draft("sales_out", {"item": item.code, "quantity": "3"})
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 7)
    assert first_cause(world, document, "A-1") == "unposted"


def test_a_pack_read_as_a_piece(world: Shelves) -> None:
    item = world.fill("A-1", 240)
    pack = Unit.objects.create(code="CTN", name="carton")
    ItemUnit.objects.create(item=item, unit=pack, numerator=12)
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 20)
    assert first_cause(world, document, "A-1") == "unit"


def test_ten_times_too_many(world: Shelves) -> None:
    world.fill("A-1", 30)
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 300)
    assert first_cause(world, document, "A-1") == "unit"


def test_the_neighbouring_place(world: Shelves) -> None:
    item = world.fill("A-1", 37)
    world.fill("A-2", 5, item=item)
    document = world.sealed(zones=["A-1", "A-2"])
    world.count(document, "A-1", 30)
    world.count(document, "A-2", 12)
    assert first_cause(world, document, "A-1") == "neighbour"


def test_an_item_of_the_same_name(world: Shelves) -> None:
    one, other = world.fill("A-1", 37), world.fill("A-1", 41)
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 34, item=one)
    world.count(document, "A-1", 44, item=other)
    assert first_cause(world, document, "A-1") == "name"


def test_a_doubled_document(world: Shelves) -> None:
    item = world.fill("A-1", 37)
    world.move("purchase_in", item, 23, world.bin("A-1"))
    world.move("purchase_in", item, 23, world.bin("A-1"))
    document = world.sealed(zones=["A-1"])
    world.count(document, "A-1", 60)
    assert first_cause(world, document, "A-1") == "doubled"


def test_accuracy_of_places_items_and_counters(world: Shelves) -> None:
    world.fill("A-1", 10)
    world.fill("A-2", 10)
    document = world.sealed(zones=["A-1", "A-2"])
    world.count(document, "A-1", 9)
    world.count(document, "A-2", 10)
    world.finish(document)
    world.count(document, "A-1", 10, by=world.eve)
    world.finish(document)
    assert document.state == "posted"
    access = access_for(world.head)
    assert [share.percent for share in accuracy.by_place(access)] == [100, 100]
    assert [(share.name, share.percent) for share in accuracy.by_counter(access)] == [("cat", 50)]
    assert len(accuracy.by_item(access)) == 2


def test_movements_since_the_last_count(world: Shelves) -> None:
    item = world.fill("A-1", 10)
    first = world.sealed(zones=["A-1"])
    world.count(first, "A-1", 10)
    world.finish(first)
    world.move("sales_out", item, 1, world.bin("A-1"))
    again = world.sealed(zones=["A-1"])
    world.count(again, "A-1", 9)
    assert [one.quantity for one in accuracy.moved_since(world.line(again, "A-1"))] == [D(1)]
