"""Trusted imports write documents too: posted as told, once per key, with their own process and timeline."""

from decimal import Decimal

import pytest

from stock import catalog, verify
from stock.errors import PostingRefused
from stock.models import Movement, Place
from stock.plan import LineInput
from tests.workflows.world import World
from workflows import trusted
from workflows.models import Document
from workflows.trusted import Told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def told(world: World, kind: str, *lines: LineInput, key: str = "k1", **more: object) -> Told:
    return Told(kind, list(lines), world.main, batch="sheet:1", key=key, **more)


def receipt(world: World, item, quantity: str = "5") -> LineInput:
    return LineInput(
        type="purchase_in",
        item=item.pk,
        source=Place.objects.get(company=world.company, kind="supplier").pk,
        target=catalog.default_place(world.main).pk,
        quantity=Decimal(quantity),
        unit_cost=Decimal("2.5"),
        partner=world.supplier.pk,
    )


def test_a_told_document_is_posted_and_says_how_it_came(world: World) -> None:
    item = world.item()
    written = trusted.post(told(world, "purchase_in", receipt(world, item)), company=world.company)
    document = Document.objects.get()
    assert written.document == document
    assert (document.state, document.batch, document.door) == ("posted", "sheet:1", "import")
    assert document.number == "PIN-WF-A-00001"
    assert document.posted_amount == Decimal("12.5")
    line = document.lines.get()
    assert (line.requested, line.actual, line.price) == (5, 5, Decimal("2.5"))
    assert Movement.objects.get(item=item).line_key == str(line.key)
    assert [event.verb for event in document.events.all()] == ["create", "post"]
    assert [run.step for run in document.runs.all()] == ["batch", "post"]
    assert verify.verify().ok


def test_the_same_key_writes_no_second_document(world: World) -> None:
    item = world.item()
    trusted.post(told(world, "purchase_in", receipt(world, item)), company=world.company)
    again = trusted.post(told(world, "purchase_in", receipt(world, item)), company=world.company)
    assert again.document is None
    assert not again.posted.created
    assert Document.objects.count() == 1


def test_what_the_book_refuses_leaves_no_document(world: World) -> None:
    item = world.item()
    issue = LineInput(
        type="scrap",
        item=item.pk,
        source=catalog.default_place(world.main).pk,
        target=Place.objects.get(company=world.company, kind="scrap").pk,
        quantity=Decimal(1),
    )
    with pytest.raises(PostingRefused) as error:
        trusted.post(told(world, "scrap", issue), company=world.company)
    assert error.value.lines[0].code == "short"
    assert not Document.objects.exists()
