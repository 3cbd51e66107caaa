"""Trusted imports write documents too: posted as told, once per key, with their own process and timeline."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.models import OutboxRow
from stock import catalog, verify
from stock.errors import PostingRefused
from stock.models import Movement, Place
from stock.plan import LineInput
from tests.workflows.world import World
from workflows import trusted
from workflows.models import Document, Event, Line, NumberSeries, StepRun
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


def story(world: World) -> list[Told]:
    """Receipts of one to three lines, and issues of what they brought."""
    items = [world.item() for _n in range(3)]
    customer = Place.objects.get(company=world.company, kind="customer").pk
    found = []
    for n in range(12):
        at = datetime(2026, 2, 1, 8, tzinfo=UTC) + timedelta(days=n)
        lines = [receipt(world, items[k], str(n + k + 1)) for k in range(n % 3 + 1)]
        asker = world.ann if n % 2 else None
        reference = f"RK{n}" if n % 4 else ""
        number = f"OLD-{n}" if n == 5 else ""
        found.append(
            told(
                world, "purchase_in", *lines, key=f"in{n}", effective_at=at, asker=asker,
                reference=reference, number=number, note=f"row {n}", origin="/imports/",
            )
        )  # fmt: skip
        issue = LineInput(
            type="sales_out", item=items[0].pk, source=lines[0].target, target=customer,
            quantity=Decimal(1), partner=world.customer.pk,
        )  # fmt: skip
        found.append(told(world, "sales_out", issue, key=f"out{n}", effective_at=at, asker=asker))
    return found


def kept() -> dict[str, list[tuple[Any, ...]]]:
    """All that documents leave behind, without keys of the database and when it was recorded."""
    document = (
        "type", "number", "state", "version", "content_version", "process__number", "asker", "partner",
        "warehouse", "reference", "note", "amount", "posted_amount", "door", "batch", "effective_at",
        "created_at", "changed_at", "submitted_at", "posted_at", "currency", "posting__key",
        "posting__document", "posting__why", "posting__door",
    )  # fmt: skip
    line = ("document__number", "position", "item", "unit", "requested", "actual", "price", "value")
    history = ("number", "state", "amount", "history_type", "history_date", "history_user")
    event = (
        "document__number", "verb", "old_state", "new_state", "at", "actor", "content_version", "door",
    )  # fmt: skip
    run = ("document__number", "step", "kind", "outcome", "entered_at", "left_at", "trace")
    movement = ("posting__key", "line", "type", "item", "quantity", "value", "effective_at")
    rows = {
        "documents": Document.objects.order_by("pk").values_list(*document),
        "lines": Line.objects.order_by("pk").values_list(*line),
        "history": Document.history.order_by("history_id").values_list(*history),
        "line history": Line.history.order_by("history_id").values_list(
            "position", "item", "actual", "history_type", "history_date", "history_user"
        ),
        "events": Event.objects.order_by("pk").values_list(*event),
        "runs": StepRun.objects.order_by("pk").values_list(*run),
        "movements": Movement.objects.order_by("pk").values_list(*movement),
        "outbox": OutboxRow.objects.order_by("topic", "pk").values_list(
            "consumer", "topic", "data", "state"
        ),
        "series": NumberSeries.objects.order_by("prefix").values_list("prefix", "last"),
    }
    return {name: list(found) for name, found in rows.items()}


def test_many_together_leave_what_they_leave_one_by_one(world: World) -> None:
    documents = story(world)
    point = transaction.savepoint()
    for one in documents:
        trusted.post(one, company=world.company)
    one_by_one = kept()
    transaction.savepoint_rollback(point)
    with transaction.atomic():
        written = trusted.post_many(documents, standing=trusted.Standing(world.company))
    together = kept()
    for table, rows in one_by_one.items():
        assert sorted(map(repr, together[table])) == sorted(map(repr, rows)), table
    assert together["documents"] == one_by_one["documents"]
    assert [len(one.line_keys) for one in written] == [len(one.lines) for one in documents]
    for one in written:
        assert one.document is not None
        keys = Movement.objects.filter(posting=one.document.posting_id).order_by("line")
        assert list(keys.values_list("line_key", flat=True)) == list(one.line_keys)
        assert {str(key) for key in one.document.lines.values_list("key", flat=True)} == set(
            one.line_keys
        )
    assert verify.verify().ok


def test_numbers_follow_each_other_without_a_gap(world: World) -> None:
    documents = story(world)
    trusted.post(documents[0], company=world.company)
    with transaction.atomic():
        trusted.post_many(documents[1:9], standing=trusted.Standing(world.company))
    trusted.post(documents[12], company=world.company)
    rows = Document.objects.filter(type="purchase_in").order_by("pk")
    numbers = [n for n in rows.values_list("number", flat=True) if n and n.startswith("PIN")]
    assert numbers == [f"PIN-WF-A-{n:05}" for n in range(1, len(numbers) + 1)]


def test_one_that_is_refused_takes_all_back_for_others_to_try_alone(world: World) -> None:
    documents = story(world)[:4]
    issue = LineInput(
        type="scrap", item=world.item().pk, source=catalog.default_place(world.main).pk,
        target=Place.objects.get(company=world.company, kind="scrap").pk, quantity=Decimal(1),
    )  # fmt: skip
    bad = told(world, "scrap", issue, key="bad", effective_at=documents[-1].effective_at)
    with pytest.raises(trusted.Apart), transaction.atomic():
        trusted.post_many([*documents, bad], standing=trusted.Standing(world.company))
    assert not Document.objects.exists()
    assert not Movement.objects.exists()
    assert not NumberSeries.objects.filter(last__gt=0).exists()
